"""Logos that were chosen in the form but not saved: kept in their drawn form for the preview."""

from __future__ import annotations

import secrets

from fastapi import Request
from starlette.datastructures import FormData

from console.form_acts import keep_answer, known_act
from console.settings_form import chosen_logo
from console.visitor import Visitor
from starter.intake.logos import Logos, while_connected
from starter.services import Services

_BYTES = 16


async def draft_of(
    request: Request, services: Services, visitor: Visitor, logos: Logos, form: FormData
) -> str:
    """Keep the form's logo and return its id, or that of an earlier draft; empty if there is none.

    Raises `Problem` for an image that cannot be used.
    """
    chosen = await chosen_logo(form)
    if chosen is None:
        given = str(form.get("logo_draft", ""))
        return given if await drafted_logo(services, visitor, given) else ""
    drawing = logos.drawn(visitor.seller_id, chosen, kept=None)
    drawn = await while_connected(request.receive, drawing)
    draft = secrets.token_hex(_BYTES)
    await keep_answer(services, visitor, draft, {"logo": drawn})
    return draft


async def drafted_logo(services: Services, visitor: Visitor, draft: str) -> str | None:
    """Return the picture as a `data:` URL; None if this id has none."""
    kept = await known_act(services, visitor, draft) if draft else None
    return kept.get("logo") if kept else None
