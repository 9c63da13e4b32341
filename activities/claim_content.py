"""The content of a claim and its documents, as the collection partner gets them (R15)."""

from __future__ import annotations

import email
import zlib
from collections.abc import Iterator
from decimal import Decimal
from email.policy import default
from typing import Final

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.context import ActionContext
from adapters.letters.printed_mails import printed_mail
from adapters.partner.port import (
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
from dunning.addresses.address import Address
from dunning.history import EventName
from dunning.ladder import DunningOption, StepKind
from dunning.money import CURRENCY_DIGITS, Money
from dunning.movements import Payment
from dunning.notices import NoticeKind
from models.customers import person_of
from models.histories import was_sent
from models.tables import EventRow, FeeRow, MessageRow

RETURNED_PAYMENT: Final = "bank costs of a returned payment"
_DISPUTE: Final = "dispute"
_NO_DEMANDS: Final = {NoticeKind.ADVANCE_NOTICE, NoticeKind.CANCELLATION_NOTICE}
_DEMANDS: Final = frozenset(NoticeKind) - _NO_DEMANDS


async def claim_of(context: ActionContext) -> Claim:
    """Return the claim with everything that R15 asks for, as the ledger has it at this moment."""
    snapshot, order, case = context.snapshot, context.snapshot.order, context.case
    async with context.database.reading() as session:
        grounds = await _grounds(session, case.case_id)
        is_disputed = await _is_disputed(session, case.case_id)
    part = snapshot.receivable.installment
    fees = [(RETURNED_PAYMENT, undone.fee) for undone in case.reversals]
    fees += [(grounds[fee.key], fee.amount) for fee in case.fees]
    return Claim(
        reference=case.claim_reference,
        round=case.round,
        creditor=_creditor(context),
        debtor=_debtor(context),
        subject=order.subject,
        ordered_on=order.ordered_on,
        invoice_number=order.invoice_number or order.order_id,
        invoice_date=order.invoice_date,
        due_date=snapshot.receivable.due_date,
        installment=None if part is None else (part, order.parts),
        currency=order.currency,
        principal=in_currency_digits(case.receivable.amount),
        fees=tuple(
            Cost(ground=ground, amount=in_currency_digits(amount))
            for ground, amount in fees
            if amount.is_positive
        ),
        payments=_payments(context),
        amount=in_currency_digits(case.owed),
        notices=tuple(_notices(context)),
        is_disputed=is_disputed,
        may_go_to_court=case.option is not DunningOption.CANCELLATION,
    )


async def documents_of(context: ActionContext, session: AsyncSession) -> list[ClaimDocument]:
    """Return the letters of a case as they were sent, and the invoice notice of its order.

    They are named by kind and day, so that the same document always has the same name.
    """
    order = [receivable.case_id for receivable in context.snapshot.receivables]
    is_invoice = col(MessageRow.kind) == NoticeKind.INVOICE_NOTICE
    query = (
        select(MessageRow)
        .where(
            was_sent(),
            or_(
                col(MessageRow.case_id) == context.case.case_id,
                and_(is_invoice, col(MessageRow.case_id).in_(order)),
            ),
        )
        .order_by(col(MessageRow.sent_at), col(MessageRow.key))
    )
    documents: dict[str, ClaimDocument] = {}
    for row in await session.exec(query):
        for document in _documents(context, row):
            documents.setdefault(document.name, document)
    return list(documents.values())


async def _grounds(session: AsyncSession, case_id: str) -> dict[str, str]:
    fees = await session.exec(select(FeeRow).where(FeeRow.case_id == case_id))
    return {fee.key: fee.ground for fee in fees}


async def _is_disputed(session: AsyncSession, case_id: str) -> bool:
    """Whether the seller has ever held the case for a reason that begins with "dispute".

    Nothing else counts, and no other language: an agency may ask for higher fees if there is a
    dispute, so it is not guessed.
    """
    query = select(EventRow.detail).where(
        EventRow.case_id == case_id, EventRow.event == EventName.CASE_HELD
    )
    reasons = [detail.get("reason") for detail in await session.exec(query)]
    return any(str(reason or "").strip().casefold().startswith(_DISPUTE) for reason in reasons)


def _creditor(context: ActionContext) -> Creditor:
    profile = context.snapshot.profile
    return Creditor(
        seller_id=context.snapshot.order.seller_id,
        name=profile.company_name,
        address=profile.address,
        registration_number=profile.registration_number,
        tax_id=profile.tax_id,
        legal_notice=profile.legal_notice,
        email=profile.email,
        phone=profile.phone,
        may_deduct_input_tax=profile.may_deduct_input_tax,
    )


def _debtor(context: ActionContext) -> Debtor:
    customer = context.snapshot.customer
    person = person_of(customer.first_name, customer.last_name)
    return Debtor(
        name=customer.company or person,
        contact_person=person or None if customer.company else None,
        is_company=customer.company is not None,
        registration_number=customer.registration_number,
        address=context.snapshot.address or Address(),
        email=customer.email,
        phone=customer.phone,
    )


def _payments(context: ActionContext) -> tuple[MoneyMoved, ...]:
    """Return what came in and went back, and what the partner collected by earlier claims."""
    moved = []
    for move in context.case.real_moves:
        amount = in_currency_digits(move.amount)
        moved.append((move.happened_at, amount if isinstance(move, Payment) else -amount))
    if context.case.collected_before is not None:
        moved.append((context.at, in_currency_digits(context.case.collected_before)))
    return tuple(
        MoneyMoved(on=context.terms.day_of(at), amount=amount)
        for at, amount in sorted(moved, key=lambda entry: entry[0])
        if amount
    )


def _notices(context: ActionContext) -> Iterator[NoticeGiven]:
    if (sent_on := context.case.invoice_notice_on) is not None:
        yield NoticeGiven(kind=NoticeKind.INVOICE_NOTICE, on=sent_on)
    for step in context.case.steps:
        if step.kind is not StepKind.HANDOFF:
            yield NoticeGiven(kind=NoticeKind(step.kind), on=step.on)


def _documents(context: ActionContext, row: MessageRow) -> Iterator[ClaimDocument]:
    """Yield the documents of a message: its letters, or the printed mail if it has none."""
    if row.content is None:
        return
    message = email.message_from_bytes(zlib.decompress(row.content), policy=default)
    is_invoice = row.kind == NoticeKind.INVOICE_NOTICE
    day = context.terms.day_of(row.sent_at)
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


def in_currency_digits(money: Money) -> Decimal:
    """Return an amount with its currency's digits, for the partner; the ledger keeps four."""
    return money.amount.quantize(Decimal(1).scaleb(-CURRENCY_DIGITS[money.currency]))
