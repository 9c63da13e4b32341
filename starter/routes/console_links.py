"""Links with which a backend lets one of a seller's people into the console, once."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, status
from sqlmodel.ext.asyncio.session import AsyncSession

from models.console.access import LinkMaker, NewLink, make_link
from starter.edge.keys import ForBackends
from starter.input.schemas import ConsoleLinkBody
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.reading.sellers import known_seller
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/sellers", tags=["sellers"])

_FRONT_PAGE: Final = ConsoleLinkBody()


@router.post(
    "/{seller_id}/console_links",
    status_code=status.HTTP_201_CREATED,
    dependencies=[ForBackends],
)
@described(
    {201: Success(examples.CONSOLE_LINK, documents.ConsoleLink)},
    body=examples.CONSOLE_LINK_BODY,
    may_be_empty=True,
)
async def post_console_link(
    seller_id: str, services: ServicesDep, request: Request, body: ConsoleLinkBody | None = None
) -> dict[str, Any]:
    """A link that opens the seller's console once, within five minutes."""
    path = (body or _FRONT_PAGE).path
    make = partial(_make, seller_id=seller_id, path=path, services=services)
    link = await services.database.in_transaction(make)
    console_url: str = request.app.state.console_url
    return {
        "url": f"{console_url}/console/in/{link.token}",
        "expires_at": link.expires_at.isoformat(),
    }


async def _make(
    session: AsyncSession, *, seller_id: str, path: str, services: ServicesDep
) -> NewLink:
    await known_seller(session, seller_id)
    return await make_link(
        session, seller_id, made_by=LinkMaker.BACKEND, path=path, at=services.clock.now()
    )
