"""The activity for each planned action, and where it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.claims import ClaimActivities
    from activities.decisions import DecisionActivities
    from activities.handoff import HandoffActivities
    from activities.notices import NoticeActivities
    from activities.seller_mails import SellerMailActivities
    from dunning.actions import ActionKind
    from dunning.case.plan import Plan
    from models.payloads import DoAction
    from workflows import options

ActivityMethod = Callable[[Any, DoAction], Awaitable[Plan]]

_ACTIVITIES: Final[dict[ActionKind, tuple[ActivityMethod, options.ActionOptions]]] = {
    ActionKind.INVOICE_NOTICE: (NoticeActivities.send_notice, options.MAIL),
    ActionKind.ADVANCE_NOTICE: (NoticeActivities.send_notice, options.MAIL),
    ActionKind.PAYMENT_REMINDER: (NoticeActivities.send_notice, options.MAIL),
    ActionKind.FIRST_NOTICE: (NoticeActivities.send_notice, options.MAIL),
    ActionKind.FINAL_NOTICE: (NoticeActivities.send_notice, options.MAIL),
    ActionKind.CANCELLATION_NOTICE: (NoticeActivities.send_notice, options.MAIL),
    ActionKind.HANDOFF: (HandoffActivities.hand_over, options.PARTNER),
    ActionKind.ASK_PARTNER: (HandoffActivities.ask_partner, options.PARTNER),
    ActionKind.ATTACH_DOCUMENTS: (ClaimActivities.attach_documents, options.PARTNER),
    ActionKind.REPORT_MONEY: (ClaimActivities.report_money, options.PARTNER),
    ActionKind.WITHDRAW_CLAIM: (ClaimActivities.withdraw_claim, options.PARTNER),
    ActionKind.CHECK_CLAIM: (ClaimActivities.check_claim, options.PARTNER),
    ActionKind.TELL_SELLER: (SellerMailActivities.tell_seller, options.MAIL),
}
# These write only to SQL, so the worker that has the workflow does them at once.
_LOCAL: Final[dict[ActionKind, ActivityMethod]] = {
    ActionKind.CANCELLATION: DecisionActivities.cancel_order,
    ActionKind.DECIDE_CHARGEBACK: DecisionActivities.bring_up,
    ActionKind.END_HOLD: DecisionActivities.bring_up,
}


def start(kind: ActionKind, task: DoAction) -> workflow.ActivityHandle[Plan]:
    """Start an action; its result is the plan from then on."""
    if kind in _LOCAL:
        return workflow.start_local_activity_method(_LOCAL[kind], task, **options.DECISION)
    method, how = _ACTIVITIES[kind]
    if task.clock_shift:
        # In a simulation, months pass in minutes: no heartbeat timeout.
        how = options.without_heartbeat(how)
    return workflow.start_activity_method(method, task, **how)
