"""The same verb again, by its Idempotency-Key, is answered the same; something else is refused."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.starter.backend import Backend, Document, refused

AT_ONCE = 10


def _key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


async def test_r29_an_order_is_canceled_once_and_always_answered_the_same(
    backend: Backend,
) -> None:
    await backend.open_order()
    path = "/v1/orders/{s}/A-1/cancel"
    first = await backend.granted("POST", path, headers=_key("k"))
    backend.now = backend.now.replace(hour=17)

    for again in (None, _key("k"), _key("other")):
        assert await backend.granted("POST", path, headers=again) == first
    case = await backend.case()
    assert case["stage"] == "canceled"
    assert [event["event"] for event in case["history"]].count("order.canceled") == 1


async def test_r27_an_order_is_canceled_for_a_reason(backend: Backend) -> None:
    await backend.open_order()
    path = "/v1/orders/{s}/A-1/cancel"
    refused(await backend.send("POST", path, {"reason": "a\x00b"}), 422, "reason")
    await backend.granted("POST", path, {"reason": "sent back"})
    await backend.granted("POST", path, {"reason": "something else"})

    case = await backend.case()
    [canceled] = [event for event in case["history"] if event["event"] == "order.canceled"]
    assert canceled["detail"] == {"reason": "sent back"}


async def test_a_verb_with_the_same_key_gets_the_same_answer_after_the_case_has_changed(
    backend: Backend,
) -> None:
    await backend.open_order()
    await backend.case()
    body = {"until": "2026-03-05", "reason": "a dispute"}
    hold = backend.case_path("hold")
    held = await backend.granted("POST", hold, body, headers=_key("hold"))
    backend.now = backend.now.replace(day=20)  # `until` is past by now
    await backend.granted("POST", backend.case_path("stop"), headers=_key("stop"))

    assert await backend.granted("POST", hold, body, headers=_key("hold")) == held
    assert held["stage"] == "on_hold"
    assert (await backend.case())["stage"] == "stopped"


async def test_a_refusal_with_the_same_key_is_given_again_after_it_would_be_granted(
    backend: Backend,
) -> None:
    await backend.open_order()
    resume = backend.case_path("resume")
    first = await backend.send("POST", resume, headers=_key("k"))
    refused(first, 409, reason="not_on_hold")
    await backend.granted("POST", backend.case_path("hold"))

    again = await backend.send("POST", resume, headers=_key("k"))
    refused(again, 409, reason="not_on_hold")
    assert again.json()["detail"] == first.json()["detail"]
    assert (await backend.case())["stage"] == "on_hold"

    granted = await backend.granted("POST", resume, headers=_key("another"))
    assert granted["stage"] == "scheduled"


@pytest.mark.parametrize(
    ("verb", "body"),
    [("stop", None), ("hold", {"until": "2026-03-06"}), ("hold", {"reason": "x"}), ("hold", None)],
)
async def test_bad_input_the_same_key_for_something_else_is_refused(
    backend: Backend, verb: str, body: Document | None
) -> None:
    await backend.open_order()
    first = {"until": "2026-03-05"}
    await backend.granted("POST", backend.case_path("hold"), first, headers=_key("k"))

    answer = await backend.send("POST", backend.case_path(verb), body, headers=_key("k"))

    refused(answer, 409, reason="different_content")
    case = await backend.case()
    assert (case["stage"], case["hold"]["until"]) == ("on_hold", "2026-03-05")


async def test_r17_of_ten_same_stops_at_once_all_get_one_answer(backend: Backend) -> None:
    await backend.open_order()
    await backend.case()

    answers = await asyncio.gather(
        *(
            backend.send("POST", backend.case_path("stop"), headers=_key("k"))
            for _ in range(AT_ONCE)
        )
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    history = (await backend.case())["history"]
    assert [event["event"] for event in history].count("case.stopped") == 1


async def test_r17_of_ten_different_starts_at_once_one_is_granted(backend: Backend) -> None:
    await backend.open_order()
    await backend.granted("POST", backend.case_path("stop"))

    answers = await asyncio.gather(
        *(
            backend.send("POST", backend.case_path("start"), headers=_key(f"k-{number}"))
            for number in range(AT_ONCE)
        )
    )

    reasons = Counter(answer.json().get("reason") for answer in answers)
    assert reasons == {None: 1, "not_stopped": AT_ONCE - 1}
    history = (await backend.case())["history"]
    assert [event["event"] for event in history].count("case.started") == 1


async def test_r16_r18_of_ten_different_escalations_at_once_one_hands_over(
    running: Backend,
) -> None:
    await running.granted("PATCH", "/v1/sellers/{s}/settings", {"auto_handoff": False})
    await running.open_order()
    await running.until("2026-04-02T12:00:00")

    answers = await asyncio.gather(
        *(
            running.send("POST", running.case_path("escalate"), headers=_key(f"k-{number}"))
            for number in range(AT_ONCE)
        )
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: AT_ONCE - 1}
    refusals = {answer.json()["reason"] for answer in answers if answer.status_code == 409}
    assert refusals <= {"handoff_begun", "handed_over"}
    case = await running.case()
    assert case["stage"] == "handed_over"
    assert [event["event"] for event in case["history"]].count("claim.submitted") == 1
