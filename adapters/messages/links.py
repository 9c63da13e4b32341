"""The URLs of pages in mails; all of them are built here."""

from __future__ import annotations

from urllib.parse import quote


def case_page(base_url: str, case_id: str) -> str:
    """Return the URL of a case in the console."""
    return f"{base_url.rstrip('/')}/console/cases/{quote(case_id, safe='')}"


def statements_page(base_url: str) -> str:
    """Return the URL of the console's page for importing bank statements."""
    return f"{base_url.rstrip('/')}/console/statements"


def settings_page(base_url: str, token: str) -> str:
    """Return the URL of the page on which a seller answers; the link needs no key (R21)."""
    return f"{base_url.rstrip('/')}/settings/{quote(token, safe='')}"
