"""Sending over real SMTP: to the mail sink, and to a server that fails on command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from adapters.mail import MailError, RecipientRefused, SmtpMailer
from sandbox.mail_sink import MailSink


def a_message(to: str = "ada@example.org", number: int = 1) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Muster Handel <notices@platform.example>"
    message["To"] = to
    message["Date"] = "Mon, 06 Apr 2026 09:03:00 +0200"
    message["Message-ID"] = f"<{number}@platform.example>"
    message["Subject"] = "Ihre Bestellung"
    message.set_content(".\n..ein Punkt am Anfang\nGrüße\n", cte="quoted-printable")
    return message


def kept_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


@asynccontextmanager
async def a_mailer(port: int, *, timeout_seconds: float = 5) -> AsyncIterator[SmtpMailer]:
    mailer = SmtpMailer(host="127.0.0.1", port=port, timeout_seconds=timeout_seconds)
    try:
        yield mailer
    finally:
        await mailer.close()


class FailingServer:
    """Answers each command as told, an entry a time; `close` hangs up, empty says nothing."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = answers
        self.connections = 0
        self.commands: list[str] = []
        self.contents: list[bytes] = []
        self.keeps_silent = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"220 failing server\r\n")
        while line := (await reader.readline()).decode():
            command = line[:4].strip()
            self.commands.append(command)
            answer = self._answer(command)
            if answer == "close":
                break
            if answer:
                writer.write(f"{answer}\r\n".encode())
            else:
                self.keeps_silent.set()
            if answer.startswith("354"):
                self.contents.append(await reader.readuntil(b"\r\n.\r\n"))
                content_answer = self._answer("content")
                if content_answer == "close":
                    break
                writer.write(f"{content_answer}\r\n".encode())
        writer.close()

    def _answer(self, command: str) -> str:
        if self.answers.get(command):
            return self.answers[command].pop(0)
        return "354 go on" if command == "DATA" else "250 fine"


class TestSending:
    async def test_r16_delivers_each_message_once_byte_for_byte(self, tmp_path: Path) -> None:
        message = a_message()
        async with MailSink(keep=tmp_path) as sink, a_mailer(sink.port) as mailer:
            await mailer.send(message)

            assert sink.messages == 1
        assert kept_in(tmp_path) == [message.as_bytes()]

    async def test_one_after_another_goes_over_one_connection(self) -> None:
        async with MailSink() as sink, a_mailer(sink.port) as mailer:
            for number in range(10):
                await mailer.send(a_message(number=number))

            assert (sink.messages, sink.connections) == (10, 1)

    async def test_many_at_once_go_over_few_connections(self, tmp_path: Path) -> None:
        async with MailSink(keep=tmp_path) as sink, a_mailer(sink.port) as mailer:
            await asyncio.gather(*(mailer.send(a_message(number=n)) for n in range(50)))

            assert (sink.messages, sink.connections) == (50, 4)
        assert len(kept_in(tmp_path)) == 50

    async def test_letters_of_eight_bits_are_sent_to_a_server_that_knows_seven(self) -> None:
        message = a_message()
        message.set_content("Grüße", cte="8bit")
        server = FailingServer()
        async with server.open() as port, a_mailer(port) as mailer:
            await mailer.send(message)

        assert server.contents[0].isascii()

    async def test_a_server_that_cannot_be_reached_is_tried_again_later(self) -> None:
        async with MailSink() as sink:
            port = sink.port
        async with a_mailer(port) as mailer:
            with pytest.raises(MailError) as error:
                await mailer.send(a_message())

        assert not isinstance(error.value, RecipientRefused)

    async def test_goes_on_when_the_server_is_back(self) -> None:
        async with MailSink() as sink, a_mailer(sink.port) as mailer:
            port = sink.port
            await mailer.send(a_message(number=1))
            await sink.__aexit__()
            with pytest.raises(MailError):
                await mailer.send(a_message(number=2))
            async with MailSink(port=port) as restarted:
                await mailer.send(a_message(number=2))

                assert restarted.messages == 1


class TestRefusals:
    async def test_r14_a_recipient_refused_for_good_is_told_apart(self) -> None:
        async with MailSink() as sink, a_mailer(sink.port) as mailer:
            with pytest.raises(RecipientRefused) as refused:
                await mailer.send(a_message(to="bounce+550@example.org"))

            assert refused.value.code == 550
            assert "bounce+550@example.org" in refused.value.words
            assert sink.messages == 0

    @pytest.mark.parametrize("code", [550, 451])
    async def test_r28_a_failure_repeats_no_address(self, code: int) -> None:
        async with MailSink() as sink, a_mailer(sink.port) as mailer:
            with pytest.raises(MailError) as error:
                await mailer.send(a_message(to=f"bounce+{code}@example.org"))

        assert str(code) in str(error.value)
        assert "@" not in str(error.value)
        assert error.value.__cause__ is None
        assert error.value.__suppress_context__

    async def test_r14_a_recipient_refused_for_now_is_tried_again_later(self) -> None:
        async with MailSink() as sink, a_mailer(sink.port) as mailer:
            with pytest.raises(MailError) as error:
                await mailer.send(a_message(to="bounce+451@example.org"))

        assert not isinstance(error.value, RecipientRefused)

    async def test_the_next_message_goes_over_the_same_connection(self) -> None:
        async with MailSink() as sink, a_mailer(sink.port) as mailer:
            with pytest.raises(RecipientRefused):
                await mailer.send(a_message(to="bounce+550@example.org"))
            await mailer.send(a_message())

            assert (sink.messages, sink.connections) == (1, 1)

    async def test_one_recipient_refused_means_that_nobody_gets_it(self) -> None:
        async with MailSink() as sink, a_mailer(sink.port) as mailer:
            with pytest.raises(RecipientRefused):
                await mailer.send(a_message(to="ada@example.org, bounce+553@example.org"))

            assert sink.messages == 0

    @pytest.mark.parametrize(
        ("command", "answer", "for_good"),
        [
            ("RCPT", "552 mailbox full", True),
            ("DATA", "554 no", True),
            ("content", "554 looks like spam", True),
            ("content", "452 disk full", False),
            # Our own faults: no customer's address is wrong because of them.
            ("EHLO", "554 go away", False),
            ("MAIL", "550 sender unknown", False),
            ("RCPT", "530 authentication required", False),
        ],
    )
    async def test_r14_only_a_refused_recipient_or_content_is_for_good(
        self, command: str, answer: str, for_good: bool
    ) -> None:
        server = FailingServer(**{command: [answer]}, HELO=["554 go away"])
        async with server.open() as port, a_mailer(port) as mailer:
            with pytest.raises(MailError) as error:
                await mailer.send(a_message())

        assert isinstance(error.value, RecipientRefused) is for_good


class TestConnections:
    @pytest.mark.parametrize("is_noticed", [True, False])
    async def test_one_that_the_server_closed_is_replaced_and_the_message_sent_once(
        self, is_noticed: bool
    ) -> None:
        async with MailSink() as sink, a_mailer(sink.port) as mailer:
            await asyncio.gather(*(mailer.send(a_message(number=n)) for n in range(4)))
            sink.hang_up()
            if is_noticed:
                while any(one.is_connected for one in mailer._idle):  # noqa: ASYNC110
                    await asyncio.sleep(0)
            await mailer.send(a_message(number=5))

            assert (sink.messages, sink.connections) == (5, 5)

    @pytest.mark.parametrize("answer", ["421 too many messages", "close", ""])
    async def test_one_on_which_the_server_serves_no_more_is_replaced(self, answer: str) -> None:
        server = FailingServer(MAIL=["250 fine", answer])
        async with server.open() as port, a_mailer(port, timeout_seconds=0.2) as mailer:
            await mailer.send(a_message(number=1))
            await mailer.send(a_message(number=2))

        assert server.connections == 2
        assert server.commands.count("DATA") == 2

    async def test_r16_lost_after_the_content_was_sent_is_not_sent_again(self) -> None:
        server = FailingServer(content=["250 taken", "close"])
        async with server.open() as port, a_mailer(port) as mailer:
            await mailer.send(a_message(number=1))
            with pytest.raises(MailError):
                await mailer.send(a_message(number=2))

        assert server.commands.count("DATA") == 2

    async def test_a_server_that_says_nothing_is_given_up_in_time(self) -> None:
        server = FailingServer(RCPT=[""])
        async with server.open() as port, a_mailer(port, timeout_seconds=0.2) as mailer:
            with pytest.raises(MailError):
                await mailer.send(a_message(number=1))
            await mailer.send(a_message(number=1))

        assert server.connections == 2

    async def test_one_given_up_in_the_middle_is_not_used_again(self) -> None:
        server = FailingServer(RCPT=[""])
        async with server.open() as port, a_mailer(port) as mailer:
            sending = asyncio.create_task(mailer.send(a_message(number=1)))
            await server.keeps_silent.wait()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            await mailer.send(a_message(number=2))

        assert server.connections == 2

    async def test_are_closed_with_the_mailer(self) -> None:
        server = FailingServer(QUIT=["221 bye"])
        async with server.open() as port, a_mailer(port) as mailer:
            await mailer.send(a_message())

        assert server.commands[-1] == "QUIT"
