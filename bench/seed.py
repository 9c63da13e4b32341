"""A database with many plausible cases, written in bulk; the same ones every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert
from sqlmodel import SQLModel

from dunning.case.beginning import new_case
from dunning.case.plan import plan_of
from dunning.case.state import DunningCase
from dunning.days import Terms
from dunning.money import Money
from dunning.receivables import Receivable, case_id_of
from dunning.stages import AT_THE_PARTNER, ENDS, Stage
from models.keys import create_key
from models.lists import searchable
from models.seller import SellerSettings
from models.tables import (
    CaseRow,
    ClaimRow,
    CustomerRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    SellerRow,
)
from runtime.database import Database

NOW: Final = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
SELLERS: Final = 20
_FIRST_DAY: Final = date(2025, 3, 1)
_FIRST_NAMES: Final = ("Ada", "Grace", "Emmy", "Sofia", "Hedy", "Mary", "Lise", "Rosa")
_LAST_NAMES: Final = ("Müller", "García", "Dupont", "Smith", "Rossi", "Novák", "Jensen", "Ito")
_STAGES: Final = tuple(Stage)
_AT_ONCE: Final = 2000
_ORDERS_OF_A_CUSTOMER: Final = 3
_CASES_OF_A_DAY: Final = 275


async def seed(database: Database, *, cases: int, sellers: int = SELLERS) -> str:
    """Sellers, customers, orders and their cases; the key of a backend."""
    crowd = _Crowd(sellers)
    async with database.writing() as session:
        for number in range(sellers):
            session.add(
                SellerRow(
                    seller_id=f"s-{number}",
                    profile={"company_name": f"Shop {number}", "email": "shop@example.org"},
                    settings=SellerSettings(auto_handoff=True).model_dump(mode="json"),
                    settings_answered_at=NOW,
                )
            )
        key = await create_key(session, label="bench", at=NOW)
    for table, rows in (
        (CustomerRow, map(crowd.customer, filter(crowd.is_customer, range(cases)))),
        (OrderRow, map(crowd.order, range(cases))),
        (ReceivableRow, map(crowd.receivable, range(cases))),
        (CaseRow, map(crowd.case, range(cases))),
        (PaymentRow, map(crowd.payment, filter(_is_paid, range(cases)))),
        (ClaimRow, map(crowd.claim, filter(_is_claimed, range(cases)))),
    ):
        await _write(database, table, rows)
    return key.token


async def _write(database: Database, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    left: Iterator[dict[str, Any]] = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        async with database.writing() as session:
            connection = await session.connection()
            await connection.execute(insert(table), some)


@dataclass(frozen=True)
class _Crowd:
    """Sellers, and what belongs to them, by numbers."""

    sellers: int

    def seller_of(self, number: int) -> str:
        return f"s-{number % self.sellers}"

    def _customer_of(self, number: int) -> int:
        """The number of the customer whose order this is; it has the same seller."""
        return number - self.sellers * (number // self.sellers % _ORDERS_OF_A_CUSTOMER)

    def is_customer(self, number: int) -> bool:
        return self._customer_of(number) == number

    def customer(self, number: int) -> dict[str, Any]:
        first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
        last = f"{_LAST_NAMES[number // 8 % len(_LAST_NAMES)]} {number}"
        return {
            "seller_id": self.seller_of(number),
            "customer_id": f"c-{number}",
            "first_name": first,
            "last_name": last,
            "email": f"c{number}@example.org",
            "language": "de",
            "address": {
                "street": f"Hauptstr. {number % 200 + 1}",
                "postal_code": f"{10000 + number % 80000}",
                "city": "Berlin",
                "region": None,
                "country": "DE",
            },
            "missing": [],
            "country": "DE",
            "search": searchable(first, last),
        }

    def order(self, number: int) -> dict[str, Any]:
        return {
            "seller_id": self.seller_of(number),
            "order_id": f"A-{number}",
            "customer_id": f"c-{self._customer_of(number)}",
            "invoice_date": _due(number),
            "currency": "EUR",
            "total": _amount(number),
            "cancellation_costs": Decimal(15),
            "parts": 1,
            "given": {"seller_id": self.seller_of(number), "customer": self.customer(number)},
            "answer": {"seller_id": self.seller_of(number), "order_id": f"A-{number}", "cases": []},
            "received_at": NOW,
        }

    def receivable(self, number: int) -> dict[str, Any]:
        paid = _amount(number) if _stage(number) is Stage.PAID else Decimal(0)
        return {
            "case_id": self._case_id(number),
            "seller_id": self.seller_of(number),
            "order_id": f"A-{number}",
            "due_date": _due(number),
            "currency": "EUR",
            "amount": _amount(number),
            "fees": Decimal(0),
            "paid": paid,
            "open_amount": _amount(number) - paid,
            "has_case": True,
        }

    def case(self, number: int) -> dict[str, Any]:
        is_over = _stage(number) in ENDS
        return {
            "case_id": self._case_id(number),
            "seller_id": self.seller_of(number),
            "order_id": f"A-{number}",
            "customer_id": f"c-{self._customer_of(number)}",
            "due_date": _due(number),
            "stage": _stage(number),
            "blocked_by": "address" if _stage(number) is Stage.BLOCKED else None,
            "actions": [] if is_over else ["stop", "hold"],
            "next_kind": None if is_over else "first_notice",
            "next_at": None if is_over else NOW + timedelta(days=number % 10),
            "ahead_kind": None if is_over else "first_notice",
            "ahead_on": None if is_over else NOW.date() + timedelta(days=number % 10),
            "currency": "EUR",
            "owed": _amount(number),
            "updated_at": NOW,
            "claim_reference": f"{self._case_id(number)}-1" if _is_claimed(number) else None,
            "state": self._state(number),
            "version": 1,
            "sent_version": 1,
            "is_behind": False,
            "plan": _PLAN | {"case_id": self._case_id(number)},
        }

    def _state(self, number: int) -> dict[str, Any]:
        """Return the state of a case that was just opened, with this one's ids and days."""
        due = _due(number).isoformat()
        receivable = _STATE["receivable"] | {
            "case_id": self._case_id(number),
            "seller_id": self.seller_of(number),
            "order_id": f"A-{number}",
            "invoice_date": due,
            "due_date": due,
            "amount": {"amount": str(_amount(number)), "currency": "EUR"},
        }
        return _STATE | {"receivable": receivable, "opened_on": due}

    def payment(self, number: int) -> dict[str, Any]:
        return {
            "payment_id": f"p-{number}",
            "seller_id": self.seller_of(number),
            "order_id": f"A-{number}",
            "currency": "EUR",
            "amount": _amount(number),
            "credit": Decimal(5) if number % 40 == 0 else Decimal(0),
            "paid_at": NOW,
            "received_at": NOW,
        }

    def claim(self, number: int) -> dict[str, Any]:
        return {
            "reference": f"{self._case_id(number)}-1",
            "case_id": self._case_id(number),
            "partner_id": f"cp-{number}",
            "status": "accepted",
            "currency": "EUR",
            "amount": _amount(number),
            "submitted_at": NOW,
        }

    def _case_id(self, number: int) -> str:
        return case_id_of(self.seller_of(number), f"A-{number}", None)


def _is_paid(number: int) -> bool:
    return _stage(number) is Stage.PAID or number % 10 == 0


def _is_claimed(number: int) -> bool:
    return _stage(number) in AT_THE_PARTNER


def _new_case() -> DunningCase:
    receivable = Receivable(
        case_id="",
        seller_id="",
        order_id="",
        installment=None,
        invoice_date=_FIRST_DAY,
        due_date=_FIRST_DAY,
        amount=Money.zero("EUR"),
        slot=timedelta(minutes=10),
    )
    return new_case(receivable, terms=Terms(time_zone="Europe/Berlin"), at=NOW)


_STATE: Final = _new_case().model_dump(mode="json", exclude_defaults=True)
_PLAN: Final = plan_of(_new_case(), 1, NOW).model_dump(mode="json")


def _due(number: int) -> date:
    """Orders come in by and by, their terms differ."""
    return _FIRST_DAY + timedelta(days=number // _CASES_OF_A_DAY + number * 7 % 30)


def _amount(number: int) -> Decimal:
    return Decimal(1000 + number * 37 % 90_000) / 100


def _stage(number: int) -> Stage:
    return _STAGES[number * 11 % len(_STAGES)]
