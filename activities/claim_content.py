"""From a case to what the collection partner gets: the claim, and its documents (R15)."""

from __future__ import annotations

import email
import zlib
from collections.abc import Iterator
from decimal import Decimal
from email.policy import default
from typing import Final

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.casework import Casework
from adapters.partner import (
    PDF,
    Claim,
    ClaimDocument,
    Cost,
    Creditor,
    Debtor,
    DocumentKind,
    MoneyMoved,
    NoticeGiven,
)
from adapters.printed_mails import printed_mail
from dunning.address import Address
from dunning.money import CURRENCY_DIGITS, Money
from dunning.notices import NoticeKind
from dunning.plan import DunningOption, StepKind
from models.tables import FeeRow, MessageRow, RequestRow

RETURNED_PAYMENT: Final = "bank costs of a returned payment"
_DISPUTE: Final = "dispute"
_DEMANDS: Final = frozenset(NoticeKind) - {NoticeKind.ADVANCE_NOTICE}


async def claim_of(work: Casework) -> Claim:
    """Everything that R15 asks for, as the books have it at this moment."""
    dossier, order, case = work.dossier, work.dossier.order, work.case
    async with work.database.reading() as session:
        grounds = await _grounds(session, case.case_id)
        is_disputed = await _is_disputed(session, case.case_id)
    part = dossier.receivable.installment
    fees = [(RETURNED_PAYMENT, undone.fee) for undone in case.reversals]
    fees += [(grounds[fee.key], fee.amount) for fee in case.fees]
    return Claim(
        reference=case.claim_reference,
        round=case.round,
        creditor=_creditor(work),
        debtor=_debtor(work),
        subject=order.subject,
        invoice_number=order.invoice_number or order.order_id,
        invoice_date=order.invoice_date,
        due_date=dossier.receivable.due_date,
        installment=None if part is None else (part, order.parts),
        currency=order.currency,
        principal=exact(case.receivable.amount),
        fees=tuple(
            Cost(ground=ground, amount=exact(amount))
            for ground, amount in fees
            if amount.is_positive
        ),
        payments=_payments(work),
        amount=exact(case.owed),
        notices=tuple(_notices(work)),
        is_disputed=is_disputed,
        may_go_to_court=case.option is not DunningOption.CANCELLATION,
    )


async def documents_of(work: Casework, session: AsyncSession) -> list[ClaimDocument]:
    """The letters of a case as they were sent, and the invoice notice of its order.

    Named by kind and day, so that the same document always has the same name.
    """
    order = [receivable.case_id for receivable in work.dossier.receivables]
    is_invoice = col(MessageRow.kind) == NoticeKind.INVOICE_NOTICE
    query = (
        select(MessageRow)
        .where(
            or_(
                col(MessageRow.case_id) == work.case.case_id,
                and_(is_invoice, col(MessageRow.case_id).in_(order)),
            )
        )
        .order_by(col(MessageRow.sent_at), col(MessageRow.key))
    )
    documents: dict[str, ClaimDocument] = {}
    for row in await session.exec(query):
        for document in _documents(work, row):
            documents.setdefault(document.name, document)
    return list(documents.values())


async def _grounds(session: AsyncSession, case_id: str) -> dict[str, str]:
    fees = await session.exec(select(FeeRow).where(FeeRow.case_id == case_id))
    return {fee.key: fee.ground for fee in fees}


async def _is_disputed(session: AsyncSession, case_id: str) -> bool:
    """Whether the seller has ever held the case for a reason that begins with "dispute".

    Nothing else counts, in no other language: an agency that is told of a dispute may ask for
    higher fees, so it is not guessed.
    """
    query = select(RequestRow).where(RequestRow.case_id == case_id, RequestRow.verb == "hold")
    reasons = [request.asked.get("reason") for request in await session.exec(query)]
    return any(str(reason or "").strip().casefold().startswith(_DISPUTE) for reason in reasons)


def _creditor(work: Casework) -> Creditor:
    profile = work.dossier.profile
    return Creditor(
        seller_id=work.dossier.order.seller_id,
        name=profile.company_name,
        address=profile.address,
        registration_number=profile.registration_number,
        tax_id=profile.tax_id,
        email=profile.email,
        phone=profile.phone,
    )


def _debtor(work: Casework) -> Debtor:
    customer = work.dossier.customer
    person = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return Debtor(
        name=customer.company or person,
        contact_person=person or None if customer.company else None,
        is_company=customer.company is not None,
        registration_number=customer.registration_number,
        address=work.dossier.address or Address(),
        email=customer.email,
        phone=customer.phone,
    )


def _payments(work: Casework) -> tuple[MoneyMoved, ...]:
    """What came in, went back, and what the partner got by an earlier claim."""
    moved = [(payment.at, exact(payment.amount)) for payment in work.case.payments]
    moved += [(undone.at, -exact(undone.amount)) for undone in work.case.reversals]
    if work.case.collected_before is not None:
        moved.append((work.at, exact(work.case.collected_before)))
    return tuple(
        MoneyMoved(on=work.terms.day_of(at), amount=amount)
        for at, amount in sorted(moved, key=lambda entry: entry[0])
        if amount
    )


def _notices(work: Casework) -> Iterator[NoticeGiven]:
    if (sent_on := work.case.invoice_notice_on) is not None:
        yield NoticeGiven(kind=NoticeKind.INVOICE_NOTICE, on=sent_on)
    for step in work.case.steps:
        if step.kind is not StepKind.HANDOFF:
            yield NoticeGiven(kind=NoticeKind(step.kind), on=step.on)


def _documents(work: Casework, row: MessageRow) -> Iterator[ClaimDocument]:
    """What of a message is a document: its letters; of a message without, the mail on paper."""
    if row.content is None:
        return
    message = email.message_from_bytes(zlib.decompress(row.content), policy=default)
    is_invoice = row.kind == NoticeKind.INVOICE_NOTICE
    day = work.terms.day_of(row.sent_at)
    name = f"{row.kind}-{day}"
    parts = [part for part in message.walk() if part.get_content_type() == PDF]
    files = [part.get_payload(decode=True) for part in parts]
    if not files and row.kind in _DEMANDS:
        files = [printed_mail(message, sent_on=day)]
    for number, content in enumerate(files, start=1):
        yield ClaimDocument(
            name=f"{name}.pdf" if number == 1 else f"{name}-{number}.pdf",
            description=f"{row.kind.replace('_', ' ')} of {day}",
            content=content,
            kind=DocumentKind.INVOICE if is_invoice else DocumentKind.NOTICE,
        )


def exact(money: Money) -> Decimal:
    """An amount as the partner gets it, with the digits of its currency; the books keep four."""
    return money.amount.quantize(Decimal(1).scaleb(-CURRENCY_DIGITS[money.currency]))
