"""The language and the colours that a visitor has chosen, kept in a cookie."""

from __future__ import annotations

from typing import Final, NamedTuple

from fastapi import Request, Response

from console.wording import LANGUAGES, chosen_language

COOKIE: Final = "dunning-look"
THEMES: Final = ("light", "dark", "auto")
_YEAR: Final = 365 * 24 * 60 * 60


class Look(NamedTuple):
    """The chosen language and theme; `language` None or theme `auto` follow the browser."""

    language: str | None
    theme: str


def look_of(request: Request) -> Look:
    language, _, theme = request.cookies.get(COOKIE, "").partition(".")
    return Look(
        language if language in LANGUAGES else None, theme if theme in THEMES else THEMES[-1]
    )


def keep_look(response: Response, look: Look, *, secure: bool) -> None:
    response.set_cookie(
        COOKIE,
        f"{look.language or ''}.{look.theme}",
        max_age=_YEAR,
        path="/console",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def language_of(request: Request, seller: str | None = None) -> str:
    accepted = request.headers.get("accept-language", "")
    return chosen_language(look_of(request).language, accepted, seller)
