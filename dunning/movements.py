"""Money that comes, goes back and joins a receivable, as the ledger has it (R11, R13, R20)."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel

from dunning.money import Money


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
        """By how much it changes the open amount."""
        return self.amount

    @property
    def shown(self) -> Money:
        """The amount that histories name."""
        return self.amount if self.amount.is_positive else self.credit


class Reversal(BaseModel, frozen=True):
    """A payment that went back: its part for this receivable, and the bank's costs (R13).

    `credit` is what went back of the order's credit, if nothing of any receivable did.
    `order_canceled` and `claims_go_on`: whether the order had been canceled by then, and whether
    that was for the sake of a claim (R11).
    """

    chargeback_id: str
    payment_id: str
    amount: Money
    credit: Money | None = None
    fee: Money
    at: AwareDatetime
    order_canceled: bool = False
    claims_go_on: bool = False

    @property
    def key(self) -> str:
        return f"chargeback/{self.chargeback_id}"

    @property
    def moved(self) -> Money:
        """By how much it changes the open amount: the money that went back, and the costs."""
        return self.amount + self.fee

    @property
    def shown(self) -> Money:
        """The amount that histories and mails name."""
        return self.amount if self.amount.is_positive or self.credit is None else self.credit


class Fee(BaseModel, frozen=True):
    """Costs that join a receivable, once (R11)."""

    key: str
    amount: Money

    @property
    def moved(self) -> Money:
        """By how much it changes the open amount."""
        return self.amount


Movement = Payment | Reversal | Fee
"""Something that changes the open amount; its key is unique in its case."""


class LedgerFacts(BaseModel, frozen=True):
    """All payments, reversals and fees of a receivable, and whether its order was canceled.

    `claims_go_on`: the order was canceled for the sake of a claim; then no claim is withdrawn
    (R11). `tells_of_cancellation`: this case tells the customer of the cancellation (R29).
    """

    payments: tuple[Payment, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    fees: tuple[Fee, ...] = ()
    order_canceled_at: AwareDatetime | None = None
    claims_go_on: bool = False
    tells_of_cancellation: bool = False
