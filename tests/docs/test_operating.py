"""The operating guide tells of every line that a log can have, and of every search attribute."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from workflows.search_attributes import SEARCH_ATTRIBUTES

ROOT = Path(__file__).parent.parent.parent
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
# Those of processes in production; the stand-ins and the fast clock log for developers.
FOLDERS = ("activities", "adapters", "console", "models", "runtime", "starter", "workflows")
LOGGED = re.compile(r"log(?:ger)?\.(?:warning|error|critical)\(\s*\"(\w+)\"")
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| (?:info|warning|error|critical) \|", re.MULTILINE)


def logged() -> Iterator[str]:
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            yield from LOGGED.findall(file.read_text(encoding="utf-8"))


def test_every_warning_and_error_of_the_log_is_in_the_table() -> None:
    listed = {name for row in ROW.findall(OPERATING) for name in re.findall(r"\w+", row)}

    assert set(logged()) <= listed


def test_the_command_for_a_server_registers_every_search_attribute() -> None:
    [command] = re.findall(r"server start-dev.*?```", OPERATING, re.DOTALL)

    assert {name for name in re.findall(r"(\w+)=", command)} == {
        key.name for key in SEARCH_ATTRIBUTES
    }
