"""A database with many plausible cases, written in bulk; the same ones every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert
from sqlmodel import SQLModel

from dunning.receivables import case_id_of
from dunning.stages import ENDS, Stage
from models.keys import create_key
from models.seller import SellerSettings
from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow, SellerRow
from runtime.database import Database

NOW: Final = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
SELLERS: Final = 20
_FIRST_DAY: Final = date(2025, 3, 1)
_FIRST_NAMES: Final = ("Ada", "Grace", "Emmy", "Sofia", "Hedy", "Mary", "Lise", "Rosa")
_LAST_NAMES: Final = ("Müller", "García", "Dupont", "Smith", "Rossi", "Novák", "Jensen", "Ito")
_STAGES: Final = tuple(Stage)
_AT_ONCE: Final = 2000


async def seed(database: Database, *, cases: int) -> str:
    """Sellers, customers, orders and their cases; the key of a backend."""
    async with database.writing() as session:
        for number in range(SELLERS):
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
        (CustomerRow, map(_customer, range(cases))),
        (OrderRow, map(_order, range(cases))),
        (ReceivableRow, map(_receivable, range(cases))),
        (CaseRow, map(_case, range(cases))),
    ):
        await _write(database, table, rows)
    return key.token


async def _write(database: Database, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    left: Iterator[dict[str, Any]] = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        async with database.writing() as session:
            connection = await session.connection()
            await connection.execute(insert(table), some)


def seller_of(number: int) -> str:
    return f"s-{number % SELLERS}"


def _customer(number: int) -> dict[str, Any]:
    first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
    last = f"{_LAST_NAMES[number // 8 % len(_LAST_NAMES)]} {number}"
    return {
        "seller_id": seller_of(number),
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
        "search": f"{first} {last}".casefold(),
    }


def _order(number: int) -> dict[str, Any]:
    return {
        "seller_id": seller_of(number),
        "order_id": f"A-{number}",
        "customer_id": f"c-{number}",
        "invoice_date": _due(number),
        "currency": "EUR",
        "total": _amount(number),
        "cancellation_costs": Decimal(15),
        "parts": 1,
        "given": {},
        "answer": {},
        "received_at": NOW,
    }


def _receivable(number: int) -> dict[str, Any]:
    paid = _amount(number) if _stage(number) is Stage.PAID else Decimal(0)
    return {
        "case_id": _case_id(number),
        "seller_id": seller_of(number),
        "order_id": f"A-{number}",
        "due_date": _due(number),
        "currency": "EUR",
        "amount": _amount(number),
        "fees": Decimal(0),
        "paid": paid,
        "open_amount": _amount(number) - paid,
        "has_case": True,
    }


def _case(number: int) -> dict[str, Any]:
    is_over = _stage(number) in ENDS
    return {
        "case_id": _case_id(number),
        "seller_id": seller_of(number),
        "order_id": f"A-{number}",
        "customer_id": f"c-{number}",
        "due_date": _due(number),
        "stage": _stage(number),
        "blocked_by": "address" if _stage(number) is Stage.BLOCKED else None,
        "actions": [] if is_over else ["stop", "hold"],
        "next_kind": None if is_over else "first_notice",
        "next_at": None if is_over else NOW + timedelta(days=number % 10),
        "updated_at": NOW,
        "state": {},
    }


def _case_id(number: int) -> str:
    return case_id_of(seller_of(number), f"A-{number}", None)


def _due(number: int) -> date:
    return _FIRST_DAY + timedelta(days=number * 7 % 365)


def _amount(number: int) -> Decimal:
    return Decimal(1000 + number * 37 % 90_000) / 100


def _stage(number: int) -> Stage:
    return _STAGES[number * 11 % len(_STAGES)]
