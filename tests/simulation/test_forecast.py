"""Over the sample scenarios: what was forecast first is what then happened."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulation
from simulation.play import Player, end_of
from simulation.report import all_events
from simulation.scenario import read_scenario
from simulation.world import World
from tests.simulation.forecasts import Notes

SCENARIOS = sorted((Path(simulation.__file__).parent / "samples").glob("*.jsonl"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
async def test_the_first_thing_forecast_is_the_next_thing_that_happens(
    world: World, notes: Notes, scenario: Path
) -> None:
    calls = read_scenario(scenario)
    player = Player(world, calls, end=end_of(calls, None))
    await player.play(lambda _done, _all: None)
    async with world.database.reading() as session:
        events = await all_events(session, player.refused, player.sellers)

    assert notes.surprises(calls, events) == []
    assert notes.compared > 60
