"""What the partner tells by webhook, and whether it was the partner who told it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime, BaseModel
from standardwebhooks import Webhook

TOLERANCE: Final = timedelta(minutes=5)
_LONGEST_TIMESTAMP: Final = 12


class BadSignature(Exception):
    """It was not the partner, or nobody can tell: unsigned, too old, malformed."""


class PartnerEvent(BaseModel, frozen=True):
    """Something happened to a claim, in the partner's own word for it.

    How the claim stands now is not in it: events come late, twice and in any order.
    """

    event_id: str
    type: str
    partner_id: str
    reference: str | None = None
    at: AwareDatetime


class WebhookVerifier(Protocol):
    """A way to sign webhooks."""

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        """Raises `BadSignature` for what the partner has not sent, or not lately."""
        ...


class StandardWebhooks:
    """Standard Webhooks: HMAC-SHA256 over id, timestamp and body, with one of the secrets.

    The library signs; its own check would read the machine's clock, so the moment is checked
    here, against `now`.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        """The secrets that count, while they are changed more than one. Raises `ValueError`."""
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
        # All are compared, so that the time taken tells nothing.
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
    except Exception:  # the library raises what base64 raises, or its own; the secret may be in it
        raise ValueError("is not a secret of Standard Webhooks: whsec_…") from None


def fresh_moment(written: str, *, now: datetime) -> datetime:
    """When it was signed, in seconds since 1970. Raises `BadSignature` unless that was lately."""
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
