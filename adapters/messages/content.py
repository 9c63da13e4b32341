"""The content of messages: labels and values, in the order in which they appear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from adapters.messages.formats import day, money
from adapters.messages.law import law_of
from adapters.messages.locales import Language, language_in
from adapters.messages.tax_labels import tax_label
from adapters.messages.values import Notice, Recipient, SellerMail, Sender
from dunning.money import Money, total
from dunning.notices import NoticeKind
from dunning.references import in_fours

Row = tuple[str, str]
_BETWEEN: Final = " · "
# In a number with its country's code the zero in brackets is not dialed.
_NOT_DIALED: Final = re.compile(r"\(0\)|[^0-9+]")
# The most payments that a mail lists if one went back; the letter lists all.
_MOST_MOVES: Final = 6


class FooterLine(NamedTuple):
    """A line about the seller; `href` opens when the line is touched."""

    words: str
    href: str | None = None


def language_of(code: str, recipient: Recipient, sender: Sender) -> Language:
    """Return the language, with the formats of the customer's country, else of the seller's."""
    country = recipient.country or sender.country
    return language_in(code, tag=recipient.language, country=country)


def spoken_values(notice: Notice, language: Language) -> dict[str, Any]:
    """Return the values for the sentences of a notice, in its mail and in its letter."""
    country = notice.recipient.country or notice.sender.country
    return {
        "notice": notice,
        "due_now": notice.due_date <= notice.written_on,
        "pay_by": notice.pay_by,
        "law": law_of(country, language.code),
        "letter": False,
    }


def of_notice(notice: Notice, words: Any, language: Language) -> dict[str, Any]:
    sender, locale = notice.sender, language.locale
    in_invoice = notice.kind is NoticeKind.INVOICE_NOTICE
    values = spoken_values(notice, language)
    until = _until(notice, words, due_now=values["due_now"])
    return values | {
        "sender": sender,
        "greeting": words.greeting(notice.recipient),
        "preview": _preview(" ".join(until), f"{words.labels['order']} {notice.order_id}"),
        "amount": (_of_what(notice, words), money(notice.open_amount, locale)),
        "until": until,
        "payment": filled(_payment(notice, words)),
        "instructions": (sender.payment_instructions or "").splitlines(),
        "facts": filled(_facts(notice, words, locale)),
        "installments": [
            (str(number), day(due_date, locale), money(amount, locale))
            for number, due_date, amount in (notice.schedule if in_invoice else ())
        ],
        "footer": footer(sender, words),
    }


def of_seller_mail(mail: SellerMail, words: Any, language: Language) -> dict[str, Any]:
    labels, locale = words.labels, language.locale
    fields = words.address_fields | words.address_fields_in.get(mail.customer_country, {})
    facts = [
        (labels["order"], mail.order_id),
        (labels["installment"], words.part_of(*mail.installment) if mail.installment else None),
        (labels["customer"], mail.customer_name),
        (labels["outcome"], words.outcomes[mail.outcome] if mail.outcome else None),
        (labels["returned_amount"], money(mail.amount, locale) if mail.amount else None),
        (labels["open_amount"], money(mail.open_amount, locale) if mail.open_amount else None),
        (labels["notice"], words.notices[mail.notice] if mail.notice else None),
        (labels["missing"], ", ".join(fields.get(name, name) for name in mail.missing)),
        (labels["claim_reference"], mail.claim_reference),
        (labels["reason"], mail.reason),
        (labels["answer_by"], day(mail.answer_by, locale) if mail.answer_by else None),
    ]
    shown = filled(facts)
    return {
        "mail": mail,
        "link": mail.link,
        "link_words": words.open_case if mail.order_id else words.open_page,
        "greeting": words.greeting_of_sellers,
        "preview": _preview(*(f"{label}{words.colon} {value}" for label, value in shown[:2])),
        "facts": shown,
        "footer": (),
    }


def _preview(*parts: str) -> str:
    """Return the text that inboxes show beside the subject. Others may see it: no amounts."""
    return _BETWEEN.join(parts)


def _of_what(notice: Notice, words: Any) -> str:
    """Return the label of the amount at the top.

    In the invoice notice of a plan it is only the first installment.
    """
    labels = words.labels
    is_invoice = notice.kind is NoticeKind.INVOICE_NOTICE
    if is_invoice and len(notice.schedule) > 1 and notice.installment:
        return f"{labels['installment']} {words.part_of(*notice.installment)}"
    return str(labels["open_amount"])


def _until(notice: Notice, words: Any, *, due_now: bool) -> Row:
    """Return the label and the day until which to pay.

    In the invoice notice and the advance notice the day is the due date.
    """
    label, pay_by = words.labels["until"], notice.pay_by
    if notice.kind in (NoticeKind.INVOICE_NOTICE, NoticeKind.ADVANCE_NOTICE):
        until = None if due_now else words.until(notice.due_date)
    elif pay_by is not None:
        label, until = words.labels["reach_us"], words.until(pay_by)
    elif notice.kind is NoticeKind.PAYMENT_REMINDER:
        until = words.soon
    else:
        until = None
    if until is None:
        return words.labels["due"], words.now
    return label, until.strip()


def _facts(notice: Notice, words: Any, locale: str) -> list[tuple[str, str | None]]:
    labels = words.labels
    in_parts = notice.installment is not None
    overdue = notice.days_overdue
    return [
        (labels["order"], notice.order_id),
        (labels["invoice"], notice.invoice_number),
        (labels["invoice_date"], day(notice.invoice_date, locale)),
        (labels["subject"], notice.subject),
        (labels["total"], money(notice.total, locale)),
        (
            labels["installment"],
            words.part_of(*notice.installment) if notice.installment else None,
        ),
        (labels["due_date"], day(notice.due_date, locale)),
        (labels["days_overdue"], words.since(overdue).strip() if overdue > 0 else None),
        (
            labels["installment_amount" if in_parts else "amount"],
            money(notice.amount, locale) if in_parts or notice.amount != notice.total else None,
        ),
        *_costs(notice, words, locale),
        *_moves(notice, words, locale),
    ]


def _moves(notice: Notice, words: Any, locale: str) -> Iterator[tuple[str, str | None]]:
    """Yield what was paid: one total, or each payment like the letter if one went back."""
    if notice.returned is None:
        paid = notice.paid
        yield words.labels["paid"], money(paid, locale) if paid.is_positive else None
        return
    for move in notice.payments[-_MOST_MOVES:]:
        came = move.amount.is_positive
        label = words.payment_of(move.on) if came else words.payment_returned_on(move.on)
        amount = move.amount if came else Money.zero(move.amount.currency) - move.amount
        yield label.strip(), money(amount, locale)


def _costs(notice: Notice, words: Any, locale: str) -> list[tuple[str, str | None]]:
    """Return each fee with its ground if all grounds are known, else their total."""
    fees, costs = notice.fees, notice.costs
    if costs and total((cost.amount for cost in costs), fees.currency) == fees:
        return [(words.costs[cost.kind], money(cost.amount, locale)) for cost in costs]
    return [(words.labels["fees"], money(fees, locale) if fees.is_positive else None)]


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
    """Return the account for transfers; nothing if the seller named none."""
    labels = words.labels
    if not sender.iban:
        return []
    return [
        (labels["payee"], sender.company_name),
        (labels["iban"], in_fours(sender.iban)),
        (labels["bic"], sender.bic),
    ]


def structured_reference(sender: Sender, amount: Money, reference: str | None) -> str | None:
    """Return the structured reference, which banks pass on only in transfers of euros (R20)."""
    if sender.iban and reference and amount.currency == "EUR":
        return in_fours(reference)
    return None


def footer(sender: Sender, words: Any) -> list[FooterLine]:
    """Return the lines about the seller that business mail must have."""
    phone = _NOT_DIALED.sub("", sender.phone or "")
    lines = [
        FooterLine(sender.company_name),
        *(FooterLine(line) for line in sender.address),
        FooterLine(sender.phone or "", f"tel:{phone}" if phone else None),
        FooterLine(sender.email, f"mailto:{quote(sender.email, safe='@+')}"),
        FooterLine(sender.website or "", web_address(sender.website)),
        *(FooterLine(f"{label}{words.colon} {number}") for label, number in numbers(sender, words)),
        *(FooterLine(line) for line in sender.legal_notice),
    ]
    return [line for line in lines if line.words]


def numbers(sender: Sender, words: Any) -> list[Row]:
    """Return the seller's registration and tax numbers, with the names that its country uses."""
    tax = tax_label(sender.country) or words.labels["tax_id"]
    return filled(
        [
            (words.labels["registration_number"], sender.registration_number),
            (tax, sender.tax_id),
        ]
    )


def web_address(website: str | None) -> str | None:
    """Return a web site's address that can be opened; None for anything else."""
    return website if website and website.startswith(("https://", "http://")) else None


def filled(rows: Iterable[tuple[str, str | None]]) -> list[Row]:
    """Return the rows that have a value."""
    return [(label, value) for label, value in rows if value]
