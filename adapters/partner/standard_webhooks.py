"""Incoming webhooks of the partner, and checks of their signatures."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, BaseModel
from standardwebhooks import Webhook

TOLERANCE: Final = timedelta(minutes=5)
_LONGEST_TIMESTAMP: Final = 12


class BadSignature(Exception):
    """A webhook that the partner has not verifiably sent: unsigned, too old or malformed."""


class PartnerEvent(BaseModel, frozen=True):
    """An event about a claim; `type` is the partner's word.

    It has no state of the claim, because events come late, twice and in any order.
    """

    event_id: str
    type: str
    partner_id: str
    reference: str | None = None
    at: AwareDatetime


ReadEvent = Callable[[Mapping[str, str], bytes, datetime], PartnerEvent]
"""Reads an event from headers, body and the moment; raises `BadSignature`."""


class WebhookVerifier(Protocol):
    """A check of signatures of webhooks."""

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        """Raise `BadSignature` unless the partner has sent this, and lately."""
        ...


class StandardWebhooks:
    """The check by Standard Webhooks: HMAC-SHA256 over id, timestamp and body.

    The library only computes signatures. Its own check would read the machine's clock, so this
    class compares the timestamp with `now`.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        """Several secrets are valid while they are being changed. Raises `ValueError`."""
        if not secrets:
            raise ValueError("there is no secret")
        self._signers = [_signer(secret) for secret in secrets]

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        given = {name.lower(): value for name, value in headers.items()}
        webhook_id, signatures = given.get("webhook-id"), given.get("webhook-signature")
        if not webhook_id or not signatures:
            raise BadSignature("it is not signed")
        sent_at = fresh_moment(given.get("webhook-timestamp", ""), now=now)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise BadSignature("it is no text") from None
        # All are compared, so that the time taken gives nothing away.
        fits = [
            hmac.compare_digest(signer.sign(webhook_id, sent_at, text).encode(), one.encode())
            for signer in self._signers
            for one in signatures.split()
        ]
        if not any(fits):
            raise BadSignature("it is not signed with our secret")


def _signer(secret: str) -> Webhook:
    try:
        return Webhook(secret)
    except Exception:  # of base64 or its own; its words may contain the secret
        raise ValueError("is not a secret of Standard Webhooks: whsec_…") from None


def fresh_moment(written: str, *, now: datetime) -> datetime:
    """Read the moment of signing, in seconds since 1970. Raises `BadSignature` if it is old."""
    sent_at = _moment(written)
    if abs(now - sent_at) > TOLERANCE:
        raise BadSignature("it was signed too long ago, or by another clock")
    return sent_at


def _moment(written: str) -> datetime:
    if not (written.isascii() and written.isdigit()) or len(written) > _LONGEST_TIMESTAMP:
        raise BadSignature("it does not say when it was signed")
    try:
        return datetime.fromtimestamp(int(written), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadSignature("it does not say when it was signed") from None
