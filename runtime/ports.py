"""Listening: a taken port is named, with the way out."""

from __future__ import annotations

import errno
import gc
import secrets
import signal
import socket
from contextlib import suppress
from typing import Final

import uvicorn
from starlette.types import ASGIApp

LOOPBACK: Final = "127.0.0.1"
_NOT_FOR_OUTGOING: Final = range(20_000, 30_000)
_SHUTDOWN_SECONDS: Final = 10
# Longer than callers keep a connection that they do not use, so that it is they who close it: a
# call on a connection that the server closes at this moment is lost.
_KEEP_ALIVE_SECONDS: Final = 75


class PortTaken(Exception):
    """Somebody else listens there; the words say how to choose another port."""

    def __init__(self, port: int, setting: str) -> None:
        option = f"--{setting.removeprefix('DUNNING_').lower().replace('_', '-')}"
        super().__init__(
            f"port {port} is taken by another program; end that one, or choose another port "
            f"with {option} or {setting} (0: any free one)"
        )
        self.port = port


def bind(port: int, *, setting: str, host: str = LOOPBACK) -> socket.socket:
    """A socket that is bound to a port, 0 for any free one; `setting` is what chose the port.

    Raises `PortTaken`.
    """
    # asyncio sends small answers at once only where the socket says that it is TCP; else each
    # waits some 40 ms for the other side.
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
    """A port of 127.0.0.1 that nobody listens on at this moment.

    It is not of those that the system gives to outgoing connections: one of these may be taken
    before the server that it is for listens there.
    """
    while True:
        port = secrets.choice(_NOT_FOR_OUTGOING)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def address_of(bound: socket.socket) -> str:
    """Where a browser finds it: `http://127.0.0.1:8000`."""
    host, port = bound.getsockname()[:2]
    return f"http://{LOOPBACK if host == '0.0.0.0' else host}:{port}"


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve until told to stop (SIGINT, SIGTERM); requests under way are answered first.

    What is loaded by now stays until the end: searching it for garbage again and again would
    keep some requests waiting for a tenth of a second (`docs/decisions/0014`).
    """
    gc.collect()
    gc.freeze()
    # Uvicorn ends well and then raises the signal once more: that is no death.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        app,
        log_config=None,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[bound])
