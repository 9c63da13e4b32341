"""What sellers are told (R12 to R15, R21)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.messages.compose import write_seller_mail
from adapters.messages.links import case_page
from adapters.messages.platform import Platform
from adapters.messages.values import Posting, Recipient, SellerMail
from adapters.messages.wording import Wording
from dunning.notices import NoticeKind, SellerMailKind
from dunning.stages import ENDS, Stage
from tests.adapters.samples import (
    ABOUT_SETTINGS,
    IN,
    MAIL_FROM,
    MESSAGE_ID,
    SENT_AT,
    TEMPLATES,
    a_seller_mail,
    day,
    each_language,
    each_mail_about_a_case,
    eur,
    money,
    one_line,
    read,
    told,
)


class TestMailToTheSeller:
    @each_mail_about_a_case
    @each_language
    def test_names_the_order_and_the_customer_in_both_parts(
        self, about: SellerMailKind, language: str
    ) -> None:
        mail = told(a_seller_mail(about, language, installment=(2, 3)))

        assert [a.addr_spec for a in mail.mail["To"].addresses] == ["info@muster.example"]
        assert mail.mail["From"].addresses[0].addr_spec == MAIL_FROM
        assert "A-4711" in mail.subject
        for part in (mail.text, mail.words):
            assert "A-4711" in part
            assert "Ada Muster" in part
            assert {"en": "2 of 3", "de": "2 von 3", "es": "2 de 3", "fr": "2 sur 3"}[
                language
            ] in part
        assert "Ada" not in mail.subject

    @each_mail_about_a_case
    @each_language
    def test_comes_from_the_platform_and_says_where_to_act(
        self, about: SellerMailKind, language: str
    ) -> None:
        platform = Platform(name="Muster, Markt", reply_to="help@platform.example")
        link = case_page("https://dunning.example/", "k4mz2w7qxh3t9abc")

        mail = read(
            write_seller_mail(
                a_seller_mail(about, language, link=link),
                Posting(message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM),
                platform=platform,
            )
        )

        assert link == "https://dunning.example/console/cases/k4mz2w7qxh3t9abc"
        assert mail.mail["From"].addresses[0].display_name == "Muster, Markt"
        assert [a.addr_spec for a in mail.mail["Reply-To"].addresses] == ["help@platform.example"]
        assert link in mail.text.splitlines()
        assert f'href="{link}"' in mail.html
        assert mail.text.rstrip().endswith("Muster, Markt")
        assert "Muster, Markt" in mail.words

    @each_language
    def test_r12_does_not_speak_of_a_term_when_a_payment_came_back(self, language: str) -> None:
        term = {
            "de": "Frist",
            "en": "final notice",
            "es": "último requerimiento",
            "fr": "dernière relance",
        }[language]

        after_the_term, after_a_chargeback = (
            told(
                a_seller_mail(SellerMailKind.APPROVAL_WANTED, language, is_chargeback=charged_back)
            )
            for charged_back in (False, True)
        )

        assert term in one_line(after_the_term.text)
        assert term not in one_line(after_a_chargeback.text)

    def test_r14_in_chile_a_town_is_a_comuna(self) -> None:
        missing = {"missing": ("city", "region"), "customer_country": "CL"}
        mail = told(a_seller_mail(SellerMailKind.ADDRESS_INCOMPLETE, "es", **missing))

        assert "comuna, región" in mail.text

    @pytest.mark.parametrize("waits", [True, False])
    @each_language
    def test_r20_tells_how_old_the_newest_statement_is_and_whether_notices_wait(
        self, language: str, waits: bool
    ) -> None:
        mail = told(
            SellerMail(
                about=SellerMailKind.STATEMENT_OLD,
                recipient=Recipient(
                    name="Muster GmbH", email="info@muster.example", language=language
                ),
                statement_day=date(2026, 4, 16),
                blocked=waits,
            )
        )

        word = {
            "en": ("wait until", "go out"),
            "de": ("warten", "gehen trotzdem hinaus"),
            "es": ("esperan", "se siguen enviando"),
            "fr": ("attendent", "partent malgré tout"),
        }[language][not waits]
        for part in (mail.text, mail.words):
            assert word in one_line(part)
            assert "16" in part

    @each_language
    @pytest.mark.parametrize("about", ABOUT_SETTINGS)
    def test_r21_links_to_the_settings_page_in_both_parts(
        self, about: SellerMailKind, language: str
    ) -> None:
        link = "https://dunning.example/settings/a-token"
        mail = told(a_seller_mail(about, language, order_id=None, link=link))

        assert mail.mail["To"].addresses[0].addr_spec == "info@muster.example"
        assert link in mail.text.splitlines()
        assert f'href="{link}"' in mail.html

    @each_language
    def test_r21_the_question_names_the_last_day_for_an_answer(self, language: str) -> None:
        given = {"order_id": None, "link": "https://x.example/", "answer_by": date(2026, 3, 9)}
        mail = told(a_seller_mail(SellerMailKind.SETTINGS_WANTED, language, **given))

        for part in (mail.text, mail.words):
            assert day(date(2026, 3, 9), language) in part

    @each_language
    @pytest.mark.parametrize("blocked", [False, True])
    def test_r14_names_the_missing_fields_and_whether_the_case_waits(
        self, language: str, blocked: bool
    ) -> None:
        missing = ("postal_code", "house_number", "something_new")

        mail = told(
            a_seller_mail(
                SellerMailKind.ADDRESS_INCOMPLETE, language, missing=missing, blocked=blocked
            )
        )

        named = {
            "en": ("postal code", "house number"),
            "de": ("Postleitzahl", "Hausnummer"),
            "es": ("código postal", "número"),
            "fr": ("code postal", "numéro"),
        }
        waits = {
            "en": "The case waits",
            "de": "Der Fall wartet",
            "es": "El caso queda a la espera",
            "fr": "Le dossier reste en attente",
        }
        for part in (one_line(mail.text), mail.words):
            assert all(name in part for name in (*named[language], "something_new"))
            assert (waits[language] in part) is blocked

    @pytest.mark.parametrize("blocked", [False, True])
    def test_r14_tells_which_notice_could_not_be_delivered(self, blocked: bool) -> None:
        mail = told(
            a_seller_mail(
                SellerMailKind.MAIL_UNDELIVERABLE,
                notice=NoticeKind.FIRST_NOTICE,
                reason="550 no such user",
                blocked=blocked,
            )
        )

        text = one_line(mail.text)
        assert "overdue notice" in text
        assert "550 no such user" in text
        assert ("The case waits" in text) is blocked
        assert ("The case goes on" in text) is not blocked

    @each_language
    def test_r12_asks_for_the_decision_and_shows_what_is_missing(self, language: str) -> None:
        waiting = a_seller_mail(
            SellerMailKind.APPROVAL_WANTED, language, open_amount=eur("119"), missing=("city",)
        )
        complete = a_seller_mail(SellerMailKind.APPROVAL_WANTED, language)

        text, text_of_complete = one_line(told(waiting).text), told(complete).text

        assert money(eur("119"), language) in text
        city = {"en": "city", "de": "Ort", "es": "localidad", "fr": "ville"}
        incomplete = {
            "en": "incomplete",
            "de": "unvollständig",
            "es": "incompleta",
            "fr": "incomplète",
        }
        assert city[language] in text
        assert incomplete[language] in text
        assert incomplete[language] not in text_of_complete

    @each_language
    def test_r15_gives_the_reason_of_the_partner(self, language: str) -> None:
        mail = told(a_seller_mail(SellerMailKind.CLAIM_REJECTED, language, reason="No <contract>"))

        assert "No <contract>" in mail.text
        assert "No &lt;contract&gt;" in mail.html

    @each_language
    @pytest.mark.parametrize("outcome", sorted(ENDS))
    def test_r15_says_in_words_how_a_case_ended(self, language: str, outcome: Stage) -> None:
        mail = told(a_seller_mail(SellerMailKind.CASE_CLOSED, language, outcome=outcome))

        words = Wording(TEMPLATES).words(IN[language]).outcomes[outcome]
        assert words in one_line(mail.text)
        assert words in mail.words

    @pytest.mark.parametrize("outcome", [None, Stage.REMINDED, Stage.HANDED_OVER])
    def test_r15_a_case_that_goes_on_is_not_called_closed(self, outcome: Stage | None) -> None:
        with pytest.raises(ValidationError):
            a_seller_mail(SellerMailKind.CASE_CLOSED, outcome=outcome)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"blocked": True}, "The case is waiting for your decision"),
            ({"outcome": "stopped"}, "The case stays stopped."),
            ({"outcome": "canceled"}, "The order is canceled."),
            ({}, "The case goes on with the higher open amount."),
        ],
    )
    def test_r13_says_what_a_chargeback_changes(self, given: dict[str, Any], said: str) -> None:
        amounts = {"amount": eur("119"), "open_amount": eur("122.50")}

        mail = told(a_seller_mail(SellerMailKind.CHARGEBACK, **amounts, **given))

        for part in (one_line(mail.text), mail.words):
            assert said in part
            assert "€119.00" in part
            assert "€122.50" in part

    @each_language
    def test_r15_names_the_reference_under_which_the_partner_has_the_claim(
        self, language: str
    ) -> None:
        mail = told(a_seller_mail(SellerMailKind.HANDED_OVER, language, claim_reference="CL-88123"))

        assert "CL-88123" in mail.text
        assert "CL-88123" in mail.words
