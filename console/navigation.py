"""The pages that lie side by side; whoever adds one adds a line here."""

from __future__ import annotations

from typing import Final, NamedTuple


class Entry(NamedTuple):
    """A page in the navigation; its name is in the words under `nav`."""

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
