"""Rendering of templates, with the values that every page needs."""

from __future__ import annotations

import secrets
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.assets import asset
from console.navigation import entries
from console.preferences import language_of, preferences_of
from console.visitor import Visitor
from console.wording import LANGUAGES, words_in

_TEMPLATES: Final = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset
    return environment


def nonce() -> str:
    """Return a new nonce: it identifies one form, however often that form is sent."""
    return secrets.token_urlsafe(16)


def page(
    request: Request,
    template: str,
    *,
    visitor: Visitor | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    spoken: str | None = None,
    **values: Any,
) -> HTMLResponse:
    """Render a page in the language and the theme of the visitor.

    `spoken` is a language that goes before the visitor's and the seller's.
    """
    html = text(request, template, visitor=visitor, spoken=spoken, **values)
    return HTMLResponse(html, status_code=status)


def text(
    request: Request,
    template: str,
    *,
    visitor: Visitor | None = None,
    spoken: str | None = None,
    **values: Any,
) -> str:
    seller = visitor.profile.language[:2] if visitor else None
    language = spoken or language_of(request, seller)
    return (
        _environment()
        .get_template(template)
        .render(
            w=words_in(language),
            language=language,
            languages=LANGUAGES,
            theme=preferences_of(request).theme,
            visitor=visitor,
            zone=visitor.zone if visitor else None,
            navigation=entries(),
            here=request.url.path,
            this_page=_this_page(request),
            nonce=nonce(),
            act=visitor.act.answer if visitor and visitor.act else None,
            **values,
        )
    )


def _this_page(request: Request) -> str:
    """Return the page to come back to after a change of language; never a link that works once."""
    path, query = request.url.path, request.url.query
    if request.method != "GET" or "/in/" in path:
        return "/console/"
    return f"{path}?{query}" if query else path
