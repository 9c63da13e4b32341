"""Where a page may lead: nowhere but within the console."""

from __future__ import annotations

from typing import Final

from starter.input.fields import is_console_path

FRONT_PAGE: Final = "/console/"


def safe_path(path: str) -> str:
    """A path within the console; the front page for everything else."""
    return path if is_console_path(path) else FRONT_PAGE
