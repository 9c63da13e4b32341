"""Legible colors: contrast as WCAG 2.2 defines it (R25)."""

from __future__ import annotations

from typing import Final

BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
LEGIBLE: Final = 4.5
"""The least contrast of text by level AA (WCAG 2.2, success criterion 1.4.3)."""


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors (`#rrggbb`), from 1 (equal) to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: str) -> str:
    """Return black or white, whichever is more legible; on any color one of them is legible."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, background))


def legible_on(background: str, color: str) -> str:
    """Return the color, moved toward black or white until text in it is legible on a background."""
    toward = _channels(text_on(background))
    start = _channels(color)
    for step in range(101):
        mixed = tuple(
            round(begin + (end - begin) * step / 100)
            for begin, end in zip(start, toward, strict=True)
        )
        candidate = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(candidate, background) >= LEGIBLE:
            return candidate
    return text_on(background)


def _luminance(color: str) -> float:
    """Return the relative luminance as WCAG 2.2 defines it: 0 for black, 1 for white."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
