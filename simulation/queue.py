"""Which calls wait for which, when independent calls are made side by side."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection

Task = asyncio.Task[None]
Keys = Collection[tuple[str, ...]]


class Queue:
    """Keeps the order of calls that touch the same thing."""

    def __init__(self) -> None:
        self._all: list[Task] = []
        self._barrier: list[Task] = []
        self._latest: dict[tuple[str, ...], Task] = {}
        self._of_seller: defaultdict[str | None, list[Task]] = defaultdict(list)
        self._held: dict[str | None, Task] = {}

    def before_call(self, keys: Keys, seller_id: str | None) -> tuple[Task, ...]:
        """The calls that a call has to wait for: without keys all before it."""
        if not keys:
            return tuple(self._all)
        held = [self._held[seller_id]] if seller_id in self._held else []
        return (*self._barrier, *held, *(self._latest[k] for k in keys if k in self._latest))

    def add_call(self, task: Task, keys: Keys, seller_id: str | None) -> None:
        self._all.append(task)
        self._of_seller[seller_id].append(task)
        self._latest.update(dict.fromkeys(keys, task))
        if not keys:
            self._barrier, self._all = [task], [task]
            self._latest.clear()
            self._of_seller.clear()
            self._held.clear()

    def before_summaries(self, seller_id: str) -> tuple[Task, ...]:
        """All calls of this seller, and those whose seller is unknown."""
        return (*self._barrier, *self._of_seller[seller_id], *self._of_seller[None])

    def add_summaries(self, task: Task, seller_id: str) -> None:
        """Have all later calls of the seller wait for its summaries."""
        self._all.append(task)
        self._of_seller[seller_id] = [task]
        self._held[seller_id] = task
