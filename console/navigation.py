"""The entries of the navigation; a new page adds its line here."""

from __future__ import annotations

from typing import Final, NamedTuple


class Entry(NamedTuple):
    """A page in the navigation; its label is in the words under `nav`."""

    name: str
    path: str


_ENTRIES: Final = (
    Entry("needs", "/console/"),
    Entry("cases", "/console/cases"),
    Entry("upcoming", "/console/upcoming"),
    Entry("statements", "/console/statements"),
    Entry("figures", "/console/figures"),
    Entry("settings", "/console/settings"),
)


def entries() -> tuple[Entry, ...]:
    return _ENTRIES
