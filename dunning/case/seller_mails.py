"""Mails to the seller, each once (R16)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dunning.case.current import Current
from dunning.case.planning import STEP_OF, waits_for_statement
from dunning.case.state import DunningCase, SellerMailDue
from dunning.history import Event, EventName
from dunning.notices import SellerTold
from dunning.statement_age import is_old

_DEMANDS: Final = frozenset(kind.value for kind in STEP_OF)


def is_still_true(mail: SellerMailDue, current: Current) -> bool:
    """R14: an address that was completed before the seller heard of it needs no mail.

    R20: nor does a bank statement that was old, if there is a newer one.
    """
    if mail.about is SellerTold.STATEMENT_OLD:
        return mail.day == current.statements_until
    return mail.about is not SellerTold.ADDRESS_INCOMPLETE or not current.address_complete


def telling_of_old_statement(case: DunningCase, current: Current, at: datetime) -> DunningCase:
    """R20: the newest bank statement is old, and a notice has just gone out by it, or waits.

    The seller hears of it once for each statement, whichever case is the first.
    """
    day = current.statements_until
    if day is None or current.statement_told or not is_old(day, today=case.terms.day_of(at)):
        return case
    is_waiting = waits_for_statement(case, at)
    if not is_waiting and not any(map(_is_demand, case.events)):
        return case
    about = SellerTold.STATEMENT_OLD
    mail = SellerMailDue(about=about, key=f"{about}/{day}", day=day, is_waiting=is_waiting)
    return case.with_seller_mail(mail)


def _is_demand(event: Event) -> bool:
    return event.name is EventName.NOTICE_SENT and event.detail.get("kind") in _DEMANDS


def seller_told(case: DunningCase, mail: SellerMailDue, at: datetime) -> DunningCase:
    """The mail server has taken the mail."""
    told = mail_done_with(case, mail)
    if told is case:
        return case
    key = case.key(mail.key)
    return told.noting(EventName.SELLER_TOLD, at, {"about": mail.about.value}, key=key)


def mail_done_with(case: DunningCase, mail: SellerMailDue) -> DunningCase:
    """The mail is not sent: it is not true any more, or the seller's address is refused."""
    rest = tuple(other for other in case.seller_mails if other.key != mail.key)
    if len(rest) == len(case.seller_mails):
        return case
    return case.changed(seller_mails=rest)
