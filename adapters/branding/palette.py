"""The colours of a mail: the seller's two, and others that keep all text legible."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pydantic import BaseModel

from dunning.colors import legible_on, text_on

_CARD: Final = "#ffffff"
_BOX: Final = "#f4f6f8"
_DARK_CARD: Final = "#1b2129"
_DARK_BOX: Final = "#262e38"


class Palette(BaseModel, frozen=True):
    """The colours of a mail, as `#rrggbb`; those with `dark_` are for dark pages."""

    primary: str
    on_primary: str
    accent: str
    """The box's edge, as the seller gave it; never for text."""
    figure: str
    """The amount: the accent, made legible on the box."""
    card: str = _CARD
    box: str = _BOX
    canvas: str = "#e9edf1"
    ink: str = "#1a2129"
    soft: str = "#4b5663"
    line: str = "#d9dfe5"
    dark_figure: str
    dark_on_figure: str
    dark_card: str = _DARK_CARD
    dark_box: str = _DARK_BOX
    dark_canvas: str = "#0f1318"
    dark_ink: str = "#f1f4f7"
    dark_soft: str = "#b9c2cc"
    dark_line: str = "#3c4753"


@lru_cache(maxsize=1024)
def palette_of(primary: str, accent: str) -> Palette:
    dark_figure = legible_on(_DARK_BOX, accent)
    return Palette(
        primary=primary,
        on_primary=text_on(primary),
        accent=accent,
        figure=legible_on(_BOX, accent),
        dark_figure=dark_figure,
        dark_on_figure=text_on(dark_figure),
    )
