"""Actions: what a case does by itself at its moment, such as sending a notice or handing over."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, BaseModel

from dunning.ladder import WRITTEN_NOTICES


class ActionKind(StrEnum):
    """The actions of a case; those that send a notice are named after its kind.

    `handoff` asks whether the seller has to approve (R12); if not, it submits the claim.
    `ask_partner` asks the partner whether an attempt to hand over got through, after the handoff
    was called off.
    `chargeback` decides about a paid case whose money went back, once the seller has answered (R13,
    R21).
    """

    INVOICE_NOTICE = "invoice_notice"
    ADVANCE_NOTICE = "advance_notice"
    PAYMENT_REMINDER = "payment_reminder"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    HANDOFF = "handoff"
    ASK_PARTNER = "ask_partner"
    CANCELLATION = "cancellation"
    CANCELLATION_NOTICE = "cancellation_notice"
    END_HOLD = "end_hold"
    DECIDE_CHARGEBACK = "chargeback"
    ATTACH_DOCUMENTS = "attach_documents"
    REPORT_MONEY = "report_money"
    WITHDRAW_CLAIM = "withdraw_claim"
    CHECK_CLAIM = "check_claim"
    TELL_SELLER = "tell_seller"


class Lane(StrEnum):
    """The lanes of a case: an action waits for the one before it in its lane, not for other lanes.

    The ladder sends the notices and hands over. The partner lane talks to the partner about its
    claim. The seller lane mails the seller.
    """

    LADDER = "ladder"
    PARTNER = "partner"
    SELLER = "seller"


PARTNER_ACTIONS: Final = frozenset(
    {
        ActionKind.ATTACH_DOCUMENTS,
        ActionKind.REPORT_MONEY,
        ActionKind.WITHDRAW_CLAIM,
        ActionKind.CHECK_CLAIM,
    }
)
# The notices of R3 to R6, which contact limits apply to. An invoice notice collects nothing (R9,
# R24).
REMINDING: Final = frozenset(
    {
        ActionKind.ADVANCE_NOTICE,
        ActionKind.PAYMENT_REMINDER,
        ActionKind.FIRST_NOTICE,
        ActionKind.FINAL_NOTICE,
    }
)

# What cannot be done without the customer's whole postal address (R14).
NEED_ADDRESS: Final = frozenset({*map(ActionKind, WRITTEN_NOTICES), ActionKind.HANDOFF})


class Action(BaseModel, frozen=True):
    """An action and its moment."""

    kind: ActionKind
    at: AwareDatetime

    @property
    def lane(self) -> Lane:
        return lane_of(self.kind)


def lane_of(kind: ActionKind) -> Lane:
    if kind is ActionKind.TELL_SELLER:
        return Lane.SELLER
    return Lane.PARTNER if kind in PARTNER_ACTIONS else Lane.LADDER
