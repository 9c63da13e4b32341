"""R15, R17 to R19: the reasons that are documented are exactly those that a request can meet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dunning.case.state import DunningCase
from dunning.requests import REASONS, RefusalReason, Refused, Verb
from tests.factories import a_case, a_hold, ask
from tests.rules.test_requests import CASES, DUE, NOW, SENT

FURTHER = {
    "term": SENT | {"handoff_on": NOW.date() + timedelta(days=8)},
    "returned_money_held": SENT
    | {
        "approval_wanted": True,
        "chargeback_approval": True,
        "hold": a_hold(NOW.date()),
    },
    "in_its_term": SENT | {"handoff_on": NOW.date() + timedelta(days=3)},
}


def _reasons_met_by(verb: Verb) -> Iterator[RefusalReason]:
    """Why this request is refused, over cases in every situation."""
    for given in (CASES | FURTHER).values():
        case: DunningCase = a_case(due=DUE, **given)
        for missing in ((), ("street",)):
            try:
                ask(case, verb, NOW, missing=missing)
            except Refused as refused:
                yield refused.reason


@pytest.mark.parametrize("verb", Verb)
def test_the_documented_reasons_are_exactly_the_possible_ones(verb: Verb) -> None:
    assert set(_reasons_met_by(verb)) == set(REASONS[verb])
    assert len(set(REASONS[verb])) == len(REASONS[verb])
