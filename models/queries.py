"""Reading cases: always from SQL, one or many."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case_fields import CaseFields, case_fields, day_text, moment_text
from models.tables import CaseRow, EventRow

Document = dict[str, Any]


async def case_documents(
    session: AsyncSession,
    *,
    now: datetime,
    seller_id: str | None = None,
    order_id: str | None = None,
    case_ids: Collection[str] | None = None,
) -> list[Document]:
    """Return cases as callers see them, without their histories, the earliest due first."""
    query = case_fields().order_by(col(CaseRow.due_date), col(CaseRow.installment))
    if case_ids is not None:
        query = query.where(col(CaseRow.case_id).in_(case_ids))
    if seller_id is not None:
        query = query.where(col(CaseRow.seller_id) == seller_id)
    if order_id is not None:
        query = query.where(col(CaseRow.order_id) == order_id)
    connection = await session.connection()
    rows = await connection.execute(query)
    return [_case_document(CaseFields(*row), now=now) for row in rows]


async def case_document(session: AsyncSession, case_id: str, *, now: datetime) -> Document | None:
    """Return one case with its history; None if there is no such case."""
    documents = await case_documents(session, now=now, case_ids=[case_id])
    if not documents:
        return None
    document = documents[0]
    return document | {"history": await events_of(session, [case_id])}


async def events_of(session: AsyncSession, case_ids: list[str]) -> list[Document]:
    """Return the histories of cases, in the order in which things happened."""
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
        # The invoice notice concerns the whole order (R2).
        "installment": None if _is_of_the_order(event) else case.installment,
        "event": event.event,
        "detail": event.detail,
    }


def _is_of_the_order(event: EventRow) -> bool:
    return event.detail.get("kind") == "invoice_notice"


def _case_document(case: CaseFields, *, now: datetime) -> Document:
    return {
        "case_id": case.case_id,
        "seller_id": case.seller_id,
        "order_id": case.order_id,
        "installment": case.installment,
        "stage": case.stage,
        "blocked_by": case.is_blocked_by,
        "missing": list(case.missing_parts),
        "due_date": day_text(case.due_date),
        "days_overdue": case.days_overdue(now),
        "currency": case.currency,
        "amount": case.written(case.amount),
        "order_amount": case.written(case.order_amount),
        "open_amount": case.written(case.open_amount),
        "paid": case.written(case.paid),
        "credit": case.written(case.credit),
        "fees": case.written(case.fees),
        "cancellation_costs": case.written(case.cancellation_costs),
        "dunning_option": case.option_in_force,
        "dunning_option_kept": case.is_option_kept,
        "payment_plan": case.payment_plan,
        "customer": _customer_document(case),
        "hold": _hold_document(case),
        "claim": _claim_document(case),
        "actions": list(case.possible_actions(now)),
        "next_step": _next_step_document(case),
        "updated_at": moment_text(case.updated_at),
    }


def _customer_document(case: CaseFields) -> Document:
    return {
        "customer_id": case.customer_id,
        "first_name": case.first_name,
        "last_name": case.last_name,
        "company": case.company,
        "email": case.email,
        "language": case.language,
        "phone": case.phone,
        "tax_id": case.tax_id,
        "registration_number": case.registration_number,
        "address": case.postal_address,
    }


def _hold_document(case: CaseFields) -> Document | None:
    if case.hold_since is None:
        return None
    return {
        "since": day_text(case.hold_since),
        "until": day_text(case.hold_until),
        "reason": case.hold_reason,
    }


def _next_step_document(case: CaseFields) -> Document | None:
    if case.next_kind is None or case.next_at is None:
        return None
    return {"kind": case.next_kind, "at": moment_text(case.next_at)}


def _claim_document(case: CaseFields) -> Document | None:
    if case.claim_status is None:
        return None
    return {
        "reference": case.claim_reference,
        "status": case.claim_status,
        "close_code": case.claim_close_code,
        "reason": case.claim_reason,
    }
