"""Work that only a few callers may do at a time, so that it never takes a whole process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TooBusy(Exception):
    """Nobody has finished while the caller waited for its turn."""


class Turns:
    """Lets a few callers in at a time, the others after them in the order in which they came."""

    def __init__(self, at_once: int, *, wait_seconds: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn of the caller. Raises `TooBusy` if none comes in time."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise TooBusy from None
        try:
            yield
        finally:
            self._free.release()
