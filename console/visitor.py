"""The visitor who is signed in: found by a cookie, its session and its seller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from console.rate_limits import limits_of
from models.console.access import (
    LONGEST,
    ConsoleActRow,
    ConsoleSessionRow,
    find_act,
    find_session,
    is_to_be_noted,
    note_seen,
)
from models.console.board import count_waiting
from models.seller import SellerProfile, SellerSettings
from models.tables import SellerRow
from starter.input.caller import Caller
from starter.reading.statements.origins import count_open_lines
from starter.services import Services, ServicesDep

_PLAIN: Final = "dunning"
# Browsers accept this prefix only over https, without `Domain`, and for the path `/`.
_SECURE: Final = "__Host-dunning"


class NotSignedIn(Exception):
    """Nobody is signed in; the visitor is sent to the sign-in page."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who works for a seller, and the seller.

    `waiting` cases and `lines` of bank statements wait for a decision.
    """

    session: ConsoleSessionRow
    seller: SellerRow
    profile: SellerProfile
    settings: SellerSettings
    waiting: int
    lines: int
    act: ConsoleActRow | None = None
    """The act whose answer the page shows, if the URL names one."""

    @property
    def is_asked(self) -> bool:
        """R21: whether the seller was asked for its settings and has not answered."""
        seller = self.seller
        return seller.settings_asked_at is not None and seller.settings_answered_at is None

    @property
    def needs(self) -> int:
        """Return how many things wait for the seller's people."""
        return self.waiting + self.lines + self.is_asked

    @property
    def seller_id(self) -> str:
        return self.seller.seller_id

    @property
    def name(self) -> str | None:
        return self.session.name

    @property
    def by(self) -> str:
        """The name that the history gets."""
        return f"seller: {self.name}" if self.name else "seller"

    @property
    def zone(self) -> ZoneInfo:
        return self.profile.zone

    @property
    def caller(self) -> Caller:
        """A caller with the rights of the seller's key."""
        return Caller(key_id=self.session.session_id, seller_id=self.seller_id)


async def signed_in(request: Request, services: ServicesDep) -> Visitor:
    """Return the visitor. Raises `NotSignedIn` and `TooOften`."""
    secret = request.cookies.get(cookie_name(request))
    now = services.clock.now()
    if not secret:
        raise NotSignedIn
    async with services.database.reading() as session:
        row = await find_session(session, secret, at=now)
        seller = await session.get(SellerRow, row.seller_id) if row else None
        waiting = await count_waiting(session, row.seller_id) if row else 0
        lines = await count_open_lines(session, row.seller_id) if row else 0
        act_id = request.query_params.get("act")
        act = await find_act(session, act_id, seller_id=row.seller_id) if act_id and row else None
    if row is None or seller is None:
        raise NotSignedIn
    await limits_of(request).page_asked_for(row.session_id)
    if is_to_be_noted(row, now):
        await _note(services, row)
    visitor = Visitor(
        session=row,
        seller=seller,
        profile=SellerProfile.model_validate(seller.profile),
        settings=SellerSettings.model_validate(seller.settings),
        waiting=waiting,
        lines=lines,
        act=act,
    )
    request.state.caller = visitor.caller
    request.state.visitor = visitor
    return visitor


async def _note(services: Services, row: ConsoleSessionRow) -> None:
    async def change(session: AsyncSession) -> None:
        await note_seen(session, row.session_id, at=services.clock.now())

    await services.database.in_transaction(change)


VisitorDep = Annotated[Visitor, Depends(signed_in)]


def is_secure(request: Request) -> bool:
    console_url: str = request.app.state.console_url
    return request.url.scheme == "https" or console_url.startswith("https://")


def cookie_name(request: Request) -> str:
    return _SECURE if is_secure(request) else _PLAIN


def let_in(request: Request, response: Response, secret: str) -> None:
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def let_out(request: Request, response: Response) -> None:
    response.delete_cookie(
        cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )
