"""The page that the mail about the settings links to: the seller answers without a key (R21).

Who has the link is the seller: its token opens the settings of that one seller, and no more. It
ends 30 days after the question, and when the seller's mail address changes.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Header
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.messages.formats import day
from adapters.messages.locales import language_in, primary_subtag
from dunning.days import DAY
from dunning.ladder import DunningOption
from dunning.settings import LOCK_DAYS, no_handoff_before
from models.locks import LOCKED
from models.outbox import Untold
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from starter.input.fields import is_id
from starter.intake.settings import change_settings
from starter.refusals import Conflict
from starter.services import ServicesDep

router = APIRouter(prefix="/settings", include_in_schema=False)

_PAGES: Final = Path(__file__).parent / "pages"
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined, auto_reload=False
)
_WORDS: Final[dict[str, dict[str, str]]] = tomllib.loads(
    (_PAGES / "settings.toml").read_text(encoding="utf-8")
)
# Old mails are forwarded, and copied, and outlive the people they were for.
_LINK_ENDS_AFTER: Final = timedelta(days=30)
_TICKED: Final = "true"
_FALLBACK: Final = "en"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    # The token must not travel on to wherever the seller goes from here.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@router.get("/page.css")
async def stylesheet() -> Response:
    return Response((_PAGES / "page.css").read_text(encoding="utf-8"), media_type="text/css")


@router.get("/{token}")
async def show(
    token: str, services: ServicesDep, accept_language: Annotated[str, Header()] = ""
) -> HTMLResponse:
    now = services.clock.now()
    async with services.database.reading() as session:
        seller = await _seller(session, token, now=now)
    return _unknown(accept_language) if seller is None else _page(seller, now=now)


@router.post("/{token}")
async def answer(
    token: str,
    services: ServicesDep,
    dunning_option: Annotated[str, Form()] = "",
    auto_handoff: Annotated[str, Form()] = "",
    auto_chargeback_handoff: Annotated[str, Form()] = "",
    accept_language: Annotated[str, Header()] = "",
) -> HTMLResponse:
    """Saved, or the day from which the option can be changed again."""
    now = services.clock.now()
    if dunning_option not in set(DunningOption):  # nothing that the page sends
        page = await show(token, services, accept_language)
        if page.status_code == HTTPStatus.OK:
            page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return page
    changes = {
        "dunning_option": DunningOption(dunning_option),
        "auto_handoff": auto_handoff == _TICKED,
        "auto_chargeback_handoff": auto_chargeback_handoff == _TICKED,
    }
    change = partial(_change, token=token, changes=changes, now=now)
    try:
        changed = await services.write(change)
    except Conflict as locked:
        async with services.database.reading() as session:
            seller = await _seller(session, token, now=now)
        assert seller is not None
        return _page(seller, now=now, chosen=changes, possible_from=locked.extra["possible_from"])
    if changed is None:
        return _unknown(accept_language)
    seller, waiting = changed
    await services.tell_soon(waiting)
    return _page(seller, now=now, saved=True)


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
    """Whose link it is, as long as it opens anything."""
    if not is_id(token):
        return None
    query = select(SellerRow).where(SellerRow.settings_token == token)
    found = await session.exec(query.with_for_update(**LOCKED) if locked else query)
    seller = found.one_or_none()
    if seller is None or seller.settings_asked_at is None:
        return None
    return seller if now < seller.settings_asked_at + _LINK_ENDS_AFTER else None


def _page(
    seller: SellerRow,
    *,
    now: datetime,
    chosen: dict[str, Any] | None = None,
    saved: bool = False,
    possible_from: str | None = None,
) -> HTMLResponse:
    """The settings in force, or what was chosen if it could not be saved."""
    profile = SellerProfile.model_validate(seller.profile)
    settings = SellerSettings.model_validate(seller.settings)
    code = _language_of(profile.language)
    country = profile.address.country if profile.address else None
    locale = language_in(code, tag=profile.language, country=country).locale
    possible_on = date.fromisoformat(possible_from) if possible_from else None
    until = no_handoff_before(
        asked_at=seller.settings_asked_at,
        answered_at=seller.settings_answered_at,
        time_zone=profile.time_zone,
    )
    # Later on the defaults apply, and no answer is asked for (R21).
    until = until if until and now < until else None
    answer_by = until.astimezone(profile.zone).date() - DAY if until else None
    html = _TEMPLATES.get_template("settings.html.j2").render(
        language=code,
        words=_WORDS[code],
        company_name=profile.company_name,
        settings=settings.model_copy(update=chosen or {}),
        options=list(DunningOption),
        saved=saved,
        possible_on=possible_on and day(possible_on, locale),
        answer_by=answer_by and day(answer_by, locale),
        lock_days=LOCK_DAYS,
    )
    status = HTTPStatus.CONFLICT if possible_from else HTTPStatus.OK
    return HTMLResponse(html, status_code=status, headers=_HEADERS)


def _unknown(accept_language: str) -> HTMLResponse:
    """In the first of the reader's languages that there is."""
    wanted = (part.partition(";")[0] for part in accept_language.split(","))
    known = (code for tag in wanted if (code := primary_subtag(tag)) in _WORDS)
    code = next(known, _FALLBACK)
    html = _TEMPLATES.get_template("unknown.html.j2").render(language=code, words=_WORDS[code])
    return HTMLResponse(html, status_code=HTTPStatus.NOT_FOUND, headers=_HEADERS)


def _language_of(tag: str) -> str:
    code = primary_subtag(tag)
    return code if code in _WORDS else _FALLBACK
