"""Concurrent writers never deadlock.

PostgreSQL would break a deadlock, and the change would be made again a second later: it would
only be slow. So every transaction that fails is counted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.decisions import DecisionActivities
from activities.handoff import HandoffActivities
from bench.databases import Databases
from bench.offline import leave_to_the_sweep
from dunning.actions import ActionKind
from dunning.case.inputs import CaseInputs
from dunning.case.plan import Plan
from dunning.case.state import DunningCase
from dunning.stages import BlockedBy
from models.changes import change_case
from models.tables import CaseRow, OrderRow
from runtime.database import Database
from simulation.clock import ScenarioClock
from tests.activity_runs import act
from tests.bodies import Document, a_payment, a_seller, ada, an_address, an_order
from tests.factories import utc
from tests.models.locks import locks_of
from tests.models.sellers import order_body, order_of, sellers
from tests.offline import OfflineApi
from tests.partners.fake import FakePartner
from tests.patience import PATIENCE_SECONDS
from tests.seeded import open_order

OPENED = utc("2026-03-02T10:00:00")
SOON = OPENED + timedelta(days=2)
LATER = OPENED + timedelta(days=18)
ORDERS = 6
# A connection for each: what a call waits for are locks.
CALLS_AT_ONCE = 90
PARTS = 4


class Watched(Database):
    """A database that notes which transactions failed."""

    def __init__(self, url: str) -> None:
        super().__init__(url, connections=CALLS_AT_ONCE)
        self.failures: list[str] = []

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        try:
            async with super().writing() as session:
                yield session
        except DBAPIError as error:
            self.failures.append(str(error.orig))
            raise


@dataclass
class WatchedApi:
    """A backend that calls an API whose database is watched."""

    offline: OfflineApi
    database: Watched

    @property
    def clock(self) -> ScenarioClock:
        return self.offline.clock

    async def call(self, method: str, path: str, body: Any = None) -> None:
        answer = await self.offline.api.request(method, path, json=body)
        assert answer.status_code < 500, answer.text

    async def all_at_once(self, calls: Sequence[Awaitable[object]], at: datetime) -> None:
        """Make calls beside each other; none of their transactions may fail."""
        with self.clock.at(at):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.gather(*calls)
        assert self.database.failures == []

    async def cases_of(self, seller_id: str, order_id: str) -> list[CaseRow]:
        query = select(CaseRow).where(CaseRow.seller_id == seller_id, CaseRow.order_id == order_id)
        async with self.database.reading() as session:
            return list(await session.exec(query.order_by(col(CaseRow.installment))))


@pytest.fixture
async def watched(databases: Databases) -> AsyncIterator[WatchedApi]:
    async with databases.migrated() as url:
        database = Watched(url)
        async with OfflineApi.opened(database) as offline:
            yield WatchedApi(offline, database)
        await database.close()


def order(seller_id: str, number: int) -> Document:
    """With all notices sent: the handoff is next. All orders of a seller are of one customer."""
    parts = range(1, PARTS + 1)
    return an_order(
        f"A-{number}",
        seller_id=seller_id,
        invoice_date="2026-01-02",
        total=f"{10 * PARTS}.00",
        cancellation_costs="5.00",
        customer=ada(address=an_address(postal_code=None)),
        installments=[
            {"number": part, "due_date": "2026-01-20", "amount": "10.00"} for part in parts
        ],
        notices_sent=[
            {"installment": part, "kind": "final_notice", "sent_on": "2026-02-10"} for part in parts
        ],
    )


def payment(number: int, payment_id: str, amount: str) -> Document:
    return a_payment(amount, f"A-{number}", payment_id=payment_id, paid_at=LATER.isoformat())


@pytest.mark.only_postgresql  # on SQLite there is one writer, and no lock of a row
async def test_writers_about_one_order_and_one_customer_never_deadlock(
    watched: WatchedApi,
) -> None:
    """Money, a chargeback, a cancellation, verbs, new orders, the customer's address, the
    seller's answer, and the actions of the cases themselves.
    """
    handoff = HandoffActivities(watched.database, FakePartner(), leave_to_the_sweep)
    decisions = DecisionActivities(watched.database, leave_to_the_sweep)
    with watched.clock.at(OPENED):
        await watched.call("PUT", "/v1/sellers/s-1", a_seller(time_zone="UTC"))
        for number in range(ORDERS):
            await watched.call("POST", "/v1/orders", order("s-1", number))
    with watched.clock.at(LATER):
        for number in range(ORDERS):
            await watched.call("POST", "/v1/payments", payment(number, f"p-{number}", "15.00"))

    async def about(number: int) -> list[Awaitable[object]]:
        cases = [row.case_id for row in await watched.cases_of("s-1", f"A-{number}")]
        back = {"chargeback_id": f"r-{number}", "occurred_at": LATER.isoformat()}
        calls: list[Awaitable[object]] = [
            watched.call("POST", "/v1/payments", payment(number, f"q-{number}", "25.00")),
            watched.call("POST", f"/v1/payments/p-{number}/chargebacks", back),
            watched.call("POST", f"/v1/cases/{cases[-1]}/hold"),
            watched.call("POST", f"/v1/cases/{cases[-1]}/stop"),
            *(act(handoff.hand_over, case, ActionKind.HANDOFF, LATER) for case in cases),
            *(act(decisions.bring_up, case, ActionKind.END_HOLD, LATER) for case in cases),
            watched.call("POST", "/v1/orders", order("s-1", number + ORDERS)),
        ]
        if number % 2:
            calls.append(watched.call("POST", f"/v1/orders/s-1/A-{number}/cancel"))
        return calls

    option, whole = {"dunning_option": "cancellation"}, {"address": {"postal_code": "10115"}}
    calls: list[Awaitable[object]] = [
        watched.call("PATCH", "/v1/sellers/s-1/settings", option),
        watched.call("PATCH", "/v1/customers/s-1/c-1", whole),
    ]
    for number in range(ORDERS):
        calls += await about(number)
    await watched.all_at_once(calls, LATER)

    async with watched.database.reading() as session:
        rows = list(await session.exec(select(CaseRow)))
        orders = {row.order_id: row for row in await session.exec(select(OrderRow))}
    assert len(rows) == 2 * ORDERS * PARTS
    for row in rows:
        asks = ActionKind.ASK_PARTNER in [action["kind"] for action in row.plan["actions"]]
        if orders[row.order_id].canceled_at is not None and not asks:
            assert row.stage in ("canceled", "paid", "handed_over", "settled")


async def test_a_new_order_locks_its_seller_before_its_customer(database: Database) -> None:
    """Both are known, and the seller has been asked for its settings and not answered (R21)."""
    await sellers(database, "s-1", answered_at=None)
    await order_of(database, "s-1", "A-1", OPENED)
    body = order_body("s-1", "A-2", SOON)

    found = await locks_of(database, lambda session: open_order(session, body, now=SOON))

    is_sqlite = database.engine.dialect.name == "sqlite"  # it has one writer, and locks no rows
    assert found == ([] if is_sqlite else ["sellers", "customers"])


async def test_a_seller_answers_while_its_customer_is_corrected(watched: WatchedApi) -> None:
    """R14, R21: both let cases of one order go on: some wait for the one, some for the other."""
    sellers = [f"s-{number}" for number in range(1, 7)]

    def blocked(case: DunningCase, _inputs: CaseInputs) -> DunningCase:
        return case.begins_to_wait(SOON, blocked_by=BlockedBy.ADDRESS)

    with watched.clock.at(OPENED):
        for seller_id in sellers:
            await watched.call("PUT", f"/v1/sellers/{seller_id}", a_seller(time_zone="UTC"))
            await watched.call("POST", "/v1/orders", order(seller_id, 1))
            for row in (await watched.cases_of(seller_id, "A-1"))[: PARTS // 2]:
                async with watched.database.writing() as session:
                    await change_case(session, row.case_id, blocked, at=SOON)

    option, whole = {"dunning_option": "court"}, {"address": {"postal_code": "10115"}}
    calls = []
    for seller_id in sellers:
        calls += [
            watched.call("PATCH", f"/v1/sellers/{seller_id}/settings", option),
            watched.call("PATCH", f"/v1/customers/{seller_id}/c-1", whole),
        ]
    await watched.all_at_once(calls, SOON)

    for seller_id in sellers:
        for row in await watched.cases_of(seller_id, "A-1"):
            [action] = [
                action
                for action in Plan.model_validate(row.plan).actions
                if action.kind is ActionKind.HANDOFF
            ]
            assert action.at is None  # nothing is in its way any more


async def test_a_customer_is_corrected_while_its_cases_are_looked_at(watched: WatchedApi) -> None:
    """R14: the correction locks the customer before the cases that it lets go on."""
    with watched.clock.at(OPENED):
        await watched.call("PUT", "/v1/sellers/s-1", a_seller(time_zone="UTC"))
        for number in range(ORDERS):
            await watched.call("POST", "/v1/orders", order("s-1", number))
    cases = [
        row.case_id
        for number in range(ORDERS)
        for row in await watched.cases_of("s-1", f"A-{number}")
    ]

    async def look(case_id: str) -> None:
        async with watched.database.writing() as session:
            await change_case(session, case_id, at=LATER)

    corrections = [
        watched.call("PATCH", "/v1/customers/s-1/c-1", {"address": {"postal_code": f"1011{last}"}})
        for last in range(5)
    ]
    await watched.all_at_once([*corrections, *map(look, cases)], LATER)
