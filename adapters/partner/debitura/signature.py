"""The partner's own signature of webhooks, which differs from Standard Webhooks.

In `X-Debitura-Signature: t=1775035800,v1=5257a8…`, `v1` is the HMAC-SHA256, in hexadecimal digits,
of the seconds, a point and the body. Its key is the secret, decoded from Base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from adapters.partner.standard_webhooks import BadSignature, fresh_moment

_HEADER: Final = "x-debitura-signature"
_PREFIX: Final = "whsec_"


class DebituraSignature:
    """The check of `X-Debitura-Signature` with one of several secrets."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Several secrets are valid while they are being changed. Raises `ValueError`."""
        if not secrets:
            raise ValueError("there is no secret")
        self._keys = [_key(secret) for secret in secrets]

    @staticmethod
    def is_in(headers: Mapping[str, str]) -> bool:
        return any(name.lower() == _HEADER for name in headers)

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        given = {name.lower(): value for name, value in headers.items()}
        parts = [part.strip().partition("=") for part in given.get(_HEADER, "").split(",")]
        moments = [value for name, _, value in parts if name == "t"]
        signatures = [value for name, _, value in parts if name == "v1" and value]
        if len(moments) != 1 or not signatures:
            raise BadSignature("it is not signed")
        fresh_moment(moments[0], now=now)
        signed = b".".join((moments[0].encode(), body))
        right = [hmac.new(key, signed, hashlib.sha256).hexdigest() for key in self._keys]
        # All are compared, so that the time taken gives nothing away.
        fits = [
            hmac.compare_digest(one.encode(), signature.encode())
            for one in right
            for signature in signatures
        ]
        if not any(fits):
            raise BadSignature("it is not signed with our secret")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX))
    except (binascii.Error, ValueError):
        key = b""  # the error's words may contain the secret
    if not key:
        raise ValueError("is not a secret in Base64")
    return key
