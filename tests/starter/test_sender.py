"""What SQL has decided is told to Temporal: at least once, in a fair order, and never by half."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.offline import no_temporal
from dunning.case.plan import Plan
from dunning.settings import answer_until
from dunning.stages import Stage
from models.changes import change_case
from models.outbox import CaseRef, mark_behind, sellers_to_ask
from models.payloads import AskSeller
from models.tables import CaseRow, OrderRow, SellerRow
from runtime.database import Database
from runtime.temporal import TemporalUnavailable
from simulation.clock import ScenarioClock
from starter.delivery import sender as sender_module
from starter.delivery.client import CaseClient
from starter.delivery.sender import BackgroundSender, PlanSender
from starter.intake.open_orders import open_orders
from tests.factories import utc
from tests.models.sellers import order_body, order_of, sellers
from tests.patience import PATIENCE_SECONDS
from tests.seeded import row_of

OPENED = utc("2026-03-02T09:00:00")
LATER = OPENED + timedelta(days=1)


class Listener(CaseClient):
    """Stands for Temporal: hears plans and questions, and can be away for some cases or all."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.asked: list[AskSeller] = []
        self.is_away_for: set[str] = set()
        self.is_away = False
        self.while_hearing: Callable[[CaseRow], Awaitable[None]] | None = None
        self._news = asyncio.Event()

    def case_ids(self) -> list[str]:
        return [plan.case_id for plan in self.plans]

    async def has_heard(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.plans) < count:
                self._news.clear()
                await self._news.wait()

    async def send_plan(self, row: CaseRow) -> Plan:
        if self.is_away or row.case_id in self.is_away_for:
            raise TemporalUnavailable("UNREACHABLE")
        plan = Plan.model_validate(row.plan)
        self.plans.append(plan)
        self._news.set()
        if self.while_hearing is not None:
            await self.while_hearing(row)
        return plan

    async def ask_seller(self, question: AskSeller, *, at: datetime) -> None:
        if self.is_away:
            raise TemporalUnavailable("UNREACHABLE")
        self.asked.append(question)


@pytest.fixture
def temporal() -> Listener:
    return Listener()


@pytest.fixture
async def sender(database: Database, temporal: Listener) -> PlanSender:
    """It looks at cases a day after they were opened."""
    await sellers(database, "s-1", "s-2", answered_at=OPENED)
    clock = ScenarioClock()
    clock.at(LATER).__enter__()
    return PlanSender(database, temporal, clock, side_by_side=1)


async def case_of(database: Database, order_id: str = "A-1", seller_id: str = "s-1") -> str:
    [case_id] = await order_of(database, seller_id, order_id, OPENED)
    return case_id


async def sent_versions(database: Database, *case_ids: str) -> list[int]:
    return [(await row_of(database, case_id)).sent_version for case_id in case_ids]


async def cancel(database: Database, order_id: str, *case_ids: str) -> None:
    """As a batch would write it: the cases are still to be brought up to it."""
    async with database.writing() as session:
        order = await session.get_one(OrderRow, ("s-1", order_id))
        order.canceled_at = OPENED
        session.add(order)
        await mark_behind(session, case_ids)


async def all_sent(sender: PlanSender, before: datetime = LATER) -> list[int]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [count async for count in sender.send_unsent(before)]


# --- telling --------------------------------------------------------------------------------


async def test_what_was_told_is_marked_with_the_version_that_was_told(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    cases = [await case_of(database, f"A-{number}") for number in range(2)]

    await sender.send(cases)
    await sender.send(cases)

    assert sorted(temporal.case_ids()) == sorted(cases)  # each once
    assert await sent_versions(database, *cases) == [1, 1]


async def test_a_change_while_its_case_is_being_told_is_told_too(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    case_id = await case_of(database)

    async def change(row: CaseRow) -> None:
        async with database.writing() as session:
            await change_case(
                session, row.case_id, lambda case, _now: case.changed(stopped=True), at=LATER
            )

    temporal.while_hearing = change
    await sender.send([case_id])
    temporal.while_hearing = None
    row = await row_of(database, case_id)
    assert (row.version, row.sent_version) == (2, 1)

    await sender.send([case_id])

    assert [plan.stage for plan in temporal.plans] == [Stage.SCHEDULED, Stage.STOPPED]
    assert await sent_versions(database, case_id) == [2]


async def test_a_case_that_is_behind_is_brought_up_before_it_is_told(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    case_id = await case_of(database)
    await sender.send([case_id])
    await cancel(database, "A-1", case_id)

    await sender.send([case_id])

    assert [plan.stage for plan in temporal.plans] == [Stage.SCHEDULED, Stage.CANCELED]
    row = await row_of(database, case_id)
    assert (row.stage, row.is_behind, row.sent_version) == ("canceled", False, row.version)


async def test_of_a_case_that_had_nothing_to_take_in_temporal_hears_nothing(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    case_id = await case_of(database)
    await sender.send([case_id])
    async with database.writing() as session:
        await mark_behind(session, [case_id])

    await sender.send([case_id])

    assert len(temporal.plans) == 1
    assert not (await row_of(database, case_id)).is_behind


async def test_what_was_told_before_temporal_went_away_counts_as_told(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    cases = [await case_of(database, f"A-{number}") for number in range(3)]
    temporal.is_away_for = {cases[1]}

    with pytest.raises(TemporalUnavailable):
        await sender.send(cases)

    assert await sent_versions(database, *cases) == [1, 0, 1]
    temporal.is_away_for = set()
    await sender.send(cases)
    assert temporal.case_ids() == [cases[0], cases[2], cases[1]]


async def test_a_case_that_cannot_be_brought_up_holds_up_no_other(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    cases = [await case_of(database, f"A-{number}") for number in range(3)]
    async with database.writing() as session:
        row = await session.get_one(CaseRow, cases[1])
        row.state = {"receivable": "nothing that could be read"}
        session.add(row)
        await mark_behind(session, [cases[1]])

    await sender.send(cases)
    assert await all_sent(sender) == [1]  # it is looked at once, and no end of times

    assert temporal.case_ids() == [cases[0], cases[2]]
    assert await sent_versions(database, *cases) == [1, 0, 1]


async def test_who_has_changed_a_case_does_not_fail_because_temporal_is_away(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    case_id = await case_of(database)
    temporal.is_away = True

    await sender.send_or_leave([CaseRef("s-1", case_id)])

    assert await sent_versions(database, case_id) == [0]


async def test_who_has_changed_a_case_does_not_fail_because_the_database_went_away(
    database: Database, sender: PlanSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await case_of(database)

    @asynccontextmanager
    async def away() -> AsyncIterator[AsyncSession]:
        raise OperationalError("", {}, ConnectionError("away"))
        yield

    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", away)
        await sender.send_or_leave([CaseRef("s-1", case_id)])

    assert await sent_versions(database, case_id) == [0]


async def test_what_waits_is_told_in_rounds_and_no_seller_waits_for_anothers_many_cases(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    bodies = [order_body("s-1", f"A-{number:03}", OPENED) for number in range(220)]
    async with database.writing() as session:
        await open_orders(session, bodies, now=OPENED)
    last = await case_of(database, "B-1", "s-2")

    assert await all_sent(sender) == [100, 100, 21]

    assert len(set(temporal.case_ids())) == 221
    assert temporal.case_ids().index(last) <= 1
    assert await all_sent(sender) == []


# --- asking sellers (R21) -----------------------------------------------------------------------


async def test_r21_a_seller_is_asked_with_its_first_case_and_once(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    await sellers(database, "s-3", answered_at=None)
    cases = [await case_of(database, f"A-{number}", "s-3") for number in range(2)]

    await sender.send(cases)
    await sender.send(cases)

    [question] = temporal.asked
    assert (question.seller_id, question.case_id) == ("s-3", cases[0])
    assert question.until == answer_until(OPENED, "UTC")
    async with database.reading() as session:
        assert (await session.get_one(SellerRow, "s-3")).settings_question_sent


async def test_r21_a_question_that_could_not_be_told_is_told_by_the_sweep(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    await sellers(database, "s-3", answered_at=None)
    case_id = await case_of(database, "A-1", "s-3")
    temporal.is_away = True
    with pytest.raises(TemporalUnavailable):
        await sender.send([case_id])
    with pytest.raises(TemporalUnavailable):
        await sender.ask_sellers()
    temporal.is_away = False

    assert await sender.ask_sellers() == 1

    assert [question.seller_id for question in temporal.asked] == ["s-3"]
    async with database.reading() as session:
        assert await sellers_to_ask(session) == []
    assert await sender.ask_sellers() == 0


# --- in the background --------------------------------------------------------------------------


async def test_the_caller_is_not_kept_waiting_and_sellers_take_turns(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    many = [await case_of(database, f"A-{number}") for number in range(4)]
    few = [await case_of(database, f"B-{number}", "s-2") for number in range(2)]

    async with BackgroundSender(sender, at_once=2) as background:
        await background.enqueue(CaseRef("s-1", case_id) for case_id in many)
        await background.enqueue(CaseRef("s-2", case_id) for case_id in few)
        assert temporal.plans == []
        await temporal.has_heard(6)
        heard = temporal.case_ids()[:6]  # what was being marked when it ended is told again

    assert heard == [many[0], few[0], many[1], few[1], many[2], many[3]]


async def test_a_case_that_is_given_twice_before_it_was_told_is_told_once(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    case_id = await case_of(database)

    async with BackgroundSender(sender, at_once=2) as background:
        for _ in range(3):
            await background.enqueue([CaseRef("s-1", case_id)])

    assert temporal.case_ids() == [case_id]


async def test_after_it_could_not_tell_some_it_goes_on_with_the_others(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    away, there = await case_of(database, "A-1"), await case_of(database, "A-2")
    temporal.is_away_for = {away}

    async with BackgroundSender(sender, at_once=1) as background:
        await background.enqueue([CaseRef("s-1", away), CaseRef("s-1", there)])
        await temporal.has_heard(1)

    assert await sent_versions(database, away, there) == [0, 1]


async def test_before_it_ends_it_tells_what_it_was_given(
    database: Database, temporal: Listener, sender: PlanSender
) -> None:
    """Also what it was telling at that moment, and what it has not got to."""
    cases = [await case_of(database, f"A-{number}") for number in range(5)]
    begun, never = asyncio.Event(), asyncio.Event()

    async def hang(_row: CaseRow) -> None:
        if not begun.is_set():
            begun.set()
            await never.wait()

    temporal.while_hearing = hang
    async with BackgroundSender(sender, at_once=2) as background:
        await background.enqueue(CaseRef("s-1", case_id) for case_id in cases)
        await begun.wait()

    assert await sent_versions(database, *cases) == [1] * 5


async def test_it_does_not_wait_long_for_a_temporal_that_does_not_answer(
    database: Database, temporal: Listener, sender: PlanSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "_SHUTDOWN_SECONDS", 0.05)
    case_id, never = await case_of(database), asyncio.Event()

    async def hang(_row: CaseRow) -> None:
        await never.wait()

    temporal.while_hearing = hang
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with BackgroundSender(sender, at_once=2) as background:
            await background.enqueue([CaseRef("s-1", case_id)])

    assert await sent_versions(database, case_id) == [0]  # it waits in SQL


# --- the client itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["check", "count_running", "send_plan"])
async def test_a_temporal_that_is_not_there_is_said_to_be_unavailable(
    database: Database, call: str
) -> None:
    await sellers(database, "s-1", answered_at=OPENED)
    row = await row_of(database, await case_of(database))
    cases = CaseClient(await no_temporal(), ScenarioClock(), timeout_seconds=0.2)
    arguments: list[Any] = [row] if call == "send_plan" else []

    with pytest.raises(TemporalUnavailable):
        await getattr(cases, call)(*arguments)


async def test_it_goes_on_after_an_error_that_nobody_expected(
    database: Database, temporal: Listener, sender: PlanSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plans that failed are left to the sweep."""
    failing, there = await case_of(database, "A-1"), await case_of(database, "A-2")
    send = sender.send

    async def failed_once(case_ids: list[str]) -> None:
        if failing in case_ids:
            raise KeyError("nobody expected this")
        await send(case_ids)

    monkeypatch.setattr(sender, "send", failed_once)
    async with BackgroundSender(sender, at_once=1) as background:
        await background.enqueue([CaseRef("s-1", failing), CaseRef("s-1", there)])
        await temporal.has_heard(1)

    assert await sent_versions(database, failing, there) == [0, 1]
