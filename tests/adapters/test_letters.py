"""R5, R6: the letter says what is owed and what follows; what people typed stays what it is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings

import adapters.letters.letter
from adapters.letters.letter import write_letter
from adapters.messages.formats import day, money
from adapters.messages.values import Cost, CostKind, Notice, PaymentMade
from dunning.money import Money
from dunning.notices import NoticeKind
from dunning.references import in_fours
from tests.adapters.letters import (
    ENVELOPE,
    REFERENCE,
    a_letter,
    as_written,
    each_language,
    each_letter,
    is_archivable,
    one_line,
    pages,
    picture,
    said,
    words,
)
from tests.adapters.samples import CANCELED_INSTEAD, a_sender, eur
from tests.examples import any_text, many

TEMPLATES = Path(adapters.letters.letter.__file__).parent.parent / "templates"

PARTNER = {"de": "Inkasso", "en": "collection", "es": "agencia de cobro", "fr": "recouvrement"}
COURT = {"de": "gerichtlich", "en": "court", "es": "judicial", "fr": "en justice"}
CANCELED = {"de": "storniert", "en": "canceled", "es": "cancel", "fr": "annulée"}


class TestWords:
    @each_letter
    @each_language
    def test_it_says_what_is_owed_by_whom_to_whom_and_until_when(
        self, kind: NoticeKind, language: str
    ) -> None:
        sender = a_sender(
            phone="+49 30 901820",
            website="https://muster.example",
            tax_id="DE136695976",
            registration_number="HRB 12345",
            reply_to=("rechnung@muster.example",),
        )
        notice = a_letter(kind, language=language, sender=sender)

        text = words(notice)

        assert notice.next_step_on is not None
        for line in (*ENVELOPE, *sender.address, sender.company_name):
            assert line in text
        for code in (sender.phone, sender.website, sender.tax_id, sender.registration_number):
            assert str(code) in text
        assert "rechnung@muster.example" in text
        assert "A-4711" in text
        assert "2026-0815" in text
        assert "Online course photography" in text
        assert "DE89 3704 0044 0532 0130 00" in text
        assert "COBADEFFXXX" in text
        assert text.count(in_fours(REFERENCE)) == 2
        assert as_written(money(notice.open_amount, language)) in text
        for when in (notice.written_on, notice.due_date, notice.invoice_date, notice.next_step_on):
            assert day(when, language) in text
        # Of the final notice the second bank day before the handoff (R7).
        last_day = {NoticeKind.FIRST_NOTICE: date(2026, 4, 20)}.get(kind, date(2026, 4, 29))
        assert day(last_day, language) in text
        assert "{" not in text

    @each_language
    def test_r6_the_final_letter_warns_of_what_comes_with_the_option(self, language: str) -> None:
        court, cancellation, no_collection = (
            said(a_letter(NoticeKind.FINAL_NOTICE, language=language, **option))
            for option in ({}, {"dunning_option": "cancellation"}, CANCELED_INSTEAD)
        )

        assert PARTNER[language] in court
        assert COURT[language] in court
        assert CANCELED[language] not in court
        assert PARTNER[language] in cancellation
        assert COURT[language] not in cancellation
        assert CANCELED[language] in cancellation
        assert PARTNER[language] not in no_collection
        assert COURT[language] not in no_collection
        assert CANCELED[language] in no_collection

    @each_language
    def test_r5_the_first_letter_threatens_with_nothing(self, language: str) -> None:
        text = said(a_letter(language=language))

        assert PARTNER[language] not in text
        assert COURT[language] not in text
        assert CANCELED[language] not in text

    @each_language
    def test_the_statement_lists_every_entry_and_ends_in_the_open_amount(
        self, language: str
    ) -> None:
        notice = a_letter(
            language=language,
            amount=eur("1219.00"),
            paid=eur("250"),
            fees=eur("22.50"),
            open_amount=eur("991.50"),
            payments=(
                PaymentMade(on=date(2026, 4, 2), amount=eur("400")),
                PaymentMade(on=date(2026, 4, 5), amount=eur("-200")),
            ),
            costs=(
                Cost(kind=CostKind.RETURNED_PAYMENT, amount=eur("7.50")),
                Cost(kind=CostKind.CANCELLATION, amount=eur("10")),
            ),
        )

        text = said(notice)

        # What no entry explains is there in one sum: 50.00 paid, 5.00 of costs.
        for amount in ("1219.00", "7.50", "10.00", "5.00", "-400.00", "200.00", "-50.00", "991.50"):
            written = as_written(money(eur(amount), language)).replace("-", "\N{MINUS SIGN}")
            assert written in text
        assert day(date(2026, 4, 2), language) in text
        assert day(date(2026, 4, 5), language) in text

    def test_each_language_has_words_for_the_same(self) -> None:
        english, *others = (
            tomllib.loads((TEMPLATES / language / "letter.toml").read_text("utf-8"))
            for language in ("en", "de", "es", "fr")
        )
        for other in others:
            assert _shape(other) == _shape(english)

    @pytest.mark.parametrize(
        ("tag", "title"),
        [("fr-CA", "Première relance"), ("pt", "Overdue notice"), ("../de", "Overdue notice")],
    )
    def test_r25_a_language_that_there_is_not_is_english(self, tag: str, title: str) -> None:
        assert title in said(a_letter(language=tag))

    def test_r25_pesos_have_no_cents(self) -> None:
        pesos = Money(amount=Decimal(1219000), currency="CLP")

        text = said(
            a_letter(
                language="es-CL",
                amount=pesos,
                open_amount=pesos,
                paid=pesos - pesos,
                fees=pesos - pesos,
                total=pesos,
            )
        )

        assert as_written(money(pesos, "es_CL")) == "$1.219.000"
        assert "$1.219.000" in text
        assert ",00" not in text

    def test_without_a_bank_account_it_says_to_pay_as_agreed_and_has_no_code(self) -> None:
        letter = write_letter(a_letter(sender=a_sender(iban=None, payment_instructions=None)))

        assert "in the way agreed" in " ".join(pages(letter))
        assert not zxingcpp.read_barcodes(picture(letter))

    def test_without_a_name_it_is_still_polite(self) -> None:
        assert "Dear Sir or Madam," in said(a_letter(name=""))


def _shape(entries: dict[str, Any]) -> dict[str, Any]:
    """The names of the entries, without their words."""
    return {
        name: _shape(entry) if isinstance(entry, dict) else None for name, entry in entries.items()
    }


# What the typesetter, a template or a shell would take for more than words.
HOSTILE = [
    '#import "@preview/cetz:0.3.4"',
    '#read("/etc/passwd")',
    '#eval("1+1")',
    "$x^2$ *bold* _slanted_ `raw` <label> @reference",
    "= Heading",
    "a \\ b ] ) } { [ // not a comment /* nor this */",
    "{name} {0} %s {{ 7*7 }}",
    "Quote \" and ' and \\u{41}",
    "--- ~ ... -- 'single' \"double\"",
    "Ελένη Παπαδοπούλου",
    "Анна Иванова",
    "Łukasz Żółć Ğül Ñandú Œuvre Þór",
]
NAMES = [
    *("محمد علي", "עדה כהן"),
    *("山田太郎", "王小明", "김민수"),
    *("สมชาย", "ສົມ", "ភាសា", "မောင်"),
    *("अदिति", "অদিতি", "ਅਦਿਤੀ", "અદિતિ", "ଅଦିତି"),
    *("அதிதி", "అదితి", "ಅದಿತಿ", "അദിതി", "අදිති"),
    *("გიორგი", "Արամ", "አበበ"),
    "Ada 山田 สมชาย",
]
ODD_NAMES = [
    ("Ada \U0001f426 Muster", "Ada Muster"),
    ("\u2764\ufe0f Ada \U0001f468\u200d\U0001f469\u200d\U0001f467", "Ada"),
    ("Ada \U000f0000 Muster", "Ada Muster"),
    ("Ada \U000f0000", "Ada"),
    ("\U0001d400\U0001d41d\U0001d41a", "Ada"),
    ("ᏣᎳᎩ", "Tsalagi"),
    ("ཀརྨ ཚེ", "Karama Tshae"),
    ("Ada \ud7a3", "Ada Hih"),
    ("𠮷野家", "〓野家"),
    ("\u4e02", "〓"),
]


def with_lines(lines: Iterable[str]) -> Notice:
    """A letter whose instructions for payment have these lines."""
    return a_letter(sender=a_sender(payment_instructions="\n".join(lines)))


class TestData:
    @pytest.mark.parametrize("given", HOSTILE[1:8:3])
    def test_what_people_typed_is_printed_as_they_typed_it(self, given: str) -> None:
        text = words(
            a_letter(
                name=given,
                subject=given,
                envelope=(given, "Hauptstr. 5", "10115 Berlin"),
                sender=a_sender(company_name=given, payment_instructions=given),
            )
        )

        # Envelope, greeting, subject; letterhead, way back, payee, signature, foot, instructions.
        assert text.count(one_line(given)) >= 8

    def test_nothing_that_people_type_is_more_than_words(self) -> None:
        text = words(with_lines(HOSTILE))

        assert [given for given in HOSTILE if one_line(given) not in text] == []

    # One name takes the fonts that it needs, many take them all.
    @pytest.mark.parametrize("names", [NAMES, NAMES[:1], NAMES[2:3], NAMES[5:6], NAMES[-1:]])
    def test_names_of_most_scripts_are_printed_with_a_font_that_has_them(
        self, names: list[str]
    ) -> None:
        letter = write_letter(with_lines(names))

        printed = set("".join(pages(letter)))
        assert [name for name in names if not set(name) <= printed] == []
        assert is_archivable(letter)

    @pytest.mark.parametrize("names", [ODD_NAMES, ODD_NAMES[:1], ODD_NAMES[-2:-1]])
    def test_signs_that_no_font_has_are_spelled_or_left_out_and_the_letter_stays_archivable(
        self, names: list[tuple[str, str]]
    ) -> None:
        letter = write_letter(with_lines(f"To {given} Hauptstr. 5" for given, _ in names))

        text = " ".join(pages(letter))
        assert [odd for odd in names if f"To {odd[1]} Hauptstr. 5" not in text] == []
        assert is_archivable(letter)

    @settings(max_examples=many(5), deadline=None)
    @given(any_text(300), any_text(300))
    def test_whatever_is_typed_there_is_a_letter(self, name: str, company: str) -> None:
        notice = a_letter(name=name, envelope=(name,), sender=a_sender(company_name=company))

        assert pages(write_letter(notice))
