"""What notices say to customers, in which words (R2 to R7, R10, R25)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.messages.compose import write_notice
from adapters.messages.values import Posting, Sender
from dunning.days import DAY
from dunning.notices import NoticeKind
from tests.adapters.samples import (
    CANCELED_INSTEAD,
    DEMANDS,
    DUE,
    MAIL_FROM,
    MESSAGE_ID,
    NO_COLLECTION,
    OVERDUE,
    PARTNER_OR_COURT,
    SENT_AT,
    a_notice,
    a_recipient,
    a_sender,
    day,
    each_kind,
    each_language,
    eur,
    money,
    one_line,
    written,
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
            write_notice(
                a_notice(), Posting(message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM)
            )
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

        assert re.search(r"^(Guten Tag,|Hello,|Estimado/a cliente:|Bonjour,)$", mail.text, re.M)


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

        assert "is due immediately. If your payment" in one_line(written(notice).text)

    @pytest.mark.parametrize("kind", [kind for kind in DEMANDS if kind != "invoice_notice"])
    def test_r2_is_the_only_one_with_the_schedule(self, kind: NoticeKind) -> None:
        assert "May 15, 2026" not in written(a_notice(kind)).text


class TestOverdueNotices:
    @pytest.mark.parametrize("kind", OVERDUE)
    @each_language
    def test_r7_names_the_day_by_which_the_money_must_have_arrived(
        self, kind: NoticeKind, language: str
    ) -> None:
        notice = a_notice(kind, language=language)
        assert notice.next_step_on is not None
        # In the final notice the second bank day before the handoff on Friday, 1 May.
        last = date(2026, 4, 29) if kind == "final_notice" else notice.next_step_on - DAY
        last_day = day(last, language)

        text = one_line(written(notice).text)

        said = {
            "en": f"reaches us by {last_day}",
            "de": f"bis zum {last_day} bei uns eingeht",
            "es": f"nos llegue a más tardar el {last_day}",
            "fr": f"nous parvienne au plus tard le {last_day}",
        }
        assert said[language] in text

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

        partly = {
            "en": "only in part",
            "de": "erst zum Teil bezahlt",
            "es": "solo se ha pagado en parte",
            "fr": "été réglée qu",
        }
        assert partly[language] in text
        for amount in ("200", "3.50", "1022.50", "1219"):
            assert money(eur(amount), language) in text

    @pytest.mark.parametrize("kind", OVERDUE)
    @each_language
    def test_asks_to_disregard_it_if_paid_in_the_meantime(
        self, kind: NoticeKind, language: str
    ) -> None:
        text = one_line(written(a_notice(kind, language=language)).text)

        said = {
            "en": "please disregard",
            "de": "bitte als gegenstandslos",
            "es": "no tenga en cuenta este mensaje",
            "fr": "ne pas tenir compte de ce message",
        }
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
                ["we may pass the claim to our collection partner", "from May 1, 2026 on", "court"],
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
                ["we may pass the claim to our collection partner", "your order will be canceled"],
                ["court"],
            ),
            (
                "de",
                {"dunning_option": "cancellation"},
                ["an unseren Inkassopartner", "wird Ihre Bestellung storniert"],
                ["gericht"],
            ),
            (
                "es",
                {"dunning_option": "court"},
                ["a partir del 1 de mayo de 2026", "agencia de cobro", "por vía judicial"],
                ["cancelará"],
            ),
            (
                "fr",
                {"dunning_option": "court"},
                ["confier la créance, à partir du 1er mai 2026", "en justice"],
                ["annulée"],
            ),
            (
                "es",
                {"dunning_option": "cancellation"},
                ["agencia de cobro", "su pedido se cancelará"],
                ["judicial"],
            ),
            (
                "fr",
                {"dunning_option": "cancellation"},
                ["partenaire de recouvrement", "votre commande sera annulée"],
                ["justice"],
            ),
            (
                "es",
                CANCELED_INSTEAD,
                ["su pedido se cancelará el 1 de mayo de 2026"],
                ["cobro", "judicial", "reclama", "gastos"],
            ),
            (
                "fr",
                CANCELED_INSTEAD,
                ["votre commande sera annulée le 1er mai 2026"],
                ["recouvrement", "justice", "créance", "frais"],
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

    @pytest.mark.parametrize("kind", [kind for kind in DEMANDS if kind != "final_notice"])
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
