"""Cases put straight into the tables, for lists: many, odd, and with nothing running behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from dunning.receivables import case_id_of
from dunning.stages import Stage
from models.keys import create_key
from models.lists import searchable
from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow, SellerRow
from runtime.database import Database
from tests.offline import NOW

SELLERS = ("s-1", "s-2", "S.3")
NAMES = (
    ("Ada", "Müller", None),
    ("ada", "MÜLLER", "Ärzte & Söhne GmbH"),
    ("Jürgen", "Groß", None),
    (None, "100%_sure", None),
    ("O'Neil", '"; DROP TABLE cases; --', None),
    (None, None, "back\\slash AG"),
    ("Ελένη", "ΣΟΦΟΣ", None),
    ("José", "Pen\u0303a", None),
    ("a-1", "Muster", "%"),
)
DAYS = tuple(date(2026, 1, 28) + timedelta(days=ahead) for ahead in range(8))
AMOUNTS = tuple(Decimal(amount) for amount in ("0", "0.01", "9.99", "10", "10.01", "119", "99999"))


@dataclass(frozen=True)
class Shelved:
    """A case by what lists filter on."""

    seller_id: str
    order_id: str
    due_date: date
    stage: Stage
    open_amount: Decimal
    first_name: str | None
    last_name: str | None
    company: str | None

    @property
    def case_id(self) -> str:
        return case_id_of(self.seller_id, self.order_id, None)

    @property
    def place(self) -> tuple[date, str]:
        return self.due_date, self.case_id


def some_cases(count: int, seed: int = 1) -> list[Shelved]:
    """Always the same ones, with many alike in one thing or another."""
    draw = Random(seed)
    cases = []
    for number in range(count):
        first, last, company = draw.choice(NAMES)
        cases.append(
            Shelved(
                seller_id=draw.choice(SELLERS),
                order_id=f"{draw.choice(('A-', 'b_', 'Z.9:'))}{number}",
                due_date=draw.choice(DAYS),
                stage=draw.choice(list(Stage)),
                open_amount=draw.choice(AMOUNTS),
                first_name=first,
                last_name=last,
                company=company,
            )
        )
    return cases


async def sellers_of(database: Database, sellers: Iterable[str] = SELLERS) -> None:
    async with database.writing() as session:
        for seller_id in sellers:
            profile = {"company_name": seller_id, "email": "seller@example.org"}
            session.add(SellerRow(seller_id=seller_id, profile=profile, settings={}))
        await create_key(session, at=NOW)


async def shelve(database: Database, cases: Iterable[Shelved]) -> None:
    """Each case with a customer and an order of its own."""
    async with database.writing() as session:
        for case in cases:
            ids: dict[str, Any] = {"seller_id": case.seller_id, "order_id": case.order_id}
            customer_id = f"c-{case.order_id}"
            names = (case.first_name, case.last_name, case.company)
            amount = Decimal(100_000)
            session.add(
                CustomerRow(
                    seller_id=case.seller_id,
                    customer_id=customer_id,
                    first_name=case.first_name,
                    last_name=case.last_name,
                    company=case.company,
                    email="somebody@example.org",
                    missing=[],
                    search=searchable(*names),
                )
            )
            await session.flush()
            session.add(
                OrderRow(
                    **ids,
                    customer_id=customer_id,
                    invoice_date=case.due_date,
                    currency="EUR",
                    total=amount,
                    cancellation_costs=Decimal(0),
                    parts=1,
                    given={},
                    answer={},
                    received_at=NOW,
                )
            )
            await session.flush()
            session.add(
                ReceivableRow(
                    case_id=case.case_id,
                    **ids,
                    due_date=case.due_date,
                    currency="EUR",
                    amount=amount,
                    fees=Decimal(0),
                    paid=amount - case.open_amount,
                    open_amount=case.open_amount,
                    has_case=True,
                )
            )
            await session.flush()
            session.add(
                CaseRow(
                    case_id=case.case_id,
                    **ids,
                    customer_id=customer_id,
                    due_date=case.due_date,
                    stage=case.stage,
                    actions=[],
                    updated_at=NOW,
                    state={},
                    version=1,
                    plan={},
                )
            )


async def move(database: Database, case: Shelved, stage: Stage) -> Shelved:
    """The case in another stage, as a worker would have written it."""
    async with database.writing() as session:
        row = await session.get_one(CaseRow, case.case_id)
        row.stage = stage
        session.add(row)
    return replace(case, stage=stage)
