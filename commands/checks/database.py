"""Checks of the database: reachable, newest schema, a key for backends, no late or unsent cases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.checks.findings import Finding, State, ok, problem, warning
from commands.checks.machine import file_system_of
from models.keys import KeyKind, all_keys
from models.outbox import LATE, count_late, count_unsent
from runtime.clock import Clock
from runtime.database import Database
from runtime.migrate import alembic_config

UNREACHABLE: Final = "is it running, and is DUNNING_DATABASE_URL right?"
_UPGRADE: Final = "run: dunning db upgrade"
_MOUNTS: Final = Path("/proc/self/mounts")
_OVER_THE_NETWORK: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "lustre", "nfs", "nfs4", "smb3"}
)
_SOON: Final = timedelta(minutes=1)
_SWEEP: Final = "start a worker; is the Schedule dunning-sweep paused?"
_LATE: Final = (
    "is a worker running, do the mail server and the partner answer? "
    "Cases that Temporal has lost: dunning cases revive"
)


async def look_at(url: str, clock: Clock) -> list[Finding]:
    """Check the database; if it cannot be reached, report only that."""
    where = make_url(url)
    found = []
    if where.get_backend_name() == "sqlite":
        file = _file(Path(where.database or ""))
        if file.state is State.PROBLEM:
            return [file]
        found.append(file)
    database = Database(url)
    try:
        async with database.reading() as session:
            connection = await session.connection()
            schema = await connection.run_sync(_schema)
            found.append(ok("database", _name_of(where)))
            found.append(schema)
            if schema.remedy is None:
                found.append(await _keys(session))
                found.append(await _leftovers(session, clock))
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        return [problem("database", f"{_name_of(where)}: {reason}", UNREACHABLE)]
    finally:
        await database.close()
    return found


def _file(file: Path) -> Finding:
    """Check the file of an SQLite database before it is opened, because opening would create it."""
    if not file.is_file():
        return problem("database", f"there is no file {file.absolute()}", _UPGRADE)
    mounts = _MOUNTS.read_text(encoding="utf-8") if _MOUNTS.is_file() else ""
    kind = file_system_of(file, mounts)
    if kind in _OVER_THE_NETWORK:
        return warning(
            "database file",
            f"SQLite on {kind}: over a network its locks do not hold",
            "put it on a disk of this machine, or use PostgreSQL",
        )
    return ok("database file", str(file.absolute()))


def _name_of(url: URL) -> str:
    """Return which database it is, without user name and password."""
    if url.get_backend_name() == "sqlite":
        return "SQLite"
    port = f":{url.port}" if url.port else ""
    at = f" at {url.host}{port}" if url.host else ""
    return f"PostgreSQL {url.database}{at}"


def _schema(connection: Connection) -> Finding:
    scripts = ScriptDirectory.from_config(alembic_config())
    newest = scripts.get_current_head()
    here = MigrationContext.configure(connection).get_current_revision()
    if here == newest:
        return ok("schema", f"the newest, {newest}")
    if here is None:
        return problem("schema", "the database is empty", _UPGRADE)
    if here not in {script.revision for script in scripts.walk_revisions()}:
        return problem(
            "schema", f"{here} is of a newer version of the system", "install that version here too"
        )
    return problem("schema", f"{here}, the newest is {newest}", _UPGRADE)


async def _keys(session: AsyncSession) -> Finding:
    backends = sum(
        key.kind == KeyKind.BACKEND and key.revoked_at is None for key in await all_keys(session)
    )
    if not backends:
        return problem("keys", "no backend can call the API", "run: dunning keys create")
    return ok("keys", f"{backends} of backends")


async def _leftovers(session: AsyncSession, clock: Clock) -> Finding:
    now = clock.now()
    unsent = (await count_unsent(session, before=now - _SOON)).cases
    if unsent:
        return warning(
            "cases",
            f"Temporal has not heard of {unsent} cases for more than a minute",
            _SWEEP,
        )
    late = await count_late(session, now - LATE)
    if late:
        return warning("cases", f"{late} have not acted though their moment has passed", _LATE)
    return ok("cases", "Temporal has heard of all, and none is late")
