"""Over the sample scenario: what was forecast first is what then happened."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

import simulation
from dunning.case.plan import Plan
from dunning.case.state import DunningCase
from dunning.why import Planned, PlannedKind, forecast
from models import changes
from models.snapshot import CaseSnapshot
from simulation.play import Player, end_of
from simulation.report import all_events
from simulation.scenario import Call, read_scenario
from simulation.world import World

SCENARIO = Path(simulation.__file__).parent / "samples" / "forty_orders.jsonl"
# What is done at once is done when a worker has come to it.
AT_ONCE = timedelta(minutes=2)


class Noted(NamedTuple):
    """What was forecast of a case when it had last changed."""

    at: datetime
    items: tuple[Planned, ...]


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Noted]]:
    """A forecast at each change of each case, made of what decides about it at that moment."""
    found: dict[str, list[Noted]] = defaultdict(list)
    snapshots: dict[str, CaseSnapshot] = {}
    load, plan = changes.load_snapshot, changes.plan_of

    async def loaded(session: AsyncSession, case_id: str, **how: Any) -> CaseSnapshot:
        snapshots[case_id] = await load(session, case_id, **how)
        return snapshots[case_id]

    def planned(case: DunningCase, version: int, now: datetime) -> Plan:
        if (snapshot := snapshots.get(case.case_id)) is not None:
            items = forecast(case, now, snapshot.current)
            found[case.case_id].append(Noted(now, items))
        return plan(case, version, now)

    monkeypatch.setattr(changes, "load_snapshot", loaded)
    monkeypatch.setattr(changes, "plan_of", planned)
    return found


def _by_itself(event: dict[str, Any]) -> PlannedKind | None:
    """What of a history a case has done by itself, as the forecast names it."""
    detail = event["detail"]
    if event["event"] == "notice.sent":
        return PlannedKind(detail["kind"])
    if event["event"] == "claim.submitted":
        return PlannedKind.HANDOFF
    if event["event"] == "stage.changed" and detail["stage"] in ("awaiting_approval", "blocked"):
        return PlannedKind(detail["stage"])
    return None


async def test_the_first_thing_forecast_is_the_next_thing_that_happens(
    world: World, noted: dict[str, list[Noted]]
) -> None:
    calls = read_scenario(SCENARIO)
    player = Player(world, calls, end=end_of(calls, None))
    await player.play(lambda _done, _all: None)
    async with world.database.reading() as session:
        events = await all_events(session, player.refused, player.sellers)
    changed = sorted(
        call.at for call in calls if isinstance(call, Call) and call.method in ("PATCH", "PUT")
    )

    compared, wrong = 0, []
    for event in events:
        kind = _by_itself(event)
        at = datetime.fromisoformat(event["at"])
        before = [one for one in noted.get(event["case_id"], []) if one.at < at]
        # Settings and customers may have changed since; a case that looks is planned anew.
        if kind is None or not before or any(before[-1].at < since <= at for since in changed):
            continue
        first = before[-1].items[0] if before[-1].items else None
        compared += 1
        if first is None or first.kind != kind or abs(first.at - at) > AT_ONCE:
            wrong.append((event["order_id"], kind, at, first))

    unexpected = [one for one in wrong if not _somebody_acted(one, events)]
    assert unexpected == []
    assert compared > 60


def _somebody_acted(one: tuple[Any, ...], events: list[dict[str, Any]]) -> bool:
    """Whether the mail server, the partner or a person had a word in it at that moment."""
    order_id, _, at, _ = one
    words = {
        "notice.undeliverable",
        "claim.rejected",
        "payment.reversed",
        "case.resumed",
        "claim.updated",
        "case.escalated",
        "order.canceled",
    }
    near = timedelta(minutes=5)
    return any(
        event["order_id"] == order_id
        and event["event"] in words
        and abs(datetime.fromisoformat(event["at"]) - at) <= near
        for event in events
    )
