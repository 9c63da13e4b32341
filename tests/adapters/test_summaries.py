"""The list of what a customer owes one seller (R24)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.messages.summaries import OverdueItem
from dunning.money import Money
from tests.adapters.samples import (
    a_sender,
    a_summary,
    day,
    days,
    each_language,
    eur,
    money,
    one_line,
    summed_up,
)


@each_language
def test_r24_lists_each_receivable_with_its_day_amount_and_reference(language: str) -> None:
    summary = a_summary(language)

    mail = summed_up(summary)

    assert "A-4711" not in mail.subject
    for part in (one_line(mail.text), mail.words):
        for item in summary.items:
            assert item.order_id in part
            assert day(item.due_date, language) in part
            assert days(item.days_overdue, language) in part
            assert money(item.open_amount, language) in part
        assert "2026-0815" in part
        assert "RF18 5390 0754 7034" in part


@each_language
def test_r24_is_in_the_order_of_due_dates(language: str) -> None:
    text = summed_up(a_summary(language)).text

    assert text.index("A-4711") < text.index("A-4713") < text.index("A-4712")


@each_language
def test_r24_totals_are_of_one_currency_each(language: str) -> None:
    mail = summed_up(a_summary(language))

    for part in (one_line(mail.text), mail.words):
        assert money(eur("1219.50"), language) in part
        assert money(Money(amount=Decimal("1299.50"), currency="EUR"), language) not in part


def test_r24_only_a_transfer_of_euros_has_a_structured_reference() -> None:
    with_iban = summed_up(a_summary()).text
    without = summed_up(a_summary(sender=a_sender(iban=None))).text

    assert "RF46 2026 0001 23" in with_iban
    assert "RF80" not in with_iban
    assert "RF" not in without
    assert "2026-0815" in without


@each_language
def test_says_the_same_as_text_and_as_html(language: str) -> None:
    mail = summed_up(a_summary(language))

    paragraphs = [part for part in mail.text.split("\n\n") if ":  " not in part]
    for paragraph in paragraphs:
        if "-- " not in paragraph and "\N{NO-BREAK SPACE}:  " not in paragraph:
            for line in paragraph.splitlines():
                assert line.strip() in mail.words or one_line(paragraph) in mail.words


@pytest.mark.parametrize(
    "given", [{"days_overdue": 0}, {"open_amount": eur("0")}, {"open_amount": eur("-1")}]
)
def test_r10_never_lists_what_is_not_owed(given: dict[str, Any]) -> None:
    item = OverdueItem(**a_summary().items[0].model_dump() | given)

    with pytest.raises(ValidationError):
        a_summary(items=(item,))


def test_r24_of_nothing_is_not_written() -> None:
    with pytest.raises(ValidationError):
        a_summary(items=())
