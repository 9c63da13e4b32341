"""Choosing the language and the colours; works without JavaScript and before signing in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from console.paths import safe_path
from console.preferences import THEMES, Preferences, keep_preferences, preferences_of
from console.visitor import is_secure
from console.wording import LANGUAGES

router = APIRouter()


@router.post("/look")
async def choose(
    request: Request,
    next: Annotated[str, Form()] = "/console/",
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
) -> RedirectResponse:
    before = preferences_of(request)
    chosen = Preferences(
        language if language in LANGUAGES else before.language,
        theme if theme in THEMES else before.theme,
    )
    response = RedirectResponse(safe_path(next), HTTPStatus.SEE_OTHER)
    keep_preferences(response, chosen, secure=is_secure(request))
    return response
