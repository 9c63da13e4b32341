"""The bodies of requests."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from dunning.days import SendingWindow
from dunning.ladder import DunningOption
from dunning.notices import NoticeKind
from dunning.summaries import Rhythm
from models.seller import Alignment
from starter.input.fields import (
    Amount,
    Bic,
    Color,
    ConsolePath,
    Country,
    Currency,
    Day,
    Email,
    Iban,
    Id,
    Language,
    Logo,
    Strict,
    TimeOfDay,
    Timestamp,
    TimeZone,
)
from starter.input.texts import FilledLine, OptionalLine, OptionalParagraph, OptionalReason

MAX_INSTALLMENTS = 360
MOST_LEGAL_LINES: Final = 10
TermDays = Annotated[int, Field(ge=1, le=30, strict=True)]


class AddressBody(Strict):
    street: OptionalLine = None
    postal_code: OptionalLine = None
    city: OptionalLine = None
    region: OptionalLine = None
    country: Country | None = None


class SellerBody(Strict):
    """A seller: `PUT /v1/sellers/{seller_id}`."""

    company_name: FilledLine
    email: Email
    address: AddressBody | None = None
    phone: OptionalLine = None
    website: OptionalLine = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    reply_to: tuple[Email, ...] = Field(default=(), max_length=20)
    iban: Iban | None = None
    bic: Bic | None = None
    tax_id: OptionalLine = None
    registration_number: OptionalLine = None
    legal_notice: tuple[FilledLine, ...] = Field(
        default=(),
        max_length=MOST_LEGAL_LINES,
        description="What letters of the seller have to carry by law, a line each: managing "
        "directors, seat, register.",
    )
    may_deduct_input_tax: bool | None = Field(
        default=None,
        strict=True,
        description="Whether the seller gets back the tax in an agency's fee; null if unknown.",
    )
    payment_instructions: OptionalParagraph = Field(
        default=None,
        description="Shown as it is to customers of every language.",
    )


class WindowBody(Strict):
    """R9: within one day, at least 60 minutes."""

    from_: TimeOfDay = Field(alias="from")
    to: TimeOfDay

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        self.window()
        return self

    def window(self) -> SendingWindow:
        return SendingWindow(opens=self.from_, closes=self.to)


class BrandBody(Strict):
    """R25: what is left out stays, null takes away."""

    logo: Logo | None = None
    logo_alignment: Alignment = Alignment.LEFT
    primary_color: Color | None = None
    accent_color: Color | None = None


class SettingsBody(Strict):
    """What a seller may set; what is left out stays as it is."""

    dunning_option: DunningOption | None = None
    auto_handoff: bool | None = Field(default=None, strict=True)
    auto_chargeback_handoff: bool | None = Field(default=None, strict=True)
    payment_term_days: TermDays | None = None
    collect_past_from: Day | None = None
    collect_new_from: Day | None = None
    business_days_only: bool | None = Field(default=None, strict=True)
    sending_window: WindowBody | None = None
    debt_summary: Rhythm | None = None
    waive_below: dict[Currency, Amount] | None = Field(default=None, max_length=200)
    hold_when_stale_days: Annotated[int, Field(ge=1, le=365, strict=True)] | None = None
    book_certain: bool | None = Field(default=None, strict=True)
    brand: BrandBody | None = None


class CustomerChange(Strict):
    """Any of a customer's fields."""

    first_name: OptionalLine = None
    last_name: OptionalLine = None
    company: OptionalLine = None
    email: Email | None = None
    language: Language | None = None
    phone: OptionalLine = None
    tax_id: OptionalLine = None
    registration_number: OptionalLine = None
    address: AddressBody | None = None
    payment_term_days: TermDays | None = None


class CustomerBody(Strict):
    """The buyer, as an order names it."""

    customer_id: Id
    first_name: OptionalLine = None
    last_name: OptionalLine = None
    company: OptionalLine = None
    email: Email
    language: Language | None = None
    phone: OptionalLine = None
    tax_id: OptionalLine = None
    registration_number: OptionalLine = None
    address: AddressBody | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not (self.last_name or self.company):
            raise ValueError("needs a last_name or a company")
        return self


class InstallmentBody(Strict):
    number: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    due_date: Day
    amount: Amount


EarlierNoticeKind = Literal[
    NoticeKind.INVOICE_NOTICE,
    NoticeKind.ADVANCE_NOTICE,
    NoticeKind.PAYMENT_REMINDER,
    NoticeKind.FIRST_NOTICE,
    NoticeKind.FINAL_NOTICE,
]


class NoticeSentBody(Strict):
    """R22: a notice that the customer has had from another system."""

    installment: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    kind: EarlierNoticeKind
    sent_on: Day


class OrderBody(Strict):
    """One purchase on account: `POST /v1/orders`."""

    seller_id: Id
    order_id: Id
    invoice_number: OptionalLine = None
    invoice_date: Day
    ordered_on: Day | None = Field(
        default=None, description="The day of the contract, if it is not that of the invoice."
    )
    currency: Currency
    total: Amount
    cancellation_costs: Amount | None = None
    subject: OptionalLine = None
    customer: CustomerBody
    installments: tuple[InstallmentBody, ...] | None = Field(
        default=None, max_length=MAX_INSTALLMENTS
    )
    notices_sent: tuple[NoticeSentBody, ...] = Field(default=(), max_length=MAX_INSTALLMENTS * 5)

    @field_validator("installments")
    @classmethod
    def _are_some(
        cls, installments: tuple[InstallmentBody, ...] | None
    ) -> tuple[InstallmentBody, ...] | None:
        # Not `min_length`: pydantic would also report it when every entry is invalid.
        if installments == ():
            raise ValueError("must not be empty")
        return installments


class PaymentBody(Strict):
    """Money that came in: `POST /v1/payments`."""

    payment_id: Id
    seller_id: Id
    order_id: Id
    installment: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    amount: Amount
    currency: Currency
    paid_at: Timestamp


class ChargebackBody(Strict):
    """Money that went back; without an amount all that is left of the payment."""

    chargeback_id: Id
    amount: Amount | None = None
    occurred_at: Timestamp
    fee: Amount | None = None


class ShareBody(Strict):
    """What of a line goes to an order."""

    order_id: Id
    installment: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    amount: Amount
    case_id: Id | None = None
    reasons: list[str] | None = Field(default=None, max_length=50)


class VerbBody(Strict):
    """What a request may have beside its verb; the reason stands in the history of the case."""

    reason: OptionalReason = None


class EscalateBody(VerbBody):
    """R18: `despite_term` hands over before the day that the final notice named, for a reason."""

    despite_term: bool = Field(default=False, strict=True)


class HoldBody(VerbBody):
    until: Day | None = None


class ConsoleLinkBody(Strict):
    """Which page of the console a link opens: `POST /v1/sellers/{seller_id}/console_links`."""

    path: ConsolePath = "/console/"


class EmptyBody(Strict):
    """A body without fields."""
