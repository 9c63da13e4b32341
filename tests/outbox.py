"""A mail server for tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import EmailMessage

from adapters.mail import Leaving, MailError

MAIL_FROM = "dunning@example.com"


class Outbox:
    """A mail server that keeps what it was given, and fails when told to.

    `before_taking` happens before it accepts a recipient, `before_answering` when it has the mail.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.fails_with: MailError | None = None
        self.dies_after_sending = False
        self.before_taking: Callable[[], Awaitable[None]] | None = None
        self.before_answering: Callable[[], Awaitable[None]] | None = None

    async def send(self, message: EmailMessage, *, leaving: Leaving | None = None) -> None:
        if self.before_taking is not None:
            await self.before_taking()
        if leaving is not None:
            await leaving()
        if self.before_answering is not None:
            await self.before_answering()
        if self.fails_with is not None:
            raise self.fails_with
        self.messages.append(message)
        if self.dies_after_sending:
            raise ConnectionResetError

    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages]
