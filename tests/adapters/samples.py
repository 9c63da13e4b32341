"""Notices and mails to sellers to test with, and how their readers have them."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import adapters.messages.compose
import adapters.messages.formats
from adapters.messages.compose import write_notice, write_seller_mail
from adapters.messages.locales import Language
from adapters.messages.summaries import DebtSummary, OverdueItem, write_debt_summary
from adapters.messages.values import Notice, Posting, Recipient, SellerMail, Sender
from dunning.money import Money
from dunning.notices import NoticeKind, SellerMailKind

TEMPLATES = Path(adapters.messages.compose.__file__).parent.parent / "templates"
LANGUAGES = ("de", "en", "es", "fr")
IN = {code: Language(code, code) for code in LANGUAGES}
MAIL_FROM = "notices@platform.example"
MESSAGE_ID = "<case.1.payment_reminder@platform.example>"
SENT_AT = datetime(2026, 4, 6, 7, 3, tzinfo=UTC)
DUE = date(2026, 4, 1)
PARTNER_OR_COURT = re.compile(
    r"inkasso|collection|partner|agency|court|gericht|claim"
    r"|cobro|judicial|tribunal|reclama|partenaire|recouvrement|justice|créance",
    re.I,
)

WHEN: dict[NoticeKind, dict[str, Any]] = {
    NoticeKind.INVOICE_NOTICE: {
        "written_on": date(2026, 3, 2),
        "next_step": "payment_reminder",
        "next_step_on": date(2026, 4, 6),
    },
    NoticeKind.ADVANCE_NOTICE: {
        "written_on": date(2026, 3, 27),
        "next_step": "payment_reminder",
        "next_step_on": date(2026, 4, 6),
    },
    NoticeKind.PAYMENT_REMINDER: {
        "written_on": date(2026, 4, 6),
        "days_overdue": 5,
        "next_step": "first_notice",
        "next_step_on": date(2026, 4, 11),
    },
    NoticeKind.FIRST_NOTICE: {
        "written_on": date(2026, 4, 11),
        "days_overdue": 10,
        "next_step": "final_notice",
        "next_step_on": date(2026, 4, 21),
        "reminded_on": date(2026, 4, 6),
    },
    NoticeKind.FINAL_NOTICE: {
        "written_on": date(2026, 4, 21),
        "days_overdue": 20,
        "next_step": "handoff",
        "next_step_on": date(2026, 5, 1),
        "reminded_on": date(2026, 4, 6),
        "first_notice_on": date(2026, 4, 11),
    },
}
OVERDUE = (NoticeKind.PAYMENT_REMINDER, NoticeKind.FIRST_NOTICE, NoticeKind.FINAL_NOTICE)
NO_COLLECTION = {"dunning_option": "no_collection"}
CANCELED_INSTEAD = NO_COLLECTION | {"next_step": "cancellation"}


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def a_sender(**given: Any) -> Sender:
    values: dict[str, Any] = {
        "company_name": "Muster Handel GmbH",
        "email": "info@muster.example",
        "address": ("Marktplatz 1", "10115 Berlin"),
        "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX",
        "payment_instructions": "By bank transfer.\nNever in cash.",
    }
    return Sender(**values | given)


def a_recipient(language: str = "en", **given: Any) -> Recipient:
    values = {"name": "Ada Muster", "email": "ada@example.org", "language": language}
    whole_name = given.get("name", values["name"])
    return Recipient(**{"person": whole_name or None} | values | given)


def a_notice(kind: NoticeKind = NoticeKind.PAYMENT_REMINDER, **given: Any) -> Notice:
    """The second of three installments, of which nothing has been paid."""
    values: dict[str, Any] = {
        "kind": kind,
        "sender": a_sender(),
        "recipient": a_recipient(given.pop("language", "en")),
        "order_id": "A-4711",
        "invoice_number": "2026-0815",
        "invoice_date": date(2026, 3, 2),
        "subject": "Online course photography",
        "total": eur("3719.00"),
        "amount": eur("1219.00"),
        "paid": eur("0"),
        "fees": eur("0"),
        "open_amount": eur("1219.00"),
        "due_date": DUE,
        "installment": (2, 3),
        "schedule": (
            (1, date(2026, 3, 15), eur("1250.00")),
            (2, DUE, eur("1219.00")),
            (3, date(2026, 5, 15), eur("1250.00")),
        ),
        "dunning_option": "court",
        "payment_reference": "RF18539007547034",
    }
    return Notice(**values | WHEN[kind] | given)


def a_seller_mail(about: SellerMailKind, language: str = "en", **given: Any) -> SellerMail:
    recipient = a_recipient(language, name="Muster Handel GmbH", email="info@muster.example")
    values = {"about": about, "recipient": recipient, "order_id": "A-4711"}
    if about is SellerMailKind.CASE_CLOSED:
        values["outcome"] = "paid"
    return SellerMail(**values | {"customer_name": "Ada Muster"} | given)


def a_summary(language: str = "en", **given: Any) -> DebtSummary:
    """Two overdue receivables in euros and one in francs, the youngest first."""
    values: dict[str, Any] = {
        "sender": a_sender(),
        "recipient": a_recipient(language),
        "written_on": date(2026, 5, 2),
        "items": (
            OverdueItem(
                order_id="A-4712",
                due_date=date(2026, 5, 1),
                days_overdue=1,
                open_amount=Money(amount=Decimal("80"), currency="CHF"),
                reference="RF80ORDER4712",
            ),
            OverdueItem(
                order_id="A-4711",
                invoice_number="2026-0815",
                installment=(2, 3),
                due_date=DUE,
                days_overdue=31,
                open_amount=eur("1219"),
                reference="RF18539007547034",
            ),
            OverdueItem(
                order_id="A-4713",
                due_date=date(2026, 4, 20),
                days_overdue=12,
                open_amount=eur("0.50"),
                reference="RF462026000123",
            ),
        ),
    }
    return DebtSummary(**values | given)


class Read(NamedTuple):
    """A mail as its reader has it."""

    mail: EmailMessage
    subject: str
    text: str
    html: str

    @property
    def words(self) -> str:
        """The words of the HTML part."""
        page = re.sub(r"</?strong>", "", self.html)
        body = re.sub(r"<head>.*?</head>|<[^>]+>", " ", page, flags=re.DOTALL)
        return one_line(html.unescape(body))


def one_line(words: str) -> str:
    """Words as they are read: however the lines are broken, and wherever they may not be."""
    return re.sub(r"[ \n\u00a0\u202f]+", " ", words)


def money(amount: Money, language: str) -> str:
    return one_line(adapters.messages.formats.money(amount, language))


def day(value: date, language: str) -> str:
    return one_line(adapters.messages.formats.day(value, language))


def days(count: int, language: str) -> str:
    return one_line(adapters.messages.formats.days(count, language))


def read(mail: EmailMessage) -> Read:
    parsed = message_from_bytes(mail.as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    bodies = [parsed.get_body((kind,)) for kind in ("plain", "html")]
    text, page = (body.get_content().replace("\r\n", "\n") for body in bodies if body)
    return Read(parsed, str(parsed["Subject"]), text, page)


@lru_cache(maxsize=256)
def written(notice: Notice, **given: bytes) -> Read:
    """How a customer reads it; many tests look at the same notices."""
    return read(
        write_notice(
            notice, Posting(message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM), **given
        )
    )


def summed_up(summary: DebtSummary) -> Read:
    return read(
        write_debt_summary(
            summary, Posting(message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM)
        )
    )


def told(mail: SellerMail) -> Read:
    return read(
        write_seller_mail(
            mail, Posting(message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM)
        )
    )


# What asks for money; a cancellation is told in words of its own.
DEMANDS = [kind for kind in NoticeKind if kind is not NoticeKind.CANCELLATION_NOTICE]
each_kind = pytest.mark.parametrize("kind", DEMANDS)
each_language = pytest.mark.parametrize("language", LANGUAGES)
ABOUT_SETTINGS = (SellerMailKind.SETTINGS_WANTED, SellerMailKind.DEFAULTS_APPLIED)
NOT_ABOUT_A_CASE = (*ABOUT_SETTINGS, SellerMailKind.STATEMENT_OLD)
each_mail_about_a_case = pytest.mark.parametrize(
    "about", [about for about in SellerMailKind if about not in NOT_ABOUT_A_CASE]
)
