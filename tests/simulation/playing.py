"""A scenario played in the world that all tests share, without a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from simulation.play import Player, RefusedCall
from simulation.report import all_events
from simulation.scenario import Line
from simulation.world import World

Event = dict[str, Any]


class Played(NamedTuple):
    """The events of a scenario, its refused calls and its sellers."""

    events: list[Event]
    refused: list[RefusedCall]
    sellers: list[str]


async def played(world: World, calls: Sequence[Line], *, end: datetime) -> Played:
    """Play the calls until a moment, and read the events of their sellers."""
    player = Player(world, calls, end=end)
    await player.play(lambda _done, _all: None)
    async with world.database.reading() as session:
        events = await all_events(session, player.refused, player.sellers)
    return Played(events, player.refused, player.sellers)
