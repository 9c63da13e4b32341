"""The fields of cases that callers see, read in one statement for documents and tables alike.

One statement sees all tables as they are at one moment, in SQLite and in PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, String, cast, func, select, type_coerce
from sqlmodel import col

from dunning.case.overdue import days_since
from dunning.ladder import DunningOption
from dunning.money import CURRENCY_DIGITS
from dunning.requests import Verb
from dunning.stages import Stage
from models.joins import of_customer, of_order, of_receivable
from models.tables import (
    CaseRow,
    ChargebackRow,
    ClaimRow,
    CustomerRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    SellerRow,
)

_SCALE_DIGITS: Final = 4
_NO_ZONE: Final = "UTC"


class CaseFields(NamedTuple):
    """A case as it is stored: amounts in ten-thousandths, days and times as the driver has them.

    Values are not converted to Python types: for many rows that costs more than the query.
    """

    case_id: str
    seller_id: str
    order_id: str
    installment: int | None
    stage: str
    blocked_by: str | None
    due_date: str | date
    currency: str
    amount: int
    order_amount: int
    open_amount: int
    paid: int
    credit: int
    fees: int
    cancellation_costs: int
    dunning_option: str | None
    parts: int
    hold_since: str | date | None
    hold_until: str | date | None
    hold_reason: str | None
    claim_reference: str | None
    claim_status: str | None
    claim_close_code: str | None
    claim_reason: str | None
    actions: list[str] | str
    escalate_from: str | date | None
    open_again_on: str | date | None
    missing: list[str] | str
    next_kind: str | None
    next_at: str | datetime | None
    updated_at: str | datetime
    customer_id: str
    first_name: str | None
    last_name: str | None
    company: str | None
    email: str
    language: str | None
    phone: str | None
    tax_id: str | None
    registration_number: str | None
    address: dict[str, str | None] | str | None
    time_zone: str | None
    seller_option: str | None

    @property
    def option_in_force(self) -> str:
        """The option that the final notice announced; before that, the seller's setting."""
        return self.dunning_option or self.seller_option or DunningOption.COURT

    @property
    def is_option_kept(self) -> bool:
        return self.dunning_option is not None

    @property
    def is_blocked_by(self) -> str | None:
        return self.blocked_by if self.stage == Stage.BLOCKED else None

    @property
    def missing_parts(self) -> tuple[str, ...]:
        return _words(self.missing)

    def possible_actions(self, now: datetime) -> tuple[str, ...]:
        """Return the verbs possible now.

        An escalation needs the whole address, and the end of the customer's term (R14, R18).
        """
        verbs = _words(self.actions)
        if self.missing_parts or self.is_term_running(now):
            return tuple(verb for verb in verbs if verb != Verb.ESCALATE)
        return verbs

    def is_term_running(self, now: datetime) -> bool:
        """Whether the term that the final notice named for the customer is still running (R18)."""
        ends_on = self.escalate_from
        return ends_on is not None and self._day_of(now) < _day(ends_on)

    @property
    def postal_address(self) -> dict[str, str | None] | None:
        given = self.address
        found: dict[str, str | None] | None = json.loads(given) if isinstance(given, str) else given
        return found

    @property
    def payment_plan(self) -> str:
        """Return how the order is paid, in words."""
        number = self.installment
        return "paid at once" if number is None else f"installment {number} of {self.parts}"

    def written(self, amount: int) -> str:
        """Return an amount with the digits of its currency: `119.00`."""
        return _written(amount, self.currency)

    def days_overdue(self, now: datetime) -> int:
        """Return the days overdue on the seller's day; 0 if nothing is owed any more (R7)."""
        if self.open_amount <= 0 or self.stage in (Stage.CANCELED, Stage.RECOVERED):
            return 0
        again = _day(self.open_again_on) if self.open_again_on else None
        return days_since(_day(self.due_date), again, self._day_of(now))

    def _day_of(self, now: datetime) -> date:
        return _today(self.time_zone or _NO_ZONE, now)


def case_fields() -> Select[*tuple[Any, ...]]:
    """Select all cases, with the columns of `CaseFields` in their order."""
    return (
        select(*_selected())
        .select_from(CaseRow)
        .join(ReceivableRow, of_receivable())
        .join(OrderRow, of_order())
        .join(CustomerRow, of_customer())
        .join(SellerRow, col(SellerRow.seller_id) == CaseRow.seller_id)
        .outerjoin(ClaimRow, col(ClaimRow.reference) == CaseRow.claim_reference)
    )


def _selected() -> Iterator[ColumnElement[Any]]:
    amounts: dict[str, Any] = {
        "amount": ReceivableRow.amount,
        "order_amount": OrderRow.total,
        "open_amount": ReceivableRow.open_amount,
        "paid": ReceivableRow.paid,
        "fees": ReceivableRow.fees,
        "cancellation_costs": OrderRow.cancellation_costs,
    }
    others: dict[str, Any] = {
        "currency": col(ReceivableRow.currency),
        "credit": _credit(),
        "parts": col(OrderRow.parts),
        "claim_status": col(ClaimRow.status),
        "claim_close_code": col(ClaimRow.close_code),
        "claim_reason": col(ClaimRow.reason),
        "customer_id": col(CaseRow.customer_id),
        "time_zone": col(SellerRow.profile)["time_zone"].as_string(),
        "seller_option": col(SellerRow.settings)["dunning_option"].as_string(),
    }
    for name in CaseFields._fields:
        if name in amounts:
            yield type_coerce(col(amounts[name]), BigInteger)
        elif name in others:
            yield others[name]
        else:
            column: Any = getattr(CaseRow if name in CaseRow.model_fields else CustomerRow, name)
            yield type_coerce(col(column), String)


def _credit() -> ColumnElement[int]:
    """Select the money that came in for the order of a case and belongs to no receivable (R20)."""
    of_order = (
        col(PaymentRow.seller_id) == CaseRow.seller_id,
        col(PaymentRow.order_id) == CaseRow.order_id,
    )
    counts = col(PaymentRow.taken_back_at).is_(None)
    came = select(_sum(PaymentRow.credit)).where(*of_order, counts).correlate(CaseRow)
    back = (
        select(_sum(ChargebackRow.credit))
        .join(PaymentRow, col(PaymentRow.payment_id) == ChargebackRow.payment_id)
        .where(*of_order, counts)
        .correlate(CaseRow)
    )
    return came.scalar_subquery() - back.scalar_subquery()


def _sum(amount: Any) -> ColumnElement[int]:
    found = func.sum(type_coerce(col(amount), BigInteger))
    return cast(func.coalesce(found, 0), BigInteger)


# Most amounts of one case are equal or zero.
@lru_cache(maxsize=4096)
def _written(amount: int, currency: str) -> str:
    digits = CURRENCY_DIGITS[currency]
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount) // 10 ** (_SCALE_DIGITS - digits), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


@lru_cache(maxsize=4096)
def day_text(stored: str | date | None) -> str | None:
    return stored.isoformat() if isinstance(stored, date) else stored


@lru_cache(maxsize=4096)
def moment_text(stored: str | datetime | None) -> str | None:
    """Return a moment in UTC; SQLite stores UTC without an offset."""
    if stored is None:
        return None
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    in_utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return in_utc.isoformat()


@lru_cache(maxsize=4096)
def _day(stored: str | date) -> date:
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


@lru_cache(maxsize=1024)
def _today(time_zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(time_zone)).date()


def _words(stored: list[str] | str) -> tuple[str, ...]:
    """Return a list of words: SQLite returns JSON text, PostgreSQL a list."""
    return _words_of(stored) if isinstance(stored, str) else tuple(stored)


@cache
def _words_of(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))
