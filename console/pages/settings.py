"""The settings of a seller, with a preview of the messages beside them (R21 to R25)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from console.form_acts import act_id_of, back_to, keep_answer, known_act
from console.logo_drafts import draft_of, drafted_logo
from console.preferences import language_of
from console.rendering import page
from console.settings_effects import Effect, effect_of
from console.settings_form import (
    DEDUCTS,
    bodies_of,
    changed_fields,
    field_of,
    lines_of,
    shown,
    typed,
)
from console.visitor import Visitor, VisitorDep
from console.wording import words_in
from dunning.days import DAY
from dunning.ladder import DunningOption
from dunning.settings import LOCK_DAYS
from dunning.summaries import Rhythm
from models.terms import SellerAt
from starter.dependencies import LogosDep, PreviewTurnsDep
from starter.input.preview_query import PreviewQuery
from starter.intake.save_settings import save_settings
from starter.intake.sellers import profile_of
from starter.messages.sample_messages import KINDS
from starter.reading.previews import preview_of
from starter.refusals import Conflict, Invalid, Problem
from starter.services import Services, ServicesDep

router = APIRouter()

_ZONES: Final = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
# The fields that the preview takes from a form that is not saved.
_DRAFTS: Final = (
    *("company_name", "phone", "website", "iban", "tax_id", "registration_number"),
    *(
        "payment_instructions",
        "legal_notice",
        "primary_color",
        "accent_color",
        "logo_alignment",
        "dunning_option",
    ),
    *("logo_draft", "remove_logo"),
)
_SHOW: Final = {"show_kind": "first_notice", "show_language": "", "show_part": "html"}


@router.get("/settings")
async def show_settings(
    request: Request, visitor: VisitorDep, services: ServicesDep
) -> HTMLResponse:
    values = shown(visitor.profile, visitor.settings)
    return _page(request, visitor, services, values)


@router.post("/settings")
async def change(
    request: Request, visitor: VisitorDep, services: ServicesDep, logos: LogosDep
) -> Response:
    """Save the settings; or show their effect, a preview, or the errors, with the typed values."""
    form = await request.form()
    before, values = shown(visitor.profile, visitor.settings), typed(form)
    wanted = str(form.get("do", "save"))
    act_id = act_id_of(visitor, str(form.get("nonce", "")), "settings")
    if wanted == "save" and await known_act(services, visitor, act_id) is not None:
        return back_to("/console/settings", act_id)
    try:
        values["logo_draft"] = await draft_of(request, services, visitor, logos, form)
        logo = await drafted_logo(services, visitor, values["logo_draft"])
        bodies = bodies_of(form, logo=logo)
        profile = profile_of(bodies.seller)
        if wanted == "save":
            await save_settings(
                services,
                logos,
                request.receive,
                visitor.seller_id,
                bodies.settings,
                profile=profile,
            )
            await keep_answer(services, visitor, act_id, {"said": "settings_saved"})
            return back_to("/console/settings", act_id)
        effect = None
        if wanted == "effect":
            async with services.database.reading() as session:
                effect = await effect_of(
                    session,
                    SellerAt(
                        visitor.seller_id, visitor.profile, visitor.settings, services.clock.now()
                    ),
                    bodies,
                    changed_fields(before, values),
                )
    except (Invalid, Conflict) as problem:
        return _page(request, visitor, services, values, _Draft(form, errors=_errors(problem)))
    return _page(request, visitor, services, values, _Draft(form, effect=effect))


@router.post("/settings/logo")
async def draft_logo(
    request: Request, visitor: VisitorDep, services: ServicesDep, logos: LogosDep
) -> JSONResponse:
    """Keep a chosen logo for the preview; return its id, and a sentence to show at the field."""
    words = words_in(language_of(request, visitor.profile.language[:2]))
    try:
        draft = await draft_of(request, services, visitor, logos, await request.form())
    except Problem:
        return JSONResponse({"draft": "", "said": words("settings.wrong.logo")})
    return JSONResponse({"draft": draft, "said": words("settings.logo_chosen") if draft else ""})


@router.get("/settings/preview/{kind}")
async def preview(
    request: Request,
    kind: str,
    visitor: VisitorDep,
    services: ServicesDep,
    turns: PreviewTurnsDep,
) -> Response:
    """Show a message with sample data; fields that are not valid yet are left out."""
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if value}
    if "legal_notice" in given:
        given["legal_notice"] = lines_of(given["legal_notice"])
    logo = await drafted_logo(services, visitor, given.pop("logo_draft", ""))
    is_bare = bool(given.pop("remove_logo", ""))
    changed = {"logo": None if is_bare else logo} if is_bare or logo else {}
    return await preview_of(
        visitor.seller_id, kind, _readable(given), services, turns, brand=changed
    )


def _readable(given: Mapping[str, Any]) -> PreviewQuery:
    try:
        return PreviewQuery.model_validate(given)
    except ValidationError as error:
        wrong = {str(entry["loc"][0]) for entry in error.errors()}
        return PreviewQuery.model_validate(
            {name: value for name, value in given.items() if name not in wrong}
        )


class _Draft(NamedTuple):
    """What was sent and not saved: what is wrong in which field, or what it would do."""

    form: FormData
    errors: Mapping[str, str] = MappingProxyType({})
    effect: Effect | None = None


def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    values: Mapping[str, str],
    draft: _Draft | None = None,
) -> HTMLResponse:
    form = draft.form if draft else None
    errors = draft.errors if draft else {}
    show = {name: str(form.get(name) or kept) if form else kept for name, kept in _SHOW.items()}
    show["show_language"] = show["show_language"] or visitor.profile.language[:2]
    today = services.clock.now().astimezone(visitor.zone).date()
    return page(
        request,
        "settings/page.html.j2",
        visitor=visitor,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        values=values,
        kept=shown(visitor.profile, visitor.settings),
        errors=errors,
        effect=draft.effect if draft else None,
        is_draft=draft is not None,
        options=list(DunningOption),
        rhythms=list(Rhythm),
        zones=_ZONES,
        deducts=list(DEDUCTS),
        kinds=KINDS,
        show=show,
        preview_address=_preview_address(show, values),
        locked_until=_locked_until(visitor, today),
        lock_days=LOCK_DAYS,
        logo=visitor.settings.brand.logo,
    )


def _preview_address(show: Mapping[str, str], values: Mapping[str, str]) -> str:
    drafts: dict[str, Any] = {name: values[name] for name in _DRAFTS if values[name]}
    drafts |= {"language": show["show_language"], "part": show["show_part"]}
    kind = show["show_kind"] if show["show_kind"] in KINDS else KINDS[0]
    return f"/console/settings/preview/{kind}?{urlencode(drafts)}"


def _locked_until(visitor: Visitor, today: date) -> date | None:
    """R21: the day from which the option can be changed again, if it is in the future."""
    changed_on = visitor.seller.option_changed_on
    possible = changed_on + LOCK_DAYS * DAY if changed_on else None
    return possible if possible and possible > today else None


def _errors(problem: Problem) -> dict[str, str]:
    """Return the messages by field of the form."""
    if problem.extra.get("reason") == "option_locked":
        return {"dunning_option": str(problem.extra["possible_from"])}
    return {field_of(error): error.message for error in problem.errors}
