"""Every request against everything that ends a case, each by another API process (R17, R20, R29).

An answer is what the history says, whoever is first by a millisecond, and stays what it was.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from activities.claims import ClaimActivities
from dunning.actions import ActionKind
from dunning.claims import Claim, ClaimPhase, ClaimStatus, Closing
from dunning.ladder import LADDER, DunningOption, StepTaken
from models.changes import change_case
from runtime.database import Database
from tests.activity_runs import act
from tests.bodies import a_payment
from tests.factories import eur
from tests.partners.fake import FakePartner
from tests.processes.deployment import Deployment, known_answer, order
from tests.processes.two_apis import TwoApis, started_apis
from tests.seeded import claim_row

# For an afternoon: DUNNING_TEST_RACES=200.
RACES = int(os.environ.get("DUNNING_TEST_RACES", "2"))
AT_ONCE = 4
NDJSON = {"Content-Type": "application/x-ndjson"}
NOW = datetime.now(UTC)
EVENT_OF = {
    "stop": "case.stopped",
    "start": "case.started",
    "hold": "case.held",
    "resume": "case.resumed",
    "escalate": "case.escalated",
    "withdraw": "case.withdrawn",
}
BEFORE = {"start": "stop", "resume": "hold"}
"""What has to be asked before, so that the request can be granted."""


@dataclass(frozen=True)
class Racing:
    """Two API processes, and a third one that asks the partner how claims stand."""

    two_apis: TwoApis
    database: Database
    agency: FakePartner

    async def ask(self, case_id: str, verb: str, key: str) -> httpx.Response:
        path, headers = f"/v1/cases/{case_id}/{verb}", {"Idempotency-Key": key}
        return await known_answer(self.two_apis.clients[0], "POST", path, headers=headers)

    async def pay(self, order_id: str, case_id: str) -> None:
        ids = {"payment_id": f"p-{order_id}", "paid_at": NOW.isoformat()}
        payment = a_payment(order_id=order_id, **ids)
        answer = await known_answer(self.two_apis.clients[1], "POST", "/v1/payments", json=payment)
        assert answer.status_code == 201

    async def cancel(self, order_id: str, case_id: str) -> None:
        path = f"/v1/orders/s-1/{order_id}/cancel"
        answer = await known_answer(self.two_apis.clients[1], "POST", path)
        assert answer.status_code == 200

    async def close_claim(self, order_id: str, case_id: str) -> None:
        claims = ClaimActivities(self.database, self.agency)
        await act(claims.check_claim, case_id, ActionKind.CHECK_CLAIM, datetime.now(UTC))


Fact = Callable[[Racing, str, str], Awaitable[None]]
FACTS: dict[str, Fact] = {
    "payment": Racing.pay,
    "cancellation": Racing.cancel,
    "end of the claim": Racing.close_claim,
}


@pytest.fixture
async def racing(deployment: Deployment) -> AsyncIterator[Racing]:
    # Nothing is done at its moment: what is raced for is decided in SQL.
    async with started_apis(deployment, workers=0) as two_apis:
        database = Database(deployment.environment["DUNNING_DATABASE_URL"])
        yield Racing(two_apis, database, FakePartner())
        await database.close()


@pytest.mark.only_postgresql  # on SQLite there is one writer, and no race
async def test_an_answer_is_what_the_history_says(racing: Racing) -> None:
    granted = 0
    for name, fact in FACTS.items():
        for verb in EVENT_OF:
            has_claim = name == "end of the claim" or verb == "withdraw"
            orders = await opened(racing, f"{name[0]}-{verb}", verb, has_claim=has_claim)
            for start in range(0, len(orders), AT_ONCE):
                some = orders[start : start + AT_ONCE]
                granted += sum(
                    await asyncio.gather(*(race(racing, *one, verb, fact) for one in some))
                )
    assert granted > 0


async def race(racing: Racing, order_id: str, case_id: str, verb: str, fact: Fact) -> bool:
    """Ask and have it end at the same moment; whether what was asked was granted."""
    key = f"race-{order_id}"
    answer, _ = await asyncio.gather(
        racing.ask(case_id, verb, key), fact(racing, order_id, case_id)
    )
    again = await racing.ask(case_id, verb, key)
    case = await racing.two_apis.case(case_id)

    # `request_id` is that of the call, not of what was decided.
    no_call = {"request_id": None}
    assert (again.status_code, again.json() | no_call) == (
        answer.status_code,
        answer.json() | no_call,
    )
    names = [entry["event"] for entry in case["history"]]
    assert_one_story(case)
    if answer.status_code == httpx.codes.OK:
        told = answer.json()["history"]
        assert told == case["history"][: len(told)]
        if verb == "withdraw" and "order.canceled" in names[: len(told)]:
            return True  # the partner is being asked to stop already
        assert names.count(EVENT_OF[verb]) == 1
        assert EVENT_OF[verb] in names[: len(told)]
        return True
    assert answer.status_code == httpx.codes.CONFLICT
    assert EVENT_OF[verb] not in names
    return False


def assert_one_story(case: dict[str, Any]) -> None:
    """Every change begins where the one before ended; what ends the case stands before its end."""
    stage = "scheduled"
    happened: list[str] = []
    for entry in case["history"]:
        happened.append(entry["event"])
        if entry["event"] == "stage.changed":
            assert entry["detail"]["from"] == stage
            stage = entry["detail"]["stage"]
        if entry["event"] == "case.closed" and entry["detail"]["outcome"] in {"paid", "settled"}:
            assert "payment.recorded" in happened
        if entry["event"] == "case.closed" and entry["detail"]["outcome"] == "canceled":
            assert "order.canceled" in happened
    assert stage == case["stage"]
    times = [entry["at"] for entry in case["history"]]
    assert times == sorted(times)


async def opened(
    racing: Racing, prefix: str, verb: str, *, has_claim: bool
) -> list[tuple[str, str]]:
    """Orders with a case in which a request can be granted; each with the case's id."""
    orders = [_order(f"{prefix}-{number}".replace(" ", "-"), verb) for number in range(RACES)]
    content = b"".join(json.dumps(one).encode() + b"\n" for one in orders)
    answer = await racing.two_apis.clients[0].post(
        "/v1/orders/batch", content=content, headers=NDJSON
    )
    lines = [json.loads(line) for line in answer.text.splitlines()]
    found = [(line["order_id"], line["cases"][0]["case_id"]) for line in lines]
    for order_id, case_id in found:
        if has_claim:
            await _hand_over(racing, case_id)
        elif verb in BEFORE:
            asked = await racing.ask(case_id, BEFORE[verb], f"before-{order_id}")
            assert asked.status_code == httpx.codes.OK
    return found


def _order(order_id: str, verb: str) -> dict[str, Any]:
    address = {"street": "Hauptstr. 5", "postal_code": "10115", "city": "Berlin", "country": "DE"}
    body = order(order_id)
    body["customer"] |= {"address": address}
    if verb == "escalate":
        sent_on = (NOW - timedelta(days=15)).date().isoformat()
        body["invoice_date"] = (NOW - timedelta(days=40)).date().isoformat()
        body["notices_sent"] = [{"kind": "final_notice", "sent_on": sent_on}]
    return body


async def _hand_over(racing: Racing, case_id: str) -> None:
    """The partner has the claim, and has closed it when it is asked next."""
    at = datetime.now(UTC)
    claim = Claim(
        reference=f"{case_id}-1",
        at=at,
        status=ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=eur("0.00")),
    )
    steps = tuple(StepTaken(kind=step.kind, on=at.date()) for step in LADDER)
    at_the_partner = {
        "claim": claim,
        "steps": steps,
        "option": DunningOption.COURT,
        "invoice_notice_due": False,
        "claim_check_wanted": True,
    }
    racing.agency.has(claim.reference, phase=ClaimPhase.CLOSED, closing=Closing.UNCOLLECTIBLE)
    row = claim_row(case_id, at, reference=claim.reference)
    async with racing.database.writing() as session:
        session.add(row)
        await change_case(session, case_id, lambda case, _: case.changed(**at_the_partner), at=at)
