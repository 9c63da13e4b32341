"""Explains days: why an action comes then, why not, and what comes next (R1 to R21).

A day and its reason cannot differ: the day of a step is the latest of its bounds, and that bound is
the reason. Nothing here changes a case or reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import AwareDatetime, BaseModel

from dunning.actions import REMINDING, Action, ActionKind
from dunning.case.handoff import handoff_decided
from dunning.case.inputs import CaseInputs
from dunning.case.notices import notice_sent
from dunning.case.planning import (
    STEP_OF,
    announced_step,
    bounds_of,
    ladder_action,
    waits_for_statement,
)
from dunning.case.requests import apply_request
from dunning.case.state import DunningCase, Sending
from dunning.case.update import brought_up
from dunning.days import DAY
from dunning.ladder import ADVANCE_DAYS, STEPS, WRITTEN_NOTICES, Bound, BoundKind, StepKind
from dunning.notices import NoticeKind
from dunning.reasons import DayReason, Rule, Why
from dunning.requests import RefusalReason, Refused, Request, Verb

InputsAt = Callable[[datetime], CaseInputs]
"""Returns what the rules need beside the case at a moment, as far as it is known today."""

_WHY_OF: Final = {
    BoundKind.DUE_DATE: Why.DUE_DATE,
    BoundKind.STEP_BEFORE: Why.STEP_BEFORE,
    BoundKind.RESTART: Why.RESTART,
    BoundKind.INVOICE_NOTICE: Why.INVOICE_NOTICE,
    BoundKind.ROUND_BEFORE: Why.ROUND_BEFORE,
    BoundKind.NAMED: Why.NAMED,
}
_MOST_TURNS: Final = 40


class PlannedKind(StrEnum):
    """What may come by itself: notices, the end of a hold, and where the ladder ends or waits."""

    INVOICE_NOTICE = "invoice_notice"
    ADVANCE_NOTICE = "advance_notice"
    PAYMENT_REMINDER = "payment_reminder"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    HANDOFF = "handoff"
    CANCELLATION = "cancellation"
    CANCELLATION_NOTICE = "cancellation_notice"
    HOLD_ENDS = "hold_ends"
    AWAITING_APPROVAL = "awaiting_approval"
    BLOCKED = "blocked"
    AWAITING_STATEMENT = "awaiting_statement"


class Planned(BaseModel, frozen=True):
    """Something that comes if nobody acts, and the reasons for its day; the first reason binds."""

    kind: PlannedKind
    at: AwareDatetime
    reasons: tuple[DayReason, ...] = ()


LAST: Final = frozenset(
    {
        PlannedKind.HANDOFF,
        PlannedKind.CANCELLATION,
        PlannedKind.CANCELLATION_NOTICE,
        PlannedKind.AWAITING_APPROVAL,
        PlannedKind.BLOCKED,
    }
)


def forecast(case: DunningCase, now: datetime, inputs_at: InputsAt) -> tuple[Planned, ...]:
    """Return what comes if nobody acts and nobody pays, in order, to the end of the ladder."""
    return tuple(_coming(case, now, inputs_at))


class _Turn(NamedTuple):
    """What comes at a moment, if anybody sees it, and the case afterwards."""

    case: DunningCase
    planned: Planned | None = None
    is_last: bool = False


def _coming(case: DunningCase, now: datetime, inputs_at: InputsAt) -> Iterator[Planned]:
    case, since = brought_up(case, inputs_at(now), now), now
    for _ in range(_MOST_TURNS):
        action = ladder_action(case, now)
        if action is None and now > since and waits_for_statement(case, now):
            yield _waits_for_statement(case, now)
        if action is None or action.kind is ActionKind.ASK_PARTNER:
            return
        at = max(now, action.at)
        turn = _turn(case, action, at, since=now, inputs=inputs_at(at))
        if turn.planned is not None:
            yield turn.planned
        if turn.is_last:
            return
        case, now = turn.case, at


def _turn(
    case: DunningCase, action: Action, at: datetime, *, since: datetime, inputs: CaseInputs
) -> _Turn:
    """Return what an action does at its moment, and the case afterwards."""
    then = brought_up(case, inputs, at)
    if action.kind is ActionKind.END_HOLD:
        return _Turn(then, _hold_ends(case, at))
    if action.kind is ActionKind.DECIDE_CHARGEBACK:
        ends = _decided(then, at)
        return _Turn(then, ends, is_last=ends is not None)
    if ladder_action(then, at) != action.model_copy(update={"at": at}):
        # The calendar of that day gives another moment: plan again from there.
        return _Turn(then)
    planned = _planned(then, action, at, since=since, inputs=inputs)
    if planned.kind in LAST:
        return _Turn(then, planned, is_last=True)
    return _Turn(_sent(then, action.kind, at, inputs), planned)


def _planned(
    case: DunningCase, action: Action, at: datetime, *, since: datetime, inputs: CaseInputs
) -> Planned:
    """Return what an action becomes at its moment, as far as that is known today."""
    reasons = tuple(reasons_of(case, action.kind, at, since=since))
    if action.kind.value in WRITTEN_NOTICES and not inputs.address_complete:
        return _blocked(case, at, inputs, reasons)
    if action.kind is not ActionKind.HANDOFF or case.handoff_begun:
        return Planned(kind=PlannedKind(action.kind), at=at, reasons=reasons)
    decided = handoff_decided(case, inputs, at)
    if decided.approval_wanted:
        reason = DayReason(why=Why.APPROVAL, rule=Rule.BY_HAND, day=case.terms.day_of(at))
        return Planned(kind=PlannedKind.AWAITING_APPROVAL, at=at, reasons=(*reasons, reason))
    if decided.blocked_by:
        return _blocked(case, at, inputs, reasons)
    return Planned(kind=PlannedKind.HANDOFF, at=at, reasons=reasons)


def _blocked(
    case: DunningCase, at: datetime, inputs: CaseInputs, reasons: tuple[DayReason, ...]
) -> Planned:
    reason = DayReason(
        why=Why.ADDRESS, rule=Rule.ADDRESS, day=case.terms.day_of(at), missing=inputs.missing
    )
    return Planned(kind=PlannedKind.BLOCKED, at=at, reasons=(reason, *reasons))


def _decided(case: DunningCase, at: datetime) -> Planned | None:
    """R13: return what was decided on a chargeback; None if the notices begin anew."""
    day = case.terms.day_of(at)
    reason = DayReason(why=Why.CHARGEBACK, rule=Rule.CHARGEBACK, day=day)
    if case.approval_wanted:
        return Planned(kind=PlannedKind.AWAITING_APPROVAL, at=at, reasons=(reason,))
    if case.handoff_begun:
        return Planned(kind=PlannedKind.HANDOFF, at=at, reasons=(reason,))
    return Planned(kind=PlannedKind.BLOCKED, at=at, reasons=(reason,)) if case.blocked_by else None


def _waits_for_statement(case: DunningCase, at: datetime) -> Planned:
    """R20: return the wait of a due step for a newer bank statement."""
    stale = case.terms.day_of(case.terms.stale_from or at)
    reason = DayReason(why=Why.STATEMENT, rule=Rule.PAYMENTS, day=stale)
    return Planned(kind=PlannedKind.AWAITING_STATEMENT, at=at, reasons=(reason,))


def _hold_ends(case: DunningCase, at: datetime) -> Planned:
    last_day = case.hold.until if case.hold else None
    day = case.terms.day_of(at)
    reason = DayReason(why=Why.HOLD_ENDS, rule=Rule.HOLD, day=day, since=last_day)
    return Planned(kind=PlannedKind.HOLD_ENDS, at=at, reasons=(reason,))


def _sent(case: DunningCase, kind: ActionKind, at: datetime, inputs: CaseInputs) -> DunningCase:
    """Return the case after a notice; a final one sets its option and the day it names (R18)."""
    notice = Sending(kind=NoticeKind(kind), round=case.round, at=at, detail={})
    if kind is ActionKind.FINAL_NOTICE:
        following = announced_step(case, inputs.option, kind, at)
        named = following[1] if following else None
        notice = notice.model_copy(update={"option": inputs.option, "handoff_on": named})
    return notice_sent(case, notice)


def reasons_of(
    case: DunningCase, kind: ActionKind, at: datetime, *, since: datetime
) -> Iterator[DayReason]:
    """Yield the reasons for an action at a moment; `since` is when it was planned."""
    day = case.terms.day_of(at)
    if case.handoff_begun:
        yield DayReason(why=Why.ASKED_FOR, rule=Rule.ESCALATE, day=day)
        return
    if kind is ActionKind.CANCELLATION_NOTICE:
        yield DayReason(why=Why.CANCELED, rule=Rule.CANCELED, day=day)
        return
    if kind is ActionKind.INVOICE_NOTICE:
        yield DayReason(why=Why.ORDER, rule=Rule.INVOICE_NOTICE, day=day)
        return
    if kind is ActionKind.ADVANCE_NOTICE:
        due = case.receivable.due_date
        first = due - ADVANCE_DAYS * DAY
        yield DayReason(why=Why.BEFORE_DUE, rule=Rule.ADVANCE_NOTICE, day=first, since=due)
    else:
        step = STEP_OF.get(kind, StepKind.HANDOFF)
        binding = _latest(bounds_of(case, STEPS[step]))
        yield from _of_bound(binding, step)
        first = binding.day
    yield from _of_window(case, first, at, kind, since=since)


def _latest(found: tuple[Bound, ...]) -> Bound:
    """Return the bound that binds: the latest, and of two for one day the one listed last."""
    return max(reversed(found), key=lambda bound: bound.day)


def _of_bound(bound: Bound, step: StepKind) -> Iterator[DayReason]:
    is_ladder = bound.kind is BoundKind.DUE_DATE
    rule = STEPS[step].rule if is_ladder else _RULE_OF_BOUND[bound.kind]
    given = {"day": bound.day, "since": bound.since, "days": bound.days}
    yield DayReason(why=_WHY_OF[bound.kind], rule=rule, **given)
    if bound.hold_days:
        held = {"day": bound.day, "since": bound.since, "days": bound.hold_days}
        yield DayReason(why=Why.HOLD_DAYS, rule=Rule.HOLD, **held)


_RULE_OF_BOUND: Final = {
    BoundKind.STEP_BEFORE: Rule.GAP,
    BoundKind.RESTART: Rule.RESTART,
    BoundKind.INVOICE_NOTICE: Rule.PAYMENT_REMINDER,
    BoundKind.ROUND_BEFORE: Rule.GAP,
    BoundKind.NAMED: Rule.ESCALATE,
}


def _of_window(
    case: DunningCase, first: date, at: datetime, kind: ActionKind, *, since: datetime
) -> Iterator[DayReason]:
    """R9, R21: yield why the moment of an action is later than its day."""
    terms, day = case.terms, case.terms.day_of(at)
    planned = terms.first_moment(first, case.receivable.slot)
    if terms.day_of(planned) > first:
        closed = (terms.day_of(planned) - first).days
        yield DayReason(
            why=Why.CLOSED, rule=Rule.WINDOW, day=terms.day_of(planned), since=first, days=closed
        )
    not_before = terms.no_handoff_before
    if kind is ActionKind.HANDOFF and not_before is not None and not_before > max(since, planned):
        yield DayReason(why=Why.SETTINGS, rule=Rule.SETTINGS, day=terms.day_of(not_before))
    elif kind in REMINDING and terms.no_notice_before and terms.no_notice_before > planned:
        yield DayReason(why=Why.LIMIT, rule=Rule.WINDOW, day=terms.day_of(terms.no_notice_before))
    elif at > planned:
        yield DayReason(why=Why.LATE, rule=Rule.WINDOW, day=day, since=terms.day_of(planned))


def why_sent(case: DunningCase, kind: StepKind) -> tuple[DayReason, ...]:
    """Return why a step of this round was taken on its day.

    Nothing if it was not taken, or if another system took it (R22).
    """
    taken = next((step for step in case.steps if step.kind is kind), None)
    if taken is None or is_of_another_system(case, kind):
        return ()
    earlier = tuple(step for step in case.steps if step.on <= taken.on and step.kind is not kind)
    restarted = case.restarted_on
    then = case.changed(
        steps=tuple(step for step in earlier if _is_before(step.kind, kind)),
        holds=tuple(hold for hold in case.holds if hold.end_day <= taken.on),
        restarted_on=restarted if restarted and restarted <= taken.on else None,
    )
    binding = _latest(bounds_of(then, STEPS[kind]))
    reasons = tuple(_of_bound(binding, kind))
    if taken.on <= binding.day:
        return reasons
    days = (taken.on - binding.day).days
    late = DayReason(why=Why.LATER, rule=Rule.WINDOW, day=taken.on, since=binding.day, days=days)
    return (*reasons, late)


def is_of_another_system(case: DunningCase, kind: StepKind) -> bool:
    """R22: whether the step came with the opening of the case: another step has the same day.

    Only the last notice is known then, and the steps before it have got its day.
    """
    days = [step.on for step in case.steps]
    return any(step.kind is kind and days.count(step.on) > 1 for step in case.steps)


def _is_before(one: StepKind, other: StepKind) -> bool:
    order = list(STEPS)
    return order.index(one) < order.index(other)


def refusals(
    case: DunningCase, inputs: CaseInputs, at: datetime
) -> dict[Verb, RefusalReason | None]:
    """Return for each request whether it would be granted now: None, or the reason why not.

    A request that would change nothing is left out.
    """
    found: dict[Verb, RefusalReason | None] = {}
    for verb in Verb:
        try:
            if apply_request(case, Request(verb=verb), inputs, at) is not case:
                found[verb] = None
        except Refused as refused:
            found[verb] = refused.reason
    return found
