"""R13, R20: which receivables of an order money pays, and what a chargeback takes back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dunning.ledger import Allocation, OpenItem, Share, allocate, undo, waived_rest
from tests.factories import eur


def item(number: int | None, due: str, open_: str, *, canceled: bool = False) -> OpenItem:
    return OpenItem(
        case_id=f"case-{number}",
        installment=number,
        due_date=date.fromisoformat(f"2026-{due}"),
        open_amount=eur(open_),
        can_be_paid=not canceled,
    )


def share(number: int, due: str, amount: str) -> Share:
    return Share(
        case_id=f"case-{number}",
        installment=number,
        due_date=date.fromisoformat(f"2026-{due}"),
        amount=eur(amount),
    )


def poured(allocation: Allocation) -> list[tuple[int | None, str]]:
    return [(part.installment, str(part.amount)) for part in allocation.shares]


PLAN = [item(3, "05-01", "40.00"), item(1, "03-01", "30.00"), item(2, "04-01", "30.00")]


@pytest.mark.parametrize(
    ("items", "named", "paid", "shares", "credit"),
    [
        # one receivable
        ([item(None, "03-01", "100.00")], None, "40.00", [(None, "40.00")], "0.00"),
        ([item(None, "03-01", "100.00")], None, "100.00", [(None, "100.00")], "0.00"),
        ([item(None, "03-01", "100.00")], None, "100.01", [(None, "100.00")], "0.01"),
        # without a name: the oldest due first
        (PLAN, None, "10.00", [(1, "10.00")], "0.00"),
        (PLAN, None, "30.00", [(1, "30.00")], "0.00"),
        (PLAN, None, "45.00", [(1, "30.00"), (2, "15.00")], "0.00"),
        (PLAN, None, "100.00", [(1, "30.00"), (2, "30.00"), (3, "40.00")], "0.00"),
        (PLAN, None, "120.00", [(1, "30.00"), (2, "30.00"), (3, "40.00")], "20.00"),
        # to the named one, what exceeds it to the oldest due
        (PLAN, 3, "10.00", [(3, "10.00")], "0.00"),
        (PLAN, 3, "50.00", [(3, "40.00"), (1, "10.00")], "0.00"),
        (PLAN, 2, "75.00", [(2, "30.00"), (1, "30.00"), (3, "15.00")], "0.00"),
        (PLAN, 1, "45.00", [(1, "30.00"), (2, "15.00")], "0.00"),
        # paid ones take nothing more
        ([item(1, "03-01", "0.00"), item(2, "04-01", "30.00")], 1, "10.00", [(2, "10.00")], "0.00"),
        (
            [item(1, "03-01", "-5.00"), item(2, "04-01", "30.00")],
            None,
            "40.00",
            [(2, "30.00")],
            "10.00",
        ),
        # canceled ones take nothing, not even by name
        (
            [item(1, "03-01", "30.00", canceled=True), item(2, "04-01", "30.00")],
            1,
            "40.00",
            [(2, "30.00")],
            "10.00",
        ),
        ([item(1, "03-01", "30.00", canceled=True)], None, "40.00", [], "40.00"),
        # of two due on one day the lower number
        (
            [item(2, "03-01", "5.00"), item(1, "03-01", "5.00")],
            None,
            "6.00",
            [(1, "5.00"), (2, "1.00")],
            "0.00",
        ),
        ([], None, "7.00", [], "7.00"),
    ],
)
def test_r20_money_goes_to_the_named_one_then_to_the_oldest_due_the_rest_is_credit(
    items, named, paid, shares, credit
):
    allocation = allocate(eur(paid), items, named=named)

    assert poured(allocation) == shares
    assert str(allocation.credit) == credit


ALLOCATED = [share(1, "03-01", "30.00"), share(3, "05-01", "40.00"), share(2, "04-01", "30.00")]


@pytest.mark.parametrize(
    ("shares", "credit", "back", "undone", "from_credit"),
    [
        # credit first, then the latest due
        (ALLOCATED, "20.00", "120.00", [(3, "40.00"), (2, "30.00"), (1, "30.00")], "20.00"),
        (ALLOCATED, "20.00", "15.00", [], "15.00"),
        (ALLOCATED, "20.00", "20.00", [], "20.00"),
        (ALLOCATED, "20.00", "20.01", [(3, "0.01")], "20.00"),
        (ALLOCATED, "0.00", "55.00", [(3, "40.00"), (2, "15.00")], "0.00"),
        (ALLOCATED, "0.00", "100.00", [(3, "40.00"), (2, "30.00"), (1, "30.00")], "0.00"),
        # never more than there was
        (ALLOCATED, "20.00", "500.00", [(3, "40.00"), (2, "30.00"), (1, "30.00")], "20.00"),
        ([], "5.00", "7.00", [], "5.00"),
        # the latest due is undone first, the named one or not
        (
            [share(2, "04-01", "10.00"), share(1, "03-01", "30.00")],
            "0.00",
            "15.00",
            [(2, "10.00"), (1, "5.00")],
            "0.00",
        ),
        (
            [share(1, "03-01", "5.00"), share(2, "03-01", "5.00")],
            "0.00",
            "6.00",
            [(2, "5.00"), (1, "1.00")],
            "0.00",
        ),
    ],
)
def test_r13_a_chargeback_undoes_in_reverse(shares, credit, back, undone, from_credit):
    allocation = undo(eur(back), credit=eur(credit), shares=shares)

    assert poured(allocation) == undone
    assert str(allocation.credit) == from_credit


@pytest.mark.parametrize(
    "paid", ["0.01", "29.99", "30.00", "30.01", "60.00", "99.99", "100.00", "250.00"]
)
def test_r13_a_chargeback_of_all_undoes_exactly_what_was_allocated(paid):
    there = allocate(eur(paid), PLAN)

    back = undo(eur(paid), credit=there.credit, shares=there.shares)

    assert back.credit == there.credit
    assert list(back.shares) == list(there.shares)[::-1]


@pytest.mark.parametrize(
    ("open_amount", "threshold", "at_partner", "waived"),
    [
        ("0.40", "0.50", False, "0.40"),
        ("0.50", "0.50", False, None),  # below, not at the threshold
        ("0.00", "0.50", False, None),
        ("0.40", None, False, None),  # the seller waives nothing
        ("0.40", "0.50", True, None),  # the partner collects it
    ],
)
def test_r20_a_rest_below_the_threshold_is_waived(
    open_amount: str, threshold: str | None, at_partner: bool, waived: str | None
) -> None:
    limit = None if threshold is None else Decimal(threshold)

    found = waived_rest(eur(open_amount), limit, at_partner=at_partner)

    assert found == (None if waived is None else eur(waived))
