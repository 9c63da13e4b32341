"""R1, R2, R22, R23: which receivables an order has, when each is due, and which get a case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest

from dunning.receivables import (
    Collecting,
    Part,
    Receivable,
    case_id_of,
    due_date_of,
    receivables_of,
    wants_invoice_notice,
)
from tests.factories import day, eur

APRIL = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("invoiced", "term", "due"),
    [
        ("2026-03-02", None, "2026-03-02"),  # no term: the steps count from the purchase
        ("2026-03-02", 1, "2026-03-03"),
        ("2026-03-02", 14, "2026-03-16"),
        ("2026-03-02", 30, "2026-04-01"),
        ("2026-01-31", 28, "2026-02-28"),
        ("2026-01-31", 30, "2026-03-02"),
        ("2026-02-28", 1, "2026-03-01"),
        ("2028-01-31", 29, "2028-02-29"),
        ("2028-02-29", 30, "2028-03-30"),
        ("2028-02-29", None, "2028-02-29"),
        ("2026-12-15", 30, "2027-01-14"),
        ("2026-03-28", 2, "2026-03-30"),  # over the change of the clock
    ],
)
def test_r1_r23_an_order_is_due_its_term_after_the_invoice_date(invoiced, term, due):
    assert due_date_of(day(invoiced), term) == day(due)


@pytest.mark.parametrize(
    ("invoiced", "came_in", "wanted"),
    [
        ("2026-03-02", "2026-03-02", True),
        ("2026-03-02", "2026-03-07", True),
        ("2026-03-02", "2026-03-08", False),
        ("2026-03-02", "2027-03-02", False),
        ("2026-03-10", "2026-03-02", True),  # dated ahead
        ("2028-02-26", "2028-03-02", True),
        ("2028-02-26", "2028-03-03", False),
        ("2026-02-26", "2026-03-03", True),
        ("2026-02-26", "2026-03-04", False),
    ],
)
def test_r2_an_order_of_more_than_five_days_was_invoiced_elsewhere(invoiced, came_in, wanted):
    assert wants_invoice_notice(invoice_date=day(invoiced), today=day(came_in)) is wanted


# Today is March 10, 2026.
@pytest.mark.parametrize(
    ("past_from", "new_from", "invoiced", "due", "taken"),
    [
        (None, None, "2026-03-01", "2026-03-20", True),
        (None, None, "2019-01-01", "2019-01-31", True),
        # past due: the day on which it fell due counts
        ("2026-02-01", None, "2026-01-01", "2026-01-31", False),
        ("2026-02-01", None, "2026-01-02", "2026-02-01", True),
        ("2026-02-01", None, "2026-01-03", "2026-02-02", True),
        ("2026-03-11", None, "2026-03-01", "2026-03-09", False),
        # not yet due: `past_from` says nothing
        ("2026-03-11", None, "2026-03-01", "2026-03-10", True),
        ("2026-04-01", None, "2026-03-01", "2026-03-11", True),
        # not yet due: the invoice date counts
        (None, "2026-03-01", "2026-02-28", "2026-03-20", False),
        (None, "2026-03-01", "2026-03-01", "2026-03-20", True),
        (None, "2026-03-01", "2026-02-28", "2026-03-10", False),  # due today: not past
        # past due: `new_from` says nothing
        (None, "2026-03-01", "2026-01-01", "2026-03-09", True),
        ("2026-02-01", "2026-03-01", "2026-02-15", "2026-03-01", True),
        ("2026-02-01", "2026-03-01", "2026-02-15", "2026-03-15", False),
    ],
)
def test_r22_the_seller_says_from_when_on_orders_are_collected(
    past_from, new_from, invoiced, due, taken
):
    collecting = Collecting(
        past_from=day(past_from) if past_from else None,
        new_from=day(new_from) if new_from else None,
    )
    takes = collecting.takes(day(due), invoice_date=day(invoiced), today=date(2026, 3, 10))

    assert takes is taken


def test_r22_each_installment_is_looked_at_by_itself():
    collecting = Collecting(past_from=date(2026, 3, 1))
    invoiced, today = date(2026, 1, 1), date(2026, 3, 10)
    dues = (date(2026, 2, 1), date(2026, 3, 1), APRIL)

    taken = [collecting.takes(due, invoice_date=invoiced, today=today) for due in dues]

    assert taken == [False, True, True]


@pytest.mark.parametrize(
    ("seller_id", "order_id", "installment", "case_id"),
    [
        ("s-1", "A-1", None, "3hlz2mxamnmzhfnu"),
        ("s-1", "A-1", 1, "advlgypm5kzd5zye"),
        ("s-1", "A-1", 2, "ywmxbbd7vmz3pmri"),
    ],
)
def test_r16_the_id_of_a_case_never_changes(seller_id, order_id, installment, case_id):
    # Ids are in the customers' bank statements and at the partner: another one is a lost case.
    assert case_id_of(seller_id, order_id, installment) == case_id


def test_r16_the_id_of_a_case_is_opaque_and_short():
    assert re.fullmatch("[a-z2-7]{16}", case_id_of("s" * 80, "Ä:._-" * 16, 12))


def test_r16_no_two_receivables_share_an_id():
    names = [
        ("s", "1A-1", None),
        ("s1", "A-1", None),
        ("s1A", "-1", None),
        ("s1", "A-", 1),
        ("s1", "A-1", 1),
        ("s1", "A-11", None),
        ("s1", "A-1", 11),
        ("S1", "A-1", None),
    ]

    assert len({case_id_of(*name) for name in names}) == len(names)


def receivables(
    dues: Sequence[tuple[int | None, date]], *, order_id: str = "A-1"
) -> tuple[Receivable, ...]:
    return receivables_of(
        seller_id="s-1",
        order_id=order_id,
        invoice_date=date(2026, 3, 1),
        parts=[Part(installment=n, due_date=due, amount=eur("10.00")) for n, due in dues],
    )


def test_r1_every_part_of_an_order_is_a_receivable_with_its_own_due_date():
    first, second = receivables([(1, APRIL), (2, date(2026, 5, 1))])

    assert (first.installment, first.due_date) == (1, APRIL)
    assert (second.installment, second.due_date) == (2, date(2026, 5, 1))
    assert {first.seller_id, second.seller_id} == {"s-1"}
    assert {first.order_id, second.order_id} == {"A-1"}
    assert first.case_id == case_id_of("s-1", "A-1", 1)
    assert first.amount == eur("10.00")


def test_r2_the_case_due_first_stands_at_the_head():
    in_order = receivables([(3, date(2026, 4, 15)), (1, date(2026, 6, 1)), (2, APRIL)])

    assert [case.installment for case in in_order] == [2, 3, 1]


def test_r9_the_cases_of_one_order_are_some_seconds_apart_by_due_date_then_number():
    in_order = receivables([(4, APRIL), (2, date(2026, 5, 1)), (3, APRIL), (1, date(2026, 5, 1))])

    assert [case.installment for case in in_order] == [3, 4, 1, 2]
    slots = [case.slot for case in in_order]
    apart = [later - earlier for earlier, later in pairwise(slots)]
    assert all(timedelta(seconds=1) <= gap <= timedelta(minutes=1) for gap in apart)


@pytest.mark.parametrize("count", [1, 2, 12, 13, 60, 121, 360, 600, 601, 1200, 1800])
def test_r9_all_cases_of_an_order_act_in_order_within_the_first_half_hour(count):
    dues = [(number, APRIL + timedelta(days=number)) for number in range(1, count + 1)]

    for order in ("A-1", "A-2", "A-3"):
        slots = [case.slot for case in receivables(dues, order_id=order)]
        assert slots == sorted(set(slots))
        assert timedelta(0) <= slots[0]
        assert slots[-1] < timedelta(minutes=30)


def test_r9_orders_are_spread_over_the_whole_half_hour():
    slots = [receivables([(None, APRIL)], order_id=f"A-{n}")[0].slot for n in range(3000)]

    by_five_minutes = [0] * 6
    for slot in slots:
        by_five_minutes[slot // timedelta(minutes=5)] += 1
    assert all(400 < count < 600 for count in by_five_minutes)  # 500 each, if evenly


def test_r9_an_order_acts_at_the_same_moment_whenever_it_is_opened():
    once, again = receivables([(None, APRIL)]), receivables([(None, date(2026, 6, 1))])

    assert once[0].slot == again[0].slot
