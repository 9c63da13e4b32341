"""Movements of money that change a receivable, as the ledger has them (R11, R13, R20)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel

from dunning.money import Money


class ReportedBy(StrEnum):
    """Who says that a payment came in (R20)."""

    BACKEND = "backend"
    STATEMENT = "statement"
    BY_HAND = "by_hand"


class Payment(BaseModel, frozen=True):
    """Money that came in: its part for this receivable, or the credit if it has no part.

    It was reported `at` a moment; it may have been paid days before.
    """

    payment_id: str
    amount: Money
    credit: Money
    at: AwareDatetime
    paid_at: AwareDatetime | None = None
    reported_by: ReportedBy = ReportedBy.BACKEND

    @property
    def happened_at(self) -> datetime:
        return self.paid_at or self.at

    @property
    def key(self) -> str:
        return f"payment/{self.payment_id}"

    @property
    def moved(self) -> Money:
        """The change of the open amount."""
        return self.amount

    @property
    def shown(self) -> Money:
        """The amount that histories name."""
        return self.amount if self.amount.is_positive else self.credit


class Reversal(BaseModel, frozen=True):
    """A payment that went back: its part for this receivable, and the bank's costs (R13).

    It was reported `at` a moment; it may have gone back days before. `credit` is the part that went
    back of the order's credit, if nothing went back of any receivable. `order_canceled` and
    `claims_go_on`: the order had been canceled by then, and that was because of a claim (R11).
    """

    chargeback_id: str
    payment_id: str
    amount: Money
    credit: Money | None = None
    fee: Money
    at: AwareDatetime
    occurred_at: AwareDatetime | None = None
    order_canceled: bool = False
    claims_go_on: bool = False

    @property
    def happened_at(self) -> datetime:
        return self.occurred_at or self.at

    @property
    def key(self) -> str:
        return f"chargeback/{self.chargeback_id}"

    @property
    def moved(self) -> Money:
        """The change of the open amount: the money that went back, and the costs."""
        return self.amount + self.fee

    @property
    def shown(self) -> Money:
        """The amount that histories and mails name."""
        return self.amount if self.amount.is_positive or self.credit is None else self.credit


class TakenBack(BaseModel, frozen=True):
    """A payment that the seller had booked by mistake: its part for this receivable (R20).

    `credit` is the part of the order's credit that is undone, if no part of any receivable is.
    """

    payment_id: str
    amount: Money
    credit: Money
    at: AwareDatetime

    @property
    def happened_at(self) -> datetime:
        return self.at

    @property
    def key(self) -> str:
        return f"taken_back/{self.payment_id}"

    @property
    def moved(self) -> Money:
        """The change of the open amount."""
        return self.amount

    @property
    def shown(self) -> Money:
        """The amount that histories name."""
        return self.amount if self.amount.is_positive else self.credit


class Waiver(BaseModel, frozen=True):
    """A small rest that a payment has left and that is not asked for any more (R20).

    `is_over`: money went back since, so the rest is owed again.
    """

    payment_id: str
    amount: Money
    at: AwareDatetime
    is_over: bool = False

    @property
    def key(self) -> str:
        return f"waived/{self.payment_id}"


class Fee(BaseModel, frozen=True):
    """Costs that join a receivable, once (R11)."""

    key: str
    amount: Money

    @property
    def moved(self) -> Money:
        """The change of the open amount."""
        return self.amount


MoneyMove = Payment | Reversal | TakenBack
"""Money that came, that went back, or that was booked by mistake."""

Movement = MoneyMove | Fee
"""Something that changes the open amount; its key is unique in its case."""


class LedgerFacts(BaseModel, frozen=True):
    """All that the ledger has about a receivable, and whether its order was canceled.

    `claims_go_on`: the order was canceled because of a claim, so no claim is withdrawn (R11).
    `tells_of_cancellation`: this case tells the customer of the cancellation (R29).
    """

    payments: tuple[Payment, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    fees: tuple[Fee, ...] = ()
    order_canceled_at: AwareDatetime | None = None
    order_cancel_reason: str | None = None
    claims_go_on: bool = False
    tells_of_cancellation: bool = False
