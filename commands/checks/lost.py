"""Cases that should run in Temporal and do not."""

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
    """How many cases Temporal has lost; nothing if it or the database is away: others say that."""
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
    """The file of an SQLite database is looked for here because opening would make it."""
    where = make_url(url)
    return where.get_backend_name() != "sqlite" or Path(where.database or "").is_file()
