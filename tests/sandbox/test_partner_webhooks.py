"""Webhooks of the partner sandbox, told over HTTP to a receiver in the same loop."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from runtime.clock import SystemClock
from runtime.embedded import free_port
from sandbox.partner.webhook_sender import LONGEST_PAUSE
from tests.partners.sandbox import ALL_EVENTS, UNKNOWN, Caller, calling, types
from tests.webhook_receiver import Receiver, receiving

PAID = ["case.updated", "payment.created", "case.updated", "case.closed"]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def agency() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


class TestSubscribe:
    async def test_the_secret_is_shown_once(self, agency, receiver):
        hook = await agency.subscribe(receiver.url)

        assert hook.pop("secret").startswith("whsec_")
        assert hook == {
            "id": hook["id"],
            "url": receiver.url,
            "events": ALL_EVENTS,
            "isActive": True,
            "isTestMode": False,
            "createdUtc": "2026-03-02T09:30:00Z",
            "updatedUtc": "2026-03-02T09:30:00Z",
        }
        assert await agency.get("/webhooks") == [hook]

    async def test_each_webhook_has_a_secret_of_its_own(self, agency, receiver):
        hooks = [await agency.subscribe(receiver.url) for _ in range(2)]

        assert len({hook["secret"] for hook in hooks}) == 2
        assert len({hook["id"] for hook in hooks}) == 2

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"url": None}, "url"),
            ({"url": ""}, "url"),
            ({"url": "backend"}, "url"),
            ({"url": "ftp://backend/"}, "url"),
            ({"url": "http:///told"}, "url"),
            ({"url": "http://backend:99999/"}, "url"),
            ({"url": "http://backend/a b"}, "url"),
            ({"url": "http://backend/" + "x" * 2000}, "url"),
            ({"events": []}, "events"),
            ({"events": "case.closed"}, "events"),
            ({"events": ["case.closed", "case.lost"]}, "events.1"),
            ({"isTestMode": "no"}, "isTestMode"),
            ({"secret": "mine"}, "secret"),
        ],
    )
    async def test_what_is_wrong_is_refused_by_its_field(self, agency, changes, field):
        body = {"url": "http://backend/", "events": ALL_EVENTS} | changes
        answer = await agency.http.post("/webhooks", json=body)

        assert answer.status_code == 400
        assert list(answer.json()) == [field]
        assert await agency.get("/webhooks") == []

    async def test_what_is_deleted_hears_nothing_any_more(self, agency, receiver):
        hook = await agency.subscribe(receiver.url)
        case_id = await agency.submit()

        assert (await agency.http.delete(f"/webhooks/{hook['id']}")).status_code == 204
        await agency.advance(case_id, "Active")
        await agency.deliver()

        assert receiver.received == []
        assert (await agency.http.delete(f"/webhooks/{hook['id']}")).status_code == 404


class TestTelling:
    async def test_r15_an_event_is_a_signed_cloud_event(self, agency, receiver):
        hook = await agency.subscribe(receiver.url)
        case_id = await agency.submit()
        agency.clock.forward(minutes=1)
        await agency.deliver()

        (told,) = receiver.received
        assert told.headers["content-type"] == "application/json"
        assert told.headers["webhook-timestamp"] == str(int(agency.clock.now().timestamp()))
        content = told.verified(hook["secret"])
        assert content == {
            "specversion": "1.0",
            "id": told.webhook_id,
            "type": "case.created",
            "source": "urn:sandbox:collection-partner",
            "time": "2026-03-02T09:30:00Z",
            "datacontenttype": "application/json",
            "data": {
                "caseId": case_id,
                "reference": case_id[:8].upper(),
                "creditorReference": "abcd2345-1",
                "isTest": False,
                "lifecycle": "PendingVerification",
                "grossAmount": 119,
                "currency": "EUR",
            },
        }

    async def test_another_secret_does_not_verify_it(self, agency, receiver):
        await agency.subscribe(receiver.url)
        other = await agency.subscribe("http://other.localhost/", events=["case.closed"])
        await agency.submit()
        await agency.deliver()

        with pytest.raises(WebhookVerificationError):
            receiver.received[0].verified(other["secret"])

    async def test_r28_nobody_is_named(self, agency, receiver):
        await agency.subscribe(receiver.url)
        case_id = await agency.submit()
        await agency.advance(case_id, "Closed:Paid", 119)
        await agency.deliver()

        assert len(receiver.received) == 5
        assert not any(b"Weber" in told.body for told in receiver.received)

    @pytest.mark.parametrize(
        ("step", "told"),
        [
            (("Active",), ["case.updated"]),
            (("Active", 5), ["case.updated", "payment.created"]),
            (("Legal",), ["case.updated", "case.updated"]),
            (("Closed:Other",), ["case.updated", "case.closed"]),
            (("Closed:Paid", 119), PAID),
            (("Closed:NoPayment",), ["case.updated", "case.updated", "case.closed"]),
        ],
    )
    async def test_r15_each_step_is_told(self, agency, receiver, step, told):
        case_id = await agency.submit()
        await agency.subscribe(receiver.url)

        await agency.advance(case_id, *step)
        await agency.deliver()

        assert types(receiver.received) == told
        assert len(set(receiver.ids())) == len(told)

    async def test_what_changed_is_in_the_event(self, agency, receiver):
        case_id = await agency.submit()
        await agency.subscribe(receiver.url)
        await agency.advance(case_id, "Legal")
        await agency.advance(case_id, "Closed:Paid", "119.00")
        await agency.deliver()

        about = {"caseId", "reference", "creditorReference", "isTest"}
        datas = [told.content["data"] for told in receiver.received]
        assert [{k: v for k, v in data.items() if k not in about} for data in datas] == [
            {
                "oldLifecycle": "PendingVerification",
                "newLifecycle": "Active",
                "currentEngagementPhase": "Pre-legal",
            },
            {
                "oldLifecycle": "Active",
                "newLifecycle": "Active",
                "currentEngagementPhase": "Legal",
            },
            {
                "paymentId": datas[2]["paymentId"],
                "date": "2026-03-02T09:30:00Z",
                "grossAmount": 119.00,
                "currency": "EUR",
            },
            {"oldLifecycle": "Active", "newLifecycle": "Closed"},
            {"closeCode": "Paid"},
        ]
        assert b'"grossAmount":119.00' in receiver.received[2].body

    async def test_a_webhook_hears_what_it_asked_for(self, agency, receiver):
        await agency.subscribe(receiver.url, events=["case.closed", "case.closed"])
        await agency.advance(await agency.submit(), "Closed:Paid", 119)
        await agency.deliver()

        assert types(receiver.received) == ["case.closed"]

    @pytest.mark.parametrize("is_test_mode", [True, False])
    async def test_test_cases_are_told_to_webhooks_for_tests(self, agency, receiver, is_test_mode):
        await agency.subscribe(receiver.url, isTestMode=is_test_mode)
        for is_test in (True, False):
            await agency.submit(isTest=is_test)
        await agency.deliver()

        (told,) = receiver.received
        assert told.content["data"]["isTest"] is is_test_mode

    async def test_all_webhooks_are_told_the_same_event(self, agency, receiver):
        for _ in range(2):
            await agency.subscribe(receiver.url)
        case_id = await agency.submit()
        await agency.deliver()

        assert len(receiver.received) == 2
        assert len(set(receiver.ids())) == 1
        assert len({event["id"] for event in await agency.events(case_id)}) == 2

    async def test_nothing_is_sent_by_itself_in_a_process_that_only_calls(self, agency, receiver):
        await agency.subscribe(receiver.url)
        case_id = await agency.submit()

        (event,) = await agency.events(case_id)
        assert (receiver.received, event["attemptCount"]) == ([], 0)

    async def test_another_way_of_sending_can_be_given(self):
        posted = []

        async def deliver(url: str, headers: Mapping[str, str], body: bytes) -> int:
            posted.append((url, headers["webhook-id"], json.loads(body)["id"]))
            return 204

        async with calling(deliver=deliver) as agency:
            await agency.subscribe("http://dunning.localhost/v1/partner/webhooks")
            case_id = await agency.submit()
            await agency.deliver()
            (event,) = await agency.events(case_id)

        ((url, header, in_body),) = posted
        assert url == "http://dunning.localhost/v1/partner/webhooks"
        assert header == in_body == json.loads(event["payload"])["id"]
        assert event["deliveredAt"] == "2026-03-02T09:30:00Z"


class TestTrying:
    async def test_r15_what_is_not_taken_comes_again_in_growing_pauses(self, agency, receiver):
        await agency.subscribe(receiver.url)
        receiver.will_answer(404, 500, 302, 503)
        case_id = await agency.submit()
        heard = []
        for seconds in (0, 0.9, 0.1, 1.9, 0.1, 3.9, 0.1, 7.9, 0.1, 1000):
            agency.clock.forward(seconds=seconds)
            await agency.deliver()
            heard.append(len(receiver.received))

        assert heard == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
        assert len(set(receiver.ids())) == 1
        assert len({told.body for told in receiver.received}) == 1
        (event,) = await agency.events(case_id)
        assert (event["attemptCount"], event["lastResponseCode"]) == (5, 204)
        assert "lastError" not in event

    async def test_the_pauses_end_growing_and_never_end(self, agency, receiver):
        await agency.subscribe(receiver.url)
        receiver.always = (500, {})
        case_id = await agency.submit()
        for _ in range(30):
            await agency.deliver()
            agency.clock.forward(seconds=LONGEST_PAUSE.total_seconds())

        (event,) = await agency.events(case_id)
        assert event["attemptCount"] == 30
        assert event["lastError"] == "answered 500"
        assert "deliveredAt" not in event

    async def test_who_cannot_be_reached_holds_up_nobody_else(self, agency, receiver):
        for url in (f"http://127.0.0.1:{free_port()}/", receiver.url):
            await agency.subscribe(url)
        case_id = await agency.submit()
        await agency.deliver()

        assert len(receiver.received) == 1
        errors = {event.get("lastError") for event in await agency.events(case_id)}
        assert errors == {"ConnectError", None}

    async def test_who_hangs_up_is_told_again(self, agency, receiver):
        await agency.subscribe(receiver.url)
        receiver.answers = [None]
        await agency.submit()
        await agency.deliver()
        agency.clock.forward(seconds=1)
        await agency.deliver()

        assert len(receiver.received) == 2

    async def test_a_failed_event_does_not_hold_up_the_next(self, agency, receiver):
        await agency.subscribe(receiver.url)
        receiver.will_answer(500)
        await agency.advance(await agency.submit(), "Active")
        await agency.deliver()
        agency.clock.forward(seconds=1)
        await agency.deliver()

        assert types(receiver.received) == ["case.created", "case.updated", "case.created"]


class TestByItself:
    async def test_r15_a_served_sandbox_delivers_and_tries_again_by_itself(self, receiver):
        async with (
            calling(clock=SystemClock()) as agency,
            agency.app.router.lifespan_context(agency.app),
        ):
            await agency.subscribe(receiver.url)
            receiver.will_answer(503)
            await agency.submit()
            await receiver.wait_for(2)
            await agency.advance(await agency.submit(), "Active")
            await receiver.wait_for(4)

        kinds = Counter(types(receiver.received))
        assert kinds == {"case.created": 3, "case.updated": 1}

    async def test_r15_a_restart_delivers_what_was_left(self, receiver, tmp_path: Path):
        file = tmp_path / "claims.jsonl"
        async with calling(claims_file=file, clock=SystemClock()) as agency:
            hook = await agency.subscribe(receiver.url)
            await agency.submit()

        async with (
            calling(claims_file=file, clock=SystemClock()) as agency,
            agency.app.router.lifespan_context(agency.app),
        ):
            await receiver.wait_for(1)

        assert receiver.received[0].verified(hook["secret"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/webhooks"),
        ("GET", "/webhooks"),
        ("DELETE", f"/webhooks/{UNKNOWN}"),
        ("POST", f"/webhooks/{UNKNOWN}/test"),
        ("POST", f"/webhooks/{UNKNOWN}/replay"),
        ("GET", "/users"),
        ("GET", "/webhooks/events"),
        ("POST", f"/webhooks/events/{UNKNOWN}/replay"),
        ("POST", "/divisions"),
        ("GET", "/divisions"),
        ("GET", f"/cases/{UNKNOWN}/timeline"),
        ("POST", f"/cases/{UNKNOWN}/files"),
        ("POST", f"/cases/{UNKNOWN}/chats"),
        ("POST", f"/test/cases/{UNKNOWN}/advance"),
        ("POST", "/test/webhooks/fire"),
        ("GET", "/test/webhooks/behavior"),
        ("POST", "/test/webhooks/behavior"),
        ("DELETE", "/test/cases?tag=x"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"XApiKey": "wrong"}, {"XApiKey": "ü".encode()}])
async def test_every_call_needs_the_key(method, path, headers):
    async with calling(api_key="right") as agency:
        answer = await agency.http.request(method, path, headers=headers)

    assert answer.status_code == 401
