"""What comes in as a webhook: from the partner, lately, and readable; or not at all."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from adapters.partner.debitura import DebituraWebhooks, verify_webhook
from adapters.partner.port import ClaimUnknown, PartnerError
from adapters.partner.standard_webhooks import (
    TOLERANCE,
    BadSignature,
    PartnerEvent,
    StandardWebhooks,
)
from tests.examples import any_text
from tests.partners.pairs import KEY, NOW, LosesAnswers
from tests.partners.sandbox import UNKNOWN, Caller, calling
from tests.webhook_receiver import SECRET

OTHER = f"whsec_{base64.b64encode(b'another secret of a test, as long').decode()}"
EVENT = {
    "specversion": "1.0",
    "id": "event-1",
    "type": "case.updated",
    "source": "urn:partner",
    "time": "2026-04-01T09:29:58Z",
    "data": {"caseId": "case-1", "creditorReference": "abcd2345-1", "newField": {"a": 1}},
    "newField": [1],
}


def a_body(**changes: Any) -> bytes:
    event = {**EVENT, **changes}
    return json.dumps({name: value for name, value in event.items() if value is not ...}).encode()


def signed(body: bytes, secret: str = SECRET, *, at: datetime = NOW) -> dict[str, str]:
    return {
        "webhook-id": "event-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("event-1", at, body.decode()),
    }


def heard(
    headers: Mapping[str, str], body: bytes, *secrets: str, now: datetime = NOW
) -> PartnerEvent:
    return verify_webhook(StandardWebhooks(secrets or (SECRET,)), headers, body, now=now)


class TestSignature:
    def test_r15_an_event_of_the_partner_is_read(self):
        body = a_body()

        assert heard(signed(body), body) == PartnerEvent(
            event_id="event-1",
            type="case.updated",
            partner_id="case-1",
            reference="abcd2345-1",
            at=datetime(2026, 4, 1, 9, 29, 58, tzinfo=UTC),
        )

    def test_names_of_headers_may_be_in_any_case(self):
        body = a_body()

        assert heard({name.title(): value for name, value in signed(body).items()}, body)

    @pytest.mark.parametrize("secrets", [(SECRET, OTHER), (OTHER, SECRET)])
    def test_while_secrets_are_changed_both_count(self, secrets):
        body = a_body()

        assert heard(signed(body, SECRET), body, *secrets)
        assert heard(signed(body, OTHER), body, *secrets)

    def test_one_of_several_signatures_is_enough(self):
        body = a_body()
        headers = signed(body)
        headers["webhook-signature"] = f"v1a,xyz v1,AAAA {headers['webhook-signature']}"

        assert heard(headers, body)

    def test_another_secret_is_not_ours(self):
        body = a_body()

        with pytest.raises(BadSignature):
            heard(signed(body, OTHER), body)

    @pytest.mark.parametrize("place", [0, 30, -1])
    def test_a_body_that_was_changed_is_not_the_partners(self, place):
        body = bytearray(a_body())
        headers = signed(bytes(body))
        body[place] ^= 1

        with pytest.raises(BadSignature):
            heard(headers, bytes(body))

    @pytest.mark.parametrize(
        "changes",
        [
            {"webhook-id": "event-2"},
            {"webhook-id": ""},
            {"webhook-id": None},
            {"webhook-signature": None},
            {"webhook-signature": ""},
            {"webhook-signature": "v1"},
            {"webhook-signature": "v1,"},
            {"webhook-signature": ",,, v1,ä"},
            {"webhook-timestamp": None},
            {"webhook-timestamp": ""},
            {"webhook-timestamp": "soon"},
            {"webhook-timestamp": "-5"},
            {"webhook-timestamp": "1e9"},
            {"webhook-timestamp": "nan"},
            {"webhook-timestamp": "9" * 12},
            {"webhook-timestamp": "9" * 99},
            {"webhook-timestamp": "\N{ARABIC-INDIC DIGIT ONE}"},
        ],
    )
    def test_headers_that_are_missing_or_odd_are_no_signature(self, changes):
        body = a_body()
        headers = {**signed(body), **changes}

        with pytest.raises(BadSignature):
            heard({name: value for name, value in headers.items() if value is not None}, body)

    @pytest.mark.parametrize("sign", [1, -1])
    def test_five_minutes_are_tolerated_and_no_more(self, sign):
        body = a_body()
        headers = signed(body)

        assert heard(headers, body, now=NOW + sign * TOLERANCE)
        with pytest.raises(BadSignature, match="too long ago"):
            heard(headers, body, now=NOW + sign * (TOLERANCE + timedelta(seconds=1)))

    def test_a_body_that_is_no_text_is_not_the_partners(self):
        with pytest.raises(BadSignature):
            heard(signed(a_body()), b"\xff\xfe")

    @pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["whsec_ä"], ["a"]])
    def test_a_secret_that_is_none_is_refused_and_not_repeated(self, secrets):
        with pytest.raises(ValueError, match="secret") as wrong:
            StandardWebhooks(secrets)

        assert wrong.value.__cause__ is None

    @given(headers=st.dictionaries(any_text(), any_text(), max_size=5), body=st.binary())
    def test_nothing_that_anybody_sends_is_taken_or_breaks_anything(self, headers, body):
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        given_names = dict(zip(names, headers.values(), strict=False))

        for one in (headers, given_names, given_names | {names[1]: "1775035800"}):
            with pytest.raises(BadSignature):
                heard(one, body)


class TestEvents:
    @pytest.mark.parametrize(
        "body",
        [
            a_body(id=...),
            a_body(id=""),
            a_body(id=5),
            a_body(type=...),
            a_body(time=...),
            a_body(time="yesterday"),
            a_body(time="2026-04-01T09:29:58"),
            a_body(time=1775035800),
            a_body(data=...),
            a_body(data=[]),
            a_body(data={"creditorReference": "abcd2345-1"}),
            a_body(data={"caseId": None}),
            a_body(data={"caseId": "case-1", "creditorReference": 5}),
            b"[]",
            b"null",
            b"{",
            b"",
            b"[" * 10_000,
        ],
    )
    def test_what_is_signed_but_no_event_is_refused(self, body):
        with pytest.raises(BadSignature, match="not an event"):
            heard(signed(body), body)

    def test_an_event_of_a_kind_that_is_not_known_yet_is_one(self):
        body = a_body(type="case.merged", data={"caseId": "case-1"})

        event = heard(signed(body), body)

        assert (event.type, event.reference) == ("case.merged", None)


@pytest.fixture
async def agency() -> AsyncIterator[Caller]:
    told: list[tuple[dict[str, str], bytes]] = []

    async def deliver(_url: str, headers: Mapping[str, str], body: bytes) -> int:
        told.append((dict(headers), body))
        return 200

    async with calling(deliver=deliver) as caller:
        caller.app.state.told = told
        yield caller


@pytest.fixture
async def webhooks(agency: Caller) -> AsyncIterator[DebituraWebhooks]:
    transport = LosesAnswers(agency.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox", headers={"XApiKey": KEY}
    ) as http:
        yield DebituraWebhooks(http)


class TestSubscriptions:
    async def test_r15_what_the_sandbox_tells_is_verified_and_read(self, agency, webhooks):
        subscription = await webhooks.subscribe("https://dunning.example.org/told")
        case_id = await agency.submit()
        await agency.advance(case_id, "Closed:Paid", 119)
        await agency.deliver()

        verifier = StandardWebhooks([subscription.secret])
        events = [
            verify_webhook(verifier, headers, body, now=agency.clock.now())
            for headers, body in agency.app.state.told
        ]

        assert [event.type for event in events] == [
            "case.updated",
            "payment.created",
            "case.updated",
            "case.closed",
        ]
        assert {(event.partner_id, event.reference) for event in events} == {
            (case_id, "abcd2345-1")
        }
        assert len({event.event_id for event in events}) == 4

    async def test_events_are_listed_and_told_again(self, agency, webhooks):
        await webhooks.subscribe("https://dunning.example.org/told", ["case.created"])
        case_id = await agency.submit()
        await agency.deliver()

        (sent,) = await webhooks.events_of(case_id)
        await webhooks.replay(sent.id)
        await agency.deliver()

        assert (sent.event_type, sent.attempt_count) == ("case.created", 1)
        (first, second) = [headers["webhook-id"] for headers, _ in agency.app.state.told]
        assert first == second

    async def test_an_example_is_told_on_request(self, agency, webhooks):
        subscription = await webhooks.subscribe("https://dunning.example.org/told")

        assert await webhooks.test(subscription.id)

        ((headers, body),) = agency.app.state.told
        verifier = StandardWebhooks([subscription.secret])
        assert verify_webhook(verifier, headers, body, now=agency.clock.now())

    async def test_of_a_claim_that_is_not_there_nothing_was_told(self, webhooks):
        with pytest.raises(ClaimUnknown):
            await webhooks.events_of(UNKNOWN)
        with pytest.raises(PartnerError, match="404"):
            await webhooks.replay(UNKNOWN)
        with pytest.raises(PartnerError, match="404"):
            await webhooks.test(UNKNOWN)

    async def test_the_secret_is_not_shown_by_accident(self, webhooks):
        subscription = await webhooks.subscribe("https://dunning.example.org/told")

        assert subscription.secret not in repr(subscription)
