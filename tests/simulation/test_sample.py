"""The sample of the demo: whatever day and hour it is, a case stands in every stage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from simulation.play import Player
from simulation.report import all_events
from simulation.sample import BERLIN, PARIS, sample_calls
from simulation.scenario import Line, PartnerAction
from simulation.world import World
from tests.simulation.forecasts import Notes

REACHED = {
    *("scheduled", "reminded", "first_notice", "final_notice", "awaiting_approval"),
    *("handed_over", "in_court", "blocked", "on_hold", "paid", "stopped", "canceled"),
    *("settled", "recovered", "uncollectible"),
}


@pytest.mark.one_database
async def test_the_sample_shows_every_stage_and_nothing_of_it_is_refused(
    world: World, notes: Notes
) -> None:
    """Also by night, when no sending window is open. What happened is what was forecast."""
    now, mark = datetime(2031, 5, 7, 3, 30, tzinfo=UTC), "-sample"
    calls = [_of_other_sellers(line, mark) for line in sample_calls(now)]

    player = Player(world, calls, end=now)
    await player.play(lambda done, total: None)

    assert player.refused == []
    stages = set()
    blocked = set()
    for seller in player.sellers:
        with world.clock.at(now):
            answer = await world.api.get("/v1/cases", params={"seller_id": seller, "limit": 200})
        for case in answer.json()["items"]:
            stages.add(case["stage"])
            blocked.add(case["blocked_by"])
    assert stages == REACHED
    assert blocked == {None, "address", "email"}
    async with world.database.reading() as session:
        events = await all_events(session, player.refused, player.sellers)
    assert notes.surprises(calls, events) == []
    assert notes.compared > 30


def _of_other_sellers(line: Line, mark: str) -> Line:
    if isinstance(line, PartnerAction):
        theirs = line.partner.model_copy(update={"seller_id": f"{line.partner.seller_id}{mark}"})
        return line.model_copy(update={"partner": theirs})
    return line.model_copy(update=_renamed(line.path, line.body, mark))


def _renamed(path: str, body: dict[str, Any] | None, mark: str) -> dict[str, Any]:
    """The same call for sellers and payments of its own."""
    for seller in (BERLIN, PARIS, "retiro", "harbour"):
        path = path.replace(seller, f"{seller}{mark}")
    path = path.replace("/p-", f"/p{mark}-")
    changed = dict(body) if body else body
    for name in ("seller_id", "payment_id", "chargeback_id"):
        if changed and name in changed:
            changed[name] = (
                f"{changed[name]}{mark}"
                if name == "seller_id"
                else (changed[name].replace("p-", f"p{mark}-", 1).replace("b-", f"b{mark}-", 1))
            )
    return {"path": path, "body": changed}
