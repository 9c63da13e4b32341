"""The event log: all facts in one file, and the state in memory that they make."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from sandbox.partner.answers import rendered
from sandbox.partner.claims import Dispatch, Memory
from sandbox.partner.facts import (
    Attached,
    Began,
    Closed,
    Decided,
    Deleted,
    Disputed,
    GotPaid,
    WentToCourt,
    Wrote,
)
from sandbox.partner.seeded_random import drawn
from sandbox.partner.webhook_facts import (
    Announced,
    Behaved,
    Replayed,
    Subscribed,
    Tried,
    Unsubscribed,
)

ClaimFact = Decided | Began | WentToCourt | GotPaid | Closed | Disputed | Attached | Wrote | Deleted
WebhookFact = Subscribed | Unsubscribed | Announced | Tried | Replayed | Behaved
Fact = ClaimFact | WebhookFact
_FACTS: Final = TypeAdapter(list[Annotated[Fact, Field(discriminator="kind")]])


class UnreadableEventLog(Exception):
    """The file has a line that is no line of an event log."""


class EventLog:
    """All facts, on disk if there is a file.

    The file has a JSON line for each action, with all its facts. A line is appended as a whole
    before the action is answered. If a crash tore the last line, its action was never answered,
    and the next start drops the line.
    """

    def __init__(self, file: Path | None) -> None:
        """Raises `UnreadableEventLog`."""
        self.memory = Memory()
        self.news = asyncio.Event()
        self._file = file
        self._uploads: dict[str, bytes] = {}
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
            for action in _read(file):
                self._remember(action)

    def append(self, *action: Fact) -> None:
        """Append the facts of one action, all or none, and apply them to the memory."""
        if self._file is not None:
            line = rendered([fact.model_dump(by_alias=True) for fact in action])
            _append(self._file, line.encode() + b"\n")
        self._remember(action)
        self.news.set()

    def upload(self, file_id: str, content: bytes) -> None:
        """Store a file beside the event log."""
        if self._file is None:
            self._uploads[file_id] = content
            return
        self._folder.mkdir(exist_ok=True)
        (self._folder / file_id).write_bytes(content)

    def uploaded(self, file_id: str) -> bytes | None:
        if self._file is None:
            return self._uploads.get(file_id)
        path = self._folder / file_id
        return path.read_bytes() if path.is_file() else None

    def discard(self, file_ids: Iterable[str]) -> None:
        for file_id in file_ids:
            self._uploads.pop(file_id, None)
            if self._file is not None:
                (self._folder / file_id).unlink(missing_ok=True)

    def due(self, now: datetime) -> list[Dispatch]:
        """Return the events to send by now, in the order in which they go out."""
        waiting = [d for d in self.memory.dispatches.values() if d.due_at and d.due_at <= now]
        behavior = self.memory.behavior
        if behavior.order == "shuffled":
            return sorted(waiting, key=lambda d: drawn(behavior.seed, "order", d.number))
        newest_first = behavior.order == "newestFirst"
        return sorted(waiting, key=lambda dispatch: dispatch.number, reverse=newest_first)

    def next_due(self) -> datetime | None:
        moments = [d.due_at for d in self.memory.dispatches.values() if d.due_at is not None]
        return min(moments, default=None)

    @property
    def _folder(self) -> Path:
        assert self._file is not None
        return self._file.with_name(f"{self._file.stem}.files")

    def _remember(self, action: Iterable[Fact]) -> None:
        for fact in action:
            fact.change(self.memory)


def _read(file: Path) -> Iterator[list[Fact]]:
    *lines, torn = file.read_bytes().split(b"\n")
    if torn:
        os.truncate(file, sum(len(line) + 1 for line in lines))
    for number, line in enumerate(lines, start=1):
        try:
            yield _FACTS.validate_python(json.loads(line, parse_float=Decimal))
        except (ValidationError, ValueError) as error:
            raise UnreadableEventLog(f"{file}: line {number} is not of this book") from error


def _append(file: Path, line: bytes) -> None:
    with file.open("ab", buffering=0) as log:
        end = log.tell()
        if log.write(line) != len(line):
            log.truncate(end)
            raise OSError(f"no room for another line in {file}")
