"""Keys of the API: making, finding and revoking them. Only their digests are stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.locks import LOCKED
from models.tables import ApiKeyRow, SellerRow

_SECRET_BYTES: Final = 32


class KeyKind(StrEnum):
    """The kinds of keys: a backend's may do everything, a seller's moves the seller's own cases."""

    BACKEND = "backend"
    SELLER = "seller"


@dataclass(frozen=True)
class NewKey:
    """A new key. `token` is what callers send; it is shown only once and not stored."""

    key_id: str
    token: str


class UnknownSeller(LookupError):
    """There is no seller of this id."""


class UnknownKey(LookupError):
    """There is no key with this id."""


class AmbiguousKey(LookupError):
    """Several keys begin like this: `ids`."""

    def __init__(self, ids: list[str]) -> None:
        super().__init__(", ".join(ids))
        self.ids = ids


async def create_key(
    session: AsyncSession,
    *,
    seller_id: str | None = None,
    label: str = "",
    at: datetime,
    expires_at: datetime | None = None,
) -> NewKey:
    """Create a key for one seller, or without one for a backend. Raises `UnknownSeller`.

    A backend's key does not expire: its endpoints live as long as it does.
    """
    if seller_id is None and expires_at is not None:
        raise ValueError("the key of a backend does not end by itself")
    if seller_id is not None and await session.get(SellerRow, seller_id) is None:
        raise UnknownSeller(seller_id)
    kind = KeyKind.BACKEND if seller_id is None else KeyKind.SELLER
    new = NewKey(
        key_id=f"key-{secrets.token_hex(6)}",
        token=f"dunning_{kind}_{secrets.token_urlsafe(_SECRET_BYTES)}",
    )
    session.add(
        ApiKeyRow(
            key_id=new.key_id,
            kind=kind,
            seller_id=seller_id,
            label=label,
            digest=_digest(new.token),
            created_at=at,
            expires_at=expires_at,
        )
    )
    await session.flush()
    return new


async def find_key(session: AsyncSession, token: str, *, at: datetime) -> ApiKeyRow | None:
    """Return the key that a caller sent, if it is known, not revoked and not expired.

    It is found by the digest of 32 random bytes, so the time that this takes reveals nothing.
    """
    query = select(ApiKeyRow).where(
        ApiKeyRow.digest == _digest(token), col(ApiKeyRow.revoked_at).is_(None)
    )
    key = (await session.exec(query)).one_or_none()
    has_ended = key is not None and key.expires_at is not None and key.expires_at <= at
    return None if has_ended else key


async def revoke_key(session: AsyncSession, key_id: str, *, at: datetime) -> ApiKeyRow:
    """Revoke a key, so that it opens nothing any more; a second time changes nothing.

    The beginning of its id is enough if only one id begins so. Raises `UnknownKey` and
    `AmbiguousKey`.
    """
    row = await session.get(ApiKeyRow, await _whole_id(session, key_id), with_for_update=LOCKED)
    if row is None:
        raise UnknownKey(key_id)
    if row.revoked_at is None:
        row.revoked_at = at
        session.add(row)
    return row


async def _whole_id(session: AsyncSession, beginning: str) -> str:
    begins = col(ApiKeyRow.key_id).startswith(beginning, autoescape=True)
    found = list(await session.exec(select(ApiKeyRow.key_id).where(begins).order_by("key_id")))
    if beginning in found or not beginning or not found:
        return beginning
    if len(found) > 1:
        raise AmbiguousKey(found)
    return found[0]


async def all_keys(session: AsyncSession) -> list[ApiKeyRow]:
    query = select(ApiKeyRow).order_by(col(ApiKeyRow.created_at), col(ApiKeyRow.key_id))
    return list(await session.exec(query))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
