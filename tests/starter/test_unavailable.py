"""What still works when the database or Temporal is gone, and what becomes of it later.

Without Temporal everything is accepted and decided: SQL decides. What a case does by itself,
as sending a notice, waits until Temporal is back and has heard of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from standardwebhooks import Webhook
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError

from bench.offline import no_temporal
from dunning.actions import ActionKind
from models.keys import create_key
from models.tables import ClaimRow
from runtime.database import Database
from simulation.scenario import ClaimAction
from simulation.world import World
from starter.delivery.client import workflow_id_of
from tests.bodies import a_seller, ada, an_address
from tests.offline import OfflineApi
from tests.starter.backend import Backend, Document, refused
from tests.starter.without_temporal import (
    orders_unsent,
    plan_in_row,
    plan_in_temporal,
    process,
    sweep,
    unsent,
)

SETTINGS = "/v1/sellers/{s}/settings"


pytestmark = pytest.mark.one_database


@pytest.fixture
def backend(running: Backend) -> Backend:
    return running


@pytest.fixture(scope="module")
async def gone() -> Client:
    """A client of a server that is not there."""
    return await no_temporal()


@pytest.fixture
async def cut_off(world: World, gone: Client, backend: Backend) -> AsyncIterator[Backend]:
    """The backend, calling a process that has lost Temporal."""
    async with process(world, world.database, gone) as api:
        yield backend.through(api)


async def _now(cut_off: Backend, order_id: str = "A-1") -> Document:
    """A case as it is shown at once, whatever Temporal has heard."""
    return await cut_off.granted("GET", cut_off.case_path(order_id=order_id))


def _names(case: Document) -> list[str]:
    return [event["event"] for event in case["history"]]


def _key(name: str = "k") -> dict[str, str]:
    return {"Idempotency-Key": name}


# --- facts ------------------------------------------------------------------------------------


async def test_without_temporal_an_order_is_accepted_and_its_case_begins_later(
    backend: Backend, cut_off: Backend
) -> None:
    opened = await cut_off.send("POST", "/v1/orders", cut_off.order())
    again = await cut_off.send("POST", "/v1/orders", cut_off.order())

    assert (opened.status_code, again.status_code) == (201, 200)
    assert await orders_unsent(backend) == ["A-1"]
    assert _names(await _now(cut_off)) == ["case.opened"]

    backend.now = backend.now.replace(hour=17)
    await sweep(backend)

    case = await backend.case()
    assert _names(case) == ["case.opened", "notice.sent"]
    assert case["next_step"]["kind"] == "payment_reminder"
    assert await unsent(backend) == []
    await backend.until("2026-03-08T12:00:00")
    assert (await backend.case())["stage"] == "reminded"


async def test_without_temporal_a_batch_is_accepted_and_its_cases_begin_later(
    backend: Backend, cut_off: Backend
) -> None:
    orders = [
        cut_off.order(f"A-{number}", customer=ada(customer_id=f"c-{number}")) for number in range(3)
    ]
    lines = "".join(json.dumps(order) + "\n" for order in orders).encode()
    answer = await cut_off.send(
        "POST",
        "/v1/orders/batch",
        content=lines,
        headers={"Content-Type": "application/x-ndjson"},
    )

    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [201] * 3
    assert await orders_unsent(backend) == ["A-0", "A-1", "A-2"]

    await sweep(backend)

    assert await unsent(backend) == []
    for number in range(3):
        assert _names(await backend.case(f"A-{number}")) == ["case.opened", "notice.sent"]


async def test_without_temporal_money_is_recorded_and_its_case_knows_at_once(
    backend: Backend, cut_off: Backend
) -> None:
    await backend.open_order()
    await backend.case()

    paid = await cut_off.send("POST", "/v1/payments", cut_off.payment("70.00"))
    back = await cut_off.send("POST", cut_off.chargebacks, cut_off.chargeback(amount="1.00"))
    assert (paid.status_code, back.status_code) == (201, 201)
    case = await _now(cut_off)
    assert (case["open_amount"], case["paid"], case["stage"]) == ("50.00", "69.00", "scheduled")
    assert _names(case)[-2:] == ["payment.recorded", "payment.reversed"]

    await backend.until("2026-03-08T12:00:00")
    await sweep(backend)

    case = await backend.case()
    assert (case["open_amount"], case["paid"], case["stage"]) == ("50.00", "69.00", "reminded")
    reminder = [event for event in case["history"] if event["event"] == "notice.sent"][-1]
    assert reminder["detail"]["open_amount"] == "50.00"
    counted = Counter(_names(case))
    assert (counted["payment.recorded"], counted["payment.reversed"]) == (1, 1)
    assert await unsent(backend) == []


async def test_without_temporal_a_case_that_is_paid_ends_and_its_workflow_ends_later(
    world: World, backend: Backend, cut_off: Backend
) -> None:
    await backend.open_order()
    await backend.case()
    handle = world.temporal.get_workflow_handle(workflow_id_of(backend.case_id()))

    await cut_off.granted("POST", "/v1/payments", cut_off.payment("119.00"))

    case = await _now(cut_off)
    assert (case["stage"], case["actions"], case["next_step"]) == ("paid", [], None)
    assert _names(case)[-3:] == ["payment.recorded", "stage.changed", "case.closed"]
    assert await orders_unsent(backend) == ["A-1"]
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING

    await sweep(backend)

    assert await handle.result() == "paid"
    assert await unsent(backend) == []
    assert await backend.case() == case


async def test_r10_a_case_whose_payment_temporal_has_not_heard_of_sends_nothing(
    backend: Backend, cut_off: Backend
) -> None:
    """Its moment comes by the plan that Temporal has; the row says that nothing is owed."""
    await backend.open_order()
    await backend.case()
    await cut_off.granted("POST", "/v1/payments", cut_off.payment("119.00"))

    await backend.world.forward(backend.case_id(), backend.now.replace(day=9))

    case = await backend.case()
    assert case["stage"] == "paid"
    assert _names(case).count("notice.sent") == 1
    assert await unsent(backend) == []  # its own workflow has asked


async def test_without_temporal_an_order_is_canceled_at_once(
    backend: Backend, cut_off: Backend
) -> None:
    await backend.open_order()
    await backend.case()

    await cut_off.granted("POST", "/v1/orders/{s}/A-1/cancel")

    case = await _now(cut_off)
    assert (case["stage"], case["actions"]) == ("canceled", [])
    assert await orders_unsent(backend) == ["A-1"]

    await sweep(backend)

    told = await backend.case()
    assert told["stage"] == "canceled"
    # What follows is the mail that tells the customer of it (R29).
    assert told["history"][: len(case["history"])] == case["history"]
    assert (await plan_in_temporal(backend)).stage == "canceled"


async def test_r14_without_temporal_a_mended_address_lets_a_case_go_on_later(
    backend: Backend, cut_off: Backend
) -> None:
    address = an_address(postal_code=None)
    await backend.open_order(customer=ada(address=address))
    await backend.until("2026-03-12T12:00:00")
    assert (await backend.case())["stage"] == "blocked"
    cut_off.now = backend.now

    whole = {"address": {"postal_code": "10115"}}
    await cut_off.granted("PATCH", "/v1/customers/{s}/c-1", whole)

    mended = await _now(cut_off)
    assert (mended["stage"], mended["next_step"]["kind"]) == ("reminded", "first_notice")
    assert await orders_unsent(backend) == ["A-1"]

    await sweep(backend)

    assert (await backend.case())["stage"] == "first_notice"


async def test_r21_without_temporal_an_answer_lets_the_handoff_come_later(
    world: World, gone: Client, request: pytest.FixtureRequest
) -> None:
    backend = Backend(world, request.node.nodeid)
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
    had = [{"kind": "final_notice", "sent_on": "2026-02-20"}]
    await backend.open_order(invoice_date="2026-01-15", notices_sent=had)
    before = await backend.case()
    assert before["next_step"]["kind"] == "handoff"

    async with process(world, world.database, gone) as api:
        await backend.through(api).granted("PATCH", SETTINGS, {"dunning_option": "court"})
    answered = await backend.granted("GET", backend.case_path())
    assert answered["next_step"]["at"] < before["next_step"]["at"]
    assert await orders_unsent(backend) == ["A-1"]

    await sweep(backend)

    assert (await backend.case())["stage"] == "handed_over"


async def test_r15_without_temporal_the_partners_news_are_taken_and_looked_into_later(
    world: World, backend: Backend, cut_off: Backend
) -> None:
    await backend.open_order()
    await backend.until("2026-04-02T12:00:00")
    assert (await backend.case())["stage"] == "handed_over"
    cut_off.now = backend.now
    async with world.database.reading() as session:
        claim = await session.get_one(ClaimRow, f"{backend.case_id()}-1")
    await world.partner.http.post("/test/webhooks/behavior", json={"lost": True})
    await world.partner.http.post(f"/test/cases/{claim.partner_id}/advance", json={"to": "Active"})
    await world.partner.http.post("/test/webhooks/behavior", json={})

    answer = await _told_by_the_partner(cut_off, claim.partner_id)
    assert (answer.status_code, answer.json()) == (200, {"status": "taken"})
    planned = [action.kind for action in (await plan_in_row(backend)).actions]
    assert ActionKind.CHECK_CLAIM in planned
    assert await orders_unsent(backend) == ["A-1"]

    await sweep(backend)

    assert (await backend.case())["claim"]["status"] == "accepted"


async def _told_by_the_partner(cut_off: Backend, partner_id: str | None) -> httpx.Response:
    """A signed word of the partner that something has changed about a claim."""
    event_id = f"event-of-{partner_id}"
    event = {
        "specversion": "1.0",
        "id": event_id,
        "type": "case.updated",
        "source": "urn:partner",
        "time": cut_off.now.isoformat(),
        "data": {"caseId": partner_id, "creditorReference": f"{cut_off.case_id()}-1"},
    }
    body, secret = json.dumps(event), cut_off.world.partner.secret
    assert secret is not None
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(cut_off.now.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, cut_off.now, body),
    }
    return await cut_off.send(
        "POST", "/v1/partner/webhooks", content=body.encode(), headers=headers
    )


# --- verbs --------------------------------------------------------------------------------------

# What has to be for a verb to be granted; how the case stands at once, and when Temporal has heard.
GRANTED = {
    "stop": ([], "stopped", "stopped"),
    "hold": ([], "on_hold", "on_hold"),
    "escalate": (["2026-04-02T12:00:00"], "awaiting_approval", "handed_over"),
    "withdraw": (["2026-04-02T12:00:00", "escalate"], "handed_over", "handed_over"),
}
_DONE = {
    "stop": "case.stopped",
    "hold": "case.held",
    "escalate": "case.escalated",
    "withdraw": "case.withdrawn",
}


@pytest.mark.parametrize("verb", GRANTED)
async def test_without_temporal_a_verb_is_decided_at_once_and_its_effect_comes_later(
    backend: Backend, cut_off: Backend, verb: str
) -> None:
    before, at_once, in_the_end = GRANTED[verb]
    await backend.granted("PATCH", SETTINGS, {"auto_handoff": False})
    await backend.open_order()
    await backend.case()
    for step in before:
        if step[:1].isdigit():
            await backend.until(step)
        else:
            await backend.granted("POST", backend.case_path(step))
        await backend.case()
    cut_off.now = backend.now

    decided = await cut_off.granted("POST", cut_off.case_path(verb), headers=_key())

    assert decided["stage"] == at_once
    assert _DONE[verb] in _names(decided)
    assert await _now(cut_off) == decided
    assert await orders_unsent(backend) == ["A-1"]
    # The same key finds the answer, here and at a process that has Temporal.
    for asked in (cut_off, backend):
        again = await asked.granted("POST", asked.case_path(verb), headers=_key())
        assert again == decided
    assert (await plan_in_temporal(backend)).version < (await plan_in_row(backend)).version

    await sweep(backend)

    case = await backend.case()
    assert case["stage"] == in_the_end
    assert _names(case).count(_DONE[verb]) == 1
    assert await unsent(backend) == []
    assert await plan_in_temporal(backend) == await plan_in_row(backend)


async def test_r15_without_temporal_a_withdrawal_reaches_the_partner_later(
    backend: Backend, cut_off: Backend
) -> None:
    async def planned() -> list[ActionKind]:
        return [action.kind for action in (await plan_in_row(backend)).actions]

    await backend.open_order()
    await backend.until("2026-04-02T12:00:00")
    await backend.case()
    cut_off.now = backend.now
    await cut_off.granted("POST", cut_off.case_path("withdraw"))
    assert ActionKind.WITHDRAW_CLAIM in await planned()

    await sweep(backend)

    await backend.case()
    assert ActionKind.WITHDRAW_CLAIM not in await planned()  # it has heard
    closed = ClaimAction(seller_id=backend.seller_id, order_id="A-1", to="Closed:WithdrawnByClient")
    with backend.world.clock.at(backend.now):
        await backend.world.partner.do(closed)
    assert (await backend.case())["stage"] == "stopped"


async def test_without_temporal_a_verb_is_refused_with_its_reason(
    backend: Backend, cut_off: Backend
) -> None:
    await backend.open_order()
    before = await backend.case()

    for asked in (cut_off, cut_off, backend):
        answer = await asked.send("POST", asked.case_path("start"), headers=_key())
        refused(answer, 409, reason="not_stopped")

    case = await backend.case()
    assert _names(case) == [*_names(before), "request.refused"]
    assert await unsent(backend) == []  # the plan is what it was


async def test_r17_a_case_of_which_temporal_has_never_heard_can_be_stopped(
    backend: Backend, cut_off: Backend
) -> None:
    await cut_off.granted("POST", "/v1/orders", cut_off.order())

    stopped = await cut_off.granted("POST", cut_off.case_path("stop"), headers=_key())

    assert stopped["stage"] == "stopped"
    await sweep(backend)
    case = await backend.case()
    assert case == stopped  # nothing was sent
    assert await unsent(backend) == []


async def test_r17_what_was_stopped_and_started_while_temporal_was_away_goes_on(
    backend: Backend, cut_off: Backend
) -> None:
    await backend.open_order()
    await backend.case()
    for verb, stage in (("stop", "stopped"), ("start", "scheduled"), ("stop", "stopped")):
        assert (await cut_off.granted("POST", cut_off.case_path(verb)))["stage"] == stage
    started = await cut_off.granted("POST", cut_off.case_path("start"))
    assert started["stage"] == "scheduled"

    await sweep(backend)
    await backend.until("2026-03-08T12:00:00")

    case = await backend.case()
    assert case["stage"] == "reminded"
    assert Counter(_names(case))["case.started"] == 2


# --- what comes later -----------------------------------------------------------------------------


async def test_while_temporal_is_away_the_sweep_fails_and_nothing_counts_as_told(
    offline: OfflineApi, gone: Client
) -> None:
    backend = Backend(offline, "a backend while Temporal is away")
    await backend.sign_up()
    await backend.open_order()

    with pytest.raises(ApplicationError) as failed:
        await sweep(backend, gone)

    assert not failed.value.non_retryable  # it is tried again until Temporal answers
    assert await orders_unsent(backend) == ["A-1"]


async def test_without_temporal_a_process_is_not_ready_and_shows_how_much_waits(
    world: World, gone: Client, database: Database
) -> None:
    async with database.writing() as session:
        new = await create_key(session, at=world.clock.now())
    async with process(world, database, gone) as api:
        api.headers["Authorization"] = f"Bearer {new.token}"
        backend = Backend(world, "nobody", api)
        await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
        for order_id in ("A-1", "A-2"):
            await backend.open_order(order_id)
        backend.now += timedelta(seconds=90)

        ready = await backend.send("GET", "/readyz")
        figures = (await backend.send("GET", "/metrics")).text.splitlines()

    assert (ready.status_code, ready.json()["database"]) == (503, "ok")
    assert ready.json()["temporal"] == "unreachable"
    assert "dunning_cases_untold 2.0" in figures
    assert "dunning_cases_untold_oldest_seconds 90.0" in figures
    assert "dunning_cases_late 0.0" in figures  # of what it has not heard it cannot be late
