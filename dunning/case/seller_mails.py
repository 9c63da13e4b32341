"""Mails to the seller, each once (R16)."""

from __future__ import annotations

from datetime import datetime

from dunning.case.current import Current
from dunning.case.state import DunningCase, SellerMailDue
from dunning.history import EventName
from dunning.notices import SellerTold


def is_still_true(mail: SellerMailDue, current: Current) -> bool:
    """R14: an address that was completed before the seller heard of it needs no mail."""
    return mail.about is not SellerTold.ADDRESS_INCOMPLETE or not current.address_complete


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
