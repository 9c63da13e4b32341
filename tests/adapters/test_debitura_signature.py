"""Webhooks as the partner's published contract has them: another signature, other names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.partner.debitura import event_reader
from adapters.partner.debitura.signature import DebituraSignature
from adapters.partner.standard_webhooks import TOLERANCE, BadSignature, PartnerEvent
from tests.adapters.test_partner_events import a_body as a_cloud_event
from tests.adapters.test_partner_events import signed as signed_by_the_standard
from tests.examples import any_text
from tests.partners.pairs import NOW

SECRET: Final = "dGhpc2lzYWJhc2U2NGVuY29kZWRzZWNyZXQ="
OTHER: Final = base64.b64encode(b"another secret of a test").decode()
# Signed by `openssl dgst -sha256 -mac HMAC`.
BODY: Final = (
    b'{"id":"evt_abc123","specVersion":"1.0","event":"case.closed",'
    b'"timestamp":"2026-04-01T09:29:58Z","data":{"caseId":"case-1","reference":"Q8OAXF3W",'
    b'"creditorReference":"abcd2345-1","status":"Closed"},'
    b'"links":{"self":"https://partner.example/cases/case-1"}}'
)
SIGNATURE: Final = "49c8778368a7f2d60a27f3fcf7d0bd45b53219866e98cb911c7904c189259241"
HEADERS: Final = {
    "X-Debitura-Signature": f"t=1775035800,v1={SIGNATURE}",
    "X-Debitura-Timestamp": "1775035800",
    "X-Debitura-Event": "case.closed",
}


def signed(body: bytes, secret: str = SECRET, *, at: datetime = NOW) -> dict[str, str]:
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret)
    mac = hmac.new(key, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"x-debitura-signature": f"t={seconds},v1={mac}"}


def heard(
    headers: Mapping[str, str], body: bytes, *secrets: str, now: datetime = NOW
) -> PartnerEvent:
    return event_reader(secrets or (SECRET,))(headers, body, now)


def test_r15_an_event_of_the_published_contract_is_read() -> None:
    assert heard(HEADERS, BODY) == PartnerEvent(
        event_id="evt_abc123",
        type="case.closed",
        partner_id="case-1",
        reference="abcd2345-1",
        at=datetime(2026, 4, 1, 9, 29, 58, tzinfo=UTC),
    )


def test_an_event_without_our_reference_is_one_too() -> None:
    body = json.dumps(json.loads(BODY) | {"data": {"caseId": "case-1", "reference": "Q8"}}).encode()

    assert heard(signed(body), body).reference is None


def test_names_of_headers_may_be_in_any_case() -> None:
    assert heard({name.upper(): value for name, value in HEADERS.items()}, BODY)


@pytest.mark.parametrize("secrets", [(SECRET, OTHER), (OTHER, SECRET), (f"whsec_{SECRET}",)])
def test_any_of_the_secrets_counts(secrets: tuple[str, ...]) -> None:
    assert heard(HEADERS, BODY, *secrets)


def test_one_of_several_signatures_is_enough() -> None:
    headers = {"X-Debitura-Signature": f"t=1775035800, v1=00ff, v0=x, v1={SIGNATURE}"}

    assert heard(headers, BODY)


def test_the_standard_signature_is_taken_as_before() -> None:
    body = a_cloud_event()

    assert heard(signed_by_the_standard(body, SECRET), body).event_id == "event-1"


def test_one_signature_does_not_vouch_for_another() -> None:
    """Whoever leaves out the right one is not helped by a wrong one of the other kind."""
    body = a_cloud_event()
    wrong = {"X-Debitura-Signature": f"t=1775035800,v1={SIGNATURE}"}

    with pytest.raises(BadSignature):
        heard({**signed_by_the_standard(body, SECRET), **wrong}, body)


def test_another_secret_is_not_ours() -> None:
    with pytest.raises(BadSignature, match="not signed with our secret"):
        heard(HEADERS, BODY, OTHER)


@pytest.mark.parametrize("place", [0, 30, -1])
def test_a_body_that_was_changed_is_not_the_partners(place: int) -> None:
    body = bytearray(BODY)
    body[place] ^= 1

    with pytest.raises(BadSignature):
        heard(HEADERS, bytes(body))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1775035800",
        f"v1={SIGNATURE}",
        f"t=,v1={SIGNATURE}",
        f"t=1775035801,v1={SIGNATURE}",
        f"t=1775035800,t=1775035800,v1={SIGNATURE}",
        f"t=1775035800,v0={SIGNATURE}",
        "t=1775035800,v1=",
        f"t=1775035800,v1={SIGNATURE.upper()}",
        f"t=1775035800,v1={SIGNATURE[:-1]}",
        f"t=soon,v1={SIGNATURE}",
        f"t=-5,v1={SIGNATURE}",
        f"t={'9' * 99},v1={SIGNATURE}",
        f"t=\N{ARABIC-INDIC DIGIT ONE},v1={SIGNATURE}",
        "t=1775035800,v1=ä",
        ",,,=",
    ],
)
def test_a_header_that_is_odd_is_no_signature(header: str) -> None:
    with pytest.raises(BadSignature):
        heard({"X-Debitura-Signature": header}, BODY)


@pytest.mark.parametrize("sign", [1, -1])
def test_five_minutes_are_tolerated_and_no_more(sign: int) -> None:
    assert heard(HEADERS, BODY, now=NOW + sign * TOLERANCE)
    with pytest.raises(BadSignature, match="too long ago"):
        heard(HEADERS, BODY, now=NOW + sign * (TOLERANCE + timedelta(seconds=1)))


@pytest.mark.parametrize(
    "change", [{"id": None}, {"event": None}, {"timestamp": "yesterday"}, {"data": {}}]
)
def test_what_is_signed_but_no_event_is_refused(change: dict[str, Any]) -> None:
    body = json.dumps(json.loads(BODY) | change).encode()

    with pytest.raises(BadSignature, match="not an event"):
        heard(signed(body), body)


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["ä"], ["a"]])
def test_a_secret_that_is_none_is_refused_and_not_repeated(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret") as wrong:
        DebituraSignature(secrets)

    assert wrong.value.__cause__ is None
    assert not secrets or str(wrong.value) == "is not a secret in Base64"


@given(header=any_text(200), body=st.binary(max_size=200))
def test_nothing_that_anybody_sends_is_taken_or_breaks_anything(header: str, body: bytes) -> None:
    for value in (header, f"t=1775035800,v1={header}"):
        with pytest.raises(BadSignature):
            heard({"X-Debitura-Signature": value}, body)
