"""What stands in a message: labels and values, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from adapters.messages.values import Notice, SellerMail, Sender
from adapters.messages.wording import day, days, money
from dunning.money import Money, total
from dunning.notices import NoticeKind
from dunning.references import in_fours

Row = tuple[str, str]


def of_notice(notice: Notice, words: Any, language: str) -> dict[str, Any]:
    sender = notice.sender
    in_invoice = notice.kind is NoticeKind.INVOICE_NOTICE
    next_step_on = notice.next_step_on
    # The whole day is the customer's: the next step comes when it is over.
    pay_by = next_step_on - timedelta(days=1) if next_step_on else None
    due_now = notice.due_date <= notice.written_on
    return {
        "notice": notice,
        "sender": sender,
        "greeting": words.greeting(notice.recipient.name),
        "amount": (words.labels["open_amount"], money(notice.open_amount, language)),
        "until": _until(notice, words, due_now=due_now),
        "payment": filled(_payment(notice, words)),
        "instructions": (sender.payment_instructions or "").splitlines(),
        "facts": filled(_facts(notice, words, language)),
        "installments": [
            (str(number), day(due_date, language), money(amount, language))
            for number, due_date, amount in (notice.schedule if in_invoice else ())
        ],
        "due_now": due_now,
        "pay_by": pay_by,
        "footer": footer(sender, words),
    }


def of_seller_mail(mail: SellerMail, words: Any, language: str) -> dict[str, Any]:
    labels = words.labels
    fields = words.address_fields
    facts = [
        (labels["order"], mail.order_id),
        (labels["installment"], words.part_of(*mail.installment) if mail.installment else None),
        (labels["customer"], mail.customer_name),
        (labels["outcome"], words.outcomes[mail.outcome] if mail.outcome else None),
        (labels["returned_amount"], money(mail.amount, language) if mail.amount else None),
        (labels["open_amount"], money(mail.open_amount, language) if mail.open_amount else None),
        (labels["notice"], words.notices[mail.notice] if mail.notice else None),
        (labels["missing"], ", ".join(fields.get(name, name) for name in mail.missing)),
        (labels["claim_reference"], mail.claim_reference),
        (labels["reason"], mail.reason),
        (labels["answer_by"], day(mail.answer_by, language) if mail.answer_by else None),
    ]
    return {
        "mail": mail,
        "link": mail.link,
        "greeting": words.greeting(mail.recipient.name),
        "facts": filled(facts),
        "footer": (),
    }


def _until(notice: Notice, words: Any, *, due_now: bool) -> Row:
    """Until when to pay; before the due date that is the day."""
    if notice.kind in (NoticeKind.INVOICE_NOTICE, NoticeKind.ADVANCE_NOTICE):
        until = words.now if due_now else words.until(notice.due_date)
    elif notice.next_step_on is not None:
        until = words.until(notice.next_step_on - timedelta(days=1))
    elif notice.kind is NoticeKind.PAYMENT_REMINDER:
        until = words.soon
    else:
        until = words.now
    return words.labels["until"], until.strip()


def _facts(notice: Notice, words: Any, language: str) -> list[tuple[str, str | None]]:
    labels = words.labels
    paid = notice.paid
    in_parts = notice.installment is not None
    overdue = notice.days_overdue
    return [
        (labels["order"], notice.order_id),
        (labels["invoice"], notice.invoice_number),
        (labels["invoice_date"], day(notice.invoice_date, language)),
        (labels["subject"], notice.subject),
        (labels["total"], money(notice.total, language)),
        (
            labels["installment"],
            words.part_of(*notice.installment) if notice.installment else None,
        ),
        (labels["due_date"], day(notice.due_date, language)),
        (labels["days_overdue"], days(overdue, language) if overdue > 0 else None),
        (
            labels["installment_amount" if in_parts else "amount"],
            money(notice.amount, language) if in_parts or notice.amount != notice.total else None,
        ),
        *_costs(notice, words, language),
        (labels["paid"], money(paid, language) if paid.is_positive else None),
    ]


def _costs(notice: Notice, words: Any, language: str) -> list[tuple[str, str | None]]:
    """Each fee with its ground, if their grounds are known; no line if there are none."""
    fees, costs = notice.fees, notice.costs
    if costs and total((cost.amount for cost in costs), fees.currency) == fees:
        return [(words.costs[cost.kind], money(cost.amount, language)) for cost in costs]
    return [(words.labels["fees"], money(fees, language) if fees.is_positive else None)]


def _payment(notice: Notice, words: Any) -> list[tuple[str, str | None]]:
    labels = words.labels
    number = (labels["order"], notice.order_id)
    if notice.invoice_number:
        number = (labels["invoice"], notice.invoice_number)
    reference = structured_reference(notice.sender, notice.open_amount, notice.reference)
    return [
        *account(notice.sender, words),
        (labels["payment_reference"], reference or notice.payment_reference),
        *([number] if reference else []),
    ]


def account(sender: Sender, words: Any) -> list[tuple[str, str | None]]:
    """Where to transfer the money; nothing if the seller named no account."""
    labels = words.labels
    if not sender.iban:
        return []
    return [
        (labels["payee"], sender.company_name),
        (labels["iban"], in_fours(sender.iban)),
        (labels["bic"], sender.bic),
    ]


def structured_reference(sender: Sender, amount: Money, reference: str | None) -> str | None:
    """The reference that banks carry through: only in a transfer of euros (R20)."""
    if sender.iban and reference and amount.currency == "EUR":
        return in_fours(reference)
    return None


def footer(sender: Sender, words: Any) -> list[str]:
    """Who the seller is, as business mail has to say."""
    labels = words.labels
    numbers = [
        (labels["registration_number"], sender.registration_number),
        (labels["tax_id"], sender.tax_id),
    ]
    lines = [
        sender.company_name,
        *sender.address,
        sender.phone,
        sender.email,
        sender.website,
        *(f"{label}{words.colon} {number}" for label, number in filled(numbers)),
    ]
    return [line for line in lines if line]


def filled(rows: Iterable[tuple[str, str | None]]) -> list[Row]:
    """The rows that have a value."""
    return [(label, value) for label, value in rows if value]
