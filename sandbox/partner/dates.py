"""Dates on the wire: date-times such as `2026-03-02T00:00:00Z`, or plain dates (midnight UTC)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_TIME: Final = r"\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_WRITTEN: Final = re.compile(rf"{_DAY}(T{_TIME}(Z|[+-]\d{{2}}:?\d{{2}})?)?", re.ASCII)


def moment_of(written: str) -> datetime:
    """Read a date-time or a plain date; without a zone it is UTC. Raises `ValueError`."""
    if not _WRITTEN.fullmatch(written):
        raise ValueError("is not written as 2026-03-02T00:00:00Z or 2026-03-02")
    try:
        moment = datetime.fromisoformat(written)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a date") from None
