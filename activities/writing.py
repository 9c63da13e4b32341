"""From a case to the words of its messages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

from activities.context import ActionContext
from adapters.branding.look import look_of
from adapters.messages.compose import write_seller_mail
from adapters.messages.full_notice import write_complete_notice
from adapters.messages.values import (
    Cost,
    CostKind,
    NextStep,
    Notice,
    PaymentMade,
    Recipient,
    SellerMail,
    Sender,
)
from adapters.messages.wording import primary_subtag
from dunning.actions import ActionKind
from dunning.case.planning import following_step
from dunning.case.state import SellerMailDue
from dunning.envelope import postal_lines
from dunning.ladder import DunningOption
from dunning.money import Money, total
from dunning.movements import Payment
from dunning.notices import NoticeKind, SellerTold
from dunning.references import reference_of
from models.seller import SellerProfile


def notice_kind(context: ActionContext) -> NoticeKind:
    return NoticeKind(context.task.kind)


def open_amount(context: ActionContext) -> Money:
    """What a notice is about: the rest of the receivable; an invoice notice, that of the order."""
    if context.task.kind is not ActionKind.INVOICE_NOTICE:
        return _rest(context)
    receivables = context.snapshot.receivables
    return total((context.snapshot.money(r) for r in receivables), context.snapshot.order.currency)


def _rest(context: ActionContext) -> Money:
    return context.snapshot.money(context.snapshot.receivable) - _collected(context)


def _collected(context: ActionContext) -> Money:
    """What the partner got by claims that are at an end: it is not asked for again (R10)."""
    return context.case.collected_before or Money.zero(context.snapshot.order.currency)


def message_id_of(context: ActionContext, effect: str, mail_from: str) -> str:
    """The Message-ID of an effect: the same one however often it is sent (R16)."""
    domain = mail_from.rpartition("@")[2]
    # A colon, which ids may have, has no place there; an equals sign has, and is in no id.
    name = context.case.key(effect).replace("/", ".").replace(":", "=")
    return f"<{name}@{domain}>"


def customer_mail(
    context: ActionContext, *, option: DunningOption, message_id: str, mail_from: str
) -> EmailMessage:
    """A notice as it goes to the customer; a written one with its letter (R5, R6)."""
    snapshot = context.snapshot
    receivable, order = snapshot.receivable, snapshot.order
    is_invoice = context.task.kind is ActionKind.INVOICE_NOTICE

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=order.currency)

    announced = context.case.changed(option=context.case.option or option)
    following = following_step(announced, context.task.kind, context.at)
    notice = Notice(
        kind=notice_kind(context),
        sender=sender_of(
            snapshot.profile, to_country=(snapshot.customer.address or {}).get("country")
        ),
        recipient=Recipient(
            name=snapshot.customer_name,
            email=snapshot.customer.email,
            language=_language(context),
            envelope=_envelope(context),
        ),
        order_id=order.order_id,
        invoice_number=order.invoice_number,
        invoice_date=order.invoice_date,
        subject=order.subject,
        total=money(order.total),
        amount=money(receivable.amount),
        paid=money(receivable.paid) + _collected(context),
        fees=money(receivable.fees),
        open_amount=_rest(context),
        due_date=receivable.due_date,
        days_overdue=max(0, (context.terms.day_of(context.at) - receivable.due_date).days),
        installment=_installment(context),
        schedule=_schedule(context) if is_invoice else (),
        next_step=NextStep(following[0]) if following else None,
        next_step_on=following[1] if following else None,
        dunning_option=option,
        payment_reference=order.invoice_number or order.order_id,
        written_on=context.terms.day_of(context.at),
        reference=reference_of(context.case.case_id),
        payments=_payments(context),
        costs=_costs(context),
        look=look_of(snapshot.settings.brand),
    )
    return write_complete_notice(
        notice, message_id=message_id, sent_at=context.at, mail_from=mail_from
    )


def fallback_language(context: ActionContext, message: EmailMessage) -> dict[str, str]:
    """For the history: that a message is in another language than the customer's (R25)."""
    written_in, wanted = str(message["Content-Language"]), _language(context)
    if primary_subtag(wanted) == written_in:
        return {}
    return {"language": written_in, "language_wanted": wanted}


def seller_mail(
    context: ActionContext,
    due: SellerMailDue,
    *,
    message_id: str,
    mail_from: str,
    claim_reference: str | None,
    reason: str | None,
) -> EmailMessage:
    """What the seller is told about a case; `reason` are the partner's words about its claim."""
    snapshot = context.snapshot
    recipient = Recipient(
        name=snapshot.profile.company_name,
        email=snapshot.profile.email,
        language=snapshot.profile.language,
    )
    how: dict[str, Any] = {
        "message_id": message_id,
        "sent_at": context.at,
        "mail_from": mail_from,
    }
    if due.about is SellerTold.STATEMENT_OLD:
        of_all_cases = SellerMail(
            about=due.about, recipient=recipient, statement_day=due.day, blocked=due.is_waiting
        )
        return write_seller_mail(of_all_cases, **how)
    mail = SellerMail(
        about=due.about,
        recipient=recipient,
        order_id=snapshot.order.order_id,
        installment=_installment(context),
        customer_name=snapshot.customer_name or None,
        open_amount=_rest(context),
        missing=tuple(snapshot.customer.missing),
        blocked=due.is_waiting,
        notice=due.notice,
        reason=reason,
        outcome=due.outcome,
        amount=due.amount,
        claim_reference=claim_reference,
    )
    return write_seller_mail(mail, **how)


def _language(context: ActionContext) -> str:
    return context.snapshot.customer.language or context.snapshot.profile.language


def sender_of(profile: SellerProfile, *, to_country: str | None = None) -> Sender:
    """The seller, as its customers see it; in another country with that of the seller."""
    at_home = profile.address.country if profile.address else None
    return Sender(
        company_name=profile.company_name,
        email=profile.email,
        reply_to=profile.reply_to,
        address=postal_lines(profile.address, names=(), from_country=to_country or at_home),
        phone=profile.phone,
        website=profile.website,
        iban=profile.iban,
        bic=profile.bic,
        tax_id=profile.tax_id,
        registration_number=profile.registration_number,
        payment_instructions=profile.payment_instructions,
    )


def _envelope(context: ActionContext) -> tuple[str, ...]:
    customer, seller = context.snapshot.customer, context.snapshot.profile
    person = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return postal_lines(
        context.snapshot.address,
        names=(customer.company, person),
        from_country=seller.address.country if seller.address else None,
    )


def _payments(context: ActionContext) -> tuple[PaymentMade, ...]:
    """What came in for the receivable and what went back, in the order of time."""
    nothing = Money.zero(context.snapshot.order.currency)
    moves = [
        (move.at, move.amount if isinstance(move, Payment) else nothing - move.amount)
        for move in context.case.real_moves
    ]
    return tuple(
        PaymentMade(on=context.terms.day_of(at), amount=amount)
        for at, amount in sorted(moves, key=lambda entry: entry[0])
        if amount.amount
    )


def _costs(context: ActionContext) -> tuple[Cost, ...]:
    returned = [
        Cost(kind=CostKind.RETURNED_PAYMENT, amount=undone.fee)
        for undone in context.case.reversals
        if undone.fee.is_positive
    ]
    canceled = [Cost(kind=CostKind.CANCELLATION, amount=fee.amount) for fee in context.case.fees]
    return (*returned, *canceled)


def _installment(context: ActionContext) -> tuple[int, int] | None:
    number = context.snapshot.receivable.installment
    return None if number is None else (number, context.snapshot.order.parts)


def _schedule(context: ActionContext) -> tuple[tuple[int, date, Money], ...]:
    currency = context.snapshot.order.currency
    return tuple(
        (part.installment, part.due_date, Money(amount=part.amount, currency=currency))
        for part in context.snapshot.receivables
        if part.installment is not None
    )
