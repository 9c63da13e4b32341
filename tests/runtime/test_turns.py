"""A few callers work at a time; the others wait, but not for ever."""

from __future__ import annotations

import asyncio

import pytest

from runtime.turns import TooBusy, Turns

PATIENT, IMPATIENT = 30, 0


async def test_no_more_work_at_a_time_than_may() -> None:
    turns, working, most = Turns(2, wait_seconds=PATIENT), 0, 0

    async def work() -> None:
        nonlocal working, most
        async with turns.turn():
            working += 1
            most = max(most, working)
            await asyncio.sleep(0)
            working -= 1

    await asyncio.gather(*(work() for _ in range(10)))

    assert (working, most) == (0, 2)


async def test_who_waits_too_long_is_told() -> None:
    turns = Turns(1, wait_seconds=IMPATIENT)

    async with turns.turn():
        with pytest.raises(TooBusy):
            async with turns.turn():
                pytest.fail("two worked at a time")

    async with turns.turn():
        pass


async def test_a_turn_ends_however_the_work_ends() -> None:
    turns = Turns(1, wait_seconds=IMPATIENT)

    with pytest.raises(ValueError, match="of the work"):
        async with turns.turn():
            raise ValueError("of the work")
    working = asyncio.create_task(_for_ever(turns, begun := asyncio.Event()))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    async with turns.turn():
        pass


async def _for_ever(turns: Turns, begun: asyncio.Event) -> None:
    async with turns.turn():
        begun.set()
        await asyncio.Event().wait()
