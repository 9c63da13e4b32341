"""The seller's settings behind the link of a mail, to read and to answer (R21).

The link does not sign anybody in. Other settings can be changed only after signing in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from adapters.messages.formats import day
from adapters.messages.locales import language_in
from console.rendering import page
from console.settings_form import shown
from console.wording import FALLBACK, LANGUAGES
from dunning.days import DAY
from dunning.ladder import DunningOption
from dunning.settings import LOCK_DAYS, no_handoff_before
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from starter.intake.settings_answer import answer_by_link, seller_of_link
from starter.refusals import Conflict
from starter.services import Services, ServicesDep

router = APIRouter()

_TICKED: Final = "true"
_SWITCHES: Final = ("auto_handoff", "auto_chargeback_handoff")
# Links on this page must not pass on the token.
_HEADERS: Final = {"Referrer-Policy": "no-referrer"}


class _Outcome(NamedTuple):
    """What came of what was sent: `chosen` if it could not be saved, and when it can be."""

    chosen: Mapping[str, Any] = MappingProxyType({})
    saved: bool = False
    possible_on: date | None = None
    status: HTTPStatus = HTTPStatus.OK


_NOTHING_SENT: Final = _Outcome()


@router.get("/{token}")
async def show(request: Request, token: str, services: ServicesDep) -> HTMLResponse:
    seller = await _seller(services, token)
    now = services.clock.now()
    return _unknown(request) if seller is None else _page(request, seller, now)


@router.post("/{token}")
async def answer(
    request: Request,
    token: str,
    services: ServicesDep,
    dunning_option: Annotated[str, Form()] = "",
    auto_handoff: Annotated[str, Form()] = "",
    auto_chargeback_handoff: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Save the answer; if the option is locked, show the day from which it can be changed."""
    now = services.clock.now()
    if dunning_option not in set(DunningOption):  # our page does not send this
        seller = await _seller(services, token)
        if seller is None:
            return _unknown(request)
        return _page(request, seller, now, _Outcome(status=HTTPStatus.UNPROCESSABLE_ENTITY))
    changes: dict[str, Any] = {
        "dunning_option": DunningOption(dunning_option),
        "auto_handoff": auto_handoff == _TICKED,
        "auto_chargeback_handoff": auto_chargeback_handoff == _TICKED,
    }
    try:
        seller = await answer_by_link(services, token, changes)
    except Conflict as locked:
        seller = await _seller(services, token)
        possible = date.fromisoformat(locked.extra["possible_from"])
        if seller is not None:
            outcome = _Outcome(changes, possible_on=possible, status=HTTPStatus.CONFLICT)
            return _page(request, seller, now, outcome)
    if seller is None:
        return _unknown(request)
    return _page(request, seller, now, _Outcome(saved=True))


async def _seller(services: Services, token: str) -> SellerRow | None:
    async with services.database.reading() as session:
        return await seller_of_link(session, token, now=services.clock.now())


def _page(
    request: Request, seller: SellerRow, now: datetime, outcome: _Outcome = _NOTHING_SENT
) -> HTMLResponse:
    """Show the settings in force, or the chosen ones if they could not be saved."""
    profile = SellerProfile.model_validate(seller.profile)
    settings = SellerSettings.model_validate(seller.settings)
    language = profile.language[:2] if profile.language[:2] in LANGUAGES else FALLBACK
    country = profile.address.country if profile.address else None
    locale = language_in(language, tag=profile.language, country=country).locale
    until = no_handoff_before(
        asked_at=seller.settings_asked_at,
        answered_at=seller.settings_answered_at,
        time_zone=profile.time_zone,
    )
    # After that moment the defaults apply, and the page asks for no answer.
    until = until if until and now < until else None
    answer_by = until.astimezone(profile.zone).date() - DAY if until else None
    response = page(
        request,
        "answer/page.html.j2",
        spoken=language,
        status=outcome.status,
        company_name=profile.company_name,
        values=shown(profile, settings.model_copy(update=outcome.chosen)),
        options=list(DunningOption),
        switches=_SWITCHES,
        saved=outcome.saved,
        possible_on=outcome.possible_on and day(outcome.possible_on, locale),
        answer_by=answer_by and day(answer_by, locale),
        lock_days=LOCK_DAYS,
        logo=settings.brand.logo,
    )
    response.headers.update(_HEADERS)
    return response


def _unknown(request: Request) -> HTMLResponse:
    """Answer 404 in the first of the browser's languages that the console has."""
    return page(request, "answer/unknown.html.j2", status=HTTPStatus.NOT_FOUND)
