"""Amounts, days and words in every language (R25)."""

from __future__ import annotations

import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import adapters
from adapters.messages.formats import day, days, money
from adapters.messages.values import CostKind
from adapters.messages.wording import Wording
from dunning.money import Money
from dunning.notices import AccessMail, NoticeKind, SellerMailKind
from dunning.stages import ENDS
from tests.adapters.samples import (
    DEMANDS,
    DUE,
    IN,
    LANGUAGES,
    TEMPLATES,
    a_notice,
    each_kind,
    each_language,
    one_line,
    written,
)

_BROKEN_DATE = re.compile(
    r"(April|May|Mai|\d\.|,|abril|mayo|avril|mai|de)\n(20\d\d|abril|mayo)|(April|May)\n\d"
    r"|\d(er)?\n(de|avril|mai)\b"
)
_SAME_KEYS = ("labels", "notices", "outcomes", "costs", "address_fields")
_EVERY_NAME = re.compile(r"\{% (?:set|macro) (\w+)")


class TestAmountsAndDays:
    @pytest.mark.parametrize(
        ("amount", "currency", "language", "expected"),
        [
            ("1234.5", "EUR", "de", "1.234,50 €"),
            ("1234.5", "EUR", "en", "€1,234.50"),
            ("1234.5", "EUR", "fr", "1\u202f234,50 €"),
            ("119000", "CLP", "en", "CLP 119,000"),
            ("119000", "CLP", "es", "119.000 CLP"),
            ("1219000", "CLP", "es_CL", "$1.219.000"),
            ("1026.5", "EUR", "es_CL", "1.026,50 €"),
            ("1234.5", "MXN", "es_MX", "$1,234.50"),
            ("1234.5", "CHF", "de_CH", "CHF 1\N{RIGHT SINGLE QUOTATION MARK}234.50"),
            ("1234.5", "GBP", "en_GB", "£1,234.50"),
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
        assert day(DUE, "es") == "1 de abril de 2026"
        assert day(DUE, "fr") == "1er avril 2026"
        assert day(date(2026, 4, 11), "fr") == "11 avril 2026"

    @pytest.mark.parametrize(
        ("count", "said"),
        [
            (0, {"de": "0 Tage", "en": "0 days", "es": "0 días", "fr": "0 jour"}),
            (1, {"de": "1 Tag", "en": "1 day", "es": "1 día", "fr": "1 jour"}),
            (2, {"de": "2 Tage", "en": "2 days", "es": "2 días", "fr": "2 jours"}),
            (31, {"de": "31 Tage", "en": "31 days", "es": "31 días", "fr": "31 jours"}),
        ],
    )
    def test_r25_one_day_is_not_one_days(self, count: int, said: dict[str, str]) -> None:
        for language in LANGUAGES:
            expected = said[language]
            assert days(count, language).replace("\N{NO-BREAK SPACE}", " ") == expected

    @each_language
    def test_r25_a_notice_says_for_how_many_days_it_is_overdue(self, language: str) -> None:
        text = written(a_notice(language=language, days_overdue=1)).text

        assert one_line(days(1, language)) in one_line(text)

    def test_no_date_is_broken_over_two_lines(self) -> None:
        for language in LANGUAGES:
            for kind in DEMANDS:
                text = written(a_notice(kind, language=language)).text
                assert not re.search(_BROKEN_DATE, text)


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
        assert written(a_notice(language=tag)).mail["Content-Language"] == language

    def test_r25_each_language_has_all_messages(self) -> None:
        assert {path.name for path in TEMPLATES.iterdir() if path.is_dir()} == set(LANGUAGES)
        messages = {*NoticeKind, *SellerMailKind, *AccessMail, "debt_summary", "words"}
        for language in LANGUAGES:
            files = {path.name for path in (TEMPLATES / language).glob("*.j2")}
            assert files == {f"{name}.j2" for name in messages}

    @each_language
    def test_r25_each_language_has_the_same_words_as_the_others(self, language: str) -> None:
        ours, theirs = (
            {
                name: sorted(value) if name in _SAME_KEYS else type(value)
                for name, value in vars(Wording(TEMPLATES).words(IN[one])).items()
                if not name.startswith("_")
            }
            for one in (language, "en")
        )

        # A language may have more of its own, as the name of the agency in Spain and Chile.
        assert theirs.items() <= ours.items()

    @each_language
    def test_r25_there_are_no_words_that_nobody_says(self, language: str) -> None:
        folder = Path(adapters.__file__).parent
        sources = [*folder.rglob("*.py"), *TEMPLATES.glob("*.j2")]
        sources += [path for path in (TEMPLATES / language).glob("*.j2") if path.stem != "words"]
        used = "\n".join(path.read_text() for path in sources)
        words = (TEMPLATES / language / "words.j2").read_text()

        for name in _EVERY_NAME.findall(words):
            said = re.search(rf"(words|spoken)\.{name}\b|\b{name}\(", used)
            assert said or re.search(rf" if {name}\b", words), name
        for label in Wording(TEMPLATES).words(IN[language]).labels:
            assert re.search(rf"[\"']{label}[\"']", used), label

    @each_kind
    @each_language
    def test_r25_customers_are_addressed_formally(self, kind: NoticeKind, language: str) -> None:
        text = written(a_notice(kind, language=language)).text

        familiar = {
            "de": r"\b([Dd]u|[Dd]ein\w*|[Dd]ich|[Dd]ir)\b",
            "en": r"\b(hi|hey)\b",
            "es": r"\b([Tt]ú|[Tt]us?|te|ti|vosotros|vuestr\w+)\b",
            "fr": r"\b([Tt]u|[Tt]on|[Tt]a|[Tt]es|te|toi)\b",
        }
        assert not re.search(familiar[language], text)

    @each_language
    def test_r25_every_kind_ending_and_cost_has_its_words(self, language: str) -> None:
        words = Wording(TEMPLATES).words(IN[language])

        assert words.notices.keys() == set(NoticeKind)
        assert words.outcomes.keys() == ENDS
        assert words.costs.keys() == set(CostKind)

    @each_language
    def test_r25_nothing_is_left_in_another_language(self, language: str) -> None:
        """Each message is a translation: no two languages share a sentence."""
        for path in (TEMPLATES / language).glob("*.j2"):
            for other in set(LANGUAGES) - {language}:
                ours = _sentences(path)
                assert not ours & _sentences(TEMPLATES / other / path.name), path.name

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


def _sentences(path: Path) -> set[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return {line for line in lines if len(line.split()) > 4 and not line.startswith("{")}
