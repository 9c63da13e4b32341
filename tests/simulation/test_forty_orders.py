"""The sample scenario gives exactly the recorded events, each in the recorded minute.

`python -m tests.simulation.test_forty_orders EVENTS.jsonl` records what `dunning simulate` wrote,
on purpose: after a rule was changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from simulation.scenario import read_scenario
from simulation.world import World
from tests.simulation.forecasts import Notes
from tests.simulation.playing import Event, played

SCENARIO: Final = Path("simulation/samples/forty_orders.jsonl")
RECORDED: Final = Path(__file__).with_name("forty_orders_events.txt")
# Nothing follows: `dunning simulate` plays 120 days past the last call, and only checks claims.
LAST_EVENT: Final = datetime(2026, 7, 1, 7, 16, tzinfo=UTC)
QUIET: Final = timedelta(days=14)


@pytest.mark.one_database
async def test_the_sample_gives_the_recorded_events_and_each_was_forecast(
    world: World, notes: Notes
) -> None:
    """What is forecast first happens next, unless somebody acts."""
    calls = read_scenario(SCENARIO)

    events = (await played(world, calls, end=LAST_EVENT + QUIET)).events

    assert list(_as_lines(events)) == RECORDED.read_text(encoding="utf-8").splitlines()
    assert notes.surprises(calls, events) == []
    assert notes.compared > 60


def _as_lines(events: Iterable[Event]) -> Iterator[str]:
    """Write each event on a line: case, minute, name and detail."""
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
