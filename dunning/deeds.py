"""What a case does next, and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, BaseModel

from dunning.claims import ClaimStatus
from dunning.days import Terms
from dunning.money import Money
from dunning.plan import DunningOption
from dunning.stages import BlockedBy


class DeedKind(StrEnum):
    """The things that a case does by itself."""

    OPEN = "open"
    ADVANCE_NOTICE = "advance_notice"
    PAYMENT_REMINDER = "payment_reminder"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    HANDOFF = "handoff"
    SUBMIT_CLAIM = "submit_claim"
    CANCELLATION = "cancellation"
    END_HOLD = "end_hold"
    CHARGEBACK = "chargeback"
    ATTACH_DOCUMENTS = "attach_documents"
    REPORT_MONEY = "report_money"
    WITHDRAW_CLAIM = "withdraw_claim"
    CHECK_CLAIM = "check_claim"
    TELL_SELLER = "tell_seller"


ERRANDS: Final = frozenset(
    {
        DeedKind.ATTACH_DOCUMENTS,
        DeedKind.REPORT_MONEY,
        DeedKind.WITHDRAW_CLAIM,
        DeedKind.CHECK_CLAIM,
        DeedKind.TELL_SELLER,
    }
)
"""What goes on beside the ladder, also of a case that has ended."""


class Deed(BaseModel, frozen=True):
    """Something to do, and when."""

    kind: DeedKind
    at: AwareDatetime


class Payment(BaseModel, frozen=True):
    """Money that came in: its part for this receivable, or the credit if no part is."""

    payment_id: str
    amount: Money
    credit: Money
    at: AwareDatetime

    @property
    def key(self) -> str:
        return f"payment/{self.payment_id}"

    @property
    def moved(self) -> Money:
        """What of the open amount it pays."""
        return self.amount


class Reversal(BaseModel, frozen=True):
    """A payment that went back: its part for this receivable, and the bank's costs (R13).

    `credit` is what went back of the order's credit, if nothing of any receivable did.
    """

    chargeback_id: str
    payment_id: str
    amount: Money
    credit: Money | None = None
    fee: Money
    at: AwareDatetime
    order_canceled: bool = False
    claims_go_on: bool = False
    """Whether the order had been canceled by then, and that for the sake of a claim (R11)."""

    @property
    def moved(self) -> Money:
        """What of the open amount it is: the money that went back, and the costs."""
        return self.amount + self.fee

    @property
    def shown(self) -> Money:
        """What histories and mails say of it."""
        return self.amount if self.amount.is_positive or self.credit is None else self.credit

    @property
    def key(self) -> str:
        return f"chargeback/{self.chargeback_id}"


class Fee(BaseModel, frozen=True):
    """Costs that join a receivable, once (R11)."""

    key: str
    amount: Money

    @property
    def moved(self) -> Money:
        """What the open amount grows by."""
        return self.amount


Movement = Payment | Reversal | Fee
"""Something that changes the open amount; its key is unique in its case."""


class Facts(BaseModel, frozen=True):
    """What the books have about a receivable and its order."""

    payments: tuple[Payment, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    fees: tuple[Fee, ...] = ()
    order_canceled_at: AwareDatetime | None = None
    claims_go_on: bool = False
    """Whether the order was canceled for the sake of a claim: then no claim is withdrawn (R11)."""


class Outcome(StrEnum):
    """What came of a deed."""

    DONE = "done"
    NOT_NOW = "not_now"
    NOTHING_OWED = "nothing_owed"
    BLOCKED = "blocked"
    PASSED_OVER = "passed_over"
    APPROVAL_WANTED = "approval_wanted"
    GO = "go"
    NEW_ROUND = "new_round"
    REJECTED = "rejected"


class Result(BaseModel, frozen=True):
    """What came of a deed, and what was learned on the way.

    `terms` are the seller's settings as they are now, None if nothing of them has changed;
    `facts` are what the books have. `option` is what a final notice
    announced, `reference` that of a claim that was handed over, `claim` how it stands there.
    `told` are the keys of the money of which the partner knows by this deed.
    """

    deed: DeedKind
    outcome: Outcome
    at: AwareDatetime
    terms: Terms | None = None
    facts: Facts = Facts()
    option: DunningOption | None = None
    blocked_by: BlockedBy | None = None
    reference: str | None = None
    claim: ClaimStatus | None = None
    told: tuple[str, ...] = ()
