"""How webhooks of the partner sandbox go wrong when told to, and what test mode sends."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from itertools import product
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from runtime.embedded import free_port
from tests.clocks import FixedClock
from tests.partners.sandbox import ALL_EVENTS, NOW, UNKNOWN, Caller, calling, types
from tests.webhook_receiver import Delivery, Receiver, receiving

PAID = ["case.updated", "payment.created", "case.updated", "case.closed"]
AS_IT_SHOULD_BE = {
    "delaySeconds": 0,
    "copies": 1,
    "order": "asItHappened",
    "lost": False,
    "lostPercent": 0,
    "seed": 0,
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def agency() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


class TestBehavior:
    @pytest.mark.parametrize(
        ("delay", "copies", "order", "lost"),
        [*product([0, 60], [1, 2, 5], ["asItHappened", "newestFirst"], [False, True])],
    )
    async def test_r15_webhooks_go_wrong_as_told(
        self, agency, receiver, delay, copies, order, lost
    ):
        hook = await agency.subscribe(receiver.url)
        case_id = await agency.submit(isTest=True)  # not heard of
        await agency.http.delete(f"/test/cases/{case_id}")
        case_id = await agency.submit(creditorReference="told")
        await agency.deliver()
        receiver.received.clear()
        await agency.behave(delaySeconds=delay, copies=copies, order=order, lost=lost)

        await agency.advance(case_id, "Closed:Paid", 119)
        await agency.deliver()
        at_once = len(receiver.received)
        agency.clock.forward(days=1)
        await agency.deliver()

        due = 0 if lost else copies * len(PAID)
        assert len(receiver.received) == due
        assert at_once == (0 if delay else due)
        first_come = types(receiver.received)[: len(PAID)]
        wanted = PAID if order == "asItHappened" else PAID[::-1]
        assert first_come == ([] if lost else wanted)
        assert set(Counter(receiver.ids()).values()) <= {copies}
        assert all(told.verified(hook["secret"]) for told in receiver.received)

    async def test_a_late_event_is_overtaken_by_the_next(self, agency, receiver):
        await agency.subscribe(receiver.url)
        case_id = await agency.submit()
        await agency.deliver()
        await agency.behave(delaySeconds=30)
        await agency.advance(case_id, "Active")
        await agency.behave()
        await agency.advance(case_id, "Closed:Other")
        await agency.deliver()
        agency.clock.forward(seconds=30)
        await agency.deliver()

        news = [told.content["data"].get("newLifecycle") for told in receiver.received]
        assert news == [None, "Closed", None, "Active"]

    @pytest.mark.parametrize("seed", range(3))
    async def test_r15_by_chance_they_come_in_any_order_and_some_not_at_all(self, receiver, seed):
        orders = []
        for given in (seed, seed, seed + 100):
            async with calling() as agency:
                await agency.subscribe(receiver.url)
                await agency.behave(order="shuffled", lostPercent=40, seed=given)
                for number in range(12):
                    await agency.submit(creditorReference=f"case{number}-1")
                receiver.received.clear()
                await agency.deliver()
                told = [one.content["data"]["creditorReference"] for one in receiver.received]
                orders.append(told)

        assert orders[0] == orders[1] != orders[2]
        assert orders[0] != sorted(orders[0], key=lambda name: int(name[4:-2]))
        assert all(0 < len(order) < 12 for order in orders)
        assert all(len(set(order)) == len(order) for order in orders)

    async def test_r15_of_a_hundred_so_many_get_lost(self, agency, receiver):
        await agency.subscribe(receiver.url)
        for percent, lost in ((0, 0), (100, 10)):
            await agency.behave(lostPercent=percent, seed=7)
            receiver.received.clear()
            for number in range(10):
                await agency.submit(creditorReference=f"{percent}x{number}-1")
            await agency.deliver()
            assert len(receiver.received) == 10 - lost

    async def test_r15_a_lost_event_can_be_seen_and_replayed(self, agency, receiver):
        await agency.subscribe(receiver.url)
        await agency.behave(lost=True)
        case_id = await agency.submit()
        agency.clock.forward(days=30)
        await agency.deliver()
        (event,) = await agency.events(case_id)
        assert (receiver.received, event["attemptCount"]) == ([], 0)

        replayed = await agency.post(f"/webhooks/events/{event['id']}/replay", None)
        await agency.deliver()

        assert replayed == {
            "eventsReplayed": 1,
            "eventId": event["id"],
            "subscriptionId": event["subscriptionId"],
            "eventType": "case.created",
        }
        assert receiver.received[0].body.decode() == event["payload"]

    async def test_it_can_be_seen_and_left_out_fields_are_as_they_should_be(self, agency):
        assert await agency.get("/test/webhooks/behavior") == AS_IT_SHOULD_BE

        await agency.behave(copies=2)
        assert await agency.get("/test/webhooks/behavior") == AS_IT_SHOULD_BE | {"copies": 2}
        await agency.behave(lost=True)
        assert await agency.get("/test/webhooks/behavior") == AS_IT_SHOULD_BE | {"lost": True}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"delaySeconds": -1}, "delaySeconds"),
            ({"delaySeconds": 86_401}, "delaySeconds"),
            ({"delaySeconds": "1"}, "delaySeconds"),
            ({"delaySeconds": 1.5}, "delaySeconds"),
            ({"copies": 0}, "copies"),
            ({"copies": 6}, "copies"),
            ({"order": "random"}, "order"),
            ({"lost": "yes"}, "lost"),
            ({"lostPercent": 101}, "lostPercent"),
            ({"lostPercent": -1}, "lostPercent"),
            ({"seed": -1}, "seed"),
            ({"delay_seconds": 1}, "delay_seconds"),
        ],
    )
    async def test_what_is_wrong_is_refused_by_its_field(self, agency, body, field):
        answer = await agency.http.post("/test/webhooks/behavior", json=body)

        assert answer.status_code == 400
        assert list(answer.json()) == [field]
        assert await agency.get("/test/webhooks/behavior") == AS_IT_SHOULD_BE


class TestEvents:
    async def test_they_come_the_newest_first(self, agency, receiver):
        await agency.subscribe(receiver.url)
        case_id = await agency.submit()
        await agency.submit(creditorReference="another")
        await agency.advance(case_id, "Active")
        await agency.deliver()

        newest, oldest = await agency.events(case_id)
        assert (newest["eventType"], oldest["eventType"]) == ("case.updated", "case.created")
        assert oldest == {
            "id": oldest["id"],
            "subscriptionId": (await agency.get("/webhooks"))[0]["id"],
            "caseId": case_id,
            "eventType": "case.created",
            "payload": receiver.received[0].body.decode(),
            "createdAt": "2026-03-02T09:30:00Z",
            "deliveredAt": "2026-03-02T09:30:00Z",
            "attemptCount": 1,
            "lastResponseCode": 204,
        }

    async def test_without_a_case_they_are_not_shown(self, agency):
        answer = await agency.http.get("/webhooks/events")

        assert answer.status_code == 400
        assert list(answer.json()) == ["caseId"]

    async def test_only_those_since_a_moment_can_be_asked_for(self, agency, receiver):
        await agency.subscribe(receiver.url)
        case_id = await agency.submit()
        agency.clock.forward(days=1)
        await agency.advance(case_id, "Active")

        async def kinds(since: str) -> list[str]:
            path = f"/webhooks/events?caseId={case_id}&since={since}"
            return [event["eventType"] for event in await agency.get(path)]

        assert await kinds("2026-03-02") == ["case.updated", "case.created"]
        assert await kinds("2026-03-03T00:00:00Z") == ["case.updated"]
        assert await kinds("2026-03-04T00:00:00Z") == []
        answer = await agency.http.get(f"/webhooks/events?caseId={case_id}&since=soon")
        assert (answer.status_code, list(answer.json())) == (400, ["since"])

    async def test_the_cases_since_a_moment_are_counted_and_nothing_is_sent(self, agency, receiver):
        hook = await agency.subscribe(receiver.url)
        await agency.submit(creditorReference="early-1")
        agency.clock.forward(days=1)
        await agency.submit(creditorReference="late-1")
        await agency.submit(creditorReference="test-1", isTest=True)
        await agency.deliver()
        receiver.received.clear()

        counted = await agency.post(
            f"/webhooks/{hook['id']}/replay", {"sinceUtc": "2026-03-03T00:00:00Z"}
        )
        await agency.deliver()

        assert counted == {"eventsReplayed": 1}
        assert receiver.received == []

    async def test_r15_a_replayed_event_is_the_same_event(self, agency, receiver):
        await agency.subscribe(receiver.url)
        case_id = await agency.submit()
        await agency.deliver()
        await agency.behave(lost=True)
        (event,) = await agency.events(case_id)

        for _ in range(2):
            await agency.post(f"/webhooks/events/{event['id']}/replay", None)
            await agency.deliver()

        assert len(receiver.received) == 3
        assert len({(told.webhook_id, told.body) for told in receiver.received}) == 1

    async def test_what_is_not_there_is_not_replayed(self, agency, receiver):
        hook = await agency.subscribe(receiver.url)
        (event,) = await agency.events(await agency.submit())
        await agency.http.delete(f"/webhooks/{hook['id']}")

        for event_id in (UNKNOWN, event["id"]):
            answer = await agency.http.post(f"/webhooks/events/{event_id}/replay")
            assert answer.status_code == 404

    async def test_events_of_deleted_cases_are_not_sent(self, agency, receiver):
        await agency.subscribe(receiver.url, isTestMode=True)
        await agency.submit(isTest=True, tag="run")
        await agency.http.delete("/test/cases?tag=run")
        await agency.deliver()

        assert receiver.received == []

    async def test_a_case_deleted_while_it_is_told_does_no_harm(self, agency, receiver):
        await agency.subscribe(receiver.url, isTestMode=True)
        await agency.submit(isTest=True, tag="run")
        receiver.before_answering = lambda: agency.http.delete("/test/cases?tag=run")
        await agency.deliver()

        assert len(receiver.received) == 1


class TestTest:
    async def test_a_webhook_can_be_tried(self, agency, receiver):
        hook = await agency.subscribe(receiver.url)

        result = await agency.post(f"/webhooks/{hook['id']}/test", None)

        assert result["success"]
        assert not result.keys() & {"errorMessage", "errorCategory"}
        assert result["httpStatusCode"] == 204
        assert result["durationMs"] >= 0
        assert receiver.received[0].verified(hook["secret"]) == result["testPayload"]
        assert result["testPayload"]["type"] == "case.created"

    async def test_what_a_webhook_answers_is_told(self, agency, receiver):
        hook = await agency.subscribe(receiver.url)
        receiver.will_answer(404)

        result = await agency.post(f"/webhooks/{hook['id']}/test", None)

        assert not result["success"]
        assert (result["httpStatusCode"], result["errorMessage"]) == (404, "answered 404")
        assert result["errorCategory"] == "HttpError"

    async def test_who_does_not_answer_fails_the_trial(self, agency):
        hook = await agency.subscribe(f"http://127.0.0.1:{free_port()}/")

        result = await agency.post(f"/webhooks/{hook['id']}/test", None)

        assert (result["success"], result["errorMessage"]) == (False, "ConnectError")
        assert result["errorCategory"] == "NetworkError"
        assert "httpStatusCode" not in result

    @pytest.mark.parametrize(
        ("error", "category"),
        [
            (httpx.ReadTimeout("slow"), "TimeoutError"),
            (TimeoutError(), "TimeoutError"),
            (ConnectionResetError(), "NetworkError"),
            (httpx.InvalidURL("odd"), "UnknownError"),
            (ssl.SSLCertVerificationError("expired"), "SslError"),
        ],
    )
    async def test_why_a_trial_failed_is_told_in_the_partners_word(self, error, category):
        async def deliver(_url: str, _headers: Mapping[str, str], _body: bytes) -> int:
            try:
                raise error
            except ssl.SSLError as cause:
                raise httpx.ConnectError("no handshake") from cause

        async with calling(deliver=deliver) as agency:
            hook = await agency.subscribe("https://dunning.example.org/told")
            result = await agency.post(f"/webhooks/{hook['id']}/test", None)

        assert (result["success"], result["errorCategory"]) == (False, category)

    async def test_a_webhook_that_is_not_there_is_not_tried(self, agency):
        assert (await agency.http.post(f"/webhooks/{UNKNOWN}/test")).status_code == 404


class TestFire:
    async def test_an_event_is_fired_without_moving_the_case(self, agency, receiver):
        await agency.subscribe(receiver.url)
        case_id = await agency.submit()
        await agency.advance(case_id, "Active", 19)
        before = await agency.get(f"/cases/{case_id}")
        await agency.deliver()
        receiver.received.clear()

        for event in ALL_EVENTS:
            fired = await agency.post("/test/webhooks/fire", {"event": event, "caseId": case_id})
            assert fired == {"eventType": event, "caseId": case_id, "enqueuedCount": 1}
        await agency.deliver()

        assert types(receiver.received) == ALL_EVENTS
        assert receiver.received[-1].content["data"]["grossAmount"] == 19
        assert await agency.get(f"/cases/{case_id}") == before

    async def test_it_can_go_to_one_webhook_only(self, agency, receiver):
        case_id = await agency.submit()
        hooks = [await agency.subscribe(receiver.url) for _ in range(2)]
        body = {"event": "case.updated", "caseId": case_id}

        counts = [
            (await agency.post("/test/webhooks/fire", body | more))["enqueuedCount"]
            for more in ({}, {"subscriptionId": hooks[1]["id"]})
        ]
        await agency.deliver()

        assert counts == [2, 1]
        verified = [_verifies(told, hooks[1]["secret"]) for told in receiver.received]
        assert sorted(verified) == [False, True, True]

    async def test_nobody_listening_is_no_error(self, agency):
        case_id = await agency.submit()

        fired = await agency.post(
            "/test/webhooks/fire", {"event": "case.closed", "caseId": case_id}
        )

        assert fired["enqueuedCount"] == 0

    async def test_a_payment_that_never_came_cannot_be_told(self, agency):
        case_id = await agency.submit()
        body = {"event": "payment.created", "caseId": case_id}

        answer = await agency.http.post("/test/webhooks/fire", json=body)

        assert answer.status_code == 422
        assert answer.json()["businessErrors"][0]["type"] == "MissingData"

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"caseId": UNKNOWN}, 404),
            ({"event": "case.lost"}, 400),
            ({"subscriptionId": UNKNOWN}, 400),
            ({"more": 1}, 400),
        ],
    )
    async def test_what_is_wrong_is_refused(self, agency, changes, status):
        case_id = await agency.submit()
        body = {"event": "case.created", "caseId": case_id} | changes

        answer = await agency.http.post("/test/webhooks/fire", json=body)

        assert answer.status_code == status


class TestRestart:
    async def test_r15_nothing_that_is_under_way_is_forgotten(self, receiver, tmp_path):
        file, clock = tmp_path / "claims.jsonl", FixedClock(NOW)
        async with calling(clock, claims_file=file) as agency:
            hook = await agency.subscribe(receiver.url)
            gone = await agency.subscribe(receiver.url)
            case_id = await agency.submit()
            receiver.will_answer(500, 500)
            await agency.deliver()
            await agency.behave(delaySeconds=60, copies=2, order="newestFirst")
            await agency.advance(case_id, "Active", 5)
            await agency.http.delete(f"/webhooks/{gone['id']}")
            before = await _everything(agency, case_id)
        receiver.received.clear()

        async with calling(clock, claims_file=file) as agency:
            assert await _everything(agency, case_id) == before
            clock.forward(seconds=60)
            await agency.deliver()

        assert types(receiver.received)[:3] == ["payment.created", "case.updated", "case.created"]
        assert Counter(types(receiver.received)) == {
            "payment.created": 2,
            "case.updated": 2,
            "case.created": 1,
        }
        assert all(told.verified(hook["secret"]) for told in receiver.received)

    async def test_r15_what_was_taken_is_not_sent_again(self, receiver, tmp_path):
        file = tmp_path / "claims.jsonl"
        async with calling(claims_file=file) as agency:
            await agency.subscribe(receiver.url)
            await agency.submit()
            await agency.deliver()

        async with calling(claims_file=file) as agency:
            await agency.deliver()

        assert len(receiver.received) == 1


async def _everything(agency: Caller, case_id: str) -> list[Any]:
    paths = ["/webhooks", "/test/webhooks/behavior", f"/webhooks/events?caseId={case_id}"]
    return [await agency.get(path) for path in paths]


def _verifies(told: Delivery, secret: str) -> bool:
    try:
        told.verified(secret)
    except WebhookVerificationError:
        return False
    return True
