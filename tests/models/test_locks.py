"""Rows are locked in one order, so that no two transactions deadlock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Final

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from models.changes import change_case
from models.locks import LOCKED, lock_case, lock_orders, lock_orders_of_cases, lock_sellers
from models.orders import bring_up_order, cancel_order, locked_order
from models.outbox import mark_behind
from models.tables import SellerRow
from runtime.database import Database
from tests.factories import utc
from tests.models.locks import locks_of
from tests.models.sellers import order_of, sellers
from tests.patience import PATIENCE_SECONDS
from tests.seeded import row_of

OPENED = utc("2026-03-02T09:00:00")
LATER = OPENED + timedelta(days=1)
IN_ORDER: Final = ["sellers", "customers", "orders", "cases"]


@pytest.fixture
async def cases(database: Database) -> list[str]:
    """Those of one order with three installments; its seller has not answered yet (R21)."""
    await sellers(database, "s-1", "s-2", answered_at=None)
    await order_of(database, "s-2", "B-1", OPENED, parts=2)
    return sorted(await order_of(database, "s-1", "A-1", OPENED, parts=3))


def _wanted(database: Database, *tables: str) -> list[str]:
    """SQLite has one writer at a time and locks no rows."""
    return [] if database.engine.dialect.name == "sqlite" else list(tables)


async def test_a_change_locks_the_seller_the_customer_the_order_and_then_the_case(
    database: Database, cases: list[str]
) -> None:
    found = await locks_of(database, lambda session: change_case(session, cases[0], at=LATER))

    assert found == _wanted(database, *IN_ORDER)


async def test_what_decides_about_a_case_is_locked_before_it(
    database: Database, cases: list[str]
) -> None:
    before_cases = _wanted(database, *IN_ORDER[:-1])

    def orders(session: AsyncSession) -> Awaitable[None]:
        return lock_orders(session, [("s-2", "B-1"), ("s-1", "A-1")])

    assert await locks_of(database, lambda session: lock_case(session, cases[0])) == before_cases
    assert await locks_of(database, orders) == before_cases
    assert (
        await locks_of(database, lambda session: lock_orders_of_cases(session, cases))
        == before_cases
    )


async def test_nothing_is_locked_for_nobody(database: Database, cases: list[str]) -> None:
    assert await locks_of(database, lambda session: lock_orders(session, [])) == []
    assert await locks_of(database, lambda session: lock_sellers(session, [])) == []
    assert await locks_of(database, lambda session: mark_behind(session, [])) == []


async def test_an_order_is_canceled_with_its_cases_in_the_same_order_of_locks(
    database: Database, cases: list[str]
) -> None:
    async def cancel(session: AsyncSession) -> None:
        order = await locked_order(session, "s-1", "A-1")
        assert order is not None
        await cancel_order(session, order, at=LATER)
        await bring_up_order(session, order, at=LATER)

    assert await locks_of(database, cancel) == _wanted(database, *IN_ORDER)
    assert {(await row_of(database, case_id)).stage for case_id in cases} == {"canceled"}


async def test_a_seller_that_has_answered_is_in_nobodys_way(database: Database) -> None:
    """R21: only an answer that is still to come decides about cases."""
    await sellers(database, "s-1", answered_at=OPENED)
    [case_id] = await order_of(database, "s-1", "A-1", OPENED)

    async def change_the_seller() -> None:
        async with database.writing() as session:
            row = await session.get_one(SellerRow, "s-1", with_for_update=LOCKED)
            row.option_changed_on = LATER.date()
            session.add(row)

    async with database.writing() as session:
        await change_case(session, case_id, at=LATER)
        beside = asyncio.create_task(change_the_seller())
        if database.engine.dialect.name != "sqlite":  # where there is one writer at a time
            await asyncio.wait_for(beside, timeout=PATIENCE_SECONDS)
    await beside


async def test_cases_of_one_order_changed_at_the_same_time_wait_in_line(
    database: Database, cases: list[str]
) -> None:
    """Whatever the order in which they are named: the order is locked before any of them."""

    async def changed(first: int) -> None:
        async with database.writing() as session:
            for case_id in cases[first:] + cases[:first]:
                await change_case(session, case_id, at=LATER)
                await asyncio.sleep(0)

    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(changed(turn % 3) for turn in range(9)))
