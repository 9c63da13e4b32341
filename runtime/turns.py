"""A limit on how many callers do some work at a time, so that it never takes a whole process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TooBusy(Exception):
    """No turn became free while the caller waited."""


class Turns:
    """Turns for a few callers at a time; the others wait in the order in which they came."""

    def __init__(self, at_once: int, *, wait_seconds: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Raises `TooBusy` if none comes in time."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise TooBusy from None
        try:
            yield
        finally:
            self._free.release()
