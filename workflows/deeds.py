"""Which activity does what a case does, and where it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.claims import ClaimActivities
    from activities.handoff import HandoffActivities
    from activities.notices import NoticeActivities
    from activities.orders import OrderActivities
    from activities.records import RecordActivities
    from activities.telling import SellerActivities
    from dunning.deeds import DeedKind, Result
    from models.messages import TakeDeed
    from workflows import options

Deed = Callable[[Any, TakeDeed], Awaitable[Result]]

_ACTIVITIES: Final[dict[DeedKind, tuple[Deed, options.DeedOptions]]] = {
    DeedKind.OPEN: (NoticeActivities.open_case, options.MAIL),
    DeedKind.ADVANCE_NOTICE: (NoticeActivities.send_notice, options.MAIL),
    DeedKind.PAYMENT_REMINDER: (NoticeActivities.send_notice, options.MAIL),
    DeedKind.FIRST_NOTICE: (NoticeActivities.send_notice, options.MAIL),
    DeedKind.FINAL_NOTICE: (NoticeActivities.send_notice, options.MAIL),
    DeedKind.HANDOFF: (HandoffActivities.decide_handoff, options.MAIL),
    DeedKind.CHARGEBACK: (HandoffActivities.decide_chargeback, options.MAIL),
    DeedKind.SUBMIT_CLAIM: (HandoffActivities.submit_claim, options.PARTNER),
    DeedKind.CANCELLATION: (OrderActivities.cancel_order, options.ORDERS),
    DeedKind.END_HOLD: (RecordActivities.end_hold, options.ORDERS),
    DeedKind.ATTACH_DOCUMENTS: (ClaimActivities.attach_documents, options.PARTNER),
    DeedKind.REPORT_MONEY: (ClaimActivities.report_money, options.PARTNER),
    DeedKind.WITHDRAW_CLAIM: (ClaimActivities.withdraw_claim, options.PARTNER),
    DeedKind.CHECK_CLAIM: (ClaimActivities.check_claim, options.PARTNER),
    DeedKind.TELL_SELLER: (SellerActivities.tell_seller, options.MAIL),
}


def start(kind: DeedKind, task: TakeDeed) -> workflow.ActivityHandle[Result]:
    """Have a deed begun."""
    deed, how = _ACTIVITIES[kind]
    return workflow.start_activity_method(deed, task, **how)
