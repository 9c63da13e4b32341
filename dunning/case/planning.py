"""What a case does next by itself, in each lane, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from dunning.actions import REMINDING, Action, ActionKind
from dunning.case.state import DunningCase
from dunning.days import DAY, Terms
from dunning.ladder import (
    ADVANCE_DAYS,
    LADDER,
    Bound,
    BoundKind,
    CountedFrom,
    DunningOption,
    Step,
    StepKind,
    bounds,
    next_step,
)
from dunning.stages import BlockedBy

# The steps that send a notice, by their action.
STEP_OF: Final = {
    ActionKind(step.kind): step.kind for step in LADDER if step.kind is not StepKind.HANDOFF
}

_NEEDS_A_STATEMENT: Final = frozenset({*STEP_OF, ActionKind.HANDOFF, ActionKind.CANCELLATION})


def next_actions(case: DunningCase, now: datetime) -> tuple[Action, ...]:
    """Return the next action of each lane; a lane that waits for somebody has none."""
    found = (ladder_action(case, now), partner_action(case, now), seller_action(case, now))
    return tuple(action for action in found if action is not None)


def next_action(case: DunningCase, now: datetime) -> Action | None:
    """Return the action that comes first; None while the case waits for somebody."""
    return min(next_actions(case, now), key=lambda action: action.at, default=None)


def is_due(case: DunningCase, kind: ActionKind, at: datetime) -> bool:
    """Whether this is the next action of its lane, and its moment has come (R9)."""
    return any(action.kind is kind and action.at <= at for action in next_actions(case, at))


def ladder_action(case: DunningCase, now: datetime) -> Action | None:
    """Return the next action on the ladder; None if the case waits for somebody or has ended."""
    action = _next_on_ladder(case, now)
    return None if action is None or _is_held_for_statement(case, action, now) else action


def waits_for_statement(case: DunningCase, now: datetime) -> bool:
    """R20: whether a step is due, but waits until a newer bank statement is imported."""
    action = _next_on_ladder(case, now)
    return action is not None and _is_held_for_statement(case, action, now)


def _is_held_for_statement(case: DunningCase, action: Action, now: datetime) -> bool:
    """R20: whether an action is due, but has to wait for a newer bank statement."""
    is_held = not case.handoff_begun and must_wait_for_statement(case.terms, action.kind, now)
    return is_held and action.at <= now


def must_wait_for_statement(terms: Terms, kind: ActionKind, at: datetime) -> bool:
    """R20: whether the newest statement is too old for this action: nobody knows who has paid."""
    stale_from = terms.stale_from
    return stale_from is not None and stale_from <= at and kind in _NEEDS_A_STATEMENT


def _next_on_ladder(case: DunningCase, now: datetime) -> Action | None:
    if case.handoff_begun and not case.claim:
        return _begun_handoff(case, now)
    if case.cancellation_notice_due and not _has_failed(case, ActionKind.CANCELLATION_NOTICE):
        return Action(kind=ActionKind.CANCELLATION_NOTICE, at=now)
    if case.claim or case.has_ended:
        return None
    if case.hold:
        ends_at = case.hold_ends_at
        return Action(kind=ActionKind.END_HOLD, at=ends_at) if ends_at else None
    if case.blocked_by or case.approval_wanted:
        return None
    if case.invoice_notice_due:
        return Action(kind=ActionKind.INVOICE_NOTICE, at=now)
    if case.chargeback_due:
        at = max(now, case.terms.no_handoff_before or now)
        return Action(kind=ActionKind.DECIDE_CHARGEBACK, at=at)
    return _advance_notice(case, now) or _next_step(case, now)


def partner_action(case: DunningCase, now: datetime) -> Action | None:
    """Return what the partner is told or asked next about the claim, even if the case has ended."""
    claim = case.claim
    if claim is None:
        return None
    due = next(
        (kind for kind in _due_at_the_partner(case) if kind not in case.failed_actions), None
    )
    if due is not None:
        return Action(kind=due, at=now)
    at = None if case.has_ended else claim.next_check_at
    return None if at is None else Action(kind=ActionKind.CHECK_CLAIM, at=max(now, at))


def seller_action(case: DunningCase, now: datetime) -> Action | None:
    """Return the action that sends the next mail to the seller; None if no mail waits.

    R14: a mail that cannot be sent, however often it is tried, waits until the case is resumed.
    """
    if not case.seller_mails or ActionKind.TELL_SELLER in case.failed_actions:
        return None
    return Action(kind=ActionKind.TELL_SELLER, at=now)


def next_notice_at(case: DunningCase, now: datetime) -> datetime | None:
    """Return when the case sends its next notice of R3 to R6 by itself; None if it sends none."""
    action = first_ladder_action_after_hold(case, now)
    return action.at if action is not None and action.kind in REMINDING else None


def first_ladder_action_after_hold(case: DunningCase, now: datetime) -> Action | None:
    """Return the next action on the ladder if nobody acts, even if a hold has to end first (R19).

    An invoice notice that is due is sent at once; the action after it is returned.
    """
    ends_at = case.hold_ends_at
    if ends_at is not None:
        now = max(now, ends_at)
        case = case.without_hold(now)
    if case.invoice_notice_due:
        case = case.changed(invoice_notice_due=False, invoice_notice_on=case.terms.day_of(now))
    return ladder_action(case, now)


def action_of(case: DunningCase, step: StepKind) -> ActionKind:
    """Return the action that takes a step: on the handoff day it may cancel the order."""
    if step is StepKind.HANDOFF and case.option is DunningOption.NO_COLLECTION:
        return ActionKind.CANCELLATION
    return ActionKind(step)


def day_of(case: DunningCase, step: Step) -> date:
    """Return the earliest day of a step (R4, R8, R17, R19).

    The handoff is never before the day that the final notice named: the customer has that in
    writing (R18).
    """
    return max(bound.day for bound in bounds_of(case, step))


def bounds_of(case: DunningCase, step: Step) -> tuple[Bound, ...]:
    """Return all days that the day of a step counts from."""
    since = CountedFrom(
        due_date=case.receivable.due_date,
        last_taken=case.steps[-1].on if case.steps else None,
        restarted_on=case.restarted_on,
        invoice_notice_on=case.invoice_notice_on,
        noticed_before=case.noticed_before,
        holds=case.holds,
    )
    found = bounds(step, since)
    named = case.handoff_named_on if step.kind is StepKind.HANDOFF else None
    return found if named is None else (Bound(BoundKind.NAMED, named, 0, 0), *found)


def following_step(
    case: DunningCase, action: ActionKind, at: datetime
) -> tuple[ActionKind, date] | None:
    """Return the step after this action, if it is done now, and its day: a notice names it (R7)."""
    today = case.terms.day_of(at)
    if action in STEP_OF:
        case = case.with_step(STEP_OF[action], today)
    elif action is ActionKind.INVOICE_NOTICE:
        case = case.changed(invoice_notice_on=today)
    step = next_step(case.steps)
    if step is None:
        return None
    moment = case.terms.first_moment(day_of(case, step), case.receivable.slot)
    return action_of(case, step.kind), case.terms.day_of(moment)


def announced_step(
    case: DunningCase, option: DunningOption, action: ActionKind, at: datetime
) -> tuple[ActionKind, date] | None:
    """Return the step that a notice announces, and its day.

    `option` is what follows the final notice, if the case has announced none yet (R11).
    """
    return following_step(case.changed(option=case.option or option), action, at)


def _begun_handoff(case: DunningCase, now: datetime) -> Action | None:
    """Return what completes a begun handoff, whatever has happened to the case since (R16)."""
    if case.handoff_called_off:
        has_failed = _has_failed(case, ActionKind.ASK_PARTNER)
        return None if has_failed else Action(kind=ActionKind.ASK_PARTNER, at=now)
    if case.blocked_by is BlockedBy.ERROR:
        return None
    return Action(kind=ActionKind.HANDOFF, at=now)


def _has_failed(case: DunningCase, kind: ActionKind) -> bool:
    return kind in case.failed_actions


def _due_at_the_partner(case: DunningCase) -> Iterator[ActionKind]:
    claim = case.claim
    if claim is None:
        return
    if claim.is_open and claim.documents_due:
        yield ActionKind.ATTACH_DOCUMENTS
    if case.unreported:
        yield ActionKind.REPORT_MONEY
    if claim.is_open and claim.withdrawal_due:
        yield ActionKind.WITHDRAW_CLAIM
    if case.claim_check_wanted:
        yield ActionKind.CHECK_CLAIM


def _advance_notice(case: DunningCase, now: datetime) -> Action | None:
    """R3: return the advance notice; one that cannot be sent before the due date is never sent."""
    if not case.advance_notice_due:
        return None
    kind, due = ActionKind.ADVANCE_NOTICE, case.receivable.due_date
    day, slot = due - ADVANCE_DAYS * DAY, case.receivable.slot
    at = moment_of(kind, day, slot, case.terms, now=now)
    return None if case.terms.day_of(at) >= due else Action(kind=kind, at=at)


def _next_step(case: DunningCase, now: datetime) -> Action | None:
    step = next_step(case.steps)
    if step is None:
        return None
    kind = action_of(case, step.kind)
    at = moment_of(kind, day_of(case, step), case.receivable.slot, case.terms, now=now)
    return Action(kind=kind, at=at)


def moment_of(
    kind: ActionKind, day: date, slot: timedelta, terms: Terms, *, now: datetime
) -> datetime:
    """Return when a ladder action that falls on a day is done, seen from `now` (R9, R21)."""
    not_before = {
        ActionKind.HANDOFF: terms.no_handoff_before,
        ActionKind.CANCELLATION: None,
    }.get(kind, terms.no_notice_before)
    return terms.moment_from(day, slot, now=max(now, not_before or now))
