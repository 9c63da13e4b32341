"""Access to the console: links that open it once, and sessions (R26).

Only digests of links and sessions are stored: nobody can sign in with the content of these tables.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, CursorResult, func, update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.keys import UnknownSeller
from models.tables import SellerRow
from models.tables.columns import UtcDateTime

Document = dict[str, Any]

IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
_SECRET_BYTES: Final = 32
_SEEN_EVERY: Final = timedelta(minutes=5)


class LinkMaker(StrEnum):
    """The ways to make a link; each has its own time for which a link works."""

    MAIL = "mail"
    BACKEND = "backend"
    COMMAND = "command"

    @property
    def lasts(self) -> timedelta:
        return timedelta(minutes=_MINUTES[self])


_MINUTES: Final = {LinkMaker.MAIL: 15, LinkMaker.BACKEND: 5, LinkMaker.COMMAND: 60}


class SignInLinkRow(SQLModel, table=True):
    """A link that opens the console of one seller, once."""

    __tablename__ = "sign_in_links"

    digest: str = Field(primary_key=True)
    seller_id: str = Field(foreign_key="sellers.seller_id")
    made_by: str
    path: str
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConsoleSessionRow(SQLModel, table=True):
    """A person who is signed in; colleagues see `name` beside what that person did."""

    __tablename__ = "console_sessions"

    session_id: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    seller_id: str = Field(foreign_key="sellers.seller_id", index=True)
    name: str | None = None
    made_by: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConsoleActRow(SQLModel, table=True):
    """An act in the console and its answer; the same act done again is not repeated.

    The id is made from the form: the same form sent again is the same act.
    """

    __tablename__ = "console_acts"

    act_id: str = Field(primary_key=True)
    seller_id: str = Field(foreign_key="sellers.seller_id")
    session_id: str = Field(foreign_key="console_sessions.session_id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    answer: Document = Field(sa_type=JSON)


@dataclass(frozen=True)
class NewLink:
    """A new link, with its token, which is shown only once."""

    token: str
    expires_at: datetime


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def make_link(
    session: AsyncSession, seller_id: str, *, made_by: LinkMaker, path: str, at: datetime
) -> NewLink:
    """Make a link for one seller. Raises `UnknownSeller`."""
    if await session.get(SellerRow, seller_id) is None:
        raise UnknownSeller(seller_id)
    new = NewLink(secrets.token_urlsafe(_SECRET_BYTES), at + made_by.lasts)
    session.add(
        SignInLinkRow(
            digest=digest_of(new.token),
            seller_id=seller_id,
            made_by=made_by,
            path=path,
            expires_at=new.expires_at,
        )
    )
    await session.flush()
    return new


async def find_link(session: AsyncSession, token: str) -> SignInLinkRow | None:
    return await session.get(SignInLinkRow, digest_of(token))


async def use_link(
    session: AsyncSession, token: str, *, name: str | None, at: datetime
) -> tuple[str, SignInLinkRow] | None:
    """Use up a link and begin a session; None if the link is unknown, used or expired.

    Returns the session's secret and the link. If two use a link at the same moment, one gets in.
    """
    link = await find_link(session, token)
    if link is None:
        return None
    connection = await session.connection()
    taken: CursorResult[tuple[()]] = await connection.execute(
        update(SignInLinkRow)
        .where(
            col(SignInLinkRow.digest) == link.digest,
            col(SignInLinkRow.used_at).is_(None),
            col(SignInLinkRow.expires_at) > at,
        )
        .values(used_at=at)
    )
    if not taken.rowcount:
        return None
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    session.add(
        ConsoleSessionRow(
            session_id=f"session-{secrets.token_hex(8)}",
            digest=digest_of(secret),
            seller_id=link.seller_id,
            name=name,
            made_by=link.made_by,
            created_at=at,
            seen_at=at,
            expires_at=at + LONGEST,
        )
    )
    await session.flush()
    return secret, link


async def find_session(
    session: AsyncSession, secret: str, *, at: datetime
) -> ConsoleSessionRow | None:
    """Return the session with this secret, unless it was idle for twelve hours or is a week old."""
    query = select(ConsoleSessionRow).where(
        ConsoleSessionRow.digest == digest_of(secret),
        col(ConsoleSessionRow.revoked_at).is_(None),
        col(ConsoleSessionRow.expires_at) > at,
        col(ConsoleSessionRow.seen_at) > at - IDLE,
    )
    return (await session.exec(query)).one_or_none()


def is_to_be_noted(row: ConsoleSessionRow, at: datetime) -> bool:
    """Whether the session was last seen so long ago that its return has to be stored."""
    return at - row.seen_at >= _SEEN_EVERY


async def note_seen(session: AsyncSession, session_id: str, *, at: datetime) -> None:
    connection = await session.connection()
    await connection.execute(
        update(ConsoleSessionRow)
        .where(col(ConsoleSessionRow.session_id) == session_id)
        .values(seen_at=at)
    )


async def sign_out(
    session: AsyncSession, row: ConsoleSessionRow, *, everywhere: bool, at: datetime
) -> None:
    """End a session, or all of its seller's."""
    column = ConsoleSessionRow.seller_id if everywhere else ConsoleSessionRow.session_id
    value = row.seller_id if everywhere else row.session_id
    connection = await session.connection()
    await connection.execute(
        update(ConsoleSessionRow)
        .where(col(column) == value, col(ConsoleSessionRow.revoked_at).is_(None))
        .values(revoked_at=at)
    )


async def sellers_reached_at(session: AsyncSession, email: str) -> list[str]:
    """Return the sellers whose own e-mail address this is."""
    address = func.lower(col(SellerRow.profile)["email"].as_string())
    query = select(SellerRow.seller_id).where(address == email.strip().lower())
    return list(await session.exec(query.order_by(col(SellerRow.seller_id))))


async def find_act(session: AsyncSession, act_id: str, *, seller_id: str) -> ConsoleActRow | None:
    """Return an act of this seller's people by its id; None for an act at another seller."""
    row = await session.get(ConsoleActRow, act_id)
    return row if row is not None and row.seller_id == seller_id else None


async def keep_act(session: AsyncSession, row: ConsoleActRow) -> None:
    """Store an act, once."""
    if await session.get(ConsoleActRow, row.act_id) is None:
        session.add(row)
        await session.flush()
