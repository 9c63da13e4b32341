"""R27: the messages of a case can be opened as they were sent."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlmodel import select

from activities.notices import NoticeActivities
from adapters.mail import SmtpMailer, wire_format
from dunning.actions import ActionKind
from dunning.history import Event, EventName
from dunning.ladder import StepKind, StepTaken
from models.histories import write_events
from models.tables import MessageRow, SellerRow
from runtime.database import Database
from sandbox.mail_sink import MailSink
from tests.activity_runs import act
from tests.factories import utc
from tests.offline import NOW, OfflineApi
from tests.outbox import MAIL_FROM, Outbox
from tests.seeded import case_of_an_open_order, set_case
from tests.starter.backend import Backend, refused

pytestmark = pytest.mark.one_database

LETTER = b"%PDF-1.7\n\x00\xff a letter \r\n%%EOF"
PIXEL = b"\x89PNG\r\n\x1a\n a pixel"


def a_message(*, attached: bool) -> EmailMessage:
    """A notice with words of every kind; with an image and a letter, if they are attached."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Kurse GmbH <dunning@example.com>"
    message["To"] = "Ada Müster <ada@example.org>"
    message["Message-ID"] = "<m-1@example.com>"
    message["Subject"] = "Erinnerung"
    message.set_content(".\n..Grüße € 😀\n", cte="quoted-printable")
    html = '<p>Grüße <script>alert(1)</script><img src="cid:logo@dunning"></p>\n'
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if attached:
        page = message.get_body(("html",))
        assert page is not None
        page.add_related(PIXEL, "image", "png", cid="<logo@dunning>")
        message.add_attachment(LETTER, "application", "pdf", filename="letter.pdf")
    return message


async def keep(
    database: Database, case_id: str, content: bytes | None, *, was_sent: bool = True
) -> None:
    """A message of a case, as the activity writes it down before it sends it, and afterwards."""
    key = f"{case_id}/1/first_notice"
    async with database.writing() as session:
        session.add(
            MessageRow(
                key=key,
                case_id=case_id,
                kind="first_notice",
                message_id="<m-1@example.com>",
                sent_at=NOW,
                currency="EUR",
                open_amount=Decimal(119),
                content=content,
            )
        )
        if was_sent:
            sent = Event(key=key, at=NOW, name=EventName.NOTICE_SENT)
            await write_events(session, case_id, [sent])


@pytest.fixture
async def case_id(database: Database) -> str:
    return await case_of_an_open_order(database, utc("2026-03-02T09:00:00"))


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with OfflineApi.opened(database) as offline:
        yield offline.api


@pytest.fixture
async def path(database: Database, case_id: str) -> str:
    """The path of a message with everything that a message can have."""
    await keep(database, case_id, zlib.compress(wire_format(a_message(attached=True))))
    return f"/v1/cases/{case_id}/messages/m-1@example.com"


async def test_r27_what_is_kept_is_byte_for_byte_what_the_mail_server_got(
    database: Database, case_id: str, tmp_path: Path, api: httpx.AsyncClient
) -> None:
    await set_case(database, case_id, invoice_notice_due=False)
    folder = tmp_path / "mail"
    async with MailSink(keep=folder) as sink:
        mailer = SmtpMailer(host="127.0.0.1", port=sink.port)
        notices = NoticeActivities(database, mailer, mail_from=MAIL_FROM)
        due = utc("2026-03-07T10:00:00")
        await act(notices.send_notice, case_id, ActionKind.PAYMENT_REMINDER, due)
        await mailer.close()
    (received,) = [file.read_bytes() for file in folder.iterdir()]

    async with database.reading() as session:
        row = (await session.exec(select(MessageRow))).one()
    answer = await api.get(f"/v1/cases/{case_id}/messages/{quote(row.message_id, safe='')}")

    assert row.content is not None
    assert zlib.decompress(row.content) == received
    assert answer.content == received


async def test_r27_the_letter_of_a_notice_can_be_opened_as_it_was_sent(
    database: Database, case_id: str, api: httpx.AsyncClient
) -> None:
    reminded = StepTaken(kind=StepKind.PAYMENT_REMINDER, on=date(2026, 3, 7))
    await set_case(database, case_id, invoice_notice_due=False, steps=(reminded,))
    outbox = Outbox()
    notices = NoticeActivities(database, outbox, mail_from=MAIL_FROM)
    await act(notices.send_notice, case_id, ActionKind.FIRST_NOTICE, utc("2026-03-12T10:00:00"))
    (message,) = outbox.messages
    (sent,) = message.iter_attachments()

    path = f"/v1/cases/{case_id}/messages/{quote(str(message['Message-ID']), safe='')}"
    answer = await api.get(path, params={"part": "pdf"})

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.content == sent.get_content()


@pytest.mark.parametrize("attached", [True, False])
async def test_r27_a_message_with_a_letter_also_arrives_as_it_is_kept(
    tmp_path: Path, attached: bool
) -> None:
    message = a_message(attached=attached)
    folder = tmp_path / "mail"
    async with MailSink(keep=folder) as sink:
        mailer = SmtpMailer(host="127.0.0.1", port=sink.port)
        await mailer.send(message)
        await mailer.close()

    assert [file.read_bytes() for file in folder.iterdir()] == [wire_format(message)]


@pytest.mark.parametrize("body", ["no end of line", "a\rb", "a\nb\n", "ü" * 2000, "", ".\n.\n"])
async def test_r27_no_text_makes_a_difference_on_the_way(tmp_path: Path, body: str) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "a@example.org", "b@example.org"
    message.set_payload(body, "utf-8")
    folder = tmp_path / "mail"
    async with MailSink(keep=folder) as sink:
        mailer = SmtpMailer(host="127.0.0.1", port=sink.port)
        await mailer.send(message)
        await mailer.close()

    assert [file.read_bytes() for file in folder.iterdir()] == [wire_format(message)]


async def test_the_history_names_the_message_that_can_be_opened(running: Backend) -> None:
    await running.open_order()
    case = await running.case()
    (sent,) = [e["detail"] for e in case["history"] if e["event"] == "notice.sent"]
    path = f"{running.case_path()}/messages/{quote(sent['message_id'], safe='')}"

    answer = await running.send("GET", path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "message/rfc822"
    message = message_from_bytes(answer.content, policy=SMTP)
    assert str(message["Message-ID"]) == sent["message_id"]
    assert "ada@example.org" in str(message["To"])


@pytest.mark.parametrize(
    "written", ["%3Cm-1%40example.com%3E", "m-1%40example.com", "<m-1@example.com>"]
)
async def test_the_angle_brackets_of_the_id_may_be_left_out(
    api: httpx.AsyncClient, path: str, written: str
) -> None:
    answer = await api.get(path.replace("m-1@example.com", written))

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="first_notice.eml"'


async def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere(
    api: httpx.AsyncClient, path: str
) -> None:
    answer = await api.get(path, params={"part": "html"})

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Grüße" in answer.text
    policy = answer.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert [rule for rule in policy if "script" in rule or "http" in rule or "*" in rule] == []
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_has_the_images_that_came_with_it(api: httpx.AsyncClient, path: str) -> None:
    page = (await api.get(path, params={"part": "html"})).text

    assert "cid:" not in page
    assert 'src="data:image/png;base64,' in page


async def test_the_text_and_the_letter_can_be_opened_alone(
    api: httpx.AsyncClient, path: str
) -> None:
    text = await api.get(path, params={"part": "text"})
    letter = await api.get(path, params={"part": "pdf"})

    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text.splitlines() == [".", "..Grüße € 😀"]
    assert letter.headers["content-type"] == "application/pdf"
    assert letter.headers["content-disposition"] == 'inline; filename="first_notice.pdf"'
    assert letter.content == LETTER


async def test_a_part_that_a_message_does_not_have_is_not_found(
    database: Database, case_id: str, api: httpx.AsyncClient
) -> None:
    await keep(database, case_id, zlib.compress(wire_format(a_message(attached=False))))

    answer = await api.get(f"/v1/cases/{case_id}/messages/m-1@example.com?part=pdf")

    refused(answer, 404)


@pytest.mark.parametrize(
    "query", ["part=eml", "part=HTML", "part=", "part=html&part=js", "parts=html", "limit=1"]
)
async def test_another_part_is_refused(api: httpx.AsyncClient, path: str, query: str) -> None:
    refused(await api.get(f"{path}?{query}"), 422, query.partition("=")[0])


@pytest.mark.parametrize(
    "unknown",
    [
        "m-2@example.com",
        "m-1",
        "%3Cm-1@example.com",
        "m-1@example.com%3E",
        "%3C%3E",
        "%3C%3Cm-1@example.com%3E%3E",
        "m-1@example.com%00",
        "%FF",
        "%25",
        "x" * 3000,
    ],
)
async def test_an_unknown_message_is_not_found(
    api: httpx.AsyncClient, path: str, unknown: str
) -> None:
    refused(await api.get(path.replace("m-1@example.com", unknown)), 404)


async def test_a_message_is_found_at_its_own_case_only(api: httpx.AsyncClient, path: str) -> None:
    for case_id in ("abcdefghijklmnop", "%00", "a b", "x" * 200):
        refused(await api.get(f"/v1/cases/{case_id}/messages/m-1@example.com"), 404)


async def test_a_message_of_before_messages_were_kept_is_not_found(
    database: Database, case_id: str, api: httpx.AsyncClient
) -> None:
    await keep(database, case_id, None)

    refused(await api.get(f"/v1/cases/{case_id}/messages/m-1@example.com"), 404)


async def test_a_message_of_which_nobody_knows_that_it_left_is_not_found(
    database: Database, case_id: str, api: httpx.AsyncClient
) -> None:
    content = zlib.compress(wire_format(a_message(attached=True)))
    await keep(database, case_id, content, was_sent=False)

    refused(await api.get(f"/v1/cases/{case_id}/messages/m-1@example.com"), 404)


async def test_a_seller_opens_the_messages_of_its_own_cases_only(
    database: Database, path: str
) -> None:
    async with database.writing() as session:
        profile = {"company_name": "Other", "email": "o@example.org"}
        session.add(SellerRow(seller_id="s-2", profile=profile, settings={}))
    async with OfflineApi.opened(database) as offline:
        async with offline.as_seller("s-1") as owner:
            assert (await owner.get(path)).status_code == 200
        async with offline.as_seller("s-2") as other:
            refused(await other.get(path), 404)
