"""The pause that an HTTP answer asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

LONGEST_PAUSE: Final = timedelta(days=1)


def pause_asked(answer: httpx.Response) -> timedelta | None:
    """Read `Retry-After`: seconds, or a date, which is compared with the answer's `Date`."""
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return timedelta(seconds=min(float(asked), LONGEST_PAUSE.total_seconds()))
    until, sent = _http_date(asked), _http_date(answer.headers.get("Date", ""))
    if until is None or sent is None:
        return None
    return min(max(until - sent, timedelta(0)), LONGEST_PAUSE)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
