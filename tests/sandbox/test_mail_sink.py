"""The mail server of the sandbox: keeps what it gets, and fails when asked to."""

from __future__ import annotations

import smtplib
from asyncio import to_thread
from pathlib import Path

import pytest

from sandbox.mail_sink import MailSink

HEAD = "From: a@example.org\r\nTo: b@example.org\r\n"


async def given_to(sink: MailSink, *messages: str) -> None:
    """All over one connection, by the client of the standard library."""

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", sink.port) as client:
            for message in messages:
                client.sendmail("a@example.org", ["b@example.org"], message.encode())

    await to_thread(send)


def dated(date: str, message_id: str) -> str:
    return f"{HEAD}Date: {date}\r\nMessage-ID: <{message_id}>\r\n\r\nwords\r\n"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_kept_messages_sort_by_their_own_dates(tmp_path: Path) -> None:
    async with MailSink(keep=tmp_path / "mail") as sink:
        await given_to(
            sink,
            dated("Tue, 07 Apr 2026 09:03:12 +0200", "late@x"),
            dated("Mon, 06 Apr 2026 23:59:00 -0400", "early@x"),
        )

    assert names_in(tmp_path / "mail") == [
        "20260407T035900Z-early@x.eml",
        "20260407T070312Z-late@x.eml",
    ]


async def test_a_message_that_comes_twice_is_kept_twice(tmp_path: Path) -> None:
    message = dated("Tue, 07 Apr 2026 09:03:12 +0200", "../1@x")
    async with MailSink(keep=tmp_path) as sink:
        await given_to(sink, message, message)

        assert sink.messages == 2
    assert names_in(tmp_path) == [
        "20260407T070312Z-.._1@x.2.eml",
        "20260407T070312Z-.._1@x.eml",
    ]


async def test_a_message_without_date_and_id_is_kept(tmp_path: Path) -> None:
    message = f"{HEAD}\r\n.begins with a dot\r\nGrüße\r\n"
    async with MailSink(keep=tmp_path) as sink:
        await given_to(sink, message)

    assert (tmp_path / names_in(tmp_path)[0]).read_bytes() == message.encode()


async def test_a_line_longer_than_mail_allows_is_refused() -> None:
    async with MailSink() as sink:
        await given_to(sink, f"{HEAD}\r\n{'x' * 998}\r\n")
        with pytest.raises(smtplib.SMTPDataError):
            await given_to(sink, f"{HEAD}\r\n{'x' * 999}\r\n")

        assert sink.messages == 1


async def test_a_full_disk_is_no_refusal_for_good(tmp_path: Path) -> None:
    async with MailSink(keep=tmp_path / "gone") as sink:
        (tmp_path / "gone").rmdir()
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await given_to(sink, f"{HEAD}\r\nx\r\n")

    assert refused.value.smtp_code == 451
    assert sink.messages == 0
