"""The values of messages: notices to customers, mails to sellers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from adapters.branding.brand_look import BrandLook
from adapters.messages.clean_text import Line, Lines, MailAddress
from dunning.case.overdue import MoneyReturned
from dunning.ladder import DunningOption
from dunning.money import Money
from dunning.notices import AccessMail, NoticeKind, SellerMailKind
from dunning.pay_by import day_to_reach_us
from dunning.stages import ENDS, Stage


class Posting(NamedTuple):
    """How a message is sent: its Message-ID, its date, and the address of the platform."""

    message_id: str
    sent_at: datetime
    mail_from: str

    @classmethod
    def of(cls, name: str, sent_at: datetime, mail_from: str) -> Self:
        """Return a posting whose Message-ID is a name at the domain of the platform's address."""
        domain = mail_from.rpartition("@")[2]
        return cls(f"<{name}@{domain}>", sent_at, mail_from)


class NextStep(StrEnum):
    """The next step that a notice announces to the customer."""

    PAYMENT_REMINDER = "payment_reminder"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    HANDOFF = "handoff"
    CANCELLATION = "cancellation"


_LAST_STEPS: Final = (NextStep.HANDOFF, NextStep.CANCELLATION)


class Value(BaseModel):
    """A frozen value of a message."""

    # A wrong name must not be quoted in a failure's text.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Sender(Value):
    """The seller, as messages show it to the customer."""

    company_name: Line
    email: MailAddress
    reply_to: tuple[MailAddress, ...] = ()
    address: tuple[Line, ...] = ()
    phone: Line | None = None
    website: Line | None = None
    iban: Line | None = None
    bic: Line | None = None
    tax_id: Line | None = None
    registration_number: Line | None = None
    payment_instructions: Lines | None = None
    legal_notice: tuple[Line, ...] = ()
    """Lines that the law requires on business letters: managing directors, seat, capital."""
    country: str | None = None


class Recipient(Value):
    """The recipient of a message, with its language (BCP 47)."""

    name: Line
    email: MailAddress
    language: str
    person: Line | None = None
    """First and last name for the greeting; None for a company, or if only one is known."""
    is_company: bool = False
    country: str | None = None
    envelope: tuple[Line, ...] = ()
    """The lines of names and postal address on a letter."""


class PaymentMade(Value):
    """Money that came in for the receivable; a negative amount went back."""

    on: date
    amount: Money


class CostKind(StrEnum):
    """The grounds of fees."""

    RETURNED_PAYMENT = "returned_payment"
    CANCELLATION = "cancellation"


class Cost(Value):
    """A fee with its ground."""

    kind: CostKind
    amount: Money


class Partner(Value):
    """The collection partner, as notices name it."""

    name: Line | None = None
    is_registered: bool = False
    """Whether it is a registered collection agency, and notices may say so."""


class Notice(Value):
    """All values of a notice (R2 to R7)."""

    kind: NoticeKind
    sender: Sender
    recipient: Recipient
    order_id: Line
    invoice_number: Line | None = None
    invoice_date: date
    subject: Line | None = None
    total: Money
    amount: Money
    paid: Money
    fees: Money
    open_amount: Money
    due_date: date
    days_overdue: int = 0
    installment: tuple[int, int] | None = None
    """The installment's number, and the number of installments."""
    schedule: tuple[tuple[int, date, Money], ...] = ()
    """Number, due date and amount of each installment; shown in the invoice notice."""
    next_step: NextStep | None = None
    next_step_on: date | None = None
    dunning_option: DunningOption
    payment_reference: Line
    written_on: date
    reference: Line | None = None
    """The reference (ISO 11649) by which a payment finds its case."""
    payments: tuple[PaymentMade, ...] = ()
    costs: tuple[Cost, ...] = ()
    returned: MoneyReturned | None = None
    """The payment that went back last; the notice is then about it."""
    reminded_on: date | None = None
    first_notice_on: date | None = None
    """The days of the earlier notices of this round."""
    cancellation_costs: Money | None = None
    partner: Partner = Partner()
    look: BrandLook = BrandLook()

    @property
    def pay_by(self) -> date | None:
        """R7: the day by which the money must have reached the seller."""
        if self.next_step_on is None:
            return None
        is_final = self.next_step in _LAST_STEPS
        return day_to_reach_us(self.next_step_on, is_final=is_final)

    @model_validator(mode="after")
    def _threatens_only_what_can_happen(self) -> Self:
        if (self.next_step is None) != (self.next_step_on is None):
            raise ValueError("a next step and its day belong together")
        no_collection = self.dunning_option is DunningOption.NO_COLLECTION
        if self.next_step is NextStep.HANDOFF and no_collection:
            raise ValueError("with no_collection nothing is handed over")
        if self.next_step is NextStep.CANCELLATION and not no_collection:
            raise ValueError("only with no_collection the order is canceled without a handoff")
        if self.kind is NoticeKind.FINAL_NOTICE and self.next_step not in _LAST_STEPS:
            raise ValueError("a final notice names the day of the handoff or the cancellation")
        return self


class SellerMail(Value):
    """All values of a mail to the seller (R12 to R15, R20, R21)."""

    about: SellerMailKind | AccessMail
    recipient: Recipient
    order_id: Line | None = None
    installment: tuple[int, int] | None = None
    customer_name: Line | None = None
    customer_country: str | None = None
    open_amount: Money | None = None
    missing: tuple[Line, ...] = ()
    """Address fields, `house_number` or `name`."""
    blocked: bool = False
    """Whether the case waits until the seller has done something."""
    is_chargeback: bool = False
    """Whether the decision that waits is about a payment that went back."""
    notice: NoticeKind | None = None
    """The message that could not be delivered."""
    reason: Line | None = None
    outcome: Stage | None = None
    """The end of the case."""
    amount: Money | None = None
    """The money that went back."""
    claim_reference: Line | None = None
    """The claim's reference at the collection partner."""
    link: Line | None = None
    """The page on which the seller can act."""
    answer_by: date | None = None
    statement_day: date | None = None
    """The newest day in a bank statement."""

    @model_validator(mode="after")
    def _says_how_it_ended(self) -> Self:
        if self.outcome is not None and self.outcome not in ENDS:
            raise ValueError("an outcome is the end of a case")
        if self.about is SellerMailKind.CASE_CLOSED and self.outcome is None:
            raise ValueError("a closed case has an outcome")
        return self
