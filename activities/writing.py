"""From a case to the words of its messages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from typing import Final

from activities.casework import Casework
from adapters.complete import write_complete_notice
from adapters.look import look_of
from adapters.messages import write_seller_mail
from adapters.notices import (
    Cost,
    CostKind,
    NextStep,
    Notice,
    PaymentMade,
    Recipient,
    SellerMail,
    Sender,
)
from adapters.wording import primary_subtag
from dunning.deeds import DeedKind
from dunning.envelope import postal_lines
from dunning.money import Money, total
from dunning.notices import NoticeKind, SellerTold
from dunning.plan import DunningOption
from dunning.references import reference_of
from dunning.stages import Stage
from models.seller import SellerProfile

_KIND_OF_DEED: Final = {
    DeedKind.OPEN: NoticeKind.INVOICE_NOTICE,
    DeedKind.ADVANCE_NOTICE: NoticeKind.ADVANCE_NOTICE,
    DeedKind.PAYMENT_REMINDER: NoticeKind.PAYMENT_REMINDER,
    DeedKind.FIRST_NOTICE: NoticeKind.FIRST_NOTICE,
    DeedKind.FINAL_NOTICE: NoticeKind.FINAL_NOTICE,
}


def notice_kind(work: Casework) -> NoticeKind:
    return _KIND_OF_DEED[work.task.deed]


def open_amount(work: Casework) -> Money:
    """What a notice is about: the rest of the receivable; an invoice notice, that of the order."""
    if work.task.deed is not DeedKind.OPEN:
        return _rest(work)
    receivables = work.dossier.receivables
    return total((work.dossier.money(r) for r in receivables), work.dossier.order.currency)


def _rest(work: Casework) -> Money:
    return work.dossier.money(work.dossier.receivable) - _collected(work)


def _collected(work: Casework) -> Money:
    """What the partner got by claims that are at an end: it is not asked for again (R10)."""
    return work.case.collected_before or Money.zero(work.dossier.order.currency)


def message_id_of(work: Casework, effect: str, mail_from: str) -> str:
    """The Message-ID of an effect: the same one however often it is sent (R16)."""
    domain = mail_from.rpartition("@")[2]
    # A colon, which ids may have, has no place there; an equals sign has, and is in no id.
    name = work.case.key(effect).replace("/", ".").replace(":", "=")
    return f"<{name}@{domain}>"


def customer_mail(
    work: Casework, *, option: DunningOption, message_id: str, mail_from: str
) -> EmailMessage:
    """The notice of a deed, as it goes to the customer; a written one with its letter (R5, R6)."""
    dossier, receivable, order = work.dossier, work.dossier.receivable, work.dossier.order
    is_invoice = work.task.deed is DeedKind.OPEN

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=order.currency)

    following = work.case.with_option(option).following_step(work.task.deed, work.at)
    notice = Notice(
        kind=notice_kind(work),
        sender=sender_of(
            dossier.profile, to_country=(dossier.customer.address or {}).get("country")
        ),
        recipient=Recipient(
            name=dossier.customer_name,
            email=dossier.customer.email,
            language=_language(work),
            envelope=_envelope(work),
        ),
        order_id=order.order_id,
        invoice_number=order.invoice_number,
        invoice_date=order.invoice_date,
        subject=order.subject,
        total=money(order.total),
        amount=money(receivable.amount),
        paid=money(receivable.paid) + _collected(work),
        fees=money(receivable.fees),
        open_amount=_rest(work),
        due_date=receivable.due_date,
        days_overdue=max(0, (work.terms.day_of(work.at) - receivable.due_date).days),
        installment=_installment(work),
        schedule=_schedule(work) if is_invoice else (),
        next_step=NextStep(following[0]) if following else None,
        next_step_on=following[1] if following else None,
        dunning_option=option,
        payment_reference=order.invoice_number or order.order_id,
        written_on=work.terms.day_of(work.at),
        reference=reference_of(work.case.case_id),
        payments=_payments(work),
        costs=_costs(work),
        look=look_of(dossier.settings.brand),
    )
    return write_complete_notice(
        notice, message_id=message_id, sent_at=work.at, mail_from=mail_from
    )


def fallback_language(work: Casework, message: EmailMessage) -> dict[str, str]:
    """For the history: that a message is in another language than the customer's (R25)."""
    written_in, wanted = str(message["Content-Language"]), _language(work)
    if primary_subtag(wanted) == written_in:
        return {}
    return {"language": written_in, "language_wanted": wanted}


def seller_mail(
    work: Casework,
    about: SellerTold,
    *,
    message_id: str,
    mail_from: str,
    blocked: bool = False,
    notice: NoticeKind | None = None,
    reason: str | None = None,
    outcome: Stage | None = None,
    amount: Money | None = None,
    claim_reference: str | None = None,
) -> EmailMessage:
    """What the seller is told about a case."""
    dossier = work.dossier
    mail = SellerMail(
        about=about,
        recipient=Recipient(
            name=dossier.profile.company_name,
            email=dossier.profile.email,
            language=dossier.profile.language,
        ),
        order_id=dossier.order.order_id,
        installment=_installment(work),
        customer_name=dossier.customer_name or None,
        open_amount=_rest(work),
        missing=tuple(dossier.customer.missing),
        blocked=blocked,
        notice=notice,
        reason=reason,
        outcome=outcome,
        amount=amount,
        claim_reference=claim_reference,
    )
    return write_seller_mail(mail, message_id=message_id, sent_at=work.at, mail_from=mail_from)


def _language(work: Casework) -> str:
    return work.dossier.customer.language or work.dossier.profile.language


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


def _envelope(work: Casework) -> tuple[str, ...]:
    customer, seller = work.dossier.customer, work.dossier.profile
    person = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return postal_lines(
        work.dossier.address,
        names=(customer.company, person),
        from_country=seller.address.country if seller.address else None,
    )


def _payments(work: Casework) -> tuple[PaymentMade, ...]:
    """What came in for the receivable and what went back, in the order of time."""
    came = [(payment.at, payment.amount) for payment in work.case.payments]
    nothing = Money.zero(work.dossier.order.currency)
    back = [(undone.at, nothing - undone.amount) for undone in work.case.reversals]
    return tuple(
        PaymentMade(on=work.terms.day_of(at), amount=amount)
        for at, amount in sorted((*came, *back), key=lambda entry: entry[0])
        if amount.amount
    )


def _costs(work: Casework) -> tuple[Cost, ...]:
    returned = [
        Cost(kind=CostKind.RETURNED_PAYMENT, amount=undone.fee)
        for undone in work.case.reversals
        if undone.fee.is_positive
    ]
    canceled = [Cost(kind=CostKind.CANCELLATION, amount=fee.amount) for fee in work.case.fees]
    return (*returned, *canceled)


def _installment(work: Casework) -> tuple[int, int] | None:
    number = work.dossier.receivable.installment
    return None if number is None else (number, work.dossier.order.parts)


def _schedule(work: Casework) -> tuple[tuple[int, date, Money], ...]:
    currency = work.dossier.order.currency
    return tuple(
        (part.installment, part.due_date, Money(amount=part.amount, currency=currency))
        for part in work.dossier.receivables
        if part.installment is not None
    )
