"""What messages say, as values: notices to customers, mails to sellers."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from adapters.branding.look import Look
from adapters.messages.clean_text import Line, Lines, MailAddress
from dunning.case.overdue import MoneyReturned
from dunning.ladder import DunningOption
from dunning.money import Money
from dunning.notices import AccessMail, NoticeKind, SellerTold
from dunning.pay_by import day_to_reach_us
from dunning.stages import ENDS, Stage


class NextStep(StrEnum):
    """What comes after a notice, as far as the customer is told."""

    PAYMENT_REMINDER = "payment_reminder"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    HANDOFF = "handoff"
    CANCELLATION = "cancellation"


_LAST_STEPS: Final = (NextStep.HANDOFF, NextStep.CANCELLATION)


class Value(BaseModel):
    """Something that is said; it cannot be changed any more."""

    # What is wrong with a name must not end up in a failure's text.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Sender(Value):
    """The seller, as the customer sees it."""

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
    """What else the law wants on business letters: managing directors, seat, capital."""
    country: str | None = None


class Recipient(Value):
    """Who gets a message, and in which language (BCP 47)."""

    name: Line
    email: MailAddress
    language: str
    person: Line | None = None
    """First and last name of whom to greet; None for a company, or if only one is known."""
    is_company: bool = False
    country: str | None = None
    envelope: tuple[Line, ...] = ()
    """Names and postal address, a line each, as a letter has them."""


class PaymentMade(Value):
    """Money that came in for the receivable; below zero: money that went back."""

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
    """Whether it is a registered collection agency, and may be called so."""


class Notice(Value):
    """Everything that a notice says (R2 to R7)."""

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
    """Number and count."""
    schedule: tuple[tuple[int, date, Money], ...] = ()
    """Number, due date and amount of each installment; shown in the invoice notice."""
    next_step: NextStep | None = None
    next_step_on: date | None = None
    dunning_option: DunningOption
    payment_reference: Line
    written_on: date
    reference: Line | None = None
    """ISO 11649, by which a payment finds its case."""
    payments: tuple[PaymentMade, ...] = ()
    costs: tuple[Cost, ...] = ()
    returned: MoneyReturned | None = None
    """The payment that went back last: then that is what the notice is about."""
    reminded_on: date | None = None
    first_notice_on: date | None = None
    """The days of the earlier notices of this round."""
    cancellation_costs: Money | None = None
    partner: Partner = Partner()
    look: Look = Look()

    @property
    def pay_by(self) -> date | None:
        """R7: by when the money must have reached the seller."""
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
    """Everything that a mail to the seller says (R12 to R15, R21)."""

    about: SellerTold | AccessMail
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
    """Whether what waits for a decision is a payment that went back."""
    notice: NoticeKind | None = None
    """The message that could not be delivered."""
    reason: Line | None = None
    outcome: Stage | None = None
    """The end at which the case is."""
    amount: Money | None = None
    """The money that went back."""
    claim_reference: Line | None = None
    """Under which the collection partner has the claim."""
    link: Line | None = None
    """A page on which the seller can do what is asked for."""
    answer_by: date | None = None
    statement_day: date | None = None
    """The newest day that a bank statement tells of."""

    @model_validator(mode="after")
    def _says_how_it_ended(self) -> Self:
        if self.outcome is not None and self.outcome not in ENDS:
            raise ValueError("an outcome is the end of a case")
        if self.about is SellerTold.CASE_CLOSED and self.outcome is None:
            raise ValueError("a closed case has an outcome")
        return self
