"""The terms by which a seller's cases act: from its settings and the customer's law (R9, R21)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from dunning.addresses.address import Address
from dunning.contact_limits import ContactLimit, contact_limit
from dunning.days import DAY, LawfulHours, Terms
from dunning.ladder import ADVANCE_DAYS
from dunning.statements.age import stale_from
from models.calendars import closed_days, unlawful_days
from models.seller import SellerProfile, SellerSettings


def terms_of(
    profile: SellerProfile,
    settings: SellerSettings,
    *,
    address: Address | None,
    due_date: date,
    now: datetime,
    no_handoff_before: datetime | None = None,
    messages: Collection[datetime] = (),
    statements_until: date | None = None,
) -> Terms:
    """Return the terms that decide when a case acts.

    `address` is the customer's, `messages` are the last ones that it got from the seller. The
    closed days cover 120 days, from now or from a case's first action on.
    """
    today = now.astimezone(profile.zone).date()
    start = max(today, due_date - (ADVANCE_DAYS + 1) * DAY)
    country = address.country if address else None
    closed = closed_days(country, start) if settings.business_days_only else ()
    limit = contact_limit(country_of_law(address, profile))
    return Terms(
        time_zone=profile.time_zone,
        window=settings.sending_window,
        closed_days=closed,
        no_handoff_before=no_handoff_before,
        lawful=None if limit is None else lawful_hours(limit, address, start - DAY),
        no_notice_before=None if limit is None else _wait(limit, address, messages, now=now),
        stale_from=stale_from(
            statements_until,
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
