"""The queue of webhooks to the endpoints of backends, and their answers.

A message waits while it has a `due_at`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.locks import LOCKED
from models.queries import event_document
from models.tables import CaseRow, EventRow, WebhookEndpointRow, WebhookMessageRow
from models.webhooks import live_endpoints, wake_after_commit


@dataclass(frozen=True)
class Waiting:
    """A message that is due, with its tries so far and its content.

    `webhook_id`, by which the backend recognizes it, belongs to the event: it is the same in every
    retry and replay, and at every endpoint.
    """

    id: int
    due_at: datetime
    attempts: int
    first_tried_at: datetime | None
    webhook_id: str
    content: dict[str, Any]


async def live_endpoint(session: AsyncSession, endpoint_id: str) -> WebhookEndpointRow | None:
    """Return an endpoint, if anything is sent to it."""
    live = live_endpoints(select(WebhookEndpointRow))
    return (
        await session.exec(live.where(col(WebhookEndpointRow.endpoint_id) == endpoint_id))
    ).one_or_none()


async def due_messages(
    session: AsyncSession, endpoint_id: str, *, now: datetime, limit: int
) -> list[Waiting]:
    """Return the messages that are due to an endpoint, in the order of their events."""
    query = (
        select(WebhookMessageRow, EventRow, CaseRow)
        .join(EventRow, col(EventRow.id) == WebhookMessageRow.event_id)
        .join(CaseRow, col(CaseRow.case_id) == EventRow.case_id)
        .where(
            WebhookMessageRow.endpoint_id == endpoint_id,
            col(WebhookMessageRow.due_at) <= now,
        )
        .order_by(col(WebhookMessageRow.id))
        .limit(limit)
    )
    return [_waiting(*rows) for rows in await session.exec(query)]


async def next_due(session: AsyncSession, endpoint_id: str) -> datetime | None:
    """Return when the next message to an endpoint is due."""
    query = select(func.min(WebhookMessageRow.due_at)).where(
        WebhookMessageRow.endpoint_id == endpoint_id, col(WebhookMessageRow.due_at).is_not(None)
    )
    return (await session.exec(query)).one()


async def oldest_waiting(session: AsyncSession) -> datetime | None:
    """Return since when the oldest waiting message has waited."""
    query = select(func.min(WebhookMessageRow.created_at)).where(
        col(WebhookMessageRow.due_at).is_not(None)
    )
    return (await session.exec(query)).one()


async def endpoints_with_due_messages(session: AsyncSession, now: datetime) -> list[str]:
    """Return the endpoints to which a message is due at this moment."""
    is_due = exists().where(
        col(WebhookMessageRow.endpoint_id) == WebhookEndpointRow.endpoint_id,
        col(WebhookMessageRow.due_at) <= now,
    )
    live = live_endpoints(select(WebhookEndpointRow.endpoint_id))
    return list(await session.exec(live.where(is_due)))


async def note_last_answer(
    session: AsyncSession, endpoint_id: str, answer: str, *, at: datetime, is_gone: bool = False
) -> None:
    """Note what an endpoint answered; after a 410 (`is_gone`) nothing is sent to it any more.

    Lock order: the endpoint before its messages.
    """
    values: dict[str, Any] = {"last_answer": answer, "last_answer_at": at}
    await session.exec(
        update(WebhookEndpointRow)
        .where(col(WebhookEndpointRow.endpoint_id) == endpoint_id)
        .values(values | {"gone_at": at} if is_gone else values)
    )


async def note_answer(
    session: AsyncSession,
    message: Waiting,
    answer: str,
    *,
    at: datetime,
    due_at: datetime | None,
    is_delivered: bool,
) -> None:
    """Note the answer to a try; `due_at` is when the next one is.

    A message that was queued again in the meantime has another `due_at`, and is left alone.
    """
    await session.exec(
        update(WebhookMessageRow)
        .where(
            col(WebhookMessageRow.id) == message.id,
            col(WebhookMessageRow.due_at) == message.due_at,
        )
        .values(
            attempts=message.attempts + 1,
            first_tried_at=message.first_tried_at or at,
            due_at=due_at,
            delivered_at=at if is_delivered else None,
            last_answer=answer,
        )
    )


async def drop_waiting(session: AsyncSession, endpoint_id: str, *, words: str) -> None:
    """Give up the messages that wait for an endpoint."""
    await session.exec(
        update(WebhookMessageRow)
        .where(
            col(WebhookMessageRow.endpoint_id) == endpoint_id,
            col(WebhookMessageRow.due_at).is_not(None),
        )
        .values(due_at=None, last_answer=words)
    )


async def replay_messages(
    session: AsyncSession, endpoint_id: str, *, since: datetime, at: datetime
) -> int:
    """Send messages again, even delivered and given-up ones; return how many."""
    again = (
        update(WebhookMessageRow)
        .where(
            col(WebhookMessageRow.endpoint_id) == endpoint_id,
            col(WebhookMessageRow.created_at) >= since,
        )
        .values(due_at=at, attempts=0, first_tried_at=None, delivered_at=None)
    )
    wake_after_commit(session, [endpoint_id])
    return (await session.exec(again)).rowcount


# --- the endpoints of a key -------------------------------------------------------------------


async def endpoints_of_key(
    session: AsyncSession, key_id: str
) -> list[tuple[WebhookEndpointRow, int]]:
    """Return the endpoints of a key, the oldest first, each with the number of waiting messages."""
    waiting = func.count(col(WebhookMessageRow.id))
    query = (
        select(WebhookEndpointRow, waiting)
        .outerjoin(
            WebhookMessageRow,
            (col(WebhookMessageRow.endpoint_id) == WebhookEndpointRow.endpoint_id)
            & col(WebhookMessageRow.due_at).is_not(None),
        )
        .where(WebhookEndpointRow.key_id == key_id, col(WebhookEndpointRow.deleted_at).is_(None))
        .group_by(col(WebhookEndpointRow.endpoint_id))
        .order_by(col(WebhookEndpointRow.created_at), col(WebhookEndpointRow.endpoint_id))
    )
    return [(row, count) for row, count in await session.exec(query)]


async def endpoint_of_key(
    session: AsyncSession, key_id: str, endpoint_id: str
) -> WebhookEndpointRow | None:
    """Lock and return an endpoint, if it is this key's; events can still be queued for it."""
    row = await session.get(WebhookEndpointRow, endpoint_id, with_for_update=LOCKED)
    if row is None or row.key_id != key_id or row.deleted_at is not None:
        return None
    return row


def _waiting(message: WebhookMessageRow, event: EventRow, case: CaseRow) -> Waiting:
    if message.id is None or message.due_at is None:
        raise ValueError("this message does not wait")
    document = event_document(event, case)
    names = (event.id, event.case_id, event.event, document["at"])
    digest = hashlib.sha256("\n".join(map(str, names)).encode()).hexdigest()
    return Waiting(
        id=message.id,
        due_at=message.due_at,
        attempts=message.attempts,
        first_tried_at=message.first_tried_at,
        webhook_id=f"msg_{digest[:32]}",
        content={"type": event.event, "timestamp": document["at"], "data": document},
    )
