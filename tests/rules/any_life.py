"""What can happen to a case, in any order, for the tests of what always holds."""

from __future__ import annotations

from datetime import time
from typing import Any

from hypothesis import strategies as st

from dunning.claims import ClaimPhase, Closing
from dunning.ladder import DunningOption
from dunning.stages import BlockedBy
from tests.rules.any_case import AnyCase, Move

WINDOWS = [(time(9), time(18)), (time(7), time(8)), (time(16, 30), time(21))]


def move(name: str, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Move]:
    return st.builds(Move, st.just(name), st.fixed_dictionaries(given))


def often(times: int, name: str, **given: st.SearchStrategy[Any]) -> list[st.SearchStrategy[Move]]:
    # One strategy a time: of the same one given twice, only one would be drawn from.
    return [move(name, **given) for _ in range(times)]


_AT_ONCE = st.sampled_from([True, True, False])
# What ends a case is left out here: most of the time it goes on unpaid.
_MOVES = st.one_of(
    *often(8, "go_its_way", actions=st.integers(1, 6)),
    *often(
        4,
        "do_what_comes_next",
        block=st.sampled_from([None, None, None, BlockedBy.EMAIL, BlockedBy.ERROR]),
        yes=st.booleans(),
    ),
    *often(
        3,
        "the_mail_server_answers",
        answer=st.sampled_from(["taken", "taken", "not this time", "never"]),
        minutes=st.integers(0, 90),
    ),
    *often(2, "pass_without_anybody_at_work", hours=st.integers(1, 72)),
    move("pass_without_anybody_at_work", hours=st.integers(72, 900)),
    move("pay", part=st.sampled_from(["0.01", "10.00", "10.00", "30.00"]), at_once=_AT_ONCE),
    move(
        "charge_back",
        which=st.integers(0, 9),
        fee=st.sampled_from(["0.00", "3.50"]),
        at_once=_AT_ONCE,
    ),
    *often(
        3, "change_customer", complete=st.sampled_from([True, True, False]), email=st.booleans()
    ),
    *often(
        3,
        "partner_does",
        phase=st.sampled_from(
            [ClaimPhase.ACCEPTED, ClaimPhase.IN_COURT, ClaimPhase.CLOSED, ClaimPhase.CLOSED]
        ),
        closing=st.sampled_from(list(Closing)),
        tells=st.booleans(),
    ),
    move("withdraw"),
    move("look_again"),
    move("move_window", window=st.sampled_from(WINDOWS)),
    move("stop"),
    *often(4, "start"),
    *often(2, "escalate", despite=st.booleans()),
    *often(2, "hold", days=st.one_of(st.none(), st.integers(0, 25))),
    *often(4, "resume"),
)
_ENDS = st.one_of(
    move("pay", part=st.just("all"), at_once=_AT_ONCE), move("cancel_order", at_once=_AT_ONCE)
)

LIVES = st.tuples(
    st.lists(_MOVES, min_size=15, max_size=40),
    st.lists(_ENDS, max_size=2),
    st.lists(_MOVES, max_size=10),
).map(lambda parts: [*parts[0], *parts[1], *parts[2]])

CASES = st.builds(
    AnyCase,
    zone=st.sampled_from(["Europe/Berlin", "America/Santiago", "Pacific/Auckland"]),
    business_days_only=st.booleans(),
    law=st.booleans(),
    opened=st.integers(-20, 40),
    had=st.sampled_from([(), (3,), (9, 3), (25, 14, 2)]),
    opening=st.booleans(),
    option=st.sampled_from(list(DunningOption)),
)
