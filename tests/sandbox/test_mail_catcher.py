"""The mail catcher: a page that shows the mails as a person sees them, and keeps harm inside."""

from __future__ import annotations

import smtplib
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from runtime.ports import bind
from sandbox.mail_catcher import create_mail_catcher

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass
class Catcher:
    """The running mail catcher, and a browser."""

    smtp_port: int
    browser: httpx.AsyncClient

    async def gets(self, *messages: EmailMessage | bytes) -> None:
        def send() -> None:
            with smtplib.SMTP("127.0.0.1", self.smtp_port) as client:
                for message in messages:
                    content = (
                        message if isinstance(message, bytes) else message.as_bytes(policy=SMTP)
                    )
                    client.sendmail("shop@example.org", ["ada@example.org"], content)

        await to_thread(send)

    async def page(self, address: str) -> str:
        answer = await self.browser.get(address)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def mails(self) -> list[str]:
        """The addresses of the mails in the list."""
        return [link for link in links(await self.page("/")) if link.startswith("/messages/")]

    async def only(self) -> str:
        [mail] = await self.mails()
        return mail


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Catcher]:
    smtp = bind(0, setting="DUNNING_SMTP_PORT")
    port = smtp.getsockname()[1]
    app = create_mail_catcher(smtp=smtp, folder=folder)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://mails") as browser,
    ):
        yield Catcher(port, browser)


@pytest.fixture
async def catcher(tmp_path: Path) -> AsyncIterator[Catcher]:
    async with running(tmp_path) as opened:
        yield opened


def links(page: str) -> list[str]:
    """Where the links, forms, frames and images of a page lead."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(
                str(value) for name, value in attrs if name in ("href", "src", "action") and value
            )

    Reader().feed(page)
    return found


def mail(subject: str = "Reminder", *, day: int = 6, text: str = "Please pay.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Kurse GmbH <shop@example.org>"
    message["To"] = "Ada Muster <ada@example.org>"
    message["Subject"] = subject
    message["Date"] = f"Mon, {day:02} Apr 2026 10:00:00 +0200"
    message["Message-ID"] = f"<{day}@example.org>"
    message.set_content(text)
    return message


async def test_without_a_mail_it_says_where_to_send_one(catcher: Catcher) -> None:
    page = await catcher.page("/")

    assert f"port {catcher.smtp_port}" in page
    assert "bounce+550@example.org" in page


async def test_the_newest_mail_is_the_first_and_each_opens(catcher: Catcher) -> None:
    await catcher.gets(mail("Mahnung für Überfälliges", day=9), mail("Later", day=12), mail(day=3))

    page = await catcher.page("/")
    at = [page.index(words) for words in ("Later", "Mahnung für Überfälliges", "Reminder")]
    assert at == sorted(at)
    opened = await catcher.page((await catcher.mails())[1])
    assert "Mahnung für Überfälliges" in opened
    assert escape("Ada Muster <ada@example.org>") in opened
    assert "Please pay." in opened


async def test_a_mail_is_found_by_recipient_or_subject(catcher: Catcher) -> None:
    await catcher.gets(mail("Order A-1"), mail("Order B-2", day=7))

    by_subject = await catcher.page("/?q=a-1")
    assert "Order A-1" in by_subject
    assert "Order B-2" not in by_subject
    assert "Order B-2" in await catcher.page("/?q=MUSTER")
    assert "No mails with these words" in await catcher.page("/?q=nobody")


async def test_more_than_a_page_is_paged_and_all_are_reached(catcher: Catcher) -> None:
    await catcher.gets(*(mail(f"Number {number}", day=number % 28 + 1) for number in range(1, 102)))

    shown: set[str] = set()
    address = "/"
    for _ in range(3):
        page = await catcher.page(address)
        shown |= {link for link in links(page) if link.startswith("/messages/")}
        older = [link for link in links(page) if "page=" in link]
        address = older[-1]
    assert len(shown) == 101


async def test_html_is_shown_with_its_images_and_attachments_can_be_opened(
    catcher: Catcher,
) -> None:
    message = mail()
    message.add_alternative('<p>Look: <img src="cid:code@dunning"></p>', subtype="html")
    body = message.get_payload()
    assert isinstance(body, list)
    body[1].add_related(PNG, "image", "png", cid="<code@dunning>", disposition="inline")
    message.add_attachment(b"%PDF-1.7 letter", "application", "pdf", filename="Mahnung Müller.pdf")
    await catcher.gets(message)

    address = await catcher.only()
    page = await catcher.page(address)
    assert "Mahnung Müller.pdf" in page
    assert "image/png" not in page  # it is part of the text, not an attachment
    [frame] = [link for link in links(page) if link == "html"]
    html = await catcher.page(address + frame)
    [image] = links(html)
    shown = await catcher.browser.get(address + image)
    assert shown.content == PNG
    assert shown.headers["content-type"] == "image/png"
    [attachment] = [link for link in links(page) if link.startswith("part/")]
    letter = await catcher.browser.get(address + attachment)
    assert letter.content == b"%PDF-1.7 letter"
    assert letter.headers["content-disposition"].startswith("inline")
    assert "Mahnung%20M%C3%BCller.pdf" in letter.headers["content-disposition"]


async def test_a_mail_with_html_alone_has_no_text_part(catcher: Catcher) -> None:
    message = mail()
    message.set_content("<p>Only this</p>", subtype="html")
    await catcher.gets(message)

    address = await catcher.only()
    assert "Text part" not in await catcher.page(address)
    assert "Only this" in await catcher.page(f"{address}html")


async def test_a_mail_without_html_has_no_frame(catcher: Catcher) -> None:
    await catcher.gets(mail(text="Line <one>\n\tand two"))

    address = await catcher.only()
    assert escape("Line <one>") in await catcher.page(address)
    assert (await catcher.browser.get(f"{address}html")).status_code == 404


async def test_a_hostile_mail_runs_nothing_and_calls_nobody(catcher: Catcher) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    message = mail(evil, text=evil)
    message.replace_header("To", '"<script>alert(2)</script>" <ada@example.org>')
    message.add_alternative('<script>fetch("//evil.example")</script>', subtype="html")
    message.add_attachment(b"<script>", "text", "html", filename="../<b>.html")
    message.add_attachment(b"<svg onload=alert(1)>", "image", "svg+xml", filename="a.svg")
    await catcher.gets(message)

    address = await catcher.only()
    for page in (await catcher.page("/"), await catcher.page(address)):
        assert "<script" not in page
        assert "<img src=x" not in page
    frame = await catcher.browser.get(f"{address}html")
    policy = frame.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    for link in links(await catcher.page(address)):
        if link.startswith("part/"):
            part = await catcher.browser.get(address + link)
            assert part.headers["content-type"] == "application/octet-stream"
            assert part.headers["content-disposition"].startswith("attachment")
            assert "/" not in part.headers["content-disposition"]
            assert part.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "broken",
    [
        b"no header at all",
        b"Subject: =?utf-99?Q?x?=\r\nContent-Type: text/html; charset=nothing\r\n\r\n\xff\xfe<p>",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n\r\nnever begun",
        b"From: \xff\xfe\r\nTo: @@@\r\nDate: yesterday\r\n\r\n\x00\x01",
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nwords",
    ],
)
async def test_a_broken_mail_is_shown_as_far_as_it_goes(catcher: Catcher, broken: bytes) -> None:
    await catcher.gets(broken)

    address = await catcher.only()
    page = await catcher.page(address)
    assert "source" in links(page)
    assert (await catcher.browser.get(f"{address}html")).status_code in (200, 404)
    for link in links(page):
        if link.startswith("part/"):
            assert (await catcher.browser.get(address + link)).status_code == 200


async def test_the_source_is_the_message_to_the_byte(catcher: Catcher) -> None:
    message = mail(text="Grüße\n.\n")
    await catcher.gets(message)

    source = await catcher.browser.get(f"{await catcher.only()}source")
    assert source.headers["content-type"].startswith("text/plain")
    assert source.content == message.as_bytes(policy=SMTP)


async def test_what_is_not_there_is_not_found(catcher: Catcher, tmp_path: Path) -> None:
    (tmp_path.parent / "secret.eml").write_text("Subject: secret\r\n\r\n")
    await catcher.gets(mail())
    address = await catcher.only()

    for missing in (
        "/messages/none/",
        "/messages/..%2Fsecret/",
        "/messages/../secret/",
        f"{address}part/7",
        f"{address}part/-1",
    ):
        assert (await catcher.browser.get(missing)).status_code == 404, missing


async def test_mails_outlive_the_program_and_go_when_one_deletes_them(tmp_path: Path) -> None:
    async with running(tmp_path) as first:
        await first.gets(mail())
    async with running(tmp_path) as second:
        assert await second.only()
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        refused = await second.browser.post("/delete", headers=elsewhere)
        assert refused.status_code == 403
        assert await second.only()

        assert (await second.browser.post("/delete")).status_code == 303
        assert await second.mails() == []
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240


async def test_programs_find_the_mails_as_json(catcher: Catcher) -> None:
    await catcher.gets(mail("Order A-1"), mail("Order B-2", day=7))

    found = (await catcher.browser.get("/api/messages", params={"q": "a-1"})).json()
    assert [message["subject"] for message in found] == ["Order A-1"]
    assert found[0]["recipient"] == "Ada Muster <ada@example.org>"
    assert found[0]["attachments"] == 0


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8025", 200), ("mails", 200), ("evil.example", 421), ("", 421)],
)
async def test_dns_rebinding_is_refused(catcher: Catcher, host: str, status: int) -> None:
    for address in ("/", "/api/messages", "/page.css"):
        answer = await catcher.browser.get(address, headers={"Host": host})
        assert answer.status_code == status
