"""How long a test waits for an event that has to come.

Nothing is measured by it: a test that waits for it to pass fails anyway. It is so long because
the machine may be busy with other work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

PATIENCE_SECONDS: Final = 300


async def eventually(what: Callable[[], Awaitable[bool]]) -> None:
    """Ask until it is so: of another process, which cannot set an event."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await what():  # noqa: ASYNC110
            await asyncio.sleep(0.2)
