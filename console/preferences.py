"""The language and the colours that a visitor has chosen, kept in a cookie."""

from __future__ import annotations

from typing import Final, NamedTuple

from fastapi import Request, Response

from console.wording import LANGUAGES, chosen_language

COOKIE: Final = "dunning-look"
THEMES: Final = ("light", "dark", "auto")
_YEAR: Final = 365 * 24 * 60 * 60


class Preferences(NamedTuple):
    """The chosen language and theme; `language` None or theme `auto` follow the browser."""

    language: str | None
    theme: str


def preferences_of(request: Request) -> Preferences:
    language, _, theme = request.cookies.get(COOKIE, "").partition(".")
    return Preferences(
        language if language in LANGUAGES else None, theme if theme in THEMES else THEMES[-1]
    )


def keep_preferences(response: Response, preferences: Preferences, *, secure: bool) -> None:
    response.set_cookie(
        COOKIE,
        f"{preferences.language or ''}.{preferences.theme}",
        max_age=_YEAR,
        path="/console",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def language_of(request: Request, seller: str | None = None) -> str:
    accepted = request.headers.get("accept-language", "")
    return chosen_language(preferences_of(request).language, accepted, seller)
