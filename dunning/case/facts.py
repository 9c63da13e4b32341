"""Facts that change a case: each is noted once and never refused."""

from __future__ import annotations

from datetime import datetime

from dunning.case.claims import (
    back_to_the_seller,
    with_claim_withdrawn,
    with_closed_mail,
)
from dunning.case.state import DunningCase, SellerMailDue
from dunning.history import Detail, EventName
from dunning.movements import (
    Fee,
    LedgerFacts,
    MoneyMove,
    Payment,
    ReportedBy,
    Reversal,
    TakenBack,
    Waiver,
)
from dunning.notices import SellerMailKind
from dunning.stages import ENDS, BlockedBy, Stage


def with_ledger(case: DunningCase, facts: LedgerFacts) -> DunningCase:
    """Apply what the ledger has about a case, its money in the order in which it moved."""
    money: list[Payment | Waiver | Reversal | TakenBack] = [
        *facts.payments,
        *facts.waivers,
        *facts.reversals,
        *facts.taken_back,
    ]
    for fact in sorted(money, key=lambda fact: fact.at):
        match fact:
            case Payment():
                case = with_payment(case, fact)
            case Reversal():
                case = with_reversal(case, fact)
            case Waiver():
                case = with_waiver(case, fact)
            case TakenBack():
                case = with_taken_back(case, fact)
    for fee in facts.fees:
        case = with_fee(case, fee)
    if facts.order_canceled_at is None:
        return case
    case = with_order_canceled(
        case,
        facts.order_canceled_at,
        claims_go_on=facts.claims_go_on,
        reason=facts.order_cancel_reason,
    )
    return with_cancellation_notice_due(case) if facts.tells_of_cancellation else case


def with_payment(case: DunningCase, payment: Payment) -> DunningCase:
    """R20: record a payment; if it pays all that is owed, the case ends."""
    if any(known.payment_id == payment.payment_id for known in case.payments):
        return case
    paid = case.changed(payments=(*case.payments, payment))
    claim = case.claim
    if claim and not case.has_ended and paid.stage is Stage.SETTLED:
        paid = with_closed_mail(paid, claim.reference)
    if paid.has_ended and not case.has_ended:
        paid = _with_handoff_called_off(paid)
    detail = _detail_of(payment)
    if payment.reported_by is not ReportedBy.BACKEND:
        detail["reported_by"] = payment.reported_by
    return paid.noting(EventName.PAYMENT_RECORDED, payment.at, detail, key=payment.key)


def with_waiver(case: DunningCase, waiver: Waiver) -> DunningCase:
    """R20: waive the small rest that a payment has left; the case ends."""
    if any(known.payment_id == waiver.payment_id for known in case.waivers):
        return case
    waived = case.changed(waivers=(*case.waivers, waiver.model_copy(update={"is_over": False})))
    if waived.has_ended and not case.has_ended:
        waived = _with_handoff_called_off(waived)
    detail: Detail = {"amount": str(waiver.amount), "currency": waiver.amount.currency}
    return waived.noting(EventName.REST_WAIVED, waiver.at, detail, key=waiver.key)


def with_taken_back(case: DunningCase, undone: TakenBack) -> DunningCase:
    """R20: undo a payment that was booked by mistake; the case goes on where it stood.

    Unlike a chargeback, this needs no new decision. The exception is a claim that the partner has
    closed in the meantime because it was paid: then the seller decides.
    """
    if any(known.payment_id == undone.payment_id for known in case.taken_back):
        return case
    back = case.without_waivers().changed(taken_back=(*case.taken_back, undone))
    back = back.without_missed_advance_notice(undone.at)
    claim = back.claim
    goes_on = back.stage is Stage.UNCOLLECTIBLE or not back.owed.is_positive
    if claim is not None and not claim.is_open and not goes_on:
        back = back_to_the_seller(back, claim, undone.at, of=back.owed - undone.moved)
    return back.noting(EventName.PAYMENT_TAKEN_BACK, undone.at, _detail_of(undone), key=undone.key)


def with_reversal(case: DunningCase, reversal: Reversal) -> DunningCase:
    """R13: record a chargeback; a running case goes on with a higher amount, an ended one reopens.

    A case of a canceled order is not reopened; the seller is told instead.
    """
    if any(known.chargeback_id == reversal.chargeback_id for known in case.reversals):
        return case
    was = case.stage
    back = case.without_waivers().changed(reversals=(*case.reversals, reversal))
    if was is Stage.CANCELED or (was in ENDS and _stays_closed(case, reversal)):
        back = _with_chargeback_mail(back, reversal).changed(closed_as=was)
    elif was in ENDS:
        back = _reopened(back, reversal, was)
    detail = _detail_of(reversal)
    return back.noting(EventName.PAYMENT_REVERSED, reversal.at, detail, key=reversal.key)


def with_fee(case: DunningCase, fee: Fee) -> DunningCase:
    """R11: add a fee to the amount owed, once."""
    is_known = any(other.key == fee.key for other in case.fees)
    return case if is_known else case.changed(fees=(*case.fees, fee))


def with_order_canceled(
    case: DunningCase, at: datetime, *, claims_go_on: bool = False, reason: str | None = None
) -> DunningCase:
    """R29: end a case that is open or stopped, as its order was canceled; withdraw its claim.

    A case with a claim ends when the partner closes the claim. A case that is being handed over
    ends when it is known whether the partner has the claim. R11: if `claims_go_on`, the order was
    canceled because the partner took one of its claims: the claims then stay as they are.
    """
    if case.order_canceled or (case.has_ended and case.stage is not Stage.STOPPED):
        return case
    canceled = case.changed(
        order_canceled=True,
        canceled_for_claim=claims_go_on,
        canceled=case.claim is None and not case.handoff_begun,
        survives_order=claims_go_on and case.claim is not None,
    )
    canceled = _with_handoff_called_off(canceled)
    if not claims_go_on:
        canceled = with_claim_withdrawn(canceled)
    detail: Detail = {"reason": reason} if reason else {}
    return canceled.noting(EventName.ORDER_CANCELED, at, detail, key="order_canceled")


def with_cancellation_notice_due(case: DunningCase) -> DunningCase:
    """R29: let this case, one of its order, tell the customer of the cancellation, once."""
    if case.tells_of_cancellation:
        return case
    return case.changed(tells_of_cancellation=True, cancellation_notice_due=True)


def _detail_of(move: MoneyMove) -> Detail:
    """Return what the history says about money that moved."""
    return {
        "payment_id": move.payment_id,
        "amount": str(move.shown),
        "currency": move.shown.currency,
    }


def _with_handoff_called_off(case: DunningCase) -> DunningCase:
    """R16: call off a handoff that has begun; the partner is asked whether it has the claim.

    This includes a handoff blocked by an error: an attempt may have reached the partner all the
    same.
    """
    if not case.handoff_begun:
        return case
    is_stuck = case.blocked_by is BlockedBy.ERROR
    return case.changed(handoff_called_off=True, blocked_by=None if is_stuck else case.blocked_by)


def _reopened(case: DunningCase, reversal: Reversal, was: Stage) -> DunningCase:
    """R13: reopen an ended case after a chargeback, which is counted in it already.

    A stopped case stays as it is, and the seller is told. A claim that is open goes on; if it is
    closed, the seller decides.
    """
    if was is Stage.STOPPED:
        return _with_chargeback_mail(case, reversal)
    if not case.owed.is_positive:
        return case
    if case.claim is not None and case.claim.is_open:
        return case
    if case.claim is not None:
        owed = case.owed - reversal.moved
        return back_to_the_seller(case, case.claim, reversal.at, of=owed)
    again = case.without_hold(reversal.at).changed(
        stopped=False, blocked_by=None, approval_wanted=False
    )
    is_past_due = case.terms.day_of(reversal.at) > case.receivable.due_date
    return again.changed(chargeback_due=is_past_due)


def _stays_closed(case: DunningCase, reversal: Reversal) -> bool:
    """R13: whether the order is canceled, so that the case stays closed.

    R11: a case whose claim goes on is reopened.
    """
    if case.order_canceled:
        return not case.survives_order
    has_claim = case.claim is not None or case.last_claim is not None
    return reversal.order_canceled and not (reversal.claims_go_on and has_claim)


def _with_chargeback_mail(case: DunningCase, reversal: Reversal) -> DunningCase:
    return case.with_seller_mail(
        SellerMailDue(
            about=SellerMailKind.CHARGEBACK,
            key=f"{SellerMailKind.CHARGEBACK}/{reversal.chargeback_id}",
            amount=reversal.shown,
        )
    )
