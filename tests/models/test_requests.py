"""What is asked of a case: the decision, its answer and the history are one change (R17)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.requests import Request, Verb
from models.queries import events_of
from models.requests import (
    DifferentRequest,
    Document,
    LastDayIsPast,
    RequestDecision,
    decide_request,
)
from models.tables import CaseRow, RequestRow
from runtime.database import Database
from tests.factories import utc
from tests.seeded import bring_up, case_of_an_open_order, history, pay, row_of, set_case

OPENED = utc("2026-03-02T09:00:00")
LATER = utc("2026-03-04T10:00:00")
Describe = Callable[[AsyncSession, str], Awaitable[Document]]
STOP = Request(verb=Verb.STOP)
START = Request(verb=Verb.START)


async def the_stage(session: AsyncSession, case_id: str) -> Document:
    """An answer that is made in the transaction of the decision."""
    return {"stage": (await session.get_one(CaseRow, case_id)).stage}


async def decide(
    database: Database,
    case_id: str,
    request: Request,
    at: datetime = LATER,
    describe: Describe = the_stage,
    **how: Any,
) -> RequestDecision:
    given: dict[str, Any] = {"request_id": "r-1"} | how

    async def change(session: AsyncSession) -> RequestDecision:
        decided = await decide_request(session, case_id, request, at=at, **given)
        if decided.plan is not None and decided.is_granted:
            decided.kept.answer = await describe(session, case_id)
        return decided

    return await database.in_transaction(change)


@pytest.fixture
async def case_id(database: Database) -> str:
    opened = await case_of_an_open_order(database, OPENED)
    await set_case(database, opened, invoice_notice_due=False)
    await bring_up(database, opened, OPENED)
    return opened


async def everything(database: Database, case_id: str) -> tuple[Any, ...]:
    async with database.reading() as session:
        row = (await session.get_one(CaseRow, case_id)).model_dump()
        requests = [one.model_dump() for one in await session.exec(select(RequestRow))]
        return row, await events_of(session, [case_id]), requests


async def test_r17_a_granted_request_is_answered_with_the_case_as_it_then_is(
    database: Database, case_id: str
) -> None:
    decided = await decide(database, case_id, STOP)

    assert (decided.kept.status, decided.kept.answer) == (200, {"stage": "stopped"})
    assert decided.plan is not None
    assert decided.plan.stage == "stopped"
    assert [case.case_id for case in decided.unsent] == [case_id]
    assert (await row_of(database, case_id)).stage == "stopped"
    assert (await history(database, case_id))[1:] == [
        "case.stopped",
        "stage.changed",
        "case.closed",
    ]


async def test_a_refusal_is_answered_with_its_reason_and_stands_in_the_history(
    database: Database, case_id: str
) -> None:
    decided = await decide(database, case_id, START)

    assert (decided.kept.status, decided.kept.answer) == (409, {"reason": "not_stopped"})
    _, events, _ = await everything(database, case_id)
    assert events[-1]["event"] == "request.refused"
    assert events[-1]["detail"] == {"request": "start", "reason": "not_stopped"}


async def test_a_decision_whose_answer_cannot_be_written_did_not_happen(
    database: Database, case_id: str
) -> None:
    before = await everything(database, case_id)

    async def fails(_session: AsyncSession, _case_id: str) -> Document:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await decide(database, case_id, STOP, describe=fails)

    assert await everything(database, case_id) == before


@pytest.mark.parametrize(("request_", "status"), [(STOP, 200), (START, 409)])
async def test_the_same_request_gets_the_same_answer_whatever_has_happened_since(
    database: Database, case_id: str, request_: Request, status: int
) -> None:
    first = await decide(database, case_id, request_)
    await decide(database, case_id, STOP, request_id="r-2")
    await decide(database, case_id, START, request_id="r-3")
    await pay(database, case_id, "119.00", LATER)
    before = await everything(database, case_id)

    again = await decide(database, case_id, request_, LATER + timedelta(days=9))

    assert (again.kept.status, again.kept.answer) == (first.kept.status, first.kept.answer)
    assert again.kept.status == status
    assert (again.plan, again.unsent) == (None, [])  # nothing was decided
    assert await everything(database, case_id) == before


@pytest.mark.parametrize(
    "other",
    [START, Request(verb=Verb.STOP, reason="x"), Request(verb=Verb.HOLD, until=date(2026, 3, 9))],
)
async def test_something_else_under_the_same_id_is_not_decided(
    database: Database, case_id: str, other: Request
) -> None:
    await decide(database, case_id, STOP)
    before = await everything(database, case_id)

    with pytest.raises(DifferentRequest):
        await decide(database, case_id, other)

    assert await everything(database, case_id) == before


async def test_ids_of_requests_belong_to_their_case(database: Database, case_id: str) -> None:
    with pytest.raises(LookupError):
        await decide(database, "nobodyscase00000", STOP)

    assert (await decide(database, case_id, STOP)).kept.status == 200


async def test_r19_a_hold_until_a_day_that_is_past_is_not_decided(
    database: Database, case_id: str
) -> None:
    before = await everything(database, case_id)

    with pytest.raises(LastDayIsPast):
        await decide(database, case_id, Request(verb=Verb.HOLD, until=date(2026, 3, 3)))

    assert await everything(database, case_id) == before
    today = Request(verb=Verb.HOLD, until=date(2026, 3, 4))
    assert (await decide(database, case_id, today)).kept.status == 200


async def test_r17_a_stop_beside_a_payment_is_answered_by_whichever_was_first(
    database: Database, case_id: str
) -> None:
    """Stopped and then paid, or ended before; and the history tells the same."""
    stopped, _ = await asyncio.gather(
        decide(database, case_id, STOP), pay(database, case_id, "119.00", LATER)
    )

    told = (await history(database, case_id))[1:]
    paid = ["payment.recorded", "stage.changed", "case.closed"]
    if stopped.kept.status == 200:
        assert told == ["case.stopped", "stage.changed", "case.closed", *paid]
    else:
        assert stopped.kept.answer == {"reason": "ended"}
        assert told == paid
    assert (await row_of(database, case_id)).stage == "paid"


async def test_r17_the_same_request_asked_many_times_at_once_is_decided_once(
    database: Database, case_id: str
) -> None:
    answers = await asyncio.gather(*(decide(database, case_id, STOP) for _ in range(8)))

    assert {(one.kept.status, one.kept.answer["stage"]) for one in answers} == {(200, "stopped")}
    assert (await history(database, case_id)).count("case.stopped") == 1
    assert sum(one.plan is not None for one in answers) == 1


async def test_an_operators_request_tells_its_own_workflow(
    database: Database, case_id: str
) -> None:
    decided = await decide(database, case_id, STOP, answers_workflow=True)

    row = await row_of(database, case_id)
    assert decided.unsent == []
    assert row.sent_version == row.version
