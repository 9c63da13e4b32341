"""The page that the mail about the settings links to: read and answered without signing in (R21).

Who has the link is the seller, for 30 days and as long as its mail address is the same. The link
opens no session: it answers the one question that was asked, and shows what else applies.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import HTMLResponse
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from console.headers import SafeHeaders
from console.problems import install
from console.rendering import page
from console.settings_form import shown
from dunning.days import DAY
from dunning.ladder import DunningOption
from dunning.settings import LOCK_DAYS
from models.locks import LOCKED
from models.outbox import Untold
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from starter.input.fields import is_id
from starter.intake.settings import change_settings
from starter.refusals import Conflict
from starter.services import ServicesDep

router = APIRouter()

LASTS: Final = 30 * DAY
# Who asked for this page has its link: it must not travel on.
_NO_REFERRER: Final = {"Referrer-Policy": "no-referrer"}


def answer_pages(app: FastAPI) -> FastAPI:
    """As an application of its own; who has the link needs no cookie, so that none is looked at."""
    pages = FastAPI(openapi_url=None, redirect_slashes=False)
    pages.state = app.state
    install(pages)
    pages.add_middleware(SafeHeaders)
    pages.include_router(router)
    return pages


@router.get("/{token}")
async def show(request: Request, token: str, services: ServicesDep) -> HTMLResponse:
    async with services.database.reading() as session:
        seller = await _seller(session, token, now=services.clock.now())
    return _ended(request) if seller is None else _page(request, seller)


@router.post("/{token}")
async def answer(
    request: Request,
    token: str,
    services: ServicesDep,
    dunning_option: Annotated[DunningOption, Form()],
    auto_handoff: Annotated[bool, Form()] = False,
    auto_chargeback_handoff: Annotated[bool, Form()] = False,
) -> HTMLResponse:
    """Saved, or the day from which the option can be changed again."""
    now = services.clock.now()
    changes = {
        "dunning_option": dunning_option,
        "auto_handoff": auto_handoff,
        "auto_chargeback_handoff": auto_chargeback_handoff,
    }
    try:
        changed = await services.write(partial(_change, token=token, changes=changes, now=now))
    except Conflict as locked:
        async with services.database.reading() as session:
            seller = await _seller(session, token, now=now)
        assert seller is not None
        return _page(request, seller, possible_from=locked.extra["possible_from"])
    if changed is None:
        return _ended(request)
    seller, waiting = changed
    await services.tell_soon(waiting)
    return _page(request, seller, saved=True)


async def _change(
    session: AsyncSession, *, token: str, changes: dict[str, Any], now: datetime
) -> tuple[SellerRow, list[Untold]] | None:
    seller = await _seller(session, token, now=now, locked=True)
    if seller is None:
        return None
    _, waiting = await change_settings(session, seller, changes, now=now)
    return seller, waiting


async def _seller(
    session: AsyncSession, token: str, *, now: datetime, locked: bool = False
) -> SellerRow | None:
    """Whose link this is; nobody's after 30 days."""
    if not is_id(token):
        return None
    query = select(SellerRow).where(SellerRow.settings_token == token)
    found = await session.exec(query.with_for_update(**LOCKED) if locked else query)
    seller = found.one_or_none()
    asked_at = seller.settings_asked_at if seller else None
    return seller if asked_at is not None and now < asked_at + LASTS else None


def _page(
    request: Request, seller: SellerRow, *, saved: bool = False, possible_from: str | None = None
) -> HTMLResponse:
    profile = SellerProfile.model_validate(seller.profile)
    settings = SellerSettings.model_validate(seller.settings)
    response = page(
        request,
        "settings/answer.html.j2",
        status=HTTPStatus.CONFLICT if possible_from else HTTPStatus.OK,
        profile=profile,
        settings=settings,
        kept=shown(profile, settings),
        options=list(DunningOption),
        saved=saved,
        possible_from=possible_from,
        lock_days=LOCK_DAYS,
        otherwise=profile.language[:2],
    )
    response.headers.update(_NO_REFERRER)
    return response


def _ended(request: Request) -> HTMLResponse:
    """A link that is not known looks like one that has ended."""
    status = HTTPStatus.NOT_FOUND
    response = page(request, "settings/ended.html.j2", status=status, otherwise=None)
    response.headers.update(_NO_REFERRER)
    return response
