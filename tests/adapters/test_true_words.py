"""What notices must say to be true and lawful, and must not say (R7, R9, R11, R13, R25)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from adapters.messages.locales import language_in
from adapters.messages.values import Notice, Partner, PaymentMade
from dunning.case.overdue import MoneyReturned
from dunning.notices import NoticeKind
from tests.adapters.letters import said as letter_of
from tests.adapters.samples import (
    DEMANDS,
    OVERDUE,
    a_notice,
    a_recipient,
    a_sender,
    day,
    each_language,
    eur,
    money,
    one_line,
    written,
)

PAID_ON, BACK_ON = date(2026, 3, 10), date(2026, 3, 31)
WRITTEN = (NoticeKind.FIRST_NOTICE, NoticeKind.FINAL_NOTICE)
FORGOTTEN = {
    "de": "entgangen",
    "en": "slipped your mind",
    "es": "se le haya pasado",
    "fr": "échappé",
}
# "Requerimiento de pago" is in Chile what a bailiff reads to a debtor.
COURT_OR_COSTS = ("judicial", "tribunal", "gastos", "costos", "ley", "requerimiento", "requerimos")


def said(notice: Notice) -> str:
    return one_line(written(notice).text)


def about_returned_money(kind: NoticeKind, language: str, **given: Any) -> Notice:
    values: dict[str, Any] = {
        "returned": MoneyReturned(
            paid_on=PAID_ON, returned_on=BACK_ON, amount=eur("1219.00"), is_whole=True
        ),
        "payments": (
            PaymentMade(on=PAID_ON, amount=eur("1219.00")),
            PaymentMade(on=BACK_ON, amount=eur("-1219.00")),
        ),
    }
    return a_notice(kind, language=language, **values | given)


def in_country(
    country: str | None, kind: NoticeKind = NoticeKind.FINAL_NOTICE, **given: Any
) -> Notice:
    language = given.pop("language", "de")
    return a_notice(kind, recipient=a_recipient(language, country=country), **given)


class TestMoneyThatWentBack:
    @pytest.mark.parametrize("kind", OVERDUE)
    @each_language
    def test_r7_it_is_what_the_notice_is_about(self, kind: NoticeKind, language: str) -> None:
        mail = written(about_returned_money(kind, language))

        bank = {"de": "Bank", "en": "bank", "es": "banco", "fr": "banque"}[language]
        for part in (one_line(mail.text), mail.words):
            assert bank in part
            assert part.count(day(PAID_ON, language)) >= 2
            assert part.count(day(BACK_ON, language)) >= 2
            assert money(eur("1219.00"), language) in part
            assert FORGOTTEN[language] not in part

    @pytest.mark.parametrize("kind", WRITTEN)
    @each_language
    def test_r7_the_letter_says_the_same(self, kind: NoticeKind, language: str) -> None:
        text = letter_of(about_returned_money(kind, language))

        assert text.count(day(PAID_ON, language)) == 2
        assert text.count(day(BACK_ON, language)) == 2

    @each_language
    def test_r7_nobody_who_has_paid_a_part_is_asked_whether_it_was_forgotten(
        self, language: str
    ) -> None:
        untouched = a_notice(language=language)
        in_part = a_notice(language=language, paid=eur("200"), open_amount=eur("1019"))

        assert FORGOTTEN[language] in said(untouched)
        assert FORGOTTEN[language] not in said(in_part)


class TestDaysOfEarlierNotices:
    @each_language
    def test_r7_written_notices_name_them_in_mail_and_letter(self, language: str) -> None:
        first, final = (a_notice(kind, language=language) for kind in WRITTEN)

        for text in (said(first), letter_of(first)):
            assert day(date(2026, 4, 6), language) in text
        for text in (said(final), letter_of(final)):
            assert day(date(2026, 4, 6), language) in text
            assert day(date(2026, 4, 11), language) in text

    @pytest.mark.parametrize("kind", WRITTEN)
    @each_language
    def test_r22_days_that_are_not_known_are_not_made_up(
        self, kind: NoticeKind, language: str
    ) -> None:
        text = said(a_notice(kind, language=language, reminded_on=None, first_notice_on=None))

        assert "None" not in text


class TestGermany:
    def test_the_final_notice_says_that_the_customer_is_in_default(self) -> None:
        sentence = "Seit Zugang unserer Mahnung vom 11. April 2026 befinden Sie sich in Verzug."

        assert sentence in said(in_country("DE"))
        assert sentence in said(in_country(None))
        assert sentence in letter_of(in_country("DE"))
        assert "Verzug" not in said(in_country("DE", first_notice_on=None))
        assert "Verzug" not in said(in_country("AT"))
        assert "Verzug" not in said(in_country("DE", NoticeKind.FIRST_NOTICE))

    def test_the_invoice_notice_has_the_sentence_of_the_civil_code(self) -> None:
        invoice = NoticeKind.INVOICE_NOTICE

        assert "30 Tage nach Fälligkeit" in said(in_country("DE", invoice))
        assert "§ 286 Abs. 3 BGB" in said(in_country("DE", invoice))
        assert "BGB" not in said(in_country("CH", invoice))
        assert "BGB" not in said(in_country("DE", invoice, language="en"))


class TestFrance:
    def test_the_final_notice_is_a_mise_en_demeure(self) -> None:
        mail = written(in_country("FR", language="fr"))

        assert "mise en demeure de payer" in mail.subject
        text = one_line(mail.text)
        assert "La présente vaut mise en demeure au sens de l" in text
        assert "article 1344 du Code civil." in text
        assert "article L111-8 du Code des procédures civiles" in text
        assert "seuls les frais que la loi met à votre charge" in text

    def test_in_belgium_no_french_code_is_cited(self) -> None:
        text = said(in_country("BE", language="fr"))

        assert "La présente vaut mise en demeure." in text
        assert "Seuls les frais que la loi met à votre charge" in text
        assert "1344" not in text
        assert "L111-8" not in text


class TestChile:
    @pytest.mark.parametrize("option", ["court", "cancellation"])
    def test_r9_no_notice_speaks_of_courts_or_costs(self, option: str) -> None:
        for kind in DEMANDS:
            notice = in_country(
                "CL",
                kind,
                language="es-CL",
                dunning_option=option,
                cancellation_costs=eur("15.00"),
            )
            text = said(notice).lower()
            assert not any(word in text for word in COURT_OR_COSTS)
        assert "empresa de cobranza" in text

    @pytest.mark.parametrize("tag", ["es", "es-CL", "es-ES"])
    def test_r9_nothing_seems_to_be_an_act_of_a_court(self, tag: str) -> None:
        mails = [written(in_country("CL", kind, language=tag)) for kind in WRITTEN]

        assert all("requerimiento" not in mail.subject.lower() for mail in mails)
        assert "aviso de cobranza" in mails[0].subject
        assert "requerimiento" not in letter_of(in_country("CL", WRITTEN[1], language=tag)).lower()
        assert "requerimiento" in written(in_country("ES", WRITTEN[0], language=tag)).subject

    def test_the_tax_number_of_the_seller_is_its_rut(self) -> None:
        sender = a_sender(country="CL", tax_id="76.086.428-5")

        assert "RUT: 76.086.428-5" in said(a_notice(sender=sender, language="es"))


class TestCancellationCosts:
    @each_language
    def test_r11_they_are_named_and_may_be_disproved(self, language: str) -> None:
        given = {"dunning_option": "cancellation", "cancellation_costs": eur("15.00")}
        less = {
            "de": "geringerer Schaden",
            "en": "or a smaller one",
            "es": "ha sido menor",
            "fr": "est moindre",
        }
        notice = a_notice(NoticeKind.FINAL_NOTICE, language=language, **given)

        for text in (said(notice), letter_of(notice)):
            assert money(eur("15.00"), language) in text
            assert less[language] in text

    @each_language
    def test_r11_with_another_option_there_are_none(self, language: str) -> None:
        notice = a_notice(
            NoticeKind.FINAL_NOTICE, language=language, cancellation_costs=eur("15.00")
        )

        assert money(eur("15.00"), language) not in said(notice)


class TestPartner:
    @each_language
    def test_it_is_called_registered_only_if_it_is_set(self, language: str) -> None:
        registered = {
            "de": "registriertes",
            "en": "registered",
            "es": "registrada",
            "fr": "déclarée",
        }[language]
        named = Partner(name="Beispiel Inkasso GmbH", is_registered=True)

        unnamed = said(a_notice(NoticeKind.FINAL_NOTICE, language=language))
        text = said(a_notice(NoticeKind.FINAL_NOTICE, language=language, partner=named))

        assert registered not in unnamed
        assert registered in text
        assert "Beispiel Inkasso GmbH" in text


class TestHabits:
    @pytest.mark.parametrize(
        ("code", "tag", "country", "locale"),
        [
            ("en", "en-GB", "US", "en_GB"),
            ("en", "en", "DE", "en_DE"),
            ("en", "en", "US", "en_US"),
            ("en", "en", "CL", "en_001"),
            ("es", "es", "DE", "es"),
            ("en", "en", None, "en"),
            ("es", "es-CL", None, "es_CL"),
            ("es", "es-419", "CL", "es_419"),
            ("de", "de-CH-1996", None, "de_CH"),
            ("de", "de", "FR", "de"),
            ("en", "pt-BR", "CL", "en_001"),
            ("en", "x-BR", None, "en"),
            ("de", "de_at", None, "de_AT"),
        ],
    )
    def test_r25_the_full_tag_counts_before_the_country(
        self, code: str, tag: str, country: str | None, locale: str
    ) -> None:
        assert language_in(code, tag=tag, country=country).locale == locale

    def test_r25_in_switzerland_nobody_is_greeted_with_a_sharp_s(self) -> None:
        notice = in_country("CH", NoticeKind.FIRST_NOTICE, order_id="Straße-1")

        for text in (said(notice), written(notice).words, letter_of(notice)):
            assert "Mit freundlichen Grüssen" in text
            assert "Straße-1" in text

    def test_r25_a_reader_in_britain_has_the_day_before_the_month(self) -> None:
        assert "1 April 2026" in said(in_country("GB", language="en"))
        assert "April 1, 2026" in said(in_country("US", language="en"))

    @each_language
    def test_r25_a_company_or_a_bare_surname_is_not_greeted_by_name(self, language: str) -> None:
        company = a_recipient(language, name="Muster GmbH", person=None, is_company=True)
        surname = a_recipient(language, name="Muster", person=None)

        for recipient in (company, surname):
            greeting = written(a_notice(recipient=recipient)).text.splitlines()[2]
            assert "Muster" not in greeting

    @each_language
    def test_the_phone_and_the_mail_of_a_seller_open_when_they_are_touched(
        self, language: str
    ) -> None:
        sender = a_sender(phone="+49 (0)40 5550-12", website="https://m.example")

        page = written(a_notice(sender=sender, language=language)).html

        assert 'href="tel:+4940555012"' in page
        assert 'href="mailto:info@muster.example"' in page
        assert 'href="https://m.example"' in page

    def test_a_website_that_is_no_web_address_is_no_link(self) -> None:
        page = written(a_notice(sender=a_sender(website="javascript:alert(1)"))).html

        assert 'href="javascript' not in page

    @pytest.mark.parametrize("kind", DEMANDS)
    @each_language
    def test_an_inbox_shows_until_when_and_no_amount(self, kind: NoticeKind, language: str) -> None:
        page = written(a_notice(kind, language=language)).html

        shown = page.partition("display:none")[2].partition("</div>")[0].rpartition(">")[2]
        assert "A-4711" in shown
        assert "2026" in shown
        assert "1219" not in shown.replace(".", "").replace(",", "")

    def test_what_the_law_wants_on_business_letters_is_in_mail_and_letter(self) -> None:
        notice = a_notice(
            NoticeKind.FIRST_NOTICE,
            sender=a_sender(legal_notice=("Geschäftsführerin: Wiebke Hansen", "Sitz: Hamburg")),
        )

        for text in (said(notice), letter_of(notice)):
            assert "Geschäftsführerin: Wiebke Hansen" in text
            assert "Sitz: Hamburg" in text
