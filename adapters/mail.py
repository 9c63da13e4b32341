"""Mail by SMTP, behind the one call that the activities need.

MailError               nothing was sent: try again
    RecipientRefused    refused for good: trying again cannot help
    OutcomeUnknown      the mail server may have accepted the message: try again
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as WIRE_FORMAT
from typing import Final, Protocol

import aiosmtplib

# Mails are encoded so that the server needs no 8BITMIME.
_WIRE_FORMAT: Final = WIRE_FORMAT.clone(cte_type="7bit")
_CLOSING: Final = 421
# Some servers ask for a login only at RCPT; that is our fault, not the recipient's.
_LOGIN_WANTED: Final = frozenset({530, 534, 535, 538})
_SHUTDOWN_SECONDS: Final = 2.0


class MailError(Exception):
    """The message could not be given to the mail server; try again later."""


class RecipientRefused(MailError):
    """The mail server refused the address or the message for good."""

    def __init__(self, code: int, words: str) -> None:
        # The server's words often repeat the address: they stay out of logs and failures.
        super().__init__(f"refused with {code}")
        self.code = code
        self.words = words


class OutcomeUnknown(MailError):
    """The connection broke while the message was being transferred: it may have arrived."""


Leaving = Callable[[], Awaitable[None]]


class Mailer(Protocol):
    async def send(self, message: EmailMessage, *, leaving: Leaving | None = None) -> None:
        """Give the message to the mail server. Raises `MailError`.

        `leaving` is called when the server has accepted sender and recipients, right before the
        message is transferred. If it raises, nothing is sent, and the exception is passed on.
        """
        ...


class SmtpMailer:
    """A mailer with a few SMTP connections, which it keeps open between messages."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        username: str | None = None,
        password: str | None = None,
        use_tls: bool = False,
        start_tls: bool | None = None,
        connections: int = 4,
        timeout_seconds: float = 20,
    ) -> None:
        """`use_tls`: encrypted from the first byte; `start_tls`: None uses it if it is offered."""
        self._host = host
        self._port = port
        self._username = username
        self._password = password
        self._use_tls = use_tls
        self._start_tls = start_tls
        self._timeout_seconds = timeout_seconds
        self._own_name: str | None = None
        self._turns = asyncio.Semaphore(connections)
        self._idle: list[aiosmtplib.SMTP] = []
        self._closed = False

    async def send(self, message: EmailMessage, *, leaving: Leaving | None = None) -> None:
        """Send to all addresses in `To`, or to none if one of them is refused."""
        sender = message["From"].addresses[0].addr_spec
        recipients = [address.addr_spec for address in message["To"].addresses]
        content = wire_format(message)
        async with self._turns:
            try:
                connection = await self._begin(sender)
            except (aiosmtplib.SMTPException, OSError) as error:
                raise MailError(_in_short(error)) from None
            await self._announce(connection, recipients, leaving)
            await self._give_away(connection, content)
            # The mail is sent: nothing after this may wait or fail.
            self._keep(connection)

    async def _announce(
        self, connection: aiosmtplib.SMTP, recipients: Sequence[str], leaving: Leaving | None
    ) -> None:
        try:
            for recipient in recipients:
                await connection.rcpt(recipient)
            if leaving is not None:
                await leaving()
        except aiosmtplib.SMTPRecipientRefused as refusal:
            await self._keep_after_refusal(connection)
            raise _error_of(refusal) from None
        except aiosmtplib.SMTPException as error:
            connection.close()
            raise MailError(_in_short(error)) from None
        except BaseException:
            connection.close()
            raise

    async def _give_away(self, connection: aiosmtplib.SMTP, content: bytes) -> None:
        try:
            await connection.data(content)
        except aiosmtplib.SMTPDataError as refusal:
            await self._keep_after_refusal(connection)
            raise _error_of(refusal) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            connection.close()
            raise OutcomeUnknown(_in_short(error)) from None
        except BaseException:
            connection.close()
            raise

    async def close(self) -> None:
        """Quit the idle connections; one in use is closed after its message."""
        self._closed = True
        while self._idle:
            connection = self._idle.pop()
            with suppress(aiosmtplib.SMTPException, OSError):
                await connection.quit(timeout=_SHUTDOWN_SECONDS)
            connection.close()

    async def _begin(self, sender: str) -> aiosmtplib.SMTP:
        """Return a connection whose server has accepted the sender of a new message."""
        while self._idle:
            connection = self._idle.pop()
            if await self._still_serves(connection, sender):
                return connection
            # What ended this connection (a restart, a timeout) has most likely ended the others.
            self._drop_idle()
        connection = self._connection()
        try:
            await connection.connect()
            self._own_name = connection.local_hostname
            await connection.mail(sender)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _still_serves(self, connection: aiosmtplib.SMTP, sender: str) -> bool:
        """Begin a message on a kept connection; False if the connection is dead."""
        try:
            await connection.mail(sender)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
            connection.close()
            return False
        except aiosmtplib.SMTPResponseException as answer:
            connection.close()
            if answer.code == _CLOSING:
                return False
            raise
        except BaseException:
            connection.close()
            raise
        return True

    def _connection(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._use_tls,
            start_tls=self._start_tls,
            timeout=self._timeout_seconds,
            local_hostname=self._own_name,
        )

    async def _keep_after_refusal(self, connection: aiosmtplib.SMTP) -> None:
        try:
            await connection.rset()
        except (aiosmtplib.SMTPException, OSError):
            connection.close()
        except BaseException:
            connection.close()
            raise
        else:
            self._keep(connection)

    def _keep(self, connection: aiosmtplib.SMTP) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _drop_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()


def wire_format(message: EmailMessage) -> bytes:
    """Return the message as the mail server receives it, byte for byte."""
    lines = message.as_bytes(policy=_WIRE_FORMAT).splitlines()
    return b"".join(line + b"\r\n" for line in lines)


def _error_of(refusal: aiosmtplib.SMTPResponseException) -> MailError:
    if refusal.code >= 500 and refusal.code not in _LOGIN_WANTED:
        return RecipientRefused(refusal.code, str(refusal.message))
    return MailError(_in_short(refusal))


def _in_short(error: Exception) -> str:
    """Describe an error without the server's words, which may name a person."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{type(error).__name__}: the mail server answered {error.code}"
    return f"{type(error).__name__}: {error}"
