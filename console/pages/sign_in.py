"""Signing in by a link: from a mail, from a backend, or from an operator.

Mail scanners open links, too. A link therefore shows a button, and only the button uses it up.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, BackgroundTasks, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from console.paths import FRONT_PAGE, safe_path
from console.rate_limits import limits_of
from console.rendering import page
from console.visitor import VisitorDep, let_in, let_out
from models.console.access import (
    SignInLinkRow,
    find_link,
    sellers_reached_at,
    sign_out,
    use_link,
)
from models.seller import SellerProfile
from models.tables import SellerRow
from runtime.temporal import TemporalUnavailable
from starter.services import Services, ServicesDep

router = APIRouter()
log = structlog.get_logger()

_LONGEST_NAME: Final = 60
_LONGEST_ADDRESS: Final = 254


@router.get("/sign-in")
async def show_form(request: Request, next: str = FRONT_PAGE) -> HTMLResponse:
    return page(request, "sign_in/form.html.j2", next=safe_path(next), sent=False)


@router.post("/sign-in")
async def ask_for_link(
    request: Request,
    services: ServicesDep,
    later: BackgroundTasks,
    email: Annotated[str, Form(max_length=_LONGEST_ADDRESS)],
    next: Annotated[str, Form()] = FRONT_PAGE,
) -> HTMLResponse:
    """Mail a link; the answer and its delay do not tell whether anybody has this address."""
    await limits_of(request).mail_asked_for(request, email)
    later.add_task(_mail_links, services, email, safe_path(next))
    return page(request, "sign_in/form.html.j2", next=safe_path(next), sent=True)


@router.get("/in/{token}")
async def show_button(request: Request, token: str, services: ServicesDep) -> HTMLResponse:
    await limits_of(request).link_opened(request)
    now = services.clock.now()
    async with services.database.reading() as session:
        link = await find_link(session, token)
        seller = await session.get(SellerRow, link.seller_id) if link else None
    if link is None or seller is None or link.used_at is not None or link.expires_at <= now:
        return _no_way_in(request, link)
    name = SellerProfile.model_validate(seller.profile).company_name
    return page(request, "sign_in/enter.html.j2", company_name=name, token=token)


@router.post("/in/{token}")
async def enter(
    request: Request,
    token: str,
    services: ServicesDep,
    name: Annotated[str, Form(max_length=_LONGEST_NAME)] = "",
) -> Response:
    """Use the link up, begin a session, and open the page that the link names."""
    await limits_of(request).link_opened(request)
    known_as = " ".join(name.split()) or None
    use = partial(use_link, token=token, name=known_as, at=services.clock.now())
    used = await services.database.in_transaction(use)
    if used is None:
        async with services.database.reading() as session:
            return _no_way_in(request, await find_link(session, token))
    secret, link = used
    response = RedirectResponse(safe_path(link.path), HTTPStatus.SEE_OTHER)
    let_in(request, response, secret)
    return response


@router.post("/sign-out")
async def leave(request: Request, visitor: VisitorDep, services: ServicesDep) -> RedirectResponse:
    return await _sign_out(request, visitor, services, everywhere=False)


@router.post("/sign-out-everywhere")
async def leave_everywhere(
    request: Request, visitor: VisitorDep, services: ServicesDep
) -> RedirectResponse:
    """End all sessions of the seller, also those of colleagues."""
    return await _sign_out(request, visitor, services, everywhere=True)


async def _sign_out(
    request: Request, visitor: VisitorDep, services: Services, *, everywhere: bool
) -> RedirectResponse:
    async def change(session: AsyncSession) -> None:
        now = services.clock.now()
        await sign_out(session, visitor.session, everywhere=everywhere, at=now)

    await services.database.in_transaction(change)
    response = RedirectResponse("/console/sign-in", HTTPStatus.SEE_OTHER)
    let_out(request, response)
    return response


async def _mail_links(services: Services, email: str, path: str) -> None:
    """Mail a link for each seller that has this address."""
    async with services.database.reading() as session:
        sellers = await sellers_reached_at(session, email)
    try:
        for seller_id in sellers:
            await services.mail_sign_in_link(seller_id, path)
    except TemporalUnavailable as away:
        log.warning("sign_in_link_not_mailed", reason=str(away))


def _no_way_in(request: Request, link: SignInLinkRow | None) -> HTMLResponse:
    """Show why a link does not work (unknown, used or too old), and how to get another."""
    if link is None:
        status, why = HTTPStatus.NOT_FOUND, "unknown"
    else:
        status, why = HTTPStatus.GONE, "used" if link.used_at else "expired"
    return page(request, "sign_in/no_way_in.html.j2", status=status, why=why)
