"""Mails to the seller, each sent once (R16)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dunning.case.inputs import CaseInputs
from dunning.case.planning import STEP_OF, waits_for_statement
from dunning.case.state import DunningCase, SellerMailDue
from dunning.history import Event, EventName
from dunning.notices import SellerMailKind
from dunning.statements.age import is_old

_DEMANDS: Final = frozenset(kind.value for kind in STEP_OF)


def is_still_true(mail: SellerMailDue, inputs: CaseInputs) -> bool:
    """Whether a mail still applies.

    R14: not if the address is complete by now; R20: not if there is a newer bank statement.
    """
    if mail.about is SellerMailKind.STATEMENT_OLD:
        return mail.day == inputs.statements_until
    return mail.about is not SellerMailKind.ADDRESS_INCOMPLETE or not inputs.address_complete


def with_old_statement_mail(case: DunningCase, inputs: CaseInputs, at: datetime) -> DunningCase:
    """R20: have the seller told that its newest bank statement is old.

    That is when a notice has just been sent all the same, or a step waits for a newer statement.
    The seller is told once for each statement, by the first case that gets there.
    """
    day = inputs.statements_until
    if day is None or inputs.statement_mailed or not is_old(day, today=case.terms.day_of(at)):
        return case
    is_waiting = waits_for_statement(case, at)
    if not is_waiting and not any(map(_is_demand, case.events)):
        return case
    about = SellerMailKind.STATEMENT_OLD
    mail = SellerMailDue(about=about, key=f"{about}/{day}", day=day, is_waiting=is_waiting)
    return case.with_seller_mail(mail)


def _is_demand(event: Event) -> bool:
    return event.name is EventName.NOTICE_SENT and event.detail.get("kind") in _DEMANDS


def seller_mailed(case: DunningCase, mail: SellerMailDue, at: datetime) -> DunningCase:
    """Note that the mail was sent: the mail server has accepted it."""
    done = mail_done_with(case, mail)
    if done is case:
        return case
    key = case.key(mail.key)
    return done.noting(EventName.SELLER_TOLD, at, {"about": mail.about.value}, key=key)


def mail_done_with(case: DunningCase, mail: SellerMailDue) -> DunningCase:
    """Remove a mail, because it was sent, no longer applies, or the seller's address is refused."""
    rest = tuple(other for other in case.seller_mails if other.key != mail.key)
    if len(rest) == len(case.seller_mails):
        return case
    return case.changed(seller_mails=rest)
