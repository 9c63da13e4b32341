"""Acts: each form that is sent is processed once, and its answer is kept to be shown."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi.responses import RedirectResponse
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from console.paths import safe_path
from console.visitor import Visitor
from models.console.access import ConsoleActRow, find_act, keep_act
from starter.services import Services

Document = dict[str, Any]
# Identifies one form: the same page shown again has other nonces.
Nonce = Annotated[str, Field(min_length=8, max_length=80)]


def act_id_of(visitor: Visitor, nonce: str, what: str) -> str:
    """Return the id of an act: the same whenever this session sends the same form."""
    text = f"{visitor.session.session_id}/{nonce}/{what}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


async def known_act(services: Services, visitor: Visitor, act_id: str) -> Document | None:
    """Return the answer to a form that was sent before; None if it was not."""
    async with services.database.reading() as session:
        row = await find_act(session, act_id, seller_id=visitor.seller_id)
    return row.answer if row else None


async def keep_answer(services: Services, visitor: Visitor, act_id: str, answer: Document) -> None:
    async def change(session: AsyncSession) -> None:
        await keep_act(
            session,
            ConsoleActRow(
                act_id=act_id,
                seller_id=visitor.seller_id,
                session_id=visitor.session.session_id,
                at=services.clock.now(),
                answer=answer,
            ),
        )

    await services.database.in_transaction(change)


def back_to(path: str, act_id: str, *, anchor: str = "") -> RedirectResponse:
    """Redirect to a page of the console, which shows the answer."""
    parts = urlsplit(safe_path(path))
    pairs = [(name, value) for name, value in parse_qsl(parts.query) if name != "act"]
    query = urlencode([*pairs, ("act", act_id)])
    return RedirectResponse(f"{parts.path}?{query}{anchor}", HTTPStatus.SEE_OTHER)
