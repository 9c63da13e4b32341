"""R20: a transaction is known again in every file that tells it, and counted once for each time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.statements.line_keys import KnownLine, booking_of, line_keys
from dunning.statements.lines import StatementLine
from tests.statement_lines import ADAS_IBAN, DAY, EVAS_IBAN, a_line


def known(lines: Sequence[StatementLine]) -> list[KnownLine]:
    keys = line_keys(lines)
    return [KnownLine(key.key, line) for key, line in zip(keys, lines, strict=True)]


def which_are_known(
    lines: Sequence[StatementLine], before: Sequence[StatementLine]
) -> list[int | None]:
    """For each line the place of the one before that it is, or None if it is new."""
    there = known(before)
    keys = {line.key: place for place, line in enumerate(there)}
    found = line_keys(lines, there)
    assert all((key.key in keys) == key.is_known for key in found)
    return [keys.get(key.key) for key in found]


def mt940(text: str = "", amount: str = "10.00", payer: str | None = None, **given: Any) -> Any:
    return a_line(text, amount, payer, origin="mt940", **given)


ADA = a_line("Rechnung L-1001", "59.50", "Ada Muster", counterparty_iban=ADAS_IBAN)
EVA = a_line("Rechnung L-1002", "59.50", "Eva Beispiel", counterparty_iban=EVAS_IBAN)


def test_r20_the_same_file_is_known_line_by_line() -> None:
    lines = [ADA, EVA, a_line("x", "-3.00")]

    assert which_are_known(lines, lines) == [0, 1, 2]
    assert which_are_known(lines[::-1], lines) == [2, 1, 0]


def test_r20_two_equal_payments_of_one_day_are_two() -> None:
    keys = line_keys([ADA, ADA, EVA])

    assert len({key.key for key in keys}) == 3
    assert not any(key.is_known for key in keys)


def test_r20_a_third_equal_payment_in_a_later_file_of_the_day_is_new() -> None:
    assert which_are_known([ADA, ADA, ADA], [ADA, ADA]) == [0, 1, None]


def test_r20_of_overlapping_files_only_the_new_days_are_new() -> None:
    first = [a_line(f"L-{n}", "10.00", booked_on=date(2026, 11, n)) for n in range(1, 6)]
    second = [a_line(f"L-{n}", "10.00", booked_on=date(2026, 11, n)) for n in range(4, 9)]

    assert which_are_known(second, first) == [3, 4, None, None, None]


def test_r20_a_later_part_of_a_day_is_new_though_it_has_the_same_amounts() -> None:
    assert which_are_known([EVA], [ADA]) == [None]
    assert which_are_known([EVA, ADA], [ADA]) == [None, 0]


@pytest.mark.parametrize(
    "told",
    [
        {"booked_on": date(2026, 11, 21)},
        {"amount": Decimal("59.51")},
        {"amount": Decimal("-59.50")},
        {"currency": "USD"},
        {"account": EVAS_IBAN},
        {"is_booked": False},
    ],
    ids=str,
)
def test_r20_what_differs_in_day_amount_or_account_is_another_transaction(
    told: dict[str, object],
) -> None:
    assert which_are_known([ADA.model_copy(update=told)], [ADA]) == [None]


def test_r20_a_pending_line_is_not_the_booked_one_that_follows_it() -> None:
    pending = ADA.model_copy(update={"is_booked": False})

    assert which_are_known([ADA], [pending]) == [None]
    assert which_are_known([pending, ADA], [pending, ADA]) == [0, 1]


@pytest.mark.parametrize(
    "other",
    [
        mt940("RECHNUNGL-1001", "59.50", "ADA MUSTER", counterparty_iban=ADAS_IBAN),
        mt940("Rechnung L-1001", "59.50", None),
        mt940("EREF+X Rechnung L-1 001", "59.50", "Muster Ada"),
        mt940("", "59.50", None),
        mt940("something else", "59.50", "Muster, Ada", account="37040044/0532013000"),
        mt940("59,50 danke", "59.50", "Other Name", counterparty_iban=ADAS_IBAN),
    ],
    ids=lambda line: f"{line.counterparty}: {line.text}",
)
def test_r20_a_transaction_is_known_in_another_format(other: StatementLine) -> None:
    assert which_are_known([other], [ADA]) == [0]
    assert which_are_known([ADA], [other]) == [0]


@pytest.mark.parametrize(
    "other",
    [
        mt940("Rechnung L-1001", "59.50", "Ada Muster", counterparty_iban=EVAS_IBAN),
        mt940("Rechnung L-1001", "59.50", "Bob Bau"),
        mt940("Zwiebeln, Kohl und Rüben", "59.50", None),
        mt940("Rechnung L-1001", "59.50", "Ada Muster", account="DE44500105175407324931"),
    ],
    ids=lambda line: f"{line.counterparty}: {line.text}",
)
def test_r20_who_pays_otherwise_in_another_format_has_made_another_transaction(
    other: StatementLine,
) -> None:
    assert which_are_known([other], [ADA]) == [None]


def test_r20_ids_tell_equal_amounts_apart_in_two_formats() -> None:
    camt = [
        a_line("A", "59.50", "Ada Muster", end_to_end_id="E2E-1"),
        a_line("A", "59.50", "Ada Muster", end_to_end_id="E2E-2"),
    ]
    other = [
        mt940("A", "59.50", "Ada Muster", end_to_end_id="E2E-2"),
        mt940("A", "59.50", "Ada Muster", end_to_end_id="E2E-3"),
        mt940("A", "59.50", "Ada Muster", end_to_end_id="E2E-1"),
    ]

    assert which_are_known(other, camt) == [1, None, 0]


def test_r20_an_id_that_a_format_cuts_off_is_known() -> None:
    camt = a_line("A", "59.50", end_to_end_id="ORDER-2026-11-20-0001-ABCDEF")

    assert which_are_known([mt940("A", "59.50", end_to_end_id="ORDER-2026-11-20")], [camt]) == [0]


def test_r20_equal_payments_are_counted_in_two_formats() -> None:
    camt = [ADA, EVA, ADA]
    other = [
        mt940("Rechnung L-1001", "59.50", "ADA MUSTER"),
        mt940("Rechnung L-1001", "59.50", "ADA MUSTER"),
        mt940("Rechnung L-1002", "59.50", "EVA BEISPIEL"),
    ]

    assert sorted(which_are_known(other, camt), key=str) == [0, 1, 2]
    assert which_are_known([*other, other[0]], camt)[3] is None


def test_r20_the_bank_s_own_id_is_enough_within_one_format() -> None:
    first = a_line("Rechnung L-1001", "59.50", "Ada Muster", bank_id="B-1")
    again = a_line("RECHNUNG L-1001 (corrected)", "59.50", "A. Muster", bank_id="B-1")
    twin = a_line("Rechnung L-1001", "59.50", "Ada Muster", bank_id="B-2")

    assert which_are_known([again, twin], [first]) == [0, None]


def test_r20_an_id_that_several_lines_share_is_no_id() -> None:
    """As the number of the statement, which some banks give for each of its lines."""
    lines = [
        a_line("Rechnung L-1001", "59.50", "Ada Muster", bank_id="2026-11"),
        a_line("Rechnung L-1002", "59.50", "Eva Beispiel", bank_id="2026-11"),
    ]

    assert which_are_known(lines[::-1], lines) == [1, 0]


def test_r20_a_table_that_tells_only_the_value_day_is_compared_by_it() -> None:
    camt = ADA.model_copy(update={"value_on": date(2026, 11, 19)})
    told = a_line(
        "Rechnung L-1001",
        "59.50",
        "Ada Muster",
        origin="table",
        booked_on=date(2026, 11, 19),
        is_booked_on_stated=False,
        account=None,
    )

    assert which_are_known([told], [camt]) == [0]


def parts(*amounts: str, **given: Any) -> list[StatementLine]:
    total = sum(map(Decimal, amounts))
    return [
        a_line(f"L-{number}", amount, entry_amount=total, part=number, **given)
        for number, amount in enumerate(amounts, 1)
    ]


def test_r20_a_batch_is_known_as_a_whole_where_another_format_tells_no_parts() -> None:
    batch, whole = parts("10.00", "20.00"), mt940("BATCH", "30.00")
    there = known(batch)

    again = line_keys(batch, there)
    key = line_keys([whole], there)[0]
    the_other_way = line_keys(batch, known([whole]))

    assert [one.key for one in again] == [line.key for line in there]
    assert all(one.is_known for one in again)
    assert key.is_known
    assert {booking_of(line.key) for line in there} == {key.key}
    assert all(one.is_known for one in the_other_way)


def test_r20_two_batches_of_one_sum_are_two() -> None:
    lines = [*parts("10.00", "20.00"), *parts("15.00", "15.00")]
    keys = [key.key for key in line_keys(lines)]

    assert len(set(keys)) == 4
    assert len(set(map(booking_of, keys))) == 2
    assert [key.key for key in line_keys(lines, known(lines))] == keys


def test_r20_the_files_of_one_archive_tell_each_transaction_once() -> None:
    statement = [ADA, EVA]
    report = [line.model_copy(update={"document": 2}) for line in (ADA, ADA, EVA)]

    keys = line_keys([*statement, *report])

    assert [key.is_known for key in keys] == [False, False, True, False, True]
    assert keys[2].key == keys[0].key
    assert keys[4].key == keys[1].key


def test_r20_accounts_are_the_same_as_iban_and_as_number_of_old() -> None:
    french = a_line("x", account="FR1420041010050500013M02606")
    old = mt940("x", account="20041/01005/0500013M026")
    swiss = a_line("x", account="CH9300762011623852957")
    number = mt940("x", account="11623852957")

    assert which_are_known([old], [french]) == [0]
    assert which_are_known([number], [swiss]) == [0]


def test_r20_a_file_of_an_unknown_account_is_compared_by_what_it_tells() -> None:
    unnamed = ADA.model_copy(update={"account": None, "origin": "table"})

    assert which_are_known([unnamed], [ADA]) == [0]
    assert which_are_known([a_line("", "59.50", account=None, origin="table")], [ADA]) == [None]


names = st.sampled_from(["Ada Muster", "Eva Beispiel", None])
lines_of_a_day = st.lists(
    st.builds(
        a_line,
        text=st.sampled_from(["L-1001", "L-1002", ""]),
        amount=st.sampled_from(["10.00", "20.00", "-10.00"]),
        payer=names,
        booked_on=st.sampled_from([DAY, date(2026, 11, 21)]),
        bank_id=st.sampled_from([None, "B-1", "B-2"]),
    ),
    max_size=12,
)


@given(lines=lines_of_a_day, order=st.randoms(use_true_random=False))
def test_r20_a_file_that_comes_again_has_nothing_new_in_any_order(
    lines: list[StatementLine], order: Any
) -> None:
    there = known(lines)
    again = list(lines)
    order.shuffle(again)

    keys = line_keys(again, there)

    assert all(key.is_known for key in keys)
    assert sorted(key.key for key in keys) == sorted(line.key for line in there)


@given(lines=lines_of_a_day, cut=st.integers(0, 12), later=st.integers(0, 12))
def test_r20_overlapping_files_tell_as_many_transactions_as_one_file_of_all(
    lines: list[StatementLine], cut: int, later: int
) -> None:
    """As long as no two lines are equal within one day; those are counted as R20 says."""
    told = list({(line.booked_on, line.amount): line for line in lines}.values())
    first, second = told[: max(cut, later)], told[min(cut, later) :]
    there = known(first)

    keys = line_keys(second, there)

    assert len({*(line.key for line in there), *(key.key for key in keys)}) == len(told)
