"""Answers that begin while the caller is still sending its body."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_IN_MEMORY: Final = 1_000_000
_AT_ONCE: Final = 64_000


class Relay:
    """A queue of bytes between the code that makes an answer and the caller that reads it.

    What waits is kept in a file: a caller may send everything before it reads, and would otherwise
    deadlock with us on full buffers.
    """

    def __init__(self) -> None:
        self._kept = SpooledTemporaryFile[bytes](max_size=_IN_MEMORY)
        self._put = self._taken = 0
        self._has_ended = False
        self._news = asyncio.Event()

    def put(self, some: bytes) -> None:
        self._kept.seek(self._put)
        self._kept.write(some)
        self._put += len(some)
        self._news.set()

    def end(self) -> None:
        """Mark the end: nothing more will be put in."""
        self._has_ended = True
        self._news.set()

    def close(self) -> None:
        self._kept.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self._news.clear()
            if self._taken < self._put:
                yield self._take()
            elif self._has_ended:
                return
            else:
                await self._news.wait()

    def _take(self) -> bytes:
        self._kept.seek(self._taken)
        some = self._kept.read(_AT_ONCE)
        self._taken += len(some)
        if self._taken == self._put:
            self._kept.seek(0)
            self._kept.truncate()
            self._put = self._taken = 0
        return some


class RelayedAnswer(Response):
    """A response that is sent while the body of its request is still being read.

    Starlette's streaming response listens for the caller's disconnect, and so takes parts of the
    body away from the code that reads it.
    """

    def __init__(self, made: AsyncIterator[bytes], *, media_type: str) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._made = made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        relay = Relay()
        making = asyncio.create_task(self._make(relay))
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        try:
            async for some in relay:
                if start:
                    # Not before the first part: the caller may be waiting for `100 Continue`,
                    # which it gets once we read its body.
                    await send(start)
                    start = {}
                await send({"type": "http.response.body", "body": some, "more_body": True})
            await making
            if start:
                await send(start)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            making.cancel()
            with suppress(asyncio.CancelledError):
                await making
            relay.close()

    async def _make(self, relay: Relay) -> None:
        try:
            async for some in self._made:
                relay.put(some)
        finally:
            relay.end()
