"""Sellers with open orders, put into the tables as the API does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.tables import SellerRow
from runtime.database import Database
from starter.input.schemas import OrderBody
from tests.bodies import a_seller, an_order
from tests.seeded import open_order


async def sellers(database: Database, *seller_ids: str, answered_at: datetime | None) -> None:
    """Sellers that have said how they want their money collected, or have not yet (R21)."""
    async with database.writing() as session:
        session.add_all(
            SellerRow(
                seller_id=seller_id,
                profile=a_seller(time_zone="UTC"),
                settings={"dunning_option": "cancellation"},
                settings_answered_at=answered_at,
            )
            for seller_id in seller_ids
        )


def order_body(
    seller_id: str, order_id: str, at: datetime, *, parts: int = 1, **given: Any
) -> OrderBody:
    """An order of so many installments of 10.00 EUR, due on the same day."""
    day = at.date().isoformat()
    total = f"{10 * parts}.00"
    body = an_order(order_id, seller_id=seller_id, invoice_date=day, total=total)
    if parts > 1:
        numbers = range(1, parts + 1)
        body["installments"] = [
            {"number": number, "due_date": day, "amount": "10.00"} for number in numbers
        ]
    return OrderBody.model_validate(body | given)


async def order_of(
    database: Database, seller_id: str, order_id: str, at: datetime, **given: Any
) -> Sequence[str]:
    """An order, opened at a moment; its cases."""
    async with database.writing() as session:
        body = order_body(seller_id, order_id, at, **given)
        opened = await open_order(session, body, now=at)
    return [case["case_id"] for case in opened.answer["cases"]]
