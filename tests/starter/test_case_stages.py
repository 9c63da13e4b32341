"""What a case shows in each of its stages: days overdue, the next step, the verbs possible now."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulation.world import World
from tests.bodies import a_seller, ada, an_address
from tests.starter.backend import Backend, Document, refused

pytestmark = pytest.mark.one_database

VERBS = ("stop", "start", "escalate", "hold", "resume", "withdraw")


@pytest.fixture
def backend(running: Backend) -> Backend:
    return running


def _shown(case: Document) -> dict[str, Any]:
    return {
        "stage": case["stage"],
        "overdue": case["days_overdue"],
        "next": case["next_step"] and f"{case['next_step']['at'][:10]} {case['next_step']['kind']}",
        "actions": case["actions"],
    }


def _stage(stage: str, overdue: int, next_step: str | None, *actions: str) -> dict[str, Any]:
    return {"stage": stage, "overdue": overdue, "next": next_step, "actions": list(actions)}


async def _settings(backend: Backend, **given: Any) -> None:
    await backend.granted("PATCH", "/v1/sellers/{s}/settings", given)


async def test_r4_to_r7_the_way_of_a_case_nobody_pays(backend: Backend) -> None:
    await backend.open_order()
    seen = [_shown(await backend.case())]
    for day in ("2026-03-07", "2026-03-12", "2026-03-22", "2026-04-01"):
        await backend.until(f"{day}T12:00:00")
        seen.append(_shown(await backend.case()))

    assert seen == [
        _stage("scheduled", 0, "2026-03-07 payment_reminder", "stop", "hold"),
        _stage("reminded", 5, "2026-03-12 first_notice", "stop", "hold"),
        _stage("first_notice", 10, "2026-03-22 final_notice", "stop", "hold"),
        _stage("final_notice", 20, "2026-04-01 handoff", "stop", "hold"),
        _stage("handed_over", 30, None, "withdraw"),
    ]
    case = await backend.case()
    assert case["claim"] == {
        "reference": f"{backend.case_id()}-1",
        "status": "submitted",
        "close_code": None,
        "reason": None,
    }
    assert (case["dunning_option"], case["dunning_option_kept"]) == ("court", True)


async def test_r3_an_order_with_a_term_is_noticed_in_advance(backend: Backend) -> None:
    await _settings(backend, payment_term_days=14)
    await backend.open_order()
    seen = [_shown(await backend.case())]
    await backend.until("2026-03-11T12:00:00")
    seen.append(_shown(await backend.case()))

    assert seen == [
        _stage("scheduled", 0, "2026-03-11 advance_notice", "stop", "hold"),
        _stage("scheduled", 0, "2026-03-21 payment_reminder", "stop", "hold"),
    ]


async def test_r12_r19_a_case_that_waits_for_the_seller_and_is_held(backend: Backend) -> None:
    await _settings(backend, auto_handoff=False)
    await backend.open_order()
    await backend.until("2026-04-02T12:00:00")
    waiting = _shown(await backend.case())
    held = await backend.granted("POST", backend.case_path("hold"), {"until": "2026-04-10"})

    assert waiting == _stage("awaiting_approval", 31, None, "stop", "escalate", "hold")
    assert _shown(held) == _stage("on_hold", 31, None, "stop", "hold", "resume")
    assert held["hold"] == {"since": "2026-04-02", "until": "2026-04-10", "reason": None}
    await backend.until("2026-04-11T12:00:00")
    assert (await backend.case())["hold"] is None
    assert _shown(await backend.case()) == waiting | {"overdue": 40}


async def test_r18_the_term_of_the_final_notice_is_kept(backend: Backend) -> None:
    await backend.open_order()
    await backend.case()
    escalate = backend.case_path("escalate")
    await backend.until("2026-03-22T12:00:00")
    early = await backend.send("POST", escalate)
    await backend.until("2026-03-31T21:59:00")
    late = await backend.send("POST", escalate)
    for answer in (early, late):
        refused(answer, 409, reason="term_running")
        assert answer.json()["possible_from"] == "2026-04-01"
    assert "escalate" not in (await backend.case())["actions"]

    await backend.until("2026-03-31T22:00:00")

    assert (await backend.case())["actions"] == ["stop", "escalate", "hold"]
    escalated = await backend.granted("POST", escalate)
    assert escalated["history"][-1]["event"] == "case.escalated"
    assert escalated["history"][-1]["detail"] == {}
    reasons = [
        event["detail"] for event in escalated["history"] if event["event"] == "request.refused"
    ]
    assert reasons == [{"request": "escalate", "reason": "term_running"}] * 2


async def test_r18_despite_the_term_it_takes_a_reason_that_the_history_keeps(
    backend: Backend,
) -> None:
    await backend.open_order()
    await backend.case()
    await backend.until("2026-03-22T12:00:00")
    escalate = backend.case_path("escalate")
    for reason in ({}, {"reason": None}, {"reason": "  "}):
        answer = await backend.send("POST", escalate, {"despite_term": True, **reason})
        refused(answer, 422, "reason")

    why = {"reason": "the customer is insolvent", "despite_term": True}
    escalated = await backend.granted("POST", escalate, why)

    assert escalated["history"][-1]["detail"] == why
    assert (await backend.case())["stage"] == "handed_over"


async def test_r11_without_collection_the_next_step_is_the_cancellation(backend: Backend) -> None:
    await _settings(backend, dunning_option="no_collection")
    await backend.open_order()
    await backend.until("2026-03-23T12:00:00")

    final = await backend.case()
    assert _shown(final) == _stage("final_notice", 21, "2026-04-01 cancellation", "stop", "hold")
    escalate = backend.case_path("escalate")
    refused(await backend.send("POST", escalate), 409, reason="no_collection")

    await backend.until("2026-04-01T12:00:00")
    assert _shown(await backend.case()) == _stage("canceled", 0, None)


async def test_r14_a_blocked_case_shows_what_is_missing(backend: Backend) -> None:
    address = an_address() | {"street": "Hauptstr.", "postal_code": None}
    await backend.open_order(customer=ada(address=address))
    early = await backend.case()
    assert (early["stage"], early["blocked_by"]) == ("scheduled", None)
    assert early["missing"] == ["house_number", "postal_code"]

    await backend.until("2026-03-12T12:00:00")

    blocked = await backend.case()
    assert _shown(blocked) == _stage("blocked", 10, None, "stop", "hold")
    assert blocked["blocked_by"] == "address"
    assert blocked["missing"] == ["house_number", "postal_code"]


async def test_r14_an_incomplete_address_cannot_be_escalated(backend: Backend) -> None:
    await _settings(backend, auto_handoff=False)
    await backend.open_order()
    await backend.until("2026-04-02T12:00:00")
    await backend.granted("PATCH", "/v1/customers/{s}/c-1", {"address": {"city": None}})

    case = await backend.case()
    assert (case["stage"], case["missing"]) == ("awaiting_approval", ["city"])
    assert case["actions"] == ["stop", "hold"]
    escalate = backend.case_path("escalate")
    refused(await backend.send("POST", escalate), 409, reason="address_incomplete")


async def test_an_ended_case_waits_for_nothing(backend: Backend) -> None:
    for order_id in ("paid", "stopped", "canceled"):
        await backend.open_order(order_id)
        await backend.case(order_id)
    backend.now = backend.now.replace(day=5)
    await backend.granted("POST", "/v1/payments", backend.payment("119.00", "paid"))
    await backend.granted("POST", backend.case_path("stop", "stopped"))
    await backend.granted("POST", "/v1/orders/{s}/canceled/cancel")

    assert _shown(await backend.case("paid")) == _stage("paid", 0, None)
    assert _shown(await backend.case("stopped")) == _stage("stopped", 3, None, "start")
    assert _shown(await backend.case("canceled")) == _stage("canceled", 0, None)


_NO_CLAIM = "not_handed_over"
REASONS = {
    # stage: the reason why each verb is refused, or None where it is granted
    "scheduled": (None, "not_stopped", "final_notice_not_sent", None, "not_on_hold", _NO_CLAIM),
    "on_hold": (None, "not_stopped", "final_notice_not_sent", None, None, _NO_CLAIM),
    "final_on_hold": (None, "not_stopped", "on_hold", None, None, _NO_CLAIM),
    "stopped": (None, None, "ended", "ended", "ended", "ended"),
    "paid": ("ended",) * 6,
    "canceled": ("ended",) * 6,
    "handed_over": (*("handed_over",) * 5, None),
}


async def _bring_to(backend: Backend, stage: str) -> None:
    await backend.open_order()
    await backend.case()
    match stage:
        case "on_hold":
            await backend.granted("POST", backend.case_path("hold"))
        case "final_on_hold":
            await backend.until("2026-03-23T12:00:00")
            await backend.granted("POST", backend.case_path("hold"))
        case "stopped":
            await backend.granted("POST", backend.case_path("stop"))
        case "paid":
            await backend.granted("POST", "/v1/payments", backend.payment("119.00"))
        case "canceled":
            await backend.granted("POST", "/v1/orders/{s}/A-1/cancel")
        case "handed_over":
            await backend.until("2026-04-02T12:00:00")
    await backend.case()


async def test_r17_to_r19_a_verb_is_refused_with_its_reason(world: World) -> None:
    async def in_stage(stage: str) -> None:
        backend = Backend(world, f"a seller of a case {stage}")
        await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
        await _bring_to(backend, stage)
        await _refused_with_reasons(backend, stage)

    await asyncio.gather(*map(in_stage, REASONS))


async def _refused_with_reasons(backend: Backend, stage: str) -> None:
    before = await backend.case()

    for verb, reason in zip(VERBS, REASONS[stage], strict=True):
        if reason is None:
            assert verb in before["actions"] or (verb, stage) == ("stop", "stopped")
            continue
        answer = await backend.send("POST", backend.case_path(verb))
        refused(answer, 409, reason=reason)
        assert verb not in before["actions"]
        if reason == "handed_over":
            history = before["history"]
            submitted = next(e for e in history if e["event"] == "claim.submitted")
            assert answer.json()["handed_over_at"] == submitted["at"]

    after = await backend.case()
    told = [event for event in after["history"] if event["event"] == "request.refused"]
    ended = stage in ("stopped", "paid", "canceled")
    refusals = [reason for reason in REASONS[stage] if reason is not None]
    assert [event["detail"]["reason"] for event in told] == ([] if ended else refusals)
    assert _shown(after) == _shown(before), stage


async def test_r17_a_stopped_case_is_stopped_again_without_a_trace(backend: Backend) -> None:
    await _bring_to(backend, "stopped")
    before = await backend.case()

    again = await backend.granted("POST", backend.case_path("stop"))

    assert again == before


async def test_r27_each_request_brings_its_reason_into_the_history(backend: Backend) -> None:
    await _settings(backend, auto_handoff=False)
    longest = "because " * 62 + "so"

    async def ask(*verbs: str) -> None:
        for verb in verbs:
            body = {"reason": f"{verb}: {longest}"[:500]}
            await backend.granted("POST", backend.case_path(verb), body)

    await backend.open_order()
    await backend.case()
    await ask("hold", "resume", "stop", "start")
    await backend.until("2026-04-02T12:00:00")
    await ask("escalate")
    assert (await backend.case())["stage"] == "handed_over"
    await ask("withdraw")

    reasons = [
        (event["event"], event["detail"]["reason"])
        for event in (await backend.case())["history"]
        if event["detail"].get("reason")
    ]
    assert reasons == [
        (f"case.{done}", f"{verb}: {longest}"[:500])
        for verb, done in (
            ("hold", "held"),
            ("resume", "resumed"),
            ("stop", "stopped"),
            ("start", "started"),
            ("escalate", "escalated"),
            ("withdraw", "withdrawn"),
        )
    ]
