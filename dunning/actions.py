"""What a case has done, by itself and at its moment: sending a notice, handing over, and so on."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, BaseModel


class ActionKind(StrEnum):
    """The actions of a case; the notices bear the names of their kinds.

    `handoff` decides who hands over and gives the claim to the partner. `ask_partner` asks
    whether an attempt to hand over has reached the partner, when nothing is to be handed over any
    more. `chargeback` decides on a paid case whose money went back, once the seller has answered
    (R13, R21).
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
    CHARGEBACK = "chargeback"
    ATTACH_DOCUMENTS = "attach_documents"
    REPORT_MONEY = "report_money"
    WITHDRAW_CLAIM = "withdraw_claim"
    CHECK_CLAIM = "check_claim"
    TELL_SELLER = "tell_seller"


class Lane(StrEnum):
    """Actions of different lanes go on side by side: none waits for another's mail server.

    The ladder is what the customer gets and the handoff; beside it go what is said to the partner
    about its claim, and the mails to the seller.
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
# R3 to R6, of which there may be too many: the invoice notice collects nothing (R9, R24).
REMINDING: Final = frozenset(
    {
        ActionKind.ADVANCE_NOTICE,
        ActionKind.PAYMENT_REMINDER,
        ActionKind.FIRST_NOTICE,
        ActionKind.FINAL_NOTICE,
    }
)

# What cannot be done without the customer's whole postal address (R14).
NEED_ADDRESS: Final = frozenset(
    {ActionKind.FIRST_NOTICE, ActionKind.FINAL_NOTICE, ActionKind.HANDOFF}
)


class Action(BaseModel, frozen=True):
    """Something to do, and when."""

    kind: ActionKind
    at: AwareDatetime

    @property
    def lane(self) -> Lane:
        return lane_of(self.kind)


def lane_of(kind: ActionKind) -> Lane:
    if kind is ActionKind.TELL_SELLER:
        return Lane.SELLER
    return Lane.PARTNER if kind in PARTNER_ACTIONS else Lane.LADDER
