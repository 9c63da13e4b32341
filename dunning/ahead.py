"""The steps that follow a planned one, by days alone: for lists of very many cases.

A step is never taken before its own day, so the day of the next one counts from it (R8): what is
due by the due date comes no later. A hold, a restart and what people do are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from dunning.actions import ActionKind
from dunning.days import DAY
from dunning.ladder import LADDER, DunningOption

_STEPS: Final = tuple(ActionKind(step.kind) for step in LADDER)
_GAPS: Final = {ActionKind(step.kind): step.gap for step in LADDER}
_AS_LAST: Final = {ActionKind.CANCELLATION: ActionKind.HANDOFF}


def steps_from(
    kind: ActionKind,
    day: date,
    *,
    due_date: date,
    last: date,
    open_day: Callable[[date], date],
    option: DunningOption,
) -> Iterator[tuple[ActionKind, date]]:
    """A planned step and those after it, up to a last day.

    `open_day` is the first day with a sending window, from a day on.
    """
    if kind is ActionKind.ADVANCE_NOTICE:
        yield kind, day
        kind, day = _STEPS[0], open_day(due_date + LADDER[0].offset * DAY)
    at = _STEPS.index(_AS_LAST.get(kind, kind))
    for step in _STEPS[at:]:
        if step is not _STEPS[at]:
            day = open_day(day + _GAPS[step] * DAY)
        if day > last:
            return
        is_cancellation = step is ActionKind.HANDOFF and option is DunningOption.NO_COLLECTION
        yield (ActionKind.CANCELLATION if is_cancellation else step), day
