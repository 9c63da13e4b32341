"""R20: one line may pay several orders, and several lines one order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dunning.statements.matches import Doubt, Match, ReasonKind, Verdict
from dunning.statements.matching import match_line, match_lines
from tests.factories import eur
from tests.statement_lines import (
    DAY,
    a_line,
    certain_order,
    index_of,
    indexed,
    offered,
    reasons,
)

ADA = indexed("A-4711")
EVA = indexed("B-1234", name="Eva Beispiel", amounts=("80.00",))
INDEX = index_of(ADA, EVA)


def match(*given: Any, index: Any = INDEX) -> Match:
    return match_line(a_line(*given), index)


def test_r20_one_line_over_several_named_orders_is_split_where_the_sum_fits() -> None:
    answer = match("A-4711 B-1234", "139.50", "Somebody")

    assert certain_order(answer) is None
    first = answer.candidates[0]
    assert reasons(answer) == {ReasonKind.SUM_OF_ORDERS}
    assert [(share.order_id, share.amount) for share in first.shares] == [
        ("A-4711", eur("59.50")),
        ("B-1234", eur("80.00")),
    ]


def test_r20_one_line_over_several_orders_of_the_payer_is_split_where_the_sum_fits() -> None:
    others = [
        indexed("A-4712", amounts=("10.00",)),
        indexed("A-4713", amounts=("5.00",)),
    ]
    index = index_of(ADA, *others)

    answer = match("danke", "69.50", "Ada Muster", index=index)

    assert certain_order(answer) is None
    assert offered(answer)[0] == ["A-4711", "A-4712"]


def test_r20_a_customer_with_many_orders_does_not_make_the_search_endless() -> None:
    many = [indexed(f"A-{number}", amounts=(f"{number}.01",)) for number in range(1000, 1300)]

    answer = match("danke", "99999.99", "Ada Muster", index=index_of(*many))

    assert certain_order(answer) is None
    assert len(answer.candidates) <= 12


def test_r20_several_lines_of_one_order_are_judged_one_after_another() -> None:
    """The second pays what the first has left open; the third finds nothing open."""
    lines = [
        a_line("A-4711", "20.00", "Ada Muster", booked_on=DAY),
        a_line("danke", "39.50", "Ada Muster", booked_on=DAY + timedelta(days=1)),
        a_line("A-4711", "59.50", "Ada Muster", booked_on=DAY + timedelta(days=2)),
    ]

    answers = match_lines(lines, INDEX)

    assert [answer.verdict for answer in answers] == [
        Verdict.CERTAIN,
        Verdict.CERTAIN,
        Verdict.CANDIDATES,
    ]
    assert Doubt.NOTHING_OPEN in answers[2].doubts


def test_r20_a_line_that_is_not_certain_leaves_everything_open_for_the_next() -> None:
    lines = [a_line("danke", "59.50"), a_line("A-4711", "59.50", booked_on=DAY + timedelta(days=1))]

    assert [answer.verdict for answer in match_lines(lines, INDEX)] == [
        Verdict.CANDIDATES,
        Verdict.CERTAIN,
    ]


def test_r20_two_equal_lines_that_fit_one_receivable_are_not_both_certain() -> None:
    lines = [a_line("danke", "59.50", "Ada Muster")] * 2

    verdicts = [answer.verdict for answer in match_lines(lines, INDEX)]

    assert sorted(verdicts) == [Verdict.CERTAIN, Verdict.NOT_OURS]


def test_r20_the_answers_stand_in_the_order_of_the_lines() -> None:
    lines = [
        a_line("B-1234", "80.00", booked_on=DAY + timedelta(days=1)),
        a_line("gift", "7.77"),
        a_line("A-4711", "59.50"),
    ]

    assert [offered(answer) for answer in match_lines(lines, INDEX)] == [
        [["B-1234"]],
        [],
        [["A-4711"]],
    ]
