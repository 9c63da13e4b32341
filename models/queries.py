"""Reading cases: always from SQL, one or many."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.money import Money
from dunning.stages import Stage
from models.credits import credits_of
from models.joins import whole_cases
from models.seller import SellerProfile
from models.tables import (
    CaseRow,
    ClaimRow,
    CustomerRow,
    EventRow,
    OrderRow,
    ReceivableRow,
    SellerRow,
)

Document = dict[str, Any]
# Large, and not shown: reading them would cost more than all the rest.
_UNSEEN: Final[tuple[Any, ...]] = (
    CaseRow.state,
    CaseRow.last_result,
    OrderRow.given,
    OrderRow.answer,
)


async def case_documents(
    session: AsyncSession,
    *,
    now: datetime,
    seller_id: str | None = None,
    order_id: str | None = None,
    case_ids: Collection[str] | None = None,
) -> list[Document]:
    """Cases as callers see them, without their histories, the one due first at the head."""
    query = (
        whole_cases()
        .order_by(col(CaseRow.due_date), col(CaseRow.installment))
        .options(*(defer(unseen, raiseload=True) for unseen in _UNSEEN))
    )
    if case_ids is not None:
        query = query.where(col(CaseRow.case_id).in_(case_ids))
    if seller_id is not None:
        query = query.where(CaseRow.seller_id == seller_id)
    if order_id is not None:
        query = query.where(CaseRow.order_id == order_id)
    rows = (await session.exec(query)).all()
    cases = [case for case, *_ in rows]
    days = await today_of_sellers(session, {case.seller_id for case in cases}, now=now)
    claims = await _claims_of(session, cases)
    credits = await credits_of(session, {(case.seller_id, case.order_id) for case in cases})
    documents = []
    for case, receivable, order, customer in rows:
        today = days[case.seller_id]
        document = _case_document(case, receivable, order, customer, today=today)
        credit = credits.get((case.seller_id, case.order_id), Decimal(0))
        document["credit"] = _text(credit, receivable.currency)
        document["claim"] = _claim_document(claims.get(case.claim_reference or ""))
        documents.append(document)
    return documents


async def today_of_sellers(
    session: AsyncSession, seller_ids: Collection[str], *, now: datetime
) -> dict[str, date]:
    """Which day it is for each of these sellers."""
    query = select(SellerRow.seller_id, SellerRow.profile).where(
        col(SellerRow.seller_id).in_(seller_ids)
    )
    return {
        seller_id: now.astimezone(SellerProfile.model_validate(profile).zone).date()
        for seller_id, profile in await session.exec(query)
    }


async def _claims_of(session: AsyncSession, cases: Iterable[CaseRow]) -> dict[str, ClaimRow]:
    references = {case.claim_reference for case in cases if case.claim_reference}
    if not references:
        return {}
    query = select(ClaimRow).where(col(ClaimRow.reference).in_(references))
    return {claim.reference: claim for claim in await session.exec(query)}


async def case_document(session: AsyncSession, case_id: str, *, now: datetime) -> Document | None:
    """One case with its history; None if there is none of this id."""
    documents = await case_documents(session, now=now, case_ids=[case_id])
    if not documents:
        return None
    document = documents[0]
    return document | {"history": await events_of(session, [case_id])}


async def events_of(session: AsyncSession, case_ids: list[str]) -> list[Document]:
    """The histories of cases, in the order in which things happened."""
    query = (
        select(EventRow, CaseRow)
        .join(CaseRow, col(CaseRow.case_id) == EventRow.case_id)
        .where(col(EventRow.case_id).in_(case_ids))
        .order_by(col(EventRow.at), col(EventRow.id))
    )
    return [event_document(event, case) for event, case in await session.exec(query)]


def event_document(event: EventRow, case: CaseRow) -> Document:
    return {
        "at": event.at.isoformat(),
        "case_id": case.case_id,
        "seller_id": case.seller_id,
        "order_id": case.order_id,
        # The invoice notice speaks for the whole order (R2).
        "installment": None if _is_of_the_order(event) else case.installment,
        "event": event.event,
        "detail": event.detail,
    }


def _is_of_the_order(event: EventRow) -> bool:
    return event.detail.get("kind") == "invoice_notice"


def _case_document(
    case: CaseRow,
    receivable: ReceivableRow,
    order: OrderRow,
    customer: CustomerRow,
    *,
    today: date,
) -> Document:
    currency = receivable.currency
    actions = [verb for verb in case.actions if verb != "escalate" or not customer.missing]
    return {
        "case_id": case.case_id,
        "seller_id": case.seller_id,
        "order_id": case.order_id,
        "installment": case.installment,
        "stage": case.stage,
        "blocked_by": case.blocked_by if case.stage == Stage.BLOCKED else None,
        "missing": list(customer.missing),
        "due_date": case.due_date.isoformat(),
        "days_overdue": _days_overdue(case, receivable, today),
        "currency": currency,
        "amount": _text(receivable.amount, currency),
        "order_amount": _text(order.total, currency),
        "open_amount": _text(receivable.open_amount, currency),
        "paid": _text(receivable.paid, currency),
        "fees": _text(receivable.fees, currency),
        "cancellation_costs": _text(order.cancellation_costs, currency),
        "dunning_option": case.dunning_option,
        "payment_plan": payment_plan(case.installment, order.parts),
        "customer": _customer_document(customer),
        "hold": _hold_document(case),
        "actions": actions,
        "next_step": _next_step_document(case),
        "updated_at": case.updated_at.isoformat(),
    }


def _text(amount: Decimal, currency: str) -> str:
    return str(Money(amount=amount, currency=currency))


def _days_overdue(case: CaseRow, receivable: ReceivableRow, today: date) -> int:
    if receivable.open_amount <= 0 or case.stage == Stage.CANCELED:
        return 0
    return max(0, (today - case.due_date).days)


def payment_plan(installment: int | None, parts: int) -> str:
    """How the order is paid, in words."""
    return "paid at once" if installment is None else f"installment {installment} of {parts}"


def _customer_document(customer: CustomerRow) -> Document:
    return {
        "customer_id": customer.customer_id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "company": customer.company,
        "email": customer.email,
        "language": customer.language,
        "phone": customer.phone,
        "tax_id": customer.tax_id,
        "registration_number": customer.registration_number,
        "address": customer.address,
    }


def _hold_document(case: CaseRow) -> Document | None:
    if case.hold_since is None:
        return None
    return {
        "since": case.hold_since.isoformat(),
        "until": case.hold_until.isoformat() if case.hold_until else None,
        "reason": case.hold_reason,
    }


def _next_step_document(case: CaseRow) -> Document | None:
    if case.next_kind is None or case.next_at is None:
        return None
    return {"kind": case.next_kind, "at": case.next_at.isoformat()}


def _claim_document(claim: ClaimRow | None) -> Document | None:
    if claim is None:
        return None
    return {
        "reference": claim.reference,
        "status": claim.status,
        "close_code": None,
        "reason": None,
    }
