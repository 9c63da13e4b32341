"""The sample of the demo: whatever day and hour it is, a case stands in every stage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from simulation.sample import BERLIN, PARIS, sample_calls
from simulation.scenario import Line, PartnerAction, Scopes
from simulation.world import World
from tests.examples import IS_THOROUGH
from tests.simulation.playing import played

# One order for each stage, and for each reason to be blocked.
STANDS_AT: Final = {
    "L-1001": "scheduled",
    "L-1002": "reminded",
    "L-1003": "first_notice",
    "L-1004": "final_notice",
    "C-3003": "awaiting_approval",
    "L-1005": "handed_over",
    "L-1015": "in_court",
    "L-1006": "blocked by address",
    "L-1007": "blocked by email",
    "L-1008": "on_hold",
    "L-1010": "paid",
    "L-1011": "stopped",
    "L-1012": "canceled",
    "L-1013": "settled",
    "L-1016": "recovered",
    "L-1017": "uncollectible",
}


@pytest.mark.one_database
async def test_the_sample_shows_every_stage_and_nothing_of_it_is_refused(world: World) -> None:
    """Also by night, when no sending window is open. Thorough runs play all of its orders."""
    now, mark = datetime(2031, 5, 7, 3, 30, tzinfo=UTC), "-sample"
    calls = [_of_other_sellers(line, mark) for line in _shown(sample_calls(now))]

    _, refused, sellers = await played(world, calls, end=now)

    assert refused == []
    stages = {}
    for seller in sellers:
        with world.clock.at(now):
            answer = await world.api.get("/v1/cases", params={"seller_id": seller, "limit": 200})
        for case in answer.json()["items"]:
            by = f" by {case['blocked_by']}" if case["blocked_by"] else ""
            stages[case["order_id"]] = f"{case['stage']}{by}"
    assert stages | STANDS_AT == stages


def _shown(sample: list[Line]) -> list[Line]:
    """The calls about sellers and about the orders whose stages are known."""
    if IS_THOROUGH:
        return sample
    scopes = Scopes(sample)
    return [line for line in sample if scopes.of(line).order_id in {None, *STANDS_AT}]


def _of_other_sellers(line: Line, mark: str) -> Line:
    if isinstance(line, PartnerAction):
        theirs = line.partner.model_copy(update={"seller_id": f"{line.partner.seller_id}{mark}"})
        return line.model_copy(update={"partner": theirs})
    return line.model_copy(update=_renamed(line.path, line.body, mark))


def _renamed(path: str, body: dict[str, Any] | None, mark: str) -> dict[str, Any]:
    """Rename the sellers and payments of a call, so that no other test shares them."""
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
