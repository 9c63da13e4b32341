"""Listening on ports, with a helpful error if one is taken."""

from __future__ import annotations

import errno
import secrets
import signal
import socket
from contextlib import suppress
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from runtime.garbage import keep_loaded_objects

LOOPBACK: Final = "127.0.0.1"
_NOT_FOR_OUTGOING: Final = range(20_000, 30_000)
_SHUTDOWN_SECONDS: Final = 10
# Longer than callers keep an idle connection, so that the caller closes it. A call on a connection
# that the server closes at the same moment is lost.
_KEEP_ALIVE_SECONDS: Final = 75


class PortTaken(Exception):
    """Another program listens on the port; the message says how to choose another port."""

    def __init__(self, port: int, setting: str) -> None:
        option = f"--{setting.removeprefix('DUNNING_').lower().replace('_', '-')}"
        super().__init__(
            f"port {port} is taken by another program; end that one, or choose another port "
            f"with {option} or {setting} (0: any free one)"
        )
        self.port = port


def bind(port: int, *, setting: str, host: str = LOOPBACK) -> socket.socket:
    """Bind a socket to a port; 0 takes any free one.

    `setting` is the variable that the port came from. Raises `PortTaken`, which names it.
    """
    # asyncio turns Nagle's algorithm off only if the socket says that it is TCP. Otherwise each
    # small answer waits some 40 ms for the other side.
    bound = socket.socket(proto=socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port, setting) from error
        raise
    return bound


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free at this moment.

    It is outside the range that the system uses for outgoing connections. A port in that range
    might be taken before the server listens on it.
    """
    while True:
        port = secrets.choice(_NOT_FOR_OUTGOING)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def address_of(bound: socket.socket) -> str:
    """Return the URL of a bound socket for a browser: `http://127.0.0.1:8000`."""
    host, port = bound.getsockname()[:2]
    return f"http://{LOOPBACK if host == '0.0.0.0' else host}:{port}"


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered first."""
    keep_loaded_objects()
    # Uvicorn ends cleanly and then raises the signal again; that must not kill the process.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        app,
        log_config=None,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[bound])
