"""Cases for tests, with what a test does not care about filled in, and what happens to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dunning.actions import Action, ActionKind, Lane
from dunning.case.claims import (
    claim_checked,
    documents_attached,
    money_reported,
    withdrawal_sent,
)
from dunning.case.handoff import (
    blocked_by_address,
    blocked_by_error,
    chargeback_decided,
    claim_refused,
    claim_taken,
    handoff_decided,
    order_canceled_on_its_day,
)
from dunning.case.inputs import CaseInputs
from dunning.case.notices import notice_refused, notice_sent
from dunning.case.planning import following_step, next_action
from dunning.case.requests import apply_request
from dunning.case.seller_mails import seller_mailed
from dunning.case.state import DunningCase, OpenHold, Sending
from dunning.case.update import brought_up
from dunning.claims import Claim, ClaimPhase, ClaimStatus
from dunning.days import LawfulHours, SendingWindow, Terms
from dunning.ladder import DunningOption, StepKind, StepTaken
from dunning.money import Money
from dunning.movements import Payment, Reversal
from dunning.notices import NoticeKind
from dunning.receivables import Receivable
from dunning.requests import Request, Verb
from dunning.stages import BlockedBy

BERLIN = ZoneInfo("Europe/Berlin")
SANTIAGO = ZoneInfo("America/Santiago")


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def berlin(local: str) -> datetime:
    """The instant of a local time in Berlin, written `2026-03-02 09:10`."""
    return datetime.fromisoformat(local).replace(tzinfo=BERLIN).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def terms(
    time_zone: str = "Europe/Berlin",
    *,
    opens: time = time(9),
    closes: time = time(18),
    closed_days: tuple[date, ...] = (),
    lawful: LawfulHours | None = None,
) -> Terms:
    window = SendingWindow(opens=opens, closes=closes)
    return Terms(time_zone=time_zone, window=window, closed_days=closed_days, lawful=lawful)


def weekends(first: date, last: date) -> tuple[date, ...]:
    """The Saturdays and Sundays between two days, both included."""
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() >= 5)


def a_receivable(*, due: date, amount: str = "100.00", **given: Any) -> Receivable:
    values: dict[str, Any] = {
        "case_id": "case000000000001",
        "seller_id": "s-1",
        "order_id": "A-1",
        "installment": None,
        "invoice_date": due,
        "due_date": due,
        "amount": eur(amount),
        "slot": timedelta(minutes=10),
    }
    return Receivable(**(values | given))


def a_case(*, due: date, amount: str = "100.00", **given: Any) -> DunningCase:
    """A case that was opened on its due date, in Berlin, acting at 09:10."""
    values: dict[str, Any] = {
        "receivable": a_receivable(due=due, amount=amount),
        "terms": terms(),
        "opened_on": due,
    }
    return DunningCase(**(values | given))


def a_claim(at: datetime | None = None) -> Claim:
    return Claim(
        reference="case000000000001-1",
        at=at or datetime(2026, 4, 1, 7, 10, tzinfo=UTC),
        status=ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=eur("0.00")),
    )


def a_hold(first_day: date, until: date | None = None) -> OpenHold:
    return OpenHold(first_day=first_day, until=until)


def steps(*days: date) -> tuple[StepTaken, ...]:
    """The first steps of the ladder, taken on these days."""
    return tuple(StepTaken(kind=kind, on=on) for kind, on in zip(StepKind, days, strict=False))


def a_payment(amount: str, *, payment_id: str = "p-1", at: datetime | None = None) -> Payment:
    return Payment(
        payment_id=payment_id,
        amount=eur(amount),
        credit=eur("0.00"),
        at=at or datetime(2026, 1, 1, tzinfo=UTC),
    )


def a_chargeback(
    amount: str,
    *,
    fee: str = "0.00",
    chargeback_id: str = "c-1",
    payment_id: str = "p-1",
    at: datetime | None = None,
) -> Reversal:
    return Reversal(
        chargeback_id=chargeback_id,
        payment_id=payment_id,
        amount=eur(amount),
        fee=eur(fee),
        at=at or datetime(2026, 1, 2, tzinfo=UTC),
    )


def inputs(case: DunningCase, **given: Any) -> CaseInputs:
    """The seller's and customer's data that a case reads; unchanged unless given."""
    values: dict[str, Any] = {
        "terms": case.terms,
        "missing": ("street",) if case.blocked_by is BlockedBy.ADDRESS else (),
        "email_version": case.email_tried or 0,
    }
    return CaseInputs(**(values | given))


# --- what is asked of a case -----------------------------------------------------------------


def ask(case: DunningCase, verb: Verb, at: datetime, **given: Any) -> DunningCase:
    """The case brought up to a moment, and then what is asked of it. Raises `Refused`."""
    missing = given.pop("missing", None)
    outside = inputs(case) if missing is None else inputs(case, missing=missing)
    up_to_date = brought_up(case, outside, at)
    return apply_request(up_to_date, Request(verb=verb, **given), outside, at)


def stop(case: DunningCase, at: datetime) -> DunningCase:
    return ask(case, Verb.STOP, at)


def start(case: DunningCase, at: datetime) -> DunningCase:
    return ask(case, Verb.START, at)


def escalate(
    case: DunningCase, at: datetime, *, address_complete: bool = True, despite: str | None = None
) -> DunningCase:
    """`despite` is the reason not to wait for the end of the customer's term (R18)."""
    return ask(
        case,
        Verb.ESCALATE,
        at,
        missing=() if address_complete else ("street",),
        despite_term=despite is not None,
        reason=despite,
    )


def hold(case: DunningCase, at: datetime, *, until: date | None = None) -> DunningCase:
    return ask(case, Verb.HOLD, at, until=until)


def resume(case: DunningCase, at: datetime) -> DunningCase:
    return ask(case, Verb.RESUME, at)


def withdraw(case: DunningCase, at: datetime) -> DunningCase:
    return ask(case, Verb.WITHDRAW, at)


def later(case: DunningCase, at: datetime) -> DunningCase:
    """The case as it is at a later moment, with nothing new outside."""
    return brought_up(case, inputs(case), at)


# --- what happens to it ------------------------------------------------------------------------


def customer_changed(
    case: DunningCase, at: datetime, *, address_complete: bool, email_changed: bool
) -> DunningCase:
    """R14: the customer's address or e-mail address is another one now."""
    tried = case.email_tried or 0
    return brought_up(
        case,
        inputs(
            case,
            missing=() if address_complete else ("street",),
            email_version=tried + 1 if email_changed else tried,
        ),
        at,
    )


def handoff_day(
    case: DunningCase, at: datetime, *, auto: bool = True, missing: tuple[str, ...] = ()
) -> DunningCase:
    """R12: the moment of the handoff has come."""
    return handoff_decided(case, inputs(case, auto_handoff=auto, missing=missing), at)


def chargeback_day(
    case: DunningCase,
    at: datetime,
    *,
    auto: bool = True,
    option: DunningOption = DunningOption.COURT,
    missing: tuple[str, ...] = (),
) -> DunningCase:
    """R13: what becomes of a paid case whose money went back."""
    outside = inputs(case, auto_chargeback_handoff=auto, option=option, missing=missing)
    return chargeback_decided(case, outside, at)


def sending(
    case: DunningCase, kind: ActionKind, at: datetime, *, option: DunningOption | None = None
) -> Sending:
    """A notice on its way."""
    notice = NoticeKind(kind)
    following = following_step(case, kind, at) if kind is ActionKind.FINAL_NOTICE else None
    return Sending(
        kind=notice,
        round=case.round,
        at=at,
        detail={"kind": notice.value},
        option=option,
        handoff_on=following[1] if following else None,
    )


def bounced(
    case: DunningCase, kind: ActionKind, at: datetime, *, read: int = 0, now: int = 0
) -> DunningCase:
    """R14: the mail server refused the address that was `read`; there may be another one `now`."""
    return notice_refused(
        case,
        inputs(case, email_version=now),
        sending(case, kind, at),
        words="550 no such user",
        email_version=read,
    )


def without_address(case: DunningCase, at: datetime) -> DunningCase:
    """R14: what is due needs an address, and it is not complete."""
    return blocked_by_address(case, inputs(case, missing=("street",)), at)


def blocked(case: DunningCase, by: BlockedBy, kind: ActionKind, at: datetime) -> DunningCase:
    """The case after something due could not be done."""
    match by:
        case BlockedBy.ADDRESS:
            return without_address(case, at)
        case BlockedBy.EMAIL:
            return bounced(case, kind, at)
        case BlockedBy.ERROR:
            return blocked_by_error(case, at, reason="TypeError in complete_notice.py:1")


def rejected(case: DunningCase, at: datetime) -> DunningCase:
    """R15: the partner does not take the claim."""
    return claim_refused(case, at, words="no partner in this country")


def did(
    case: DunningCase,
    kind: ActionKind,
    at: datetime,
    *,
    option: DunningOption | None = None,
    status: ClaimStatus | None = None,
) -> DunningCase:
    """The case after something was done without a fault."""
    if kind in set(NoticeKind):
        return notice_sent(case, sending(case, kind, at, option=option))
    match kind:
        case ActionKind.HANDOFF | ActionKind.ASK_PARTNER:
            reported = tuple(move.key for move in case.movements)
            return claim_taken(case, at, amount=case.owed, reported=reported)
        case ActionKind.CANCELLATION:
            return order_canceled_on_its_day(case, at)
        case ActionKind.ATTACH_DOCUMENTS:
            return documents_attached(case)
        case ActionKind.REPORT_MONEY:
            return money_reported(case, [move.key for move in case.unreported])
        case ActionKind.WITHDRAW_CLAIM:
            return withdrawal_sent(case)
        case ActionKind.TELL_SELLER:
            return seller_mailed(case, case.seller_mails[0], at)
        case ActionKind.CHECK_CLAIM:
            assert case.claim is not None
            found = status or case.claim.status
            return claim_checked(case, case.claim.reference, found, words=None, at=at)
    return later(case, at)


def play(
    case: DunningCase,
    *,
    since: datetime,
    until: datetime,
    outages: Iterable[tuple[datetime, datetime]] = (),
    option: DunningOption | None = None,
) -> tuple[DunningCase, list[tuple[ActionKind, datetime]]]:
    """What the case does by itself between two moments, with nobody at work in the outages."""
    now, log, away = since, [], sorted(outages)
    while True:
        now = next((back for gone, back in away if gone <= now < back), now)
        action = next_action(case, now)
        if action is None or action.at > until:
            return case, log
        now = max(now, action.at)
        if any(gone <= now < back for gone, back in away):
            continue
        if action.lane is Lane.LADDER and not case.handoff_begun:
            log.append((action.kind, now))
        case = done_by_itself(case, action, now, option)
        if action.kind is ActionKind.CHECK_CLAIM:
            return case, log


def done_by_itself(
    case: DunningCase, action: Action, now: datetime, option: DunningOption | None = None
) -> DunningCase:
    """What a case has done without a fault, with a seller who hands everything over."""
    if action.kind is ActionKind.DECIDE_CHARGEBACK and option is not None:
        return brought_up(case, inputs(case, option=option), now)
    if action.kind is ActionKind.HANDOFF and not case.handoff_begun:
        return handoff_day(case, now)
    announced = option if action.kind is ActionKind.FINAL_NOTICE else None
    return did(case, action.kind, now, option=announced)
