"""The partner's webhooks: subscribing, replaying, and reading those that come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx
from pydantic import AliasChoices, AwareDatetime, BaseModel, Field, ValidationError
from pydantic.alias_generators import to_camel

from adapters.partner.debitura.api import (
    Api,
    is_good,
    known,
    parsed_list,
    parsed_object,
    read,
    rendered,
    unexpected,
)
from adapters.partner.debitura.signature import DebituraSignature
from adapters.partner.standard_webhooks import (
    BadSignature,
    PartnerEvent,
    ReadEvent,
    StandardWebhooks,
    WebhookVerifier,
)

# `case.created` is left out, because we create the claims ourselves.
EVENTS: Final = ("case.updated", "case.closed", "payment.created")

EXAMPLE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "5f0c6b1e-6a0e-5a3f-9a53-0d3a2f4b8c11",
    "type": "case.closed",
    "source": "https://partner.example",
    "time": "2026-05-20T11:31:00+00:00",
    "data": {"caseId": "b1f5", "creditorReference": "3j4c4g5yyfhirhh2-1", "closeCode": "Paid"},
}
"""An example of an incoming event."""


class _Wire(BaseModel, alias_generator=to_camel, hide_input_in_errors=True):
    pass


class Subscription(_Wire, frozen=True):
    """A new webhook; its secret is shown only once."""

    id: str = Field(min_length=1)
    secret: str = Field(min_length=1, repr=False)


class SentEvent(_Wire, frozen=True):
    """An event that the partner has sent, or tried to send."""

    id: str = Field(min_length=1)
    event_type: str | None = None
    delivered_at: datetime | None = None
    attempt_count: int | None = None


class DebituraWebhooks:
    """The calls about the partner's webhooks to us."""

    def __init__(self, http: httpx.AsyncClient, *, is_test: bool = False) -> None:
        self._api = Api(http)
        self._is_test = is_test

    async def subscribe(self, url: str, events: Sequence[str] = EVENTS) -> Subscription:
        """Have events sent to a URL."""
        fields = {"url": url, "events": list(events), "isTestMode": self._is_test}
        answer = _good(await self._api.post("/webhooks", rendered(fields).encode()))
        return read(answer, Subscription, parsed_object(answer))

    async def events_of(self, partner_id: str) -> list[SentEvent]:
        """Return the webhook events of a claim. Raises `ClaimUnknown`."""
        answer = known(await self._api.get("/webhooks/events", caseId=partner_id))
        return [read(answer, SentEvent, event) for event in parsed_list(answer)]

    async def replay(self, sent_id: str) -> None:
        """Have an event sent again."""
        _good(await self._api.post(f"/webhooks/events/{quote(sent_id, safe='')}/replay"))

    async def test(self, webhook_id: str) -> bool:
        """Have an example sent; return whether it was accepted."""
        answer = _good(await self._api.post(f"/webhooks/{quote(webhook_id, safe='')}/test"))
        return parsed_object(answer).get("success") is True


class _Data(_Wire):
    case_id: str = Field(min_length=1, max_length=200)
    creditor_reference: str | None = Field(default=None, max_length=50)


class _Event(BaseModel, hide_input_in_errors=True):
    """A CloudEvent. The published contract calls `type` and `time` `event` and `timestamp`."""

    id: str = Field(min_length=1, max_length=200)
    type: str = Field(min_length=1, max_length=200, validation_alias=AliasChoices("type", "event"))
    time: AwareDatetime = Field(validation_alias=AliasChoices("time", "timestamp"))
    data: _Data


def verify_webhook(
    verifier: WebhookVerifier, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> PartnerEvent:
    """Check and read a webhook. Raises `BadSignature` unless the partner has signed it."""
    verifier.verify(headers, body, now=now)
    try:
        event = _Event.model_validate_json(body, strict=True)
    except ValidationError:
        raise BadSignature("it is signed, but not an event") from None
    return PartnerEvent(
        event_id=event.id,
        type=event.type,
        partner_id=event.data.case_id,
        reference=event.data.creditor_reference,
        at=event.time,
    )


def event_reader(secrets: Sequence[str]) -> ReadEvent:
    """Return a function that reads webhooks signed with one of the secrets.

    It accepts the partner's own signature, and that of Standard Webhooks, which the sandbox uses.
    """
    own, standard = DebituraSignature(secrets), StandardWebhooks(secrets)

    def read_event(headers: Mapping[str, str], body: bytes, now: datetime) -> PartnerEvent:
        verifier: WebhookVerifier = own if own.is_in(headers) else standard
        return verify_webhook(verifier, headers, body, now=now)

    return read_event


def _good(answer: httpx.Response) -> httpx.Response:
    if not is_good(answer):
        raise unexpected(answer)
    return answer
