"""Heartbeats tell Temporal that an activity is still running: a killed worker is soon noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from temporalio import activity

# Below the heartbeat timeouts of `workflows.options`, and longer than nearly all activities take.
_EVERY_SECONDS: Final = 5.0
# The content of a heartbeat: the next attempt knows by it that there was one.
HAS_BEGUN: Final = "has begun"
_Result = TypeVar("_Result")


async def with_heartbeats(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Do the work, with a heartbeat every few seconds.

    A cancellation that comes with a heartbeat does not reach the work: an action that has begun,
    such as giving a mail to the mail server, is completed. Only a worker that has to end does not
    wait for it.
    """
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            try:
                await asyncio.wait([task], timeout=_EVERY_SECONDS)
            except asyncio.CancelledError:
                if activity.is_worker_shutdown():
                    raise
                continue
            if not task.done():
                activity.heartbeat(HAS_BEGUN)
        return task.result()
    finally:
        task.cancel()
