"""What holds for every case, day, order and payment, whatever happens and in any order."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dunning.days import LawfulHours
from dunning.ledger import OpenItem, allocate, undo
from dunning.money import Money, total
from dunning.receivables import Part, receivables_of
from tests.examples import many
from tests.factories import eur, terms
from tests.rules.any_life import CASES, LIVES

ALWAYS_THE_SAME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
ZONES = [
    "Europe/Berlin",
    "America/Santiago",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Africa/Cairo",
    "Africa/Casablanca",
    "UTC",
]


@settings(ALWAYS_THE_SAME, max_examples=many(60))
@given(case=CASES, life=LIVES)
def test_whatever_happens_to_a_case_the_rules_hold(case, life):
    case.live(life)


@settings(ALWAYS_THE_SAME, max_examples=many(150))
@given(
    zone=st.sampled_from(ZONES),
    opens=st.integers(0, 22 * 60),
    minutes=st.integers(60, 600),
    day=st.dates(date(2010, 1, 1), date(2040, 12, 31)),
    hours_later=st.integers(-100, 100),
    slot=st.integers(0, 1799),
    closed=st.sets(st.integers(0, 5)),
    law=st.sampled_from([None, *ZONES]),
)
def test_r9_a_moment_lies_in_a_window_never_before_its_day_and_never_moves(
    zone, opens, minutes, day, hours_later, slot, closed, law
):
    closes = min(opens + minutes, 24 * 60 - 1)
    rules = terms(
        zone,
        opens=time(opens // 60, opens % 60),
        closes=time(closes // 60, closes % 60),
        closed_days=tuple(day + timedelta(days=ahead) for ahead in closed),
    )
    if law is not None:
        sundays = (day + timedelta(days=ahead) for ahead in range(-10, 40))
        hours = LawfulHours(
            time_zone=law,
            opens=time(8),
            closes=time(20),
            closed_days=tuple(on for on in sundays if on.weekday() == 6),
        )
        rules = rules.model_copy(update={"lawful": hours})
    now = datetime.combine(day, time(12), UTC) + timedelta(hours=hours_later)

    at = rules.moment_from(day, timedelta(seconds=slot), now=now)

    assert at >= now
    assert rules.is_open(at)
    assert rules.lawful is None or rules.lawful.are_at(at)
    assert rules.day_of(at) >= day
    assert rules.moment_from(day, timedelta(seconds=slot), now=at) == at
    in_between = now + (at - now) / 2
    if not rules.is_open(in_between) or in_between == now:
        assert rules.moment_from(day, timedelta(seconds=slot), now=in_between) == at


@settings(ALWAYS_THE_SAME, max_examples=many(80))
@given(
    open_=st.lists(st.tuples(st.integers(-500, 5000), st.booleans()), max_size=6),
    paid=st.integers(1, 30000),
    back=st.integers(1, 30000),
    named=st.one_of(st.none(), st.integers(1, 6)),
)
def test_r13_r20_no_cent_is_lost_and_none_is_made(open_, paid, back, named):
    items = [
        OpenItem(
            case_id=f"case-{number}",
            installment=number,
            due_date=date(2026, 1 + number % 3, 1),
            open_amount=cents(amount),
            can_be_paid=not canceled,
        )
        for number, (amount, canceled) in enumerate(open_, start=1)
    ]
    room = {item.case_id: item.open_amount for item in items if item.can_be_paid}

    there = allocate(cents(paid), items, named=named)
    undone = undo(cents(back), credit=there.credit, shares=there.shares)

    went = {share.case_id: share.amount for share in there.shares}
    assert total(went.values(), "EUR") + there.credit == cents(paid)
    assert all(amount.is_positive and not room[case] < amount for case, amount in went.items())
    if there.credit.is_positive:
        assert all(went.get(case, cents(0)) == max(open_, cents(0)) for case, open_ in room.items())
    came_back = total((share.amount for share in undone.shares), "EUR") + undone.credit
    assert came_back == min(cents(back), cents(paid))
    assert all(not went[share.case_id] < share.amount for share in undone.shares)
    assert undone.shares == () or undone.credit == there.credit


@settings(ALWAYS_THE_SAME, max_examples=many(50))
@given(
    order_id=st.from_regex(r"[A-Za-z0-9._:-]{1,80}", fullmatch=True),
    dues=st.lists(st.dates(date(2026, 1, 1), date(2028, 1, 1)), min_size=1, max_size=40),
)
def test_r9_the_cases_of_any_order_act_in_order_in_the_first_half_hour(order_id, dues):
    parts = [
        Part(installment=number, due_date=due, amount=eur("1.00"))
        for number, due in enumerate(dues, start=1)
    ]

    found = receivables_of(
        seller_id="s-1", order_id=order_id, invoice_date=date(2026, 1, 1), parts=parts
    )

    assert [(case.due_date, case.installment) for case in found] == sorted(
        (due, number) for number, due in enumerate(dues, start=1)
    )
    slots = [case.slot for case in found]
    assert slots == sorted(set(slots))
    assert timedelta(0) <= slots[0] <= slots[-1] < timedelta(minutes=30)
    assert len({case.case_id for case in found}) == len(parts)


def cents(amount: int) -> Money:
    return Money(amount=Decimal(amount) / 100, currency="EUR")
