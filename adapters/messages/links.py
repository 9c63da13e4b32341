"""Where a seller can do what a mail asks for: every address of a page is built here."""

from __future__ import annotations

from urllib.parse import quote


def case_page(base_url: str, case_id: str) -> str:
    """The page of a case in the console."""
    return f"{base_url.rstrip('/')}/console/cases/{quote(case_id, safe='')}"


def statements_page(base_url: str) -> str:
    """The page of the console on which bank statements are imported."""
    return f"{base_url.rstrip('/')}/console/statements"


def settings_page(base_url: str, token: str) -> str:
    """The page on which a seller answers without a key: who has the link is the seller (R21)."""
    return f"{base_url.rstrip('/')}/settings/{quote(token, safe='')}"
