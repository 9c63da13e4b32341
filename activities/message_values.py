"""The values of a case's mails, from its snapshot: notices to customers, mails to sellers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from typing import Final

from activities.context import ActionContext
from adapters.branding.brand_look import brand_look_of
from adapters.complete_notice import write_complete_notice
from adapters.messages import links
from adapters.messages.cancellations import Cancellation, write_cancellation_notice
from adapters.messages.compose import write_seller_mail
from adapters.messages.locales import primary_subtag
from adapters.messages.parties import customer_of, recipient_of, sender_of
from adapters.messages.platform import Platform
from adapters.messages.values import (
    Cost,
    CostKind,
    NextStep,
    Notice,
    Partner,
    PaymentMade,
    Posting,
    Recipient,
    SellerMail,
)
from dunning.actions import ActionKind
from dunning.addresses.envelope import postal_lines
from dunning.case.overdue import days_overdue, last_returned
from dunning.case.planning import announced_step
from dunning.case.state import SellerMailDue
from dunning.ladder import DunningOption, StepKind
from dunning.money import Money, total
from dunning.movements import Payment
from dunning.notices import NoticeKind, SellerMailKind
from dunning.references import reference_of
from models.customers import country_of, person_of

_NAMES_WHAT_IS_MISSING: Final = frozenset(
    {
        SellerMailKind.ADDRESS_INCOMPLETE,
        SellerMailKind.APPROVAL_WANTED,
        SellerMailKind.CLAIM_REJECTED,
    }
)
_GIVES_REASON: Final = frozenset({SellerMailKind.CLAIM_REJECTED, SellerMailKind.CASE_CLOSED})


def notice_kind(context: ActionContext) -> NoticeKind:
    return NoticeKind(context.task.kind)


def open_amount(context: ActionContext) -> Money:
    """Return the amount that a notice is about.

    It is the rest of the receivable; for an invoice notice the rest of the order; for a
    cancellation notice what the partner still claims.
    """
    if context.task.kind is ActionKind.CANCELLATION_NOTICE:
        return _claimed(context)
    if context.task.kind is not ActionKind.INVOICE_NOTICE:
        return _rest(context)
    receivables = context.snapshot.receivables
    return total(
        (context.snapshot.open_amount_of(r) for r in receivables), context.snapshot.order.currency
    )


def _rest(context: ActionContext) -> Money:
    return context.snapshot.open_amount_of(context.snapshot.receivable) - _collected(context)


def _collected(context: ActionContext) -> Money:
    """Return what the partner collected by claims that have ended; it is not owed again (R10)."""
    return context.case.collected_before or Money.zero(context.snapshot.order.currency)


def posting_of(context: ActionContext, effect: str, mail_from: str) -> Posting:
    """Return how a message is sent. Its Message-ID is the same however often it is sent (R16)."""
    # Ids may have a colon, which a Message-ID may not; it may have an equals sign, which no id has.
    name = context.case.key(effect).replace("/", ".").replace(":", "=")
    return Posting.of(name, context.at, mail_from)


def customer_mail(
    context: ActionContext, posting: Posting, *, option: DunningOption, partner: Partner
) -> EmailMessage:
    """Return a notice as it goes to the customer; a written one with its letter (R5, R6)."""
    if context.task.kind is ActionKind.CANCELLATION_NOTICE:
        return write_cancellation_notice(_cancellation(context, partner), posting)
    return write_complete_notice(_notice(context, option, partner), posting)


def _notice(context: ActionContext, option: DunningOption, partner: Partner) -> Notice:
    snapshot = context.snapshot
    receivable, order = snapshot.receivable, snapshot.order
    is_invoice = context.task.kind is ActionKind.INVOICE_NOTICE

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=order.currency)

    following = announced_step(context.case, option, context.task.kind, context.at)
    had = {step.kind: step.on for step in context.case.steps}
    reminded_on, first_notice_on = (
        had.get(kind) for kind in (StepKind.PAYMENT_REMINDER, StepKind.FIRST_NOTICE)
    )
    today = context.terms.day_of(context.at)
    costs = money(order.cancellation_costs)
    return Notice(
        kind=notice_kind(context),
        sender=sender_of(snapshot.profile, to_country=country_of(snapshot.customer)),
        recipient=_recipient(context),
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
        days_overdue=days_overdue(context.case, today),
        installment=_installment(context),
        schedule=_schedule(context) if is_invoice else (),
        next_step=NextStep(following[0]) if following else None,
        next_step_on=following[1] if following else None,
        dunning_option=option,
        payment_reference=order.invoice_number or order.order_id,
        written_on=today,
        reference=reference_of(context.case.case_id),
        payments=_payments(context),
        costs=_costs(context),
        returned=None if is_invoice else last_returned(context.case),
        # Of another system's notices only the last one's day is known (R22).
        reminded_on=reminded_on if reminded_on != first_notice_on else None,
        first_notice_on=first_notice_on,
        cancellation_costs=costs if costs.is_positive else None,
        partner=partner,
        look=brand_look_of(snapshot.settings.brand),
    )


def _cancellation(context: ActionContext, partner: Partner) -> Cancellation:
    """Return what is still claimed of a canceled order, and what was paid of it (R29)."""
    snapshot, order = context.snapshot, context.snapshot.order
    claimed = _claimed(context)
    paid = total(
        (_money(context, part.paid) for part in snapshot.receivables), order.currency
    ) + _collected(context)
    costs = _money(context, order.cancellation_costs)
    costs_joined = claimed.is_positive and bool(context.case.fees)
    return Cancellation(
        sender=sender_of(snapshot.profile, to_country=country_of(snapshot.customer)),
        recipient=_recipient(context),
        order_id=order.order_id,
        invoice_number=order.invoice_number,
        invoice_date=order.invoice_date,
        claimed=claimed if claimed.is_positive else None,
        cancellation_costs=costs if costs_joined and costs.is_positive else None,
        is_withdrawn=context.case.claim is not None and not claimed.is_positive,
        paid=paid if paid.is_positive else None,
        partner=partner,
        look=brand_look_of(snapshot.settings.brand),
    )


def _claimed(context: ActionContext) -> Money:
    """Return what the partner claims of an order that was canceled because of a claim (R11)."""
    case = context.case
    if case.claim is not None and case.survives_order and case.owed.is_positive:
        return case.owed
    return Money.zero(context.snapshot.order.currency)


def _money(context: ActionContext, amount: Decimal) -> Money:
    return Money(amount=amount, currency=context.snapshot.order.currency)


def fallback_language(context: ActionContext, message: EmailMessage) -> dict[str, str]:
    """Return what the history says if a message is not in the customer's language (R25)."""
    written_in, wanted = str(message["Content-Language"]), _language(context)
    if primary_subtag(wanted) == written_in:
        return {}
    return {"language": written_in, "language_wanted": wanted}


def seller_mail(
    context: ActionContext,
    due: SellerMailDue,
    posting: Posting,
    *,
    platform: Platform,
    claim_reference: str | None,
    reason: str | None,
) -> EmailMessage:
    """Write a mail to the seller about a case; `reason` is the partner's text about its claim."""
    snapshot = context.snapshot
    profile = snapshot.profile
    recipient = recipient_of(profile)
    if due.about is SellerMailKind.STATEMENT_OLD:
        of_all_cases = SellerMail(
            about=due.about,
            recipient=recipient,
            statement_day=due.day,
            blocked=due.is_waiting,
            link=links.statements_page(platform.url),
        )
        return write_seller_mail(of_all_cases, posting, platform=platform)
    # One mail about an address is for all installments.
    is_for_all = due.about is SellerMailKind.ADDRESS_INCOMPLETE and snapshot.order.parts > 1
    mail = SellerMail(
        about=due.about,
        recipient=recipient,
        order_id=snapshot.order.order_id,
        installment=None if is_for_all else _installment(context),
        customer_name=snapshot.customer_name or None,
        customer_country=country_of(snapshot.customer),
        open_amount=None if is_for_all else _rest(context),
        missing=tuple(snapshot.customer.missing) if due.about in _NAMES_WHAT_IS_MISSING else (),
        blocked=due.is_waiting,
        is_chargeback=context.case.chargeback_approval,
        notice=due.notice,
        reason=reason if due.about in _GIVES_REASON else None,
        outcome=due.outcome,
        amount=due.amount,
        claim_reference=claim_reference,
        link=links.case_page(platform.url, context.case.case_id),
    )
    return write_seller_mail(mail, posting, platform=platform)


def _recipient(context: ActionContext) -> Recipient:
    return customer_of(
        context.snapshot.customer, language=_language(context), envelope=_envelope(context)
    )


def _language(context: ActionContext) -> str:
    return context.snapshot.customer.language or context.snapshot.profile.language


def _envelope(context: ActionContext) -> tuple[str, ...]:
    customer, seller = context.snapshot.customer, context.snapshot.profile
    person = person_of(customer.first_name, customer.last_name)
    return postal_lines(
        context.snapshot.address,
        names=(customer.company, person),
        from_country=seller.address.country if seller.address else None,
    )


def _payments(context: ActionContext) -> tuple[PaymentMade, ...]:
    """Return what came in for the receivable and what went back, in the order of time."""
    nothing = Money.zero(context.snapshot.order.currency)
    moves = [
        (move.happened_at, move.amount if isinstance(move, Payment) else nothing - move.amount)
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
