"""A mail server for tests, simulations and demos. It accepts every mail and delivers none.

It refuses a recipient `bounce+NNN@…` with the code NNN, so that failures can be tried:
`bounce+550@example.org` is refused for good, `bounce+451@example.org` for now.
"""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import UTC
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path
from socket import socket
from typing import Any, Final, Self

from aiosmtpd.smtp import SMTP, Envelope

_BOUNCE: Final = re.compile(r"bounce\+([45]\d\d)@", re.IGNORECASE)
_UNSAFE_IN_A_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9.@_-]+")
_DONE: Final = "250 2.0.0 taken"
# aiosmtpd stops reading whenever it holds two lines of the longest length. With its own limit of
# 1,001 bytes it stops several times a message; with this limit it takes a tenth more messages.
_READ_AHEAD: Final = 2**16
# The limit of RFC 5322; a longer line is a sign of text or HTML that was sent unencoded.
_LONGEST_LINE: Final = 998


class MailSink:
    """An SMTP server on 127.0.0.1, in the running event loop, while the context is open."""

    def __init__(
        self, *, port: int = 0, bound: socket | None = None, keep: Path | None = None
    ) -> None:
        """`port` 0 is any free one; the folder `keep` gets each message as `.eml`.

        With a socket that is already `bound` it listens on that, and ignores the port.
        """
        self.messages = 0
        self.connections = 0
        self._wanted_port = port
        self._bound = bound
        self._keep = keep
        self._server: asyncio.Server | None = None
        self._open: set[_Conversation] = set()

    @property
    def port(self) -> int:
        if self._server is None:
            raise RuntimeError("the mail sink is not open")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        # aiosmtpd logs each command at INFO, with the addresses in it.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        if self._keep is not None:
            self._keep.mkdir(parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        where: dict[str, Any] = {"host": "127.0.0.1", "port": self._wanted_port}
        if self._bound is not None:
            where = {"sock": self._bound}
        self._server = await loop.create_server(lambda: _Conversation(self, loop), **where)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._server is not None:
            self._server.close()
            self.hang_up()
            await self._server.wait_closed()
            self._server = None

    def hang_up(self) -> None:
        """Close every open connection, as mail servers do with idle ones."""
        for conversation in list(self._open):
            conversation.hang_up()

    def opened(self, conversation: _Conversation) -> None:
        self.connections += 1
        self._open.add(conversation)

    def closed(self, conversation: _Conversation) -> None:
        self._open.discard(conversation)

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        client: object,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if bounce := _BOUNCE.match(address):
            return f"{bounce[1]} {bounce[1][0]}.1.1 <{address}> is refused, as its name asks"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient taken"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, client: object, envelope: Envelope
    ) -> str:
        content = bytes(envelope.original_content or b"")
        if max(len(line) for line in content.split(b"\r\n")) > _LONGEST_LINE:
            return f"554 5.6.0 a line has more than {_LONGEST_LINE} bytes"
        if self._keep is not None:
            _write(self._keep, content)
        self.messages += 1
        return _DONE

    async def handle_exception(self, error: Exception) -> str:
        # A full disk, for example: the client may try again.
        return f"451 4.3.0 {type(error).__name__}"


class _Conversation(SMTP):
    """One client's connection."""

    line_length_limit = _READ_AHEAD

    def __init__(self, sink: MailSink, loop: asyncio.AbstractEventLoop) -> None:
        self._sink = sink
        super().__init__(
            sink, hostname="localhost", ident="mail sink", enable_SMTPUTF8=True, loop=loop
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._sink.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.closed(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()


def _write(folder: Path, content: bytes) -> None:
    stem = _file_stem(content)
    copy = 1
    while True:
        name = f"{stem}.eml" if copy == 1 else f"{stem}.{copy}.eml"
        try:
            with (folder / name).open("xb") as file:
                file.write(content)
        except FileExistsError:
            copy += 1
        else:
            return


def _file_stem(content: bytes) -> str:
    """Return a name that sorts by the message's own date: `20260407T070312Z-<its Message-ID>`."""
    head = message_from_bytes(content.partition(b"\r\n\r\n")[0])
    message_id = _UNSAFE_IN_A_FILE_NAME.sub("_", str(head["Message-ID"] or "").strip(" <>"))
    return f"{_written_at(head['Date'])}-{message_id[:150]}"


def _written_at(date: Any) -> str:
    try:
        return parsedate_to_datetime(str(date)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except ValueError:
        return "00000000T000000Z"
