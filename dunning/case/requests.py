"""Requests of people: done, or refused with a reason (R15, R17, R18, R19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from dunning.case.claims import with_claim_withdrawn
from dunning.case.handoff import in_new_round
from dunning.case.inputs import CaseInputs
from dunning.case.state import DunningCase, OpenHold
from dunning.history import Detail, EventName
from dunning.ladder import DunningOption
from dunning.requests import RefusalReason, Refused, Request, Verb
from dunning.stages import BlockedBy, Stage


def apply_request(
    case: DunningCase, request: Request, inputs: CaseInputs, at: datetime
) -> DunningCase:
    """Do what a request asks of a case. Raises `Refused`."""
    return _APPLY[request.verb](case, request, inputs, at)


def refusal_noted(case: DunningCase, verb: Verb, reason: str, at: datetime) -> DunningCase:
    """Note a refused request in the history, unless the case has ended."""
    if case.has_ended:
        return case
    detail: Detail = {"request": verb, "reason": reason}
    return case.noting(EventName.REQUEST_REFUSED, at, detail)


def possible_verbs(case: DunningCase, at: datetime) -> tuple[Verb, ...]:
    """Return the requests that would be granted now and change something.

    An escalation also needs a complete address, and the end of the customer's term (R14, R18).
    """
    inputs = CaseInputs(terms=case.terms)
    return tuple(verb for verb in Verb if _is_possible(case, verb, inputs, at))


def stop(case: DunningCase, request: Request, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R17: stop the case, if the handoff has not begun; a second stop changes nothing."""
    if case.stage is Stage.STOPPED:
        return case
    _refuse_if_ended_or_handed_over(case)
    stopped = case.without_hold(at).begins_to_wait(at, stopped=True)
    return stopped.noting(EventName.CASE_STOPPED, at, _why(request))


def start(case: DunningCase, request: Request, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R17: continue a stopped case with the step not yet taken, after its full gap.

    If the seller has to decide about a chargeback, the notices begin anew instead.
    """
    if case.stage is not Stage.STOPPED:
        _refuse_if_ended_or_handed_over(case)
        if not (case.approval_wanted and case.chargeback_approval):
            raise Refused(RefusalReason.NOT_STOPPED)
        if case.hold:
            raise Refused(RefusalReason.ON_HOLD)
        return in_new_round(case).noting(EventName.CASE_STARTED, at, _why(request))
    started = case.changed(
        stopped=False,
        restarted_on=case.terms.day_of(at),
        blocked_by=None,
        approval_wanted=False,
        chargeback_due=False,
        chargeback_approval=False,
        option=case.option if case.final_notice_sent else None,
    )
    again = started.without_missed_advance_notice(at)
    return again.noting(EventName.CASE_STARTED, at, _why(request))


def escalate(case: DunningCase, request: Request, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R18: hand over now, at any hour, if the final notice was sent and its term is over.

    A case that waits for the seller's decision needs no final notice. With `despite_term` the term
    may still be running.
    """
    _refuse_if_ended_or_handed_over(case)
    if not (case.approval_wanted or case.final_notice_sent):
        raise Refused(RefusalReason.FINAL_NOTICE_NOT_SENT)
    if case.option is DunningOption.NO_COLLECTION:
        raise Refused(RefusalReason.NO_COLLECTION)
    if case.hold:
        raise Refused(RefusalReason.ON_HOLD)
    if not inputs.address_complete:
        raise Refused(RefusalReason.ADDRESS_INCOMPLETE)
    ends_on = case.term_ends_on
    is_running = ends_on is not None and case.terms.day_of(at) < ends_on
    if is_running and not request.despite_term:
        raise Refused(RefusalReason.TERM_RUNNING, possible_from=ends_on)
    why = _why(request) | ({"despite_term": True} if is_running else {})
    escalated = case.changed(handoff_begun=True, blocked_by=None)
    return escalated.noting(EventName.CASE_ESCALATED, at, why)


def hold(case: DunningCase, request: Request, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R19: stop the clock; a second hold changes `until` and the reason, not the first day."""
    _refuse_if_ended_or_handed_over(case)
    first_day = case.hold.first_day if case.hold else case.terms.day_of(at)
    held = OpenHold(first_day=first_day, until=request.until, reason=request.reason)
    until = request.until.isoformat() if request.until else None
    detail: Detail = {"until": until, "reason": request.reason, **_asker(request)}
    return case.changed(hold=held).noting(EventName.CASE_HELD, at, detail)


def resume(case: DunningCase, request: Request, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R19: end the hold. Without one, R14: let go on what an error has stopped."""
    if case.hold and _ended_or_handed_over(case) is None:
        again = case.without_hold(at)
    else:
        is_blocked = case.blocked_by is BlockedBy.ERROR and not case.has_ended
        again = case.changed(blocked_by=None if is_blocked else case.blocked_by, failed_actions=())
    if again == case:
        _refuse_if_ended_or_handed_over(case)
        raise Refused(RefusalReason.NOT_ON_HOLD)
    return again.noting(EventName.CASE_RESUMED, at, _why(request))


def withdraw(case: DunningCase, request: Request, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R15: have the partner asked to stop; the case ends when it has closed the claim."""
    if case.has_ended:
        raise Refused(RefusalReason.ENDED)
    if case.claim is None:
        raise Refused(
            RefusalReason.HANDOFF_BEGUN if case.handoff_begun else RefusalReason.NOT_HANDED_OVER
        )
    if case.claim.withdrawn:
        return case
    withdrawn = with_claim_withdrawn(case)
    return withdrawn.noting(EventName.CASE_WITHDRAWN, at, _why(request))


_Apply = Callable[[DunningCase, Request, CaseInputs, datetime], DunningCase]
_APPLY: Final[dict[Verb, _Apply]] = {
    Verb.STOP: stop,
    Verb.START: start,
    Verb.ESCALATE: escalate,
    Verb.HOLD: hold,
    Verb.RESUME: resume,
    Verb.WITHDRAW: withdraw,
}


def _is_possible(case: DunningCase, verb: Verb, inputs: CaseInputs, at: datetime) -> bool:
    request = Request(verb=verb, reason="-", despite_term=verb is Verb.ESCALATE)
    try:
        return apply_request(case, request, inputs, at) is not case
    except Refused:
        return False


def _why(request: Request) -> Detail:
    return ({"reason": request.reason} if request.reason else {}) | _asker(request)


def _asker(request: Request) -> Detail:
    """R27: return who asked, if that is known."""
    return {"by": request.by} if request.by else {}


def _refuse_if_ended_or_handed_over(case: DunningCase) -> None:
    if (reason := _ended_or_handed_over(case)) is not None:
        raise Refused(reason)


def _ended_or_handed_over(case: DunningCase) -> RefusalReason | None:
    if case.has_ended:
        return RefusalReason.ENDED
    if case.claim:
        return RefusalReason.HANDED_OVER
    return RefusalReason.HANDOFF_BEGUN if case.handoff_begun else None
