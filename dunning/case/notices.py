"""Sending a notice: the attempt, the answer, and what counts if no answer comes (R16)."""

from __future__ import annotations

from datetime import datetime

from dunning.actions import ActionKind
from dunning.case.inputs import CaseInputs
from dunning.case.planning import STEP_OF, is_due
from dunning.case.state import DunningCase, SellerMailDue, Sending
from dunning.history import Detail, Event, EventName
from dunning.ladder import StepKind
from dunning.notices import NoticeKind, SellerMailKind
from dunning.stages import BlockedBy


def notice_attempted(case: DunningCase, sending: Sending) -> DunningCase:
    """Note an attempt to send; from here on the customer may have the notice, answer or not."""
    is_retry = case.sending is not None and _is_same(case.sending, sending)
    return case.changed(sending=sending.model_copy(update={"is_retry": is_retry}))


def notice_sent(case: DunningCase, sending: Sending) -> DunningCase:
    """Count the notice as sent, once: the mail server has accepted it."""
    if _is_counted(case, sending):
        return _corrected(case, sending, EventName.NOTICE_SENT, sending.detail)
    return _counted(case, sending, sending.detail).changed(sending=None)


def notice_refused(
    case: DunningCase, inputs: CaseInputs, sending: Sending, *, words: str, email_version: int
) -> DunningCase:
    """R14: note that the mail server refuses the customer's address for good.

    A notice on the ladder blocks the case; other notices are skipped. If the address has changed
    since it was read, the new one is tried.
    """
    detail: Detail = {"kind": sending.kind.value, "reason": words}
    if _is_counted(case, sending):
        return _not_counted(case, sending, detail)
    case = case.changed(sending=None)
    if inputs.email_version != email_version or not _is_expected(case, sending):
        return case
    blocks = _step_of(sending) is not None
    noted = _with_undeliverable_mail(
        case.begins_to_wait(sending.at), sending, detail, is_waiting=blocks
    )
    if blocks:
        return noted.changed(blocked_by=BlockedBy.EMAIL, email_tried=email_version)
    return _with_due(noted, sending.kind, False)


def notice_not_accepted(case: DunningCase, sending: Sending, *, words: str) -> DunningCase:
    """Note that the mail server did not accept the notice this time, so that nothing was sent.

    If the answer to an earlier attempt is unknown, that one may have been sent: the case does not
    change.
    """
    known = case.sending
    if known is None or not _is_same(known, sending) or known.is_retry:
        return case
    if known.is_counted:
        return _not_counted(case, sending, {"kind": sending.kind.value, "reason": words})
    return case.changed(sending=None)


def notice_not_needed(case: DunningCase) -> DunningCase:
    """R10: skip the invoice notice, as nothing of the order is owed any more.

    No other notice comes here: with nothing owed, its case has ended.
    """
    return case.changed(invoice_notice_due=False)


def with_unanswered_notice_counted(case: DunningCase, at: datetime) -> DunningCase:
    """R16: count a notice that may have been sent, if the case goes on without another try.

    Its entry comes before the entries of the change that made the case go on.
    """
    sending = case.sending
    if sending is None or sending.is_counted:
        return case
    if sending.round == case.round and is_due(case, ActionKind(sending.kind), at):
        return case
    later = case.events
    counted = _counted(case.changed(events=()), sending, sending.detail | {"confirmed": False})
    return counted.changed(
        events=(*counted.events, *later),
        sending=sending.model_copy(update={"is_counted": True}),
    )


def _with_undeliverable_mail(
    case: DunningCase, sending: Sending, detail: Detail, *, is_waiting: bool
) -> DunningCase:
    number, about = case.times_waiting, SellerMailKind.MAIL_UNDELIVERABLE
    key = case.key(f"{sending.kind}/undeliverable/{number}")
    noted = case.noting(EventName.NOTICE_UNDELIVERABLE, sending.at, detail, key=key)
    return noted.with_seller_mail(
        SellerMailDue(
            about=about, key=f"{about}/{number}", notice=sending.kind, is_waiting=is_waiting
        )
    )


def _counted(case: DunningCase, sending: Sending, detail: Detail) -> DunningCase:
    """Note the notice in the history, and the step as taken on the day of sending."""
    on = case.terms.day_of(sending.at)
    key = _key(case, sending)
    noted = case.noting(EventName.NOTICE_SENT, sending.at, detail, key=key)
    step = _step_of(sending)
    if not _is_expected(case, sending):
        is_of_earlier_round = step is not None and sending.round < case.round
        return noted.with_earlier_notice(on) if is_of_earlier_round else noted
    if step is not None:
        return noted.with_step(step, on).changed(
            option=sending.option or case.option, handoff_on=sending.handoff_on
        )
    if _is_invoice(sending):
        noted = noted.changed(invoice_notice_on=on)
    return _with_due(noted, sending.kind, False)


def _is_expected(case: DunningCase, sending: Sending) -> bool:
    """Whether the case still expects this notice; it may have begun a new round meanwhile (R17)."""
    step = _step_of(sending)
    if step is None:
        return _is_noted_as_due(case, sending.kind)
    return case.round == sending.round and all(taken.kind is not step for taken in case.steps)


def _is_noted_as_due(case: DunningCase, kind: NoticeKind) -> bool:
    """Whether a notice that is no step of the ladder is due."""
    match kind:
        case NoticeKind.INVOICE_NOTICE:
            return case.invoice_notice_due
        case NoticeKind.ADVANCE_NOTICE:
            return case.advance_notice_due
        case NoticeKind.CANCELLATION_NOTICE:
            return case.cancellation_notice_due
    raise ValueError(f"{kind} is a step of the ladder")


def _with_due(case: DunningCase, kind: NoticeKind, due: bool) -> DunningCase:
    """Note whether a notice that is no step of the ladder is due."""
    match kind:
        case NoticeKind.INVOICE_NOTICE:
            return case.changed(invoice_notice_due=due)
        case NoticeKind.ADVANCE_NOTICE:
            return case.changed(advance_notice_due=due)
        case NoticeKind.CANCELLATION_NOTICE:
            return case.changed(cancellation_notice_due=due)
    raise ValueError(f"{kind} is a step of the ladder")


def _is_counted(case: DunningCase, sending: Sending) -> bool:
    known = case.sending
    return known is not None and known.is_counted and _is_same(known, sending)


def _is_same(one: Sending, other: Sending) -> bool:
    return (one.kind, one.round) == (other.kind, other.round)


def _not_counted(case: DunningCase, sending: Sending, detail: Detail) -> DunningCase:
    """Take back a counted notice: a late answer says that it was not sent, so it is due again."""
    corrected = _corrected(case, sending, EventName.NOTICE_UNDELIVERABLE, detail)
    step = _step_of(sending)
    if step is None and sending.kind is not NoticeKind.ADVANCE_NOTICE:
        return _with_due(corrected, sending.kind, True)
    is_last = step is not None and bool(case.steps) and case.steps[-1].kind is step
    if case.round != sending.round or not is_last:
        return corrected
    return corrected.changed(steps=case.steps[:-1])


def _corrected(case: DunningCase, sending: Sending, name: EventName, detail: Detail) -> DunningCase:
    entry = _key(case, sending)
    is_sent = name is EventName.NOTICE_SENT
    event = Event(
        at=sending.at,
        name=name,
        detail=detail,
        key=entry if is_sent else f"{entry}/not_taken/{sending.at.isoformat()}",
        corrects=entry,
    )
    return case.changed(sending=None, events=(*case.events, event))


def _key(case: DunningCase, sending: Sending) -> str:
    return f"{case.case_id}/{sending.round}/{sending.kind}"


def _step_of(sending: Sending) -> StepKind | None:
    return STEP_OF.get(ActionKind(sending.kind))


def _is_invoice(sending: Sending) -> bool:
    return sending.kind is NoticeKind.INVOICE_NOTICE
