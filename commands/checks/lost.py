"""The check for cases that should run in Temporal and do not."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from commands.checks.findings import Finding, ok, warning
from runtime.clock import Clock
from runtime.database import Database
from runtime.temporal import TemporalUnavailable, connect
from starter.delivery.client import CaseClient
from starter.delivery.revive import Reviver

SLOW: Final = "there are very many cases; how many run: temporal workflow count"


async def lost_cases(url: str, clock: Clock) -> list[Finding]:
    """Count the cases that Temporal has lost.

    Returns no finding if Temporal or the database cannot be reached: other checks report that.
    """
    if not _is_there(url):
        return []
    database = Database(url)
    try:
        reviver = Reviver(database, CaseClient(await connect(), clock))
        found = {
            case_id async for some in reviver.lost(clock.now(), thorough=True) for case_id in some
        }
    except (TemporalUnavailable, SQLAlchemyError):
        return []
    finally:
        await database.close()
    if found:
        says = f"Temporal has lost {len(found)} cases"
        return [
            warning("lost cases", says, "the worker starts them; at once: dunning cases revive")
        ]
    return [ok("lost cases", "all that should run do")]


def _is_there(url: str) -> bool:
    """Whether an SQLite database has its file; opening it would create the file."""
    where = make_url(url)
    return where.get_backend_name() != "sqlite" or Path(where.database or "").is_file()
