"""The ladder of a case: the steps taken, the steps to come, and the reasons for their days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from dunning.case.forecast import Planned, PlannedKind, is_of_another_system, why_sent
from dunning.case.planning import action_of
from dunning.case.state import DunningCase
from dunning.ladder import DunningOption, StepKind
from dunning.reasons import DayReason

_ENDS_LADDER: Final = frozenset(
    {PlannedKind.HANDOFF, PlannedKind.CANCELLATION, PlannedKind.AWAITING_APPROVAL}
)


class RungState(StrEnum):
    DONE = "done"
    NEXT = "next"
    LATER = "later"
    OPEN = "open"


@dataclass(frozen=True)
class Rung:
    """A step of the ladder; `day` is when it was or will be taken, None if unknown."""

    kind: str
    state: RungState
    day: date | None
    reasons: tuple[DayReason, ...] = ()


def ladder_of(case: DunningCase, items: Sequence[Planned], option: DunningOption) -> list[Rung]:
    """Return the due date and the steps of this round as rungs."""
    due = case.receivable.due_date
    rungs = [Rung("due_date", RungState.DONE, due)]
    taken = {step.kind for step in case.steps}
    coming = {_step_of(item): item for item in items}
    is_first = True
    for step in StepKind:
        kind = _kind_of(case, step, option)
        if step in taken:
            rungs.append(Rung(kind, RungState.DONE, _day_taken(case, step), why_sent(case, step)))
        elif (item := coming.get(step)) is not None:
            state = RungState.NEXT if is_first else RungState.LATER
            rungs.append(Rung(kind, state, case.terms.day_of(item.at), item.reasons))
            is_first = False
        else:
            rungs.append(Rung(kind, RungState.OPEN, None))
    return rungs


def _day_taken(case: DunningCase, kind: StepKind) -> date | None:
    """Return the day of a step; None if another system took it.

    R22: of that system's steps only the day of the last one is known.
    """
    day = next(step.on for step in case.steps if step.kind is kind)
    last = [step.kind for step in case.steps if step.on == day][-1]
    return day if last is kind or not is_of_another_system(case, kind) else None


def _step_of(item: Planned) -> StepKind | None:
    if item.kind in _ENDS_LADDER:
        return StepKind.HANDOFF
    return next((step for step in StepKind if step.value == item.kind.value), None)


def _kind_of(case: DunningCase, step: StepKind, option: DunningOption) -> str:
    known = case if case.option else case.changed(option=option)
    return str(action_of(known, step))
