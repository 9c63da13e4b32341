"""The answers of the API as models, for its documentation.

Amounts are decimal strings with the digits of their currency, days `YYYY-MM-DD`, times RFC 3339
with an offset.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from adapters.statements import StatementFormat
from dunning.case.forecast import PlannedKind
from dunning.history import EventName
from dunning.ladder import DunningOption
from dunning.movements import ReportedBy
from dunning.stages import BlockedBy, Stage
from dunning.summaries import Rhythm
from models.seller import Brand

Amount = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["119.00"])]
_FROM_OUTSIDE: Final = ConfigDict(extra="forbid", populate_by_name=True)


class ClosedDocument(BaseModel):
    """An answer with exactly these fields."""

    model_config = _FROM_OUTSIDE


class AddressDocument(ClosedDocument):
    street: str | None
    postal_code: str | None
    city: str | None
    region: str | None
    country: str | None


class WindowDocument(ClosedDocument):
    """The sending window of a day (R9)."""

    from_: str = Field(alias="from")
    to: str


class SettingsDocument(ClosedDocument):
    """How a seller's unpaid orders are handled (R12, R21 to R25)."""

    dunning_option: DunningOption
    auto_handoff: bool
    auto_chargeback_handoff: bool
    payment_term_days: int | None
    collect_past_from: date | None
    collect_new_from: date | None
    business_days_only: bool
    sending_window: WindowDocument
    debt_summary: Rhythm
    waive_below: dict[str, Amount]
    hold_when_stale_days: int | None
    book_certain: bool
    brand: Brand


class SellerDocument(ClosedDocument):
    """The merchant to whom the money is owed."""

    seller_id: str
    company_name: str
    email: str
    address: AddressDocument | None
    phone: str | None
    website: str | None
    language: str
    time_zone: str
    reply_to: list[str]
    iban: str | None
    bic: str | None
    tax_id: str | None
    registration_number: str | None
    legal_notice: list[str]
    may_deduct_input_tax: bool | None
    payment_instructions: str | None
    settings: SettingsDocument


class DebtorDocument(ClosedDocument):
    """The customer, as a case shows it."""

    customer_id: str
    first_name: str | None
    last_name: str | None
    company: str | None
    email: str
    language: str | None
    phone: str | None
    tax_id: str | None
    registration_number: str | None
    address: AddressDocument | None


class CustomerDocument(DebtorDocument):
    """The buyer who owes the money."""

    seller_id: str
    payment_term_days: int | None


class OpenedCase(ClosedDocument):
    case_id: str
    installment: int | None
    due_date: date
    amount: Amount
    stage: Stage


class OpenedOrder(ClosedDocument):
    """An order that was accepted, with the cases that it opened."""

    seller_id: str
    order_id: str
    cases: list[OpenedCase]


class Share(ClosedDocument):
    """What of a payment went to one receivable; one without a case has no `case_id` (R22)."""

    case_id: str | None
    installment: int | None
    amount: Amount


class PaymentDocument(ClosedDocument):
    """Money that came in, and where it went (R20)."""

    payment_id: str
    seller_id: str
    order_id: str
    installment: int | None
    amount: Amount
    currency: str
    paid_at: AwareDatetime
    allocations: list[Share]
    credit: Amount


class OrderPayment(PaymentDocument):
    """A payment of an order, with who says that it came in."""

    reported_by: ReportedBy


class ChargebackDocument(ClosedDocument):
    """Money that went back, and what it reopened (R13)."""

    chargeback_id: str
    payment_id: str
    amount: Amount
    currency: str
    fee: Amount
    occurred_at: AwareDatetime
    allocations: list[Share]
    credit: Amount


class HoldDocument(ClosedDocument):
    since: date
    until: date | None
    reason: str | None


class PartnerEventTaken(ClosedDocument):
    """Whether an event of the partner is news, or was told before."""

    status: Literal["taken", "known"]


class ClaimDocument(ClosedDocument):
    """The claim at the collection partner (R15)."""

    reference: str
    status: str
    close_code: str | None
    reason: str | None


class NextStepDocument(ClosedDocument):
    kind: str
    at: AwareDatetime


class EventDocument(ClosedDocument):
    """One thing that happened; `detail` depends on the event."""

    at: AwareDatetime
    case_id: str
    seller_id: str
    order_id: str
    installment: int | None
    event: EventName
    detail: dict[str, Any]


class CaseListed(ClosedDocument):
    """The collection of one receivable, without its history.

    `dunning_option` is the one in force; its final notice keeps it (`dunning_option_kept`).
    """

    case_id: str
    seller_id: str
    order_id: str
    installment: int | None
    stage: Stage
    blocked_by: BlockedBy | None
    missing: list[str]
    due_date: date
    days_overdue: int
    currency: str
    amount: Amount
    order_amount: Amount
    open_amount: Amount
    paid: Amount
    credit: Amount
    fees: Amount
    cancellation_costs: Amount
    dunning_option: DunningOption
    dunning_option_kept: bool
    payment_plan: str
    customer: DebtorDocument
    hold: HoldDocument | None
    claim: ClaimDocument | None
    actions: list[str]
    next_step: NextStepDocument | None
    updated_at: AwareDatetime


class CaseDocument(CaseListed):
    """The collection of one receivable, from its opening to its end."""

    history: list[EventDocument]


class CasePage(ClosedDocument):
    """Cases by due date; `next_cursor` leads to the next page, null on the last one."""

    items: list[CaseListed]
    next_cursor: str | None
    updated_at: AwareDatetime


class OrderDocument(BaseModel):
    """The order as it was given, with its cases and payments."""

    seller_id: str
    order_id: str
    canceled_at: AwareDatetime | None
    cases: list[CaseListed]
    payments: list[OrderPayment]


class CanceledOrder(ClosedDocument):
    seller_id: str
    order_id: str
    canceled_at: AwareDatetime


class ForecastReason(ClosedDocument):
    """What sets a day: the rule, the day that it gives, and a sentence."""

    rule: str
    day: date
    text: str


class ForecastItem(ClosedDocument):
    kind: PlannedKind
    at: AwareDatetime
    reasons: list[ForecastReason]


class ForecastDocument(ClosedDocument):
    """What comes if nobody acts; `waits_for` is null while a case waits for its day only."""

    waits_for: str | None
    items: list[ForecastItem]


class ConsoleLink(ClosedDocument):
    """A link that opens the seller's console, once."""

    url: str
    expires_at: AwareDatetime


class Readiness(BaseModel):
    status: str
    database: str
    temporal: str


class Alive(BaseModel):
    status: str


class KeyDocument(ClosedDocument):
    """Whose key it is; `expires_at` is null if it does not end by itself."""

    kind: Literal["backend", "seller"]
    seller_id: str | None
    label: str
    expires_at: AwareDatetime | None


class StatementMatch(ClosedDocument):
    """What a line may pay, or has paid: an order, and the receivable that gets it first."""

    order_id: str
    installment: int | None
    case_id: str | None
    amount: Amount
    reasons: list[str]


class StatementLineDocument(ClosedDocument):
    """One transaction of an account, as its bank tells it, and what was made of it (R20)."""

    line_id: str
    account: str | None
    booked_on: date
    value_on: date | None
    amount: Amount
    currency: str
    counterparty: str | None
    counterparty_iban: str | None
    text: str
    reference: str | None
    end_to_end_id: str | None
    bank_id: str | None
    is_booked: bool
    is_return: bool
    verdict: Literal[
        "certain", "candidates", "perhaps_reported", "known", "not_ours", "booked", "aside"
    ]
    matches: list[StatementMatch]
    payment_id: str | None


class StatementTaken(ClosedDocument):
    """A bank statement as it was read; `statement_id` is null if nothing was kept."""

    statement_id: str | None
    format: StatementFormat
    lines: list[StatementLineDocument]


class StatementListed(ClosedDocument):
    """A bank statement; `covers_until` is the newest day that it tells of."""

    statement_id: str
    format: StatementFormat
    filename: str | None
    covers_until: date | None
    imported_at: AwareDatetime


class StatementDocument(StatementListed):
    """A bank statement with its lines, matched to what is owed now."""

    lines: list[StatementLineDocument]


class Statements(ClosedDocument):
    items: list[StatementListed]
