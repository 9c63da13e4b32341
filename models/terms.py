"""The terms by which a seller's cases act: from its settings and the customer's law (R9, R21)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple, Self

from dunning.addresses.address import Address
from dunning.contact_limits import ContactLimit, contact_limit
from dunning.days import DAY, LawfulHours, Terms
from dunning.ladder import ADVANCE_DAYS
from dunning.settings import no_handoff_before
from dunning.statements.age import stale_from
from models.calendars import closed_days, unlawful_days
from models.seller import SellerProfile, SellerSettings
from models.statement_mails import statement_mailed
from models.tables import SellerRow


class SellerAt(NamedTuple):
    """A seller at a moment, as far as it decides when its cases act.

    Nothing is handed over before `no_handoff_before` (R21). `statements_until` is the newest day
    that a bank statement tells of; `statement_mailed`: the seller has heard that it is old (R20).
    """

    seller_id: str
    profile: SellerProfile
    settings: SellerSettings
    now: datetime
    no_handoff_before: datetime | None = None
    statements_until: date | None = None
    statement_mailed: bool = False

    @classmethod
    def of(cls, row: SellerRow, now: datetime) -> Self:
        profile = SellerProfile.model_validate(row.profile)
        return cls(
            row.seller_id,
            profile,
            SellerSettings.model_validate(row.settings),
            now,
            no_handoff_before(
                asked_at=row.settings_asked_at,
                answered_at=row.settings_answered_at,
                time_zone=profile.time_zone,
            ),
            row.statements_until,
            statement_mailed(row),
        )

    @property
    def today(self) -> date:
        return self.now.astimezone(self.profile.zone).date()


def terms_of(
    seller: SellerAt,
    address: Address | None,
    *,
    due_date: date,
    messages: Collection[datetime] = (),
) -> Terms:
    """Return the terms that decide when a case acts.

    `address` is the customer's, `messages` are the last ones that it got from the seller. The
    closed days cover 120 days, from now or from a case's first action on.
    """
    profile, settings = seller.profile, seller.settings
    start = max(seller.today, due_date - (ADVANCE_DAYS + 1) * DAY)
    country = address.country if address else None
    closed = closed_days(country, start) if settings.business_days_only else ()
    limit = contact_limit(country_of_law(address, profile))
    return Terms(
        time_zone=profile.time_zone,
        window=settings.sending_window,
        closed_days=closed,
        no_handoff_before=seller.no_handoff_before,
        lawful=None if limit is None else lawful_hours(limit, address, start - DAY),
        no_notice_before=None if limit is None else _wait(limit, address, messages, now=seller.now),
        stale_from=stale_from(
            seller.statements_until,
            days=settings.hold_when_stale_days,
            time_zone=profile.time_zone,
        ),
    )


def country_of_law(address: Address | None, profile: SellerProfile) -> str | None:
    """Return the customer's country; if that is not known, the seller's (R9)."""
    at_home = profile.address.country if profile.address else None
    return (address.country if address else None) or at_home


def lawful_hours(limit: ContactLimit, address: Address | None, start: date) -> LawfulHours:
    """Return the hours in which a customer may be written to, for 120 days."""
    return LawfulHours(
        time_zone=limit.zone_of(address),
        opens=limit.opens,
        closes=limit.closes,
        closed_days=unlawful_days(limit, start),
    )


def _wait(
    limit: ContactLimit, address: Address | None, messages: Collection[datetime], *, now: datetime
) -> datetime | None:
    """Return until when the customer can get no other message; None if it can get one now."""
    allowed = limit.next_allowed(messages, limit.zone_of(address))
    return allowed if allowed is not None and allowed > now else None
