"""Writes the histories of cases: each entry once, some kinds with a webhook to each endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.history import Event, EventName
from models.tables import EventRow, MessageRow
from models.webhooks import listening_endpoints, put_on_the_way

Entry = dict[str, Any]


def entry_of(case_id: str, event: Event) -> Entry:
    """Return the columns of an event's row."""
    return {
        "case_id": case_id,
        "key": event.key,
        "at": event.at,
        "event": event.name,
        "detail": dict(event.detail),
    }


async def write_events(session: AsyncSession, case_id: str, events: Iterable[Event]) -> None:
    """Write entries of a history; an existing key stays as it is, unless the event corrects it."""
    new = []
    for event in events:
        if event.corrects is not None:
            await _correct(session, case_id, event)
        else:
            new.append(entry_of(case_id, event))
    await add_entries(session, new)


def was_sent() -> ColumnElement[bool]:
    """Whether a message was sent: the history of its case says so (R16)."""
    return exists().where(
        col(EventRow.case_id) == MessageRow.case_id,
        col(EventRow.key) == MessageRow.key,
        col(EventRow.event) == EventName.NOTICE_SENT,
    )


async def add_entries(session: AsyncSession, entries: Sequence[Entry]) -> None:
    """Write the entries that are new, and their webhooks to the endpoints of backends."""
    if not entries:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    new = (sqlite.insert if is_sqlite else postgresql.insert)(EventRow).on_conflict_do_nothing()
    connection = await session.connection()
    endpoints = await listening_endpoints(session, {entry["event"] for entry in entries})
    if not endpoints:
        await connection.execute(new, list(entries))
        return
    written = new.returning(col(EventRow.id), col(EventRow.event), col(EventRow.at))
    rows = (await connection.execute(written, list(entries))).all()
    await put_on_the_way(session, endpoints, rows)


async def _correct(session: AsyncSession, case_id: str, event: Event) -> None:
    """R16: replace an unconfirmed entry by the answer that has come."""
    await session.exec(
        update(EventRow)
        .where(col(EventRow.case_id) == case_id, col(EventRow.key) == event.corrects)
        .values(key=event.key, event=event.name, detail=dict(event.detail))
    )
