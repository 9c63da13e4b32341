"""The sample scenario gives the events that were recorded: nothing else, and nothing later.

`python -m tests.simulation.test_same_events EVENTS.jsonl` records what `dunning simulate` wrote,
on purpose: after a rule was changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from simulation.play import Player, end_of
from simulation.report import all_events
from simulation.scenario import Scopes, read_scenario
from simulation.world import World
from tests.examples import IS_THOROUGH

SCENARIO: Final = Path("simulation/samples/forty_orders.jsonl")
RECORDED: Final = Path(__file__).with_name("forty_orders_events.txt")
# They pass through most of the rules; with DUNNING_TEST_THOROUGH=2 all are played.
SELLERS: Final = frozenset({"andes", "retiro"})

Event = dict[str, Any]


@pytest.mark.one_database
async def test_the_sample_gives_the_recorded_events_to_the_minute(world: World) -> None:
    all_calls = read_scenario(SCENARIO)
    scopes = Scopes(all_calls)
    calls = [line for line in all_calls if _is_played(scopes.of(line).seller_id)]
    player = Player(world, calls, end=end_of(all_calls, None))

    await player.play(lambda _done, _all: None)

    async with world.database.reading() as session:
        events = await all_events(session, player.refused, player.sellers)
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    recorded = [line for line in lines if _is_played(line.partition("/")[0])]
    assert list(_as_lines(events)) == recorded


def _is_played(seller_id: str | None) -> bool:
    return IS_THOROUGH or seller_id in SELLERS


def _as_lines(events: Iterable[Event]) -> Iterator[str]:
    """One line for each event: whose it is, when to the minute, and what happened."""
    for event in events:
        at = datetime.fromisoformat(event["at"])
        whose = "/".join(str(event[name]) for name in ("seller_id", "order_id", "installment"))
        detail = json.dumps(event["detail"], sort_keys=True, ensure_ascii=False)
        yield f"{whose} {at:%Y-%m-%dT%H:%M} {event['event']} {detail}"


def _record(events: Path) -> None:
    written = map(json.loads, events.read_text(encoding="utf-8").splitlines())
    RECORDED.write_text("".join(f"{line}\n" for line in _as_lines(written)), encoding="utf-8")


if __name__ == "__main__":
    _record(Path(sys.argv[1]))
