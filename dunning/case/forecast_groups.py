"""The steps that come after a planned one, for many similar cases at a time.

For a group only the day of the first step is known. That is enough: the gaps equal the differences
of the offsets, so the next day is always this day and the gap (R8). Counted from the due date, it
would never be later.
Days and moments come from the functions that decide about a single case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from dunning.actions import NEED_ADDRESS, REMINDING, ActionKind
from dunning.case.forecast import LAST, PlannedKind
from dunning.case.inputs import CaseInputs
from dunning.case.planning import moment_of, must_wait_for_statement
from dunning.contact_limits import ContactLimit
from dunning.days import DAY
from dunning.ladder import LADDER, DunningOption

_STEPS: Final = tuple(ActionKind(step.kind) for step in LADDER)
_GAPS: Final = {ActionKind(step.kind): step.gap for step in LADDER}
_NO_COLLECTION: Final = DunningOption.NO_COLLECTION
_FIRST_SLOT: Final = timedelta(0)
_WAITS: Final = LAST | {PlannedKind.AWAITING_STATEMENT}


class FirstStep(NamedTuple):
    """The first step of a case and its day; `option` is the one that the case keeps (R21)."""

    kind: ActionKind
    day: date
    due_date: date
    option: DunningOption | None = None


class StepAhead(NamedTuple):
    """A step that comes by itself, as far as it is known today."""

    kind: PlannedKind
    at: datetime


class Spacing(NamedTuple):
    """R9: a country's limit of messages to one customer, and when this customer got some."""

    limit: ContactLimit
    zone: str
    sent: tuple[datetime, ...] = ()


def steps_ahead(
    first: FirstStep, inputs: CaseInputs, *, now: datetime, last: date
) -> Iterator[StepAhead]:
    """Yield a planned step and those after it, up to a last day, or until the case waits.

    `inputs` is what decides about such cases now.
    """
    return (step for _, step in steps_of_customer([first], inputs, now=now, last=last))


def steps_of_customer(
    firsts: Sequence[FirstStep],
    inputs: CaseInputs,
    *,
    now: datetime,
    last: date,
    spacing: Spacing | None = None,
) -> Iterator[tuple[int, StepAhead]]:
    """Yield the steps of several cases of one customer in the order of time, each with its number.

    The number is the place of the case in `firsts`.
    """
    queue = [_planned(number, first, inputs, now) for number, first in enumerate(firsts)]
    heapify(queue)
    sent = list(spacing.sent) if spacing else []
    while queue:
        at, number, step = heappop(queue)
        if inputs.terms.day_of(at) > last:
            continue
        if spacing is not None and step.kind in REMINDING:
            allowed = spacing.limit.next_allowed(sent, spacing.zone)
            if allowed is not None and allowed > at:
                step = step._replace(day=inputs.terms.day_of(at))
                heappush(queue, _planned(number, step, inputs, at, not_before=allowed))
                continue
        shown = _shown(step, inputs, at)
        if shown is not None:
            yield number, StepAhead(shown, at)
        if shown is None or shown in _WAITS:
            continue
        if step.kind in REMINDING:
            sent.append(at)
        heappush(queue, _planned(number, _following(step, inputs, at), inputs, at))


def _planned(
    number: int,
    step: FirstStep,
    inputs: CaseInputs,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> tuple[datetime, int, FirstStep]:
    """Return a step with its moment; an advance notice that would be too late is skipped (R3)."""
    terms = inputs.terms
    if not_before is not None:
        terms = terms.model_copy(update={"no_notice_before": not_before})
    at = moment_of(step.kind, step.day, _FIRST_SLOT, terms, now=now)
    if step.kind is ActionKind.ADVANCE_NOTICE and terms.day_of(at) >= step.due_date:
        return _planned(number, _following(step, inputs, at), inputs, now)
    return at, number, step


def _following(step: FirstStep, inputs: CaseInputs, at: datetime) -> FirstStep:
    if step.kind is ActionKind.ADVANCE_NOTICE:
        return step._replace(kind=_STEPS[0], day=step.due_date + LADDER[0].offset * DAY)
    kind = _STEPS[_STEPS.index(step.kind) + 1]
    day = inputs.terms.day_of(at) + _GAPS[kind] * DAY
    is_canceled = kind is ActionKind.HANDOFF and _option(step, inputs) is _NO_COLLECTION
    return step._replace(kind=ActionKind.CANCELLATION if is_canceled else kind, day=day)


def _option(step: FirstStep, inputs: CaseInputs) -> DunningOption:
    return step.option or inputs.option


def _shown(step: FirstStep, inputs: CaseInputs, at: datetime) -> PlannedKind | None:
    """Return how a step is shown at its moment; None if the notices begin anew (R13)."""
    kind, is_by_itself = step.kind, inputs.auto_handoff
    if must_wait_for_statement(inputs.terms, kind, at):
        return PlannedKind.AWAITING_STATEMENT
    if kind is ActionKind.DECIDE_CHARGEBACK:
        if _option(step, inputs) is _NO_COLLECTION:
            return None
        kind, is_by_itself = ActionKind.HANDOFF, inputs.auto_chargeback_handoff
    if kind is ActionKind.HANDOFF and not is_by_itself:
        return PlannedKind.AWAITING_APPROVAL
    if kind in NEED_ADDRESS and not inputs.address_complete:
        return PlannedKind.BLOCKED
    return PlannedKind(kind)
