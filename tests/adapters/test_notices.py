"""What the messages say, in which words, and that nobody can smuggle anything into them."""

from __future__ import annotations

import html
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import adapters.notices
from adapters.notices import (
    Notice,
    Recipient,
    SellerMail,
    Sender,
    language_for,
    write_notice,
    write_seller_mail,
)
from adapters.wording import Wording, day, money
from dunning.money import Money
from dunning.notices import NoticeKind, SellerTold

TEMPLATES = Path(adapters.notices.__file__).parent / "templates"
LANGUAGES = ("de", "en")
MAIL_FROM = "notices@platform.example"
MESSAGE_ID = "<case.1.payment_reminder@platform.example>"
SENT_AT = datetime(2026, 4, 6, 7, 3, tzinfo=UTC)
DUE = date(2026, 4, 1)
PARTNER_OR_COURT = re.compile(r"inkasso|collection|partner|agency|court|gericht|claim", re.I)

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
    },
    NoticeKind.FINAL_NOTICE: {
        "written_on": date(2026, 4, 21),
        "days_overdue": 20,
        "next_step": "handoff",
        "next_step_on": date(2026, 5, 1),
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
    return Recipient(**values | given)


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


def a_seller_mail(about: SellerTold, language: str = "en", **given: Any) -> SellerMail:
    recipient = a_recipient(language, name="Muster Handel GmbH", email="info@muster.example")
    values = {"about": about, "recipient": recipient, "order_id": "A-4711"}
    return SellerMail(**values | {"customer_name": "Ada Muster"} | given)


class Read(NamedTuple):
    """A mail as its reader has it."""

    mail: EmailMessage
    subject: str
    text: str
    html: str

    @property
    def words(self) -> str:
        """The words of the HTML part."""
        body = re.sub(r"<head>.*?</head>|<[^>]+>", " ", self.html, flags=re.DOTALL)
        return one_line(html.unescape(body))


def one_line(words: str) -> str:
    return re.sub(r"[ \n]+", " ", words)


def read(mail: EmailMessage) -> Read:
    parsed = message_from_bytes(mail.as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    bodies = [parsed.get_body((kind,)) for kind in ("plain", "html")]
    text, page = (body.get_content().replace("\r\n", "\n") for body in bodies if body)
    return Read(parsed, str(parsed["Subject"]), text, page)


def written(notice: Notice) -> Read:
    return read(write_notice(notice, message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM))


def told(mail: SellerMail) -> Read:
    return read(
        write_seller_mail(mail, message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM)
    )


each_kind = pytest.mark.parametrize("kind", NoticeKind)
each_language = pytest.mark.parametrize("language", LANGUAGES)
each_mail_to_a_seller = pytest.mark.parametrize("about", SellerTold)
ABOUT_SETTINGS = (SellerTold.SETTINGS_WANTED, SellerTold.DEFAULTS_APPLIED)
each_mail_about_a_case = pytest.mark.parametrize(
    "about", [about for about in SellerTold if about not in ABOUT_SETTINGS]
)


class TestEachNotice:
    @each_kind
    @each_language
    def test_says_what_is_owed_for_what_and_how_to_pay_in_both_parts(
        self, kind: NoticeKind, language: str
    ) -> None:
        notice = a_notice(kind, language=language, paid=eur("200"), open_amount=eur("1019"))

        mail = written(notice)

        for part in (one_line(mail.text), mail.words):
            assert "Ada Muster" in part
            assert "A-4711" in part
            assert "2026-0815" in part
            assert "Online course photography" in part
            assert "Muster Handel GmbH" in part
            assert day(DUE, language) in part
            for amount in (notice.total, notice.amount, notice.paid, notice.open_amount):
                assert money(amount, language) in part
            assert "By bank transfer." in part
            assert "DE89 3704 0044 0532 0130 00" in part
            assert "COBADEFFXXX" in part
            assert "RF18539007547034" in part

    @each_kind
    @each_language
    def test_says_the_same_as_text_and_as_html(self, kind: NoticeKind, language: str) -> None:
        mail = written(a_notice(kind, language=language))

        sentences = [
            one_line(paragraph).strip()
            for paragraph in mail.text.split("\n\n")
            if ":  " not in paragraph and "   " not in paragraph and "-- " not in paragraph
        ]
        assert len(sentences) >= 6
        for sentence in sentences:
            assert sentence in mail.words

    @each_kind
    @each_language
    def test_r7_names_the_day_of_the_next_step(self, kind: NoticeKind, language: str) -> None:
        notice = a_notice(kind, language=language)
        assert notice.next_step_on is not None

        mail = written(notice)

        assert day(notice.next_step_on, language) in one_line(mail.text)
        assert day(notice.next_step_on, language) in mail.words

    @each_kind
    @each_language
    def test_has_no_amount_date_or_purchase_in_its_subject(
        self, kind: NoticeKind, language: str
    ) -> None:
        subject = written(a_notice(kind, language=language)).subject

        assert "A-4711" in subject
        rest = subject.replace("A-4711", "")
        assert not re.search(r"\d|€|EUR|photography|Muster", rest)

    @each_kind
    @each_language
    def test_is_readable_in_a_narrow_window(self, kind: NoticeKind, language: str) -> None:
        mail = written(a_notice(kind, language=language, subject="A very long course " * 8))

        assert max(len(line) for line in mail.text.splitlines()) <= 76
        assert "\n\n\n" not in mail.text

    @each_kind
    def test_has_the_headers_of_an_automatic_message(self, kind: NoticeKind) -> None:
        mail = written(a_notice(kind, language="de")).mail

        assert mail["From"].addresses[0].display_name == "Muster Handel GmbH"
        assert mail["From"].addresses[0].addr_spec == MAIL_FROM
        assert [a.addr_spec for a in mail["To"].addresses] == ["ada@example.org"]
        assert [a.addr_spec for a in mail["Reply-To"].addresses] == ["info@muster.example"]
        assert mail["Date"].datetime == SENT_AT
        assert mail["Message-ID"] == MESSAGE_ID
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Content-Language"] == "de"
        assert mail.get_content_type() == "multipart/alternative"
        assert not mail.defects

    def test_r16_is_the_same_bytes_each_time_it_is_written(self) -> None:
        first, again = (
            write_notice(a_notice(), message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM)
            for _ in range(2)
        )

        assert first.as_bytes() == again.as_bytes()

    def test_r25_names_all_reply_addresses_of_the_seller(self) -> None:
        sender = a_sender(reply_to=("one@muster.example", "two@muster.example"))

        mail = written(a_notice(sender=sender)).mail

        addresses = [address.addr_spec for address in mail["Reply-To"].addresses]
        assert addresses == ["one@muster.example", "two@muster.example"]

    @each_language
    def test_r25_shows_all_that_the_seller_gave_and_nothing_empty(self, language: str) -> None:
        full = a_sender(phone="+49 30 1", website="https://m.example", tax_id="DE123456789")
        bare = Sender(company_name="Mini", email="mini@example.org")

        with_all = written(a_notice(language=language, sender=full))
        with_little = written(a_notice(language=language, sender=bare))

        for part in (with_all.text, with_all.words):
            assert "+49 30 1" in part
            assert "https://m.example" in part
            assert "DE123456789" in part
            assert "Marktplatz 1" in part
        for part in (with_little.text, with_little.words):
            assert "IBAN" not in part
            assert "None" not in part
            assert "RF18539007547034" in part

    @each_kind
    @each_language
    def test_greets_a_customer_without_a_name(self, kind: NoticeKind, language: str) -> None:
        nameless = a_recipient(language, name="")

        mail = written(a_notice(kind, recipient=nameless))

        assert re.search(r"^(Guten Tag|Hello),$", mail.text, re.M)


class TestInvoiceNotice:
    @each_language
    def test_r2_shows_the_total_and_each_installment_with_its_day(self, language: str) -> None:
        notice = a_notice(NoticeKind.INVOICE_NOTICE, language=language)

        mail = written(notice)

        for part in (one_line(mail.text), mail.words):
            assert money(notice.total, language) in part
            for number, due_date, amount in notice.schedule:
                row = f"{number} {day(due_date, language)} {money(amount, language)}"
                assert row in part

    def test_r2_of_an_order_paid_at_once_has_no_schedule(self) -> None:
        notice = a_notice(
            NoticeKind.INVOICE_NOTICE,
            installment=None,
            schedule=(),
            amount=eur("3719.00"),
            open_amount=eur("3719.00"),
        )

        text = one_line(written(notice).text)

        assert "installment" not in text.lower()
        assert "Please pay €3,719.00 by April 1, 2026." in text

    def test_r1_of_an_order_without_a_term_is_due_now(self) -> None:
        notice = a_notice(
            NoticeKind.INVOICE_NOTICE,
            installment=None,
            schedule=(),
            due_date=date(2026, 3, 2),
            next_step_on=date(2026, 3, 7),
        )

        assert "is due now. If your payment" in one_line(written(notice).text)

    @pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind != "invoice_notice"])
    def test_r2_is_the_only_one_with_the_schedule(self, kind: NoticeKind) -> None:
        assert "May 15, 2026" not in written(a_notice(kind)).text


class TestOverdueNotices:
    @pytest.mark.parametrize("kind", OVERDUE)
    @each_language
    def test_r7_gives_the_whole_day_before_the_next_step_to_pay(
        self, kind: NoticeKind, language: str
    ) -> None:
        notice = a_notice(kind, language=language)
        assert notice.next_step_on is not None
        last_day = day(notice.next_step_on - timedelta(days=1), language)

        text = one_line(written(notice).text)

        assert f"{'by' if language == 'en' else 'bis zum'} {last_day}" in text

    @pytest.mark.parametrize("kind", OVERDUE)
    @each_language
    def test_r10_of_a_partly_paid_receivable_states_the_rest(
        self, kind: NoticeKind, language: str
    ) -> None:
        notice = a_notice(
            kind,
            language=language,
            paid=eur("200"),
            fees=eur("3.50"),
            open_amount=eur("1022.50"),
        )

        text = one_line(written(notice).text)

        partly = {"en": "has been paid only in part", "de": "erst zum Teil bezahlt"}
        assert partly[language] in text
        for amount in ("200", "3.50", "1022.50", "1219"):
            assert money(eur(amount), language) in text

    @pytest.mark.parametrize("kind", OVERDUE)
    @each_language
    def test_asks_to_disregard_it_if_paid_in_the_meantime(
        self, kind: NoticeKind, language: str
    ) -> None:
        text = one_line(written(a_notice(kind, language=language)).text)

        said = {"en": "please disregard", "de": "bitte als gegenstandslos"}
        assert said[language] in text

    @pytest.mark.parametrize("kind", OVERDUE)
    def test_shows_fees_and_payments_only_if_there_are_any(self, kind: NoticeKind) -> None:
        text = written(a_notice(kind)).text

        assert "charges" not in text
        assert "Already paid" not in text


class TestFinalNotice:
    @pytest.mark.parametrize(
        ("language", "given", "said", "unsaid"),
        [
            (
                "en",
                {"dunning_option": "court"},
                ["we may give the claim to our collection partner", "from May 1, 2026 on", "court"],
                ["canceled"],
            ),
            (
                "de",
                {"dunning_option": "court"},
                [
                    "können wir die Forderung ab dem 1. Mai 2026 an unseren Inkassopartner",
                    "gerichtlich",
                ],
                ["storniert"],
            ),
            (
                "en",
                {"dunning_option": "cancellation"},
                ["we may give the claim to our collection partner", "your order will be canceled"],
                ["court"],
            ),
            (
                "de",
                {"dunning_option": "cancellation"},
                ["an unseren Inkassopartner", "wird Ihre Bestellung storniert"],
                ["gericht"],
            ),
            (
                "en",
                CANCELED_INSTEAD,
                ["your order will be canceled on May 1, 2026"],
                ["partner", "court", "claim", "costs"],
            ),
            (
                "de",
                CANCELED_INSTEAD,
                ["wird Ihre Bestellung am 1. Mai 2026 storniert"],
                ["partner", "gericht", "Inkasso", "Kosten"],
            ),
        ],
    )
    def test_r6_warns_of_what_its_option_brings_and_of_nothing_else(
        self, language: str, given: dict[str, Any], said: list[str], unsaid: list[str]
    ) -> None:
        mail = written(a_notice(NoticeKind.FINAL_NOTICE, language=language, **given))

        for part in (one_line(mail.text), mail.words):
            for words in said:
                assert words in part
            for words in unsaid:
                assert words not in part

    @each_kind
    @each_language
    def test_r11_no_notice_speaks_of_the_partner_with_no_collection(
        self, kind: NoticeKind, language: str
    ) -> None:
        final = kind is NoticeKind.FINAL_NOTICE
        given = CANCELED_INSTEAD if final else NO_COLLECTION

        mail = written(a_notice(kind, language=language, **given))

        assert not PARTNER_OR_COURT.search(mail.subject + mail.text + mail.words)

    @pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind != "final_notice"])
    @each_language
    def test_r6_is_the_only_one_that_speaks_of_the_partner(
        self, kind: NoticeKind, language: str
    ) -> None:
        mail = written(a_notice(kind, language=language))

        assert not PARTNER_OR_COURT.search(mail.subject + mail.text + mail.words)

    @pytest.mark.parametrize(
        "given",
        [
            {"dunning_option": "no_collection", "next_step": "handoff"},
            {"dunning_option": "court", "next_step": "cancellation"},
            {"next_step": "first_notice"},
            {"next_step": None, "next_step_on": None},
            {"next_step_on": None},
        ],
    )
    def test_r6_is_not_written_with_a_warning_that_cannot_come_true(
        self, given: dict[str, Any]
    ) -> None:
        with pytest.raises(ValidationError):
            a_notice(NoticeKind.FINAL_NOTICE, **given)


class TestMailToTheSeller:
    @each_mail_about_a_case
    @each_language
    def test_names_the_order_and_the_customer_in_both_parts(
        self, about: SellerTold, language: str
    ) -> None:
        mail = told(a_seller_mail(about, language, installment=(2, 3)))

        assert [a.addr_spec for a in mail.mail["To"].addresses] == ["info@muster.example"]
        assert mail.mail["From"].addresses[0].addr_spec == MAIL_FROM
        assert "A-4711" in mail.subject
        for part in (mail.text, mail.words):
            assert "A-4711" in part
            assert "Ada Muster" in part
            assert ("2 of 3" if language == "en" else "2 von 3") in part
        assert "Ada" not in mail.subject

    @each_language
    @pytest.mark.parametrize("about", ABOUT_SETTINGS)
    def test_r21_links_to_the_settings_page_in_both_parts(
        self, about: SellerTold, language: str
    ) -> None:
        link = "https://dunning.example/settings/a-token"
        mail = told(a_seller_mail(about, language, order_id=None, link=link))

        assert mail.mail["To"].addresses[0].addr_spec == "info@muster.example"
        assert link in mail.text.splitlines()
        assert f'href="{link}"' in mail.html

    @each_language
    def test_r21_the_question_names_the_last_day_for_an_answer(self, language: str) -> None:
        given = {"order_id": None, "link": "https://x.example/", "answer_by": date(2026, 3, 9)}
        mail = told(a_seller_mail(SellerTold.SETTINGS_WANTED, language, **given))

        expected = "March 9, 2026" if language == "en" else "9. März 2026"
        for part in (mail.text, mail.words):
            assert expected in part.replace("\xa0", " ")

    @each_language
    @pytest.mark.parametrize("blocked", [False, True])
    def test_r14_names_the_missing_fields_and_whether_the_case_waits(
        self, language: str, blocked: bool
    ) -> None:
        missing = ("postal_code", "house_number", "something_new")

        mail = told(
            a_seller_mail(SellerTold.ADDRESS_INCOMPLETE, language, missing=missing, blocked=blocked)
        )

        named = {"en": ("postal code", "house number"), "de": ("Postleitzahl", "Hausnummer")}
        waits = {"en": "The case waits", "de": "Der Fall wartet"}
        for part in (one_line(mail.text), mail.words):
            assert all(name in part for name in (*named[language], "something_new"))
            assert (waits[language] in part) is blocked

    @pytest.mark.parametrize("blocked", [False, True])
    def test_r14_tells_which_notice_could_not_be_delivered(self, blocked: bool) -> None:
        mail = told(
            a_seller_mail(
                SellerTold.MAIL_UNDELIVERABLE,
                notice=NoticeKind.FIRST_NOTICE,
                reason="550 no such user",
                blocked=blocked,
            )
        )

        text = one_line(mail.text)
        assert "first written reminder" in text
        assert "550 no such user" in text
        assert ("The case waits" in text) is blocked
        assert ("The case goes on" in text) is not blocked

    @each_language
    def test_r12_asks_for_the_decision_and_shows_what_is_missing(self, language: str) -> None:
        waiting = a_seller_mail(
            SellerTold.APPROVAL_WANTED, language, open_amount=eur("119"), missing=("city",)
        )
        complete = a_seller_mail(SellerTold.APPROVAL_WANTED, language)

        text, text_of_complete = told(waiting).text, told(complete).text

        assert money(eur("119"), language) in text
        assert {"en": "city", "de": "Ort"}[language] in text
        assert {"en": "incomplete", "de": "unvollständig"}[language] in text
        assert {"en": "incomplete", "de": "unvollständig"}[language] not in text_of_complete

    @each_language
    def test_r15_gives_the_reason_of_the_partner(self, language: str) -> None:
        mail = told(a_seller_mail(SellerTold.CLAIM_REJECTED, language, reason="No <contract>"))

        assert "No <contract>" in mail.text
        assert "No &lt;contract&gt;" in mail.html


class TestAmountsAndDays:
    @pytest.mark.parametrize(
        ("amount", "currency", "language", "expected"),
        [
            ("1234.5", "EUR", "de", "1.234,50 €"),
            ("1234.5", "EUR", "en", "€1,234.50"),
            ("1234.5", "EUR", "fr", "1\u202f234,50 €"),
            ("119000", "CLP", "en", "CLP 119,000"),
            ("119000", "CLP", "es", "119.000 CLP"),
            ("500", "JPY", "de", "500 ¥"),
            ("1.234", "KWD", "en", "KWD 1.234"),
            # Babel knows no dinar smaller than one, ISO 4217 does.
            ("12.50", "RSD", "de", "12,50 RSD"),
        ],
    )
    def test_r25_money_is_written_as_the_language_does_with_all_its_digits(
        self, amount: str, currency: str, language: str, expected: str
    ) -> None:
        written_amount = money(Money(amount=Decimal(amount), currency=currency), language)

        assert written_amount.replace("\N{NO-BREAK SPACE}", " ") == expected

    def test_r25_days_are_written_as_the_language_does(self) -> None:
        assert day(DUE, "de") == "1. April 2026"
        assert day(DUE, "en") == "April 1, 2026"

    def test_no_date_is_broken_over_two_lines(self) -> None:
        for language in LANGUAGES:
            for kind in NoticeKind:
                text = written(a_notice(kind, language=language)).text
                assert not re.search(r"(April|May|Mai|\d\.|,)\n20\d\d|(April|May)\n\d", text)


HOSTILE = [
    "Ada\r\nBcc: victim@example.org",
    "Ada\nSubject: pay nobody",
    'Muster, Ada "die Erste"',
    "=?utf-8?q?a=0d=0aBcc:_victim@example.org?=",
    "Ada <ada@evil.example>, victim@example.org",
    "a, b@c.d, " * 20,
    'Ünal & Söhne GmbH & Co. KG, "Abt. Buchhaltung", Zweigstelle Frankfurt am Main',
    "👩\u200d💻 Ada 🦊",
    "محمد بن سلمان",
    "Ada \u202e€ 00,1\u202c",
    "\ud800 Ada \x00\x1b[31m",
    "<script>alert(1)</script> {{ 7 * 7 }} {% raw %}",
    "日本語" * 60,
    "\u2028\u2029\x85",
    ".",
]


class TestHostileInput:
    @pytest.mark.parametrize("name", HOSTILE)
    @each_language
    def test_never_adds_a_header_or_an_address(self, name: str, language: str) -> None:
        notice = a_notice(
            sender=a_sender(company_name=name, payment_instructions=name, address=(name,)),
            recipient=a_recipient(language, name=name),
            subject=name,
            order_id=name,
            invoice_number=name,
            payment_reference=name,
        )

        mail = written(notice)

        assert sorted(mail.mail.keys()) == sorted(
            [
                *("From", "To", "Reply-To", "Date", "Message-ID", "Subject"),
                *("Auto-Submitted", "MIME-Version", "Content-Type", "Content-Language"),
            ]
        )
        assert [a.addr_spec for a in mail.mail["From"].addresses] == [MAIL_FROM]
        assert [a.addr_spec for a in mail.mail["To"].addresses] == ["ada@example.org"]
        assert "<script>" not in mail.html
        assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\ud800-\udfff]", mail.text)

    @given(name=st.text(max_size=120), subject=st.text(max_size=120))
    def test_of_any_kind_survives_writing_and_reading(self, name: str, subject: str) -> None:
        notice = a_notice(
            sender=a_sender(company_name=name), recipient=a_recipient(name=name), subject=subject
        )

        mail = written(notice)

        assert [a.addr_spec for a in mail.mail["From"].addresses] == [MAIL_FROM]
        assert [a.addr_spec for a in mail.mail["To"].addresses] == ["ada@example.org"]
        assert "€1,219.00" in mail.text

    @pytest.mark.parametrize("name", ["Muster, Ada", 'Ada "die Erste" Öz', "محمد", "👩\u200d💻"])
    def test_keeps_the_names_that_people_have(self, name: str) -> None:
        mail = written(a_notice(recipient=a_recipient(name=name)))

        assert mail.mail["To"].addresses[0].display_name == name
        assert name in mail.text
        assert name in mail.words

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a da@example.org",
            "ada@example.org\r\nBcc: victim@example.org",
            "ada@example.org, victim@example.org",
            "=?utf-8?q?a=0d=0a?=@example.org",
            "jörg@example.org",
        ],
    )
    def test_an_address_that_takes_no_mail_is_refused_without_repeating_it(
        self, address: str
    ) -> None:
        with pytest.raises(ValidationError) as refused:
            a_recipient(email=address)

        assert "is no address that mail can be sent to" in str(refused.value)
        assert not address or address not in str(refused.value)

    def test_a_domain_with_umlauts_is_written_as_dns_has_it(self) -> None:
        mail = written(a_notice(recipient=a_recipient(email="ada@exämple.example")))

        assert mail.mail["To"].addresses[0].addr_spec == "ada@xn--exmple-cua.example"


class TestLanguages:
    @pytest.mark.parametrize(
        ("tag", "language"),
        [
            ("de", "de"),
            ("de-AT", "de"),
            ("DE_ch", "de"),
            ("en-GB", "en"),
            ("pt-BR", "en"),
            ("zh-Hant-TW", "en"),
            ("../de", "en"),
            ("", "en"),
        ],
    )
    def test_r25_any_other_than_those_there_are_is_english(self, tag: str, language: str) -> None:
        assert language_for(tag) == language
        assert written(a_notice(language=tag)).mail["Content-Language"] == language

    def test_r25_each_language_has_all_messages_and_all_words(self) -> None:
        there_are = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
        assert there_are >= set(LANGUAGES)
        wording = Wording(TEMPLATES)
        files = {path.name for path in (TEMPLATES / "en").iterdir()}
        assert files == {f"{name}.j2" for name in [*NoticeKind, *SellerTold, "words"]}
        for language in LANGUAGES:
            assert {path.name for path in (TEMPLATES / language).iterdir()} == files
            for phrases in ("labels", "notices", "address_fields"):
                ours = getattr(wording.words(language), phrases)
                assert ours.keys() == getattr(wording.words("en"), phrases).keys()

    def test_r25_a_new_language_is_only_a_folder(self, tmp_path: Path) -> None:
        shutil.copytree(TEMPLATES, tmp_path / "templates")
        new = tmp_path / "templates" / "it"
        new.mkdir()
        shutil.copy(TEMPLATES / "en" / "words.j2", new)
        shutil.copy(TEMPLATES / "en" / "payment_reminder.j2", new)

        wording = Wording(tmp_path / "templates")

        assert wording.language_for("it-CH") == "it"
        assert wording.language_for("it", message="payment_reminder") == "it"
        assert wording.language_for("it", message="final_notice") == "en"
