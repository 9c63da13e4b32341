"""Webhooks: the events that are sent to the endpoints of backends.

A message is written in the transaction of its event. The session keeps the endpoints that have to
be woken after the commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from dunning.history import EventName
from models.keys import KeyKind
from models.tables import ApiKeyRow, WebhookEndpointRow, WebhookMessageRow

WEBHOOK_EVENTS: Final = frozenset(
    {
        EventName.STAGE_CHANGED,
        EventName.ORDER_CANCELED,
        EventName.CLAIM_SUBMITTED,
        EventName.CASE_CLOSED,
    }
)
_TO_WAKE: Final = "endpoints_to_wake"


async def listening_endpoints(session: AsyncSession, names: Collection[str]) -> list[str]:
    """Return all endpoints in use if one of these events is sent to backends, else none."""
    if WEBHOOK_EVENTS.isdisjoint(names):
        return []
    connection = await session.connection()
    return list((await connection.execute(_LISTENING)).scalars())


async def put_on_the_way(
    session: AsyncSession,
    endpoints: Sequence[str],
    events: Iterable[Row[int | None, str, datetime]],
) -> None:
    """Queue a message for each event and endpoint, due at once."""
    rows = [
        {
            "endpoint_id": endpoint_id,
            "event_id": event_id,
            "created_at": at,
            "due_at": at,
            "attempts": 0,
        }
        for event_id, name, at in sorted(events)
        if name in WEBHOOK_EVENTS
        for endpoint_id in endpoints
    ]
    if rows:
        connection = await session.connection()
        await connection.execute(insert(WebhookMessageRow), rows)
        wake_after_commit(session, endpoints)


def wake_after_commit(session: AsyncSession, endpoints: Iterable[str]) -> None:
    """Note in the session that these endpoints have to be woken after the commit."""
    session.info.setdefault(_TO_WAKE, set()).update(endpoints)


def endpoints_to_wake(session: AsyncSession) -> set[str]:
    """Return the endpoints for which this transaction has queued messages."""
    found: set[str] = session.info.get(_TO_WAKE, set())
    return found


def live_endpoints(query: SelectOfScalar[Any]) -> SelectOfScalar[Any]:
    """Keep the endpoints in use: neither deleted nor gone, and their key is not revoked."""
    return query.join(ApiKeyRow, col(ApiKeyRow.key_id) == WebhookEndpointRow.key_id).where(
        col(WebhookEndpointRow.deleted_at).is_(None),
        col(WebhookEndpointRow.gone_at).is_(None),
        col(ApiKeyRow.revoked_at).is_(None),
        ApiKeyRow.kind == KeyKind.BACKEND,
    )


_LISTENING: Final = live_endpoints(select(WebhookEndpointRow.endpoint_id))
