"""From a seller's settings to when its cases act (R9, R21)."""

from __future__ import annotations

from datetime import date, datetime

from dunning.days import DAY, Terms
from dunning.ladder import ADVANCE_DAYS
from dunning.statement_age import stale_from
from models.calendars import closed_days
from models.seller import SellerProfile, SellerSettings


def terms_of(
    profile: SellerProfile,
    settings: SellerSettings,
    *,
    country: str | None,
    due_date: date,
    now: datetime,
    no_handoff_before: datetime | None = None,
    statements_until: date | None = None,
) -> Terms:
    """What of a seller's settings decides when a case acts.

    The closed days are those of 120 days, from now or from a case's first action on.
    """
    today = now.astimezone(profile.zone).date()
    start = max(today, due_date - (ADVANCE_DAYS + 1) * DAY)
    closed = closed_days(country, start) if settings.business_days_only else ()
    return Terms(
        time_zone=profile.time_zone,
        window=settings.sending_window,
        closed_days=closed,
        no_handoff_before=no_handoff_before,
        stale_from=stale_from(
            statements_until,
            days=settings.hold_when_stale_days,
            time_zone=profile.time_zone,
        ),
    )
