"""Writing a case down: its row, its history, and what of it Temporal still has to hear.

A case's row is written by the order's transaction and from then on by the worker alone.
Changes of the stage are noticed here, from the row as it was: the history is one unbroken line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case import DunningCase, actions
from dunning.deeds import Deed, DeedKind, Facts, Fee, Payment, Result, Reversal
from dunning.history import Detail, Event, EventName
from dunning.money import Money
from dunning.stages import ENDS, Stage
from dunning.state import Version
from models.locks import LOCKED
from models.messages import Recorded
from models.tables import (
    AllocationRow,
    CaseRow,
    ChargebackRow,
    DeliveryRow,
    EventRow,
    FeeRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    RequestRow,
    ReversalRow,
)
from models.webhooks import listening_endpoints, put_on_the_way

_NOT_A_NEXT_STEP: Final = frozenset({DeedKind.OPEN, DeedKind.END_HOLD})
_HANDS_OVER: Final = frozenset({DeedKind.SUBMIT_CLAIM, DeedKind.CHARGEBACK})


class CaseSuperseded(Exception):
    """Another run of the case got further than the one that asks."""


async def case_row(session: AsyncSession, case_id: str) -> CaseRow:
    """The row of a case, locked until the transaction ends."""
    query = select(CaseRow).where(CaseRow.case_id == case_id).with_for_update(**LOCKED)
    return (await session.exec(query)).one()


def case_of(row: CaseRow) -> DunningCase:
    return DunningCase.model_validate(row.state)


async def add_cases(
    session: AsyncSession, cases: Iterable[tuple[DunningCase, str]], *, at: datetime
) -> None:
    """The rows of new cases, each with its customer's id, and the beginnings of their histories."""
    rows, entries = [], []
    for case, customer_id in cases:
        receivable = case.receivable
        rows.append(
            {
                "case_id": case.case_id,
                "seller_id": receivable.seller_id,
                "order_id": receivable.order_id,
                "customer_id": customer_id,
                "installment": receivable.installment,
                "due_date": receivable.due_date,
                **_columns(case, at),
            }
        )
        begins = (*case.journal, *_what_follows(Stage.SCHEDULED, case.stage, at))
        entries += [_entry(case, event, dict(event.detail)) for event in begins]
    if rows:
        connection = await session.connection()
        await connection.execute(insert(CaseRow), rows)
        await _add_entries(session, entries)


async def write_case(
    session: AsyncSession,
    row: CaseRow,
    case: DunningCase,
    *,
    at: datetime,
    events: Iterable[Event] = (),
) -> None:
    """The case as it is now, its journal, further events, and what follows for its stage.

    Time does not run backwards in a history: what was said a moment before, by another process,
    but heard after something else, stands behind that.
    """
    at, since = max(at, row.updated_at), row.updated_at
    follows = _what_follows(Stage(row.stage), case.stage, at)
    for name, value in _columns(case, at).items():
        setattr(row, name, value)
    row.hold_reason = await _hold_reason(session, case)
    session.add(row)
    await session.flush()
    # What a deed did stands before what followed from it in the same moment.
    told = sorted((*events, *case.journal), key=lambda event: event.at)
    heard = (_not_before(since, event) for event in told)
    await write_events(session, case, (*heard, *follows))


def _not_before(moment: datetime, event: Event) -> Event:
    return event if event.at >= moment else event.model_copy(update={"at": moment})


def _columns(case: DunningCase, at: datetime) -> dict[str, Any]:
    """What the row of a case shows of it as it is now, beside the reason of a hold."""
    deed = case.next_deed(at)
    next_kind, next_at = _next_step(case.next_act(at))
    return {
        "stage": case.stage,
        "blocked_by": case.blocked_by,
        "dunning_option": case.option,
        "hold_since": case.hold.first_day if case.hold else None,
        "hold_until": case.hold.until if case.hold else None,
        "claim_reference": case.claim.reference if case.claim else case.last_claim,
        "handed_over_at": case.claim.at if case.claim else None,
        "actions": list(actions(case, at)),
        "next_kind": next_kind,
        "next_at": next_at,
        "wakes_at": deed.at if deed else None,
        "updated_at": at,
        "state": case.recorded(case.journal).model_dump(mode="json"),
    }


def _what_follows(before: Stage, after: Stage, at: datetime) -> Iterator[Event]:
    """The events that a change of the stage is."""
    if before is after:
        return
    changed: Detail = {"from": before, "stage": after}
    yield Event(key="", at=at, name=EventName.STAGE_CHANGED, detail=changed)
    if after in ENDS:
        closed: Detail = {"outcome": after}
        yield Event(key="", at=at, name=EventName.CASE_CLOSED, detail=closed)


async def record(
    session: AsyncSession, case: DunningCase, *, known: Version, run_id: str, at: datetime
) -> Recorded:
    """What a case knows and the database does not.

    A deed whose result is on its way to the case may have written the row before: then only
    the journal is written, and the case records again when it has heard of the result. A run
    that was begun from an older state than the row's gets the newer one to go on from.
    """
    row = await case_row(session, case.case_id)
    written = case_of(row)
    if row.run_id != run_id and written.version != known:
        row.run_id = run_id
        session.add(row)
        return Recorded(written=False, newer=written)
    if written.results > case.results:
        await write_events(session, case, case.journal)
        return Recorded(written=False, result=Result.model_validate(row.last_result))
    row.run_id = run_id
    await write_case(session, row, case, at=at)
    return Recorded(written=True)


async def write_result(
    session: AsyncSession,
    row: CaseRow,
    result: Result,
    *,
    run_id: str,
    events: Iterable[Event] = (),
) -> None:
    """What came of a deed, for the case and for a second attempt that asks again."""
    row.run_id = run_id
    row.last_result = result.model_dump(mode="json")
    await write_case(session, row, case_of(row).after(result), at=result.at, events=events)


async def write_events(session: AsyncSession, case: DunningCase, events: Iterable[Event]) -> None:
    """Entries of the history; one whose key is there already stays as it is."""
    details = [(event, await _detail_of(session, case, event)) for event in events]
    await _add_entries(session, [_entry(case, event, detail) for event, detail in details])


def _entry(case: DunningCase, event: Event, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "key": event.key or None,
        "at": event.at,
        "event": event.name,
        "detail": detail,
    }


async def _add_entries(session: AsyncSession, entries: Sequence[dict[str, Any]]) -> None:
    """What is new goes on its way to the backends that want to be told."""
    if not entries:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    new = (sqlite.insert if is_sqlite else postgresql.insert)(EventRow).on_conflict_do_nothing()
    connection = await session.connection()
    endpoints = await listening_endpoints(session, {entry["event"] for entry in entries})
    if not endpoints:
        await connection.execute(new, entries)
        return
    written = new.returning(col(EventRow.id), col(EventRow.event), col(EventRow.at))
    await put_on_the_way(session, endpoints, (await connection.execute(written, entries)).all())


async def _detail_of(session: AsyncSession, case: DunningCase, event: Event) -> dict[str, Any]:
    if event.name is not EventName.CASE_HELD:
        return dict(event.detail)
    return event.detail | {"reason": await _reason_of(session, case.case_id, event.key)}


def _next_step(deed: Deed | None) -> tuple[str | None, datetime | None]:
    if deed is None or deed.kind in _NOT_A_NEXT_STEP:
        return None, None
    kind = DeedKind.HANDOFF if deed.kind in _HANDS_OVER else deed.kind
    return kind, deed.at


async def _hold_reason(session: AsyncSession, case: DunningCase) -> str | None:
    if case.hold is None:
        return None
    return await _reason_of(session, case.case_id, f"held/{case.hold.request_id}")


async def _reason_of(session: AsyncSession, case_id: str, key: str) -> str | None:
    """The words that came with a hold: they stand with the request, not in Temporal."""
    request = await session.get(RequestRow, (case_id, key.removeprefix("held/")))
    reason = request.asked.get("reason") if request else None
    return str(reason) if reason is not None else None


# --- what the books know of a receivable ------------------------------------------------------


async def facts_of(session: AsyncSession, receivable: ReceivableRow, order: OrderRow) -> Facts:
    """Every payment, reversal and fee of a receivable, and whether its order was canceled."""
    case_id, currency = receivable.case_id, receivable.currency

    def money(amount: Any) -> Money:
        return Money(amount=amount, currency=currency)

    paid = await session.exec(
        select(AllocationRow, PaymentRow)
        .join(PaymentRow, col(PaymentRow.payment_id) == AllocationRow.payment_id)
        .where(AllocationRow.case_id == case_id)
        .order_by(col(PaymentRow.received_at), col(PaymentRow.payment_id))
    )
    undone = await session.exec(
        select(ReversalRow, ChargebackRow)
        .join(ChargebackRow, col(ChargebackRow.chargeback_id) == ReversalRow.chargeback_id)
        .where(ReversalRow.case_id == case_id)
        .order_by(col(ChargebackRow.received_at), col(ChargebackRow.chargeback_id))
    )
    fees = await session.exec(
        select(FeeRow).where(FeeRow.case_id == case_id).order_by(col(FeeRow.key))
    )
    return Facts(
        payments=tuple(
            Payment(
                payment_id=payment.payment_id,
                amount=money(share.amount),
                credit=money(0),
                at=payment.received_at,
            )
            for share, payment in paid
        ),
        reversals=tuple(
            Reversal(
                chargeback_id=chargeback.chargeback_id,
                payment_id=chargeback.payment_id,
                amount=money(share.amount),
                fee=money(share.fee),
                at=chargeback.received_at,
                order_canceled=_had_been_canceled(order, chargeback.received_at),
                claims_go_on=order.canceled_for_claim,
            )
            for share, chargeback in undone
        ),
        fees=tuple(Fee(key=fee.key, amount=money(fee.amount)) for fee in fees),
        order_canceled_at=order.canceled_at,
        claims_go_on=order.canceled_for_claim,
    )


def _had_been_canceled(order: OrderRow, moment: datetime) -> bool:
    return order.canceled_at is not None and order.canceled_at <= moment


# --- deliveries: facts on their way to Temporal ------------------------------------------------


def deliver_later(
    session: AsyncSession, case_id: str, kind: str, payload: dict[str, Any], at: datetime
) -> None:
    """Put a fact on its way to a case, in the transaction that writes it."""
    session.add(DeliveryRow(case_id=case_id, kind=kind, payload=payload, created_at=at))


async def deliver_all_later(
    session: AsyncSession, facts: Iterable[tuple[str, str, dict[str, Any]]], at: datetime
) -> None:
    """Put many facts on their way at once, each a case's id, a kind and a payload."""
    rows = [
        {"case_id": case_id, "kind": kind, "payload": payload, "created_at": at}
        for case_id, kind, payload in facts
    ]
    if rows:
        connection = await session.connection()
        await connection.execute(insert(DeliveryRow), rows)


async def waiting_deliveries(session: AsyncSession, case_ids: Iterable[str]) -> list[DeliveryRow]:
    """What these cases have not heard of yet, in the order in which it happened."""
    query = select(DeliveryRow).where(
        col(DeliveryRow.delivered_at).is_(None), col(DeliveryRow.case_id).in_(list(case_ids))
    )
    return list(await session.exec(query.order_by(col(DeliveryRow.id))))


async def leftover_deliveries(
    session: AsyncSession, *, before: datetime, after: int, limit: int
) -> list[DeliveryRow]:
    """What has been waiting since before a moment, from one id on."""
    query = select(DeliveryRow).where(
        col(DeliveryRow.delivered_at).is_(None),
        DeliveryRow.created_at < before,
        col(DeliveryRow.id) > after,
    )
    return list(await session.exec(query.order_by(col(DeliveryRow.id)).limit(limit)))


async def mark_delivered(session: AsyncSession, ids: Iterable[int], at: datetime) -> None:
    """Two processes may have delivered the same: each locks in the same order, one marks."""
    theirs = (
        select(DeliveryRow.id)
        .where(col(DeliveryRow.id).in_(list(ids)), col(DeliveryRow.delivered_at).is_(None))
        .order_by(col(DeliveryRow.id))
        .with_for_update(**LOCKED)
    )
    await session.exec(
        update(DeliveryRow).where(col(DeliveryRow.id).in_(theirs)).values(delivered_at=at)
    )
