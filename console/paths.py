"""Checks that a redirect stays within the console."""

from __future__ import annotations

from typing import Final

from starter.input.fields import is_console_path

FRONT_PAGE: Final = "/console/"


def safe_path(path: str) -> str:
    """Return the path if it is within the console, else the front page."""
    return path if is_console_path(path) else FRONT_PAGE
