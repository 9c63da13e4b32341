"""A case is changed in one place: its row, its history and its plan are one transaction."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from dunning.case.inputs import CaseInputs
from dunning.case.plan import Plan
from dunning.case.requests import apply_request, refusal_noted
from dunning.case.state import DunningCase
from dunning.ladder import StepKind, StepTaken
from dunning.requests import RefusalReason, Refused, Request, Verb
from dunning.stages import Stage
from models.changes import Change, ChangedCase, change_case
from models.outbox import mark_behind, mark_sent
from models.queries import events_of
from models.tables import CaseRow
from runtime.database import Database
from tests.factories import eur, utc
from tests.seeded import (
    bring_up,
    case_of_an_open_order,
    history,
    pay,
    pay_unheard,
    row_of,
    set_case,
    the_case,
)

OPENED = utc("2026-03-02T09:00:00")
LATER = utc("2026-03-04T10:00:00")
MINUTE = timedelta(minutes=1)


def request(verb: Verb, at: datetime, **given: Any) -> Change:
    """What a person asks of a case."""
    return lambda case, inputs: apply_request(case, Request(verb=verb, **given), inputs, at)


async def change(
    database: Database, case_id: str, what: Change | None, at: datetime, **how: Any
) -> ChangedCase:
    async with database.writing() as session:
        return await change_case(session, case_id, what, at=at, **how)


async def ask(
    database: Database, case_id: str, verb: Verb, at: datetime, **given: Any
) -> ChangedCase:
    return await change(database, case_id, request(verb, at, **given), at)


async def opened(database: Database, **given: Any) -> str:
    """A case whose invoice notice has been sent, and of which Temporal has heard."""
    case_id = await case_of_an_open_order(database, OPENED, **given)
    await set_case(database, case_id, invoice_notice_due=False)
    await bring_up(database, case_id, OPENED)
    await told(database, case_id)
    return case_id


async def told(database: Database, case_id: str) -> None:
    """Temporal hears what the case plans."""
    async with database.writing() as session:
        row = await session.get_one(CaseRow, case_id)
        await mark_sent(session, {case_id: row.version})


async def all_of(database: Database, case_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of a case as it is committed, and its history."""
    async with database.reading() as session:
        row = await session.get_one(CaseRow, case_id)
        return row.model_dump(), await events_of(session, [case_id])


async def rows_of_order(database: Database) -> list[CaseRow]:
    async with database.reading() as session:
        return list(await session.exec(select(CaseRow).order_by(col(CaseRow.installment))))


def is_sent(row: CaseRow) -> bool:
    return row.sent_version == row.version


# --- one transaction ------------------------------------------------------------------------


async def test_row_history_and_plan_are_written_together(database: Database) -> None:
    case_id = await opened(database)
    before = await row_of(database, case_id)

    changed = await ask(database, case_id, Verb.STOP, LATER)

    row = await row_of(database, case_id)
    assert (row.stage, row.state["stopped"], row.actions) == ("stopped", True, ["start"])
    assert (row.version, row.updated_at) == (before.version + 1, LATER)
    plan = Plan.model_validate(row.plan)
    assert (plan.stage, plan.version, plan.actions) == (Stage.STOPPED, row.version, ())
    assert plan == changed.plan
    assert (await history(database, case_id))[-3:] == [
        "case.stopped",
        "stage.changed",
        "case.closed",
    ]


async def test_until_it_is_committed_nobody_sees_any_of_it(database: Database) -> None:
    case_id = await opened(database)
    before = await all_of(database, case_id)

    async def fail() -> None:
        async with database.writing() as session:
            await change_case(session, case_id, request(Verb.STOP, LATER), at=LATER)
            assert await all_of(database, case_id) == before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await all_of(database, case_id) == before


async def test_a_refused_change_writes_nothing(database: Database) -> None:
    """Not even what the case would have taken in on the way, nor that it is up to date."""
    case_id = await opened(database)
    await pay_unheard(database, case_id, "19.00", OPENED)
    before = await all_of(database, case_id)

    async with database.writing() as session:
        with pytest.raises(Refused) as refused:
            await change_case(session, case_id, request(Verb.RESUME, LATER), at=LATER)

    assert refused.value.reason is RefusalReason.NOT_ON_HOLD
    assert await all_of(database, case_id) == before


async def test_r10_a_case_is_up_to_date_before_anything_is_done_to_it(database: Database) -> None:
    case_id = await opened(database)
    await pay_unheard(database, case_id, "119.00", OPENED)
    found: list[DunningCase] = []

    def look(case: DunningCase, inputs: CaseInputs) -> DunningCase:
        found.append(case)
        return refusal_noted(case, Verb.STOP, RefusalReason.ENDED, LATER)

    await change(database, case_id, look, LATER)

    assert [case.stage for case in found] == [Stage.PAID]
    row = await row_of(database, case_id)
    assert (row.stage, row.is_behind) == ("paid", False)
    assert (await history(database, case_id))[-3:] == [
        "payment.recorded",
        "stage.changed",
        "case.closed",
    ]


async def test_r19_a_hold_that_has_run_out_ends_at_its_own_moment(database: Database) -> None:
    case_id = await opened(database)
    await ask(database, case_id, Verb.HOLD, LATER, until=LATER.date())

    await bring_up(database, case_id, LATER + timedelta(days=3))

    (_, events) = await all_of(database, case_id)
    [resumed] = [event for event in events if event["event"] == "case.resumed"]
    assert resumed["at"] == "2026-03-05T00:00:00+00:00"
    assert (await row_of(database, case_id)).stage == "scheduled"


async def test_r16_money_is_taken_in_once_however_often_the_case_is_brought_up(
    database: Database,
) -> None:
    case_id = await opened(database)
    await pay_unheard(database, case_id, "119.00", OPENED)

    for _ in range(2):
        await bring_up(database, case_id, LATER)
        async with database.writing() as session:
            await mark_behind(session, [case_id])

    assert (await history(database, case_id))[-3:] == [
        "payment.recorded",
        "stage.changed",
        "case.closed",
    ]
    assert (await the_case(database, case_id)).open_amount == eur("0.00")


async def test_changes_at_the_same_time_wait_for_each_other_and_none_is_lost(
    database: Database,
) -> None:
    case_id = await opened(database)
    before = await row_of(database, case_id)

    async def held(number: int) -> None:
        async with database.writing() as session:
            row = await session.get_one(CaseRow, case_id)  # before the others have changed it
            changed = await change_case(
                session, case_id, request(Verb.HOLD, LATER, reason=f"{number}"), at=LATER
            )
            assert changed.snapshot.row is row

    await asyncio.gather(*(held(number) for number in range(10)))

    row, events = await all_of(database, case_id)
    reasons = [event["detail"]["reason"] for event in events if event["event"] == "case.held"]
    assert sorted(reasons) == [str(number) for number in range(10)]
    assert row["version"] == before.version + 10
    assert row["hold_reason"] == reasons[-1]


# --- the version ----------------------------------------------------------------------------


async def test_a_case_without_news_is_written_by_nobody(database: Database) -> None:
    case_id = await opened(database)
    before = await all_of(database, case_id)

    await bring_up(database, case_id, LATER)

    assert await all_of(database, case_id) == before


async def test_a_case_that_looked_for_news_and_found_none_is_not_behind_any_more(
    database: Database,
) -> None:
    case_id = await opened(database)
    before = await all_of(database, case_id)
    async with database.writing() as session:
        await mark_behind(session, [case_id])

    await bring_up(database, case_id, LATER)

    assert await all_of(database, case_id) == before


async def test_the_version_grows_with_the_case_though_the_plan_says_the_same(
    database: Database,
) -> None:
    case_id = await opened(database)
    before = await row_of(database, case_id)

    await pay(database, case_id, "19.00", LATER)

    row = await row_of(database, case_id)
    assert (await the_case(database, case_id)).open_amount == eur("100.00")
    assert row.version == before.version + 1
    assert row.plan == before.plan | {"version": row.version}


async def test_the_version_grows_with_the_plan_though_the_case_is_the_same(
    database: Database,
) -> None:
    """A step whose moment has come is planned at once, not any more at its moment."""
    case_id = await opened(database)
    before = await row_of(database, case_id)
    due = Plan.model_validate(before.plan).actions[0].at
    assert due is not None

    await bring_up(database, case_id, due)

    row = await row_of(database, case_id)
    assert (row.version, row.state) == (before.version + 1, before.state)
    assert Plan.model_validate(row.plan).actions[0].at is None
    assert len(await history(database, case_id)) == 1


async def test_a_refusal_in_the_history_is_a_change(database: Database) -> None:
    case_id = await opened(database)
    before = await row_of(database, case_id)

    await change(
        database,
        case_id,
        lambda case, inputs: refusal_noted(case, Verb.RESUME, RefusalReason.NOT_ON_HOLD, LATER),
        LATER,
    )

    row = await row_of(database, case_id)
    assert (await history(database, case_id))[-1] == "request.refused"
    assert (row.version, row.updated_at) == (before.version + 1, LATER)


# --- what Temporal has heard ------------------------------------------------------------------


async def test_a_new_case_is_unsent(database: Database) -> None:
    case_id = await case_of_an_open_order(database, OPENED)

    row = await row_of(database, case_id)

    assert (row.version, row.sent_version, row.is_behind) == (1, 0, False)
    assert Plan.model_validate(row.plan).version == 1
    assert await history(database, case_id) == ["case.opened"]


async def test_temporal_has_to_hear_of_another_plan(database: Database) -> None:
    case_id = await opened(database)
    assert is_sent(await row_of(database, case_id))

    changed = await ask(database, case_id, Verb.HOLD, LATER)

    assert changed.is_unsent
    assert [case.case_id for case in changed.unsent] == [case_id]
    assert not is_sent(await row_of(database, case_id))


async def test_temporal_need_not_hear_the_same_plan_again(database: Database) -> None:
    """No amount is in it: a payment in part changes nothing that it has to know."""
    case_id = await opened(database)

    await pay(database, case_id, "19.00", LATER)

    assert is_sent(await row_of(database, case_id))


async def test_what_temporal_has_not_heard_stays_unsent_whatever_follows(
    database: Database,
) -> None:
    case_id = await opened(database)
    await ask(database, case_id, Verb.HOLD, LATER)

    await pay(database, case_id, "19.00", LATER + MINUTE)
    assert not is_sent(await row_of(database, case_id))

    # The plan is again the one that Temporal has, but a hold may be on its way there.
    await ask(database, case_id, Verb.RESUME, LATER + 2 * MINUTE)
    assert not is_sent(await row_of(database, case_id))


async def test_looking_at_an_unsent_case_says_that_it_is_unsent(database: Database) -> None:
    case_id = await opened(database)
    await ask(database, case_id, Verb.HOLD, LATER)

    assert (await change(database, case_id, None, LATER)).is_unsent


async def test_the_cases_own_activity_gets_the_plan_as_its_answer(database: Database) -> None:
    case_id = await opened(database)
    await ask(database, case_id, Verb.HOLD, LATER)

    changed = await change(
        database,
        case_id,
        request(Verb.STOP, LATER + MINUTE),
        LATER + MINUTE,
        answers_workflow=True,
    )

    assert not changed.is_unsent
    assert changed.plan.stage is Stage.STOPPED
    assert is_sent(await row_of(database, case_id))


async def test_an_activity_that_changes_nothing_returns_what_was_unsent(database: Database) -> None:
    case_id = await opened(database)
    await ask(database, case_id, Verb.HOLD, LATER)
    before = await row_of(database, case_id)

    changed = await change(database, case_id, None, LATER + MINUTE, answers_workflow=True)

    assert changed.plan == Plan.model_validate(before.plan)
    row = await row_of(database, case_id)
    assert (row.version, row.sent_version) == (before.version, before.version)


# --- time -----------------------------------------------------------------------------------


async def test_time_does_not_run_backwards(database: Database) -> None:
    """Two machines' clocks may differ: what was committed first is first in the history."""
    case_id = await opened(database)
    await ask(database, case_id, Verb.HOLD, LATER)

    await ask(database, case_id, Verb.STOP, LATER - MINUTE)

    row, events = await all_of(database, case_id)
    assert [event["event"] for event in events] == [
        "case.opened",
        "case.held",
        "stage.changed",
        "case.stopped",
        "stage.changed",
        "case.closed",
    ]
    assert {event["at"] for event in events[1:]} == {LATER.isoformat()}
    assert row["updated_at"] == LATER


async def test_r27_a_cause_stands_before_its_effect(database: Database) -> None:
    """Money that came in before the last change is told with the moment of that."""
    case_id = await opened(database)
    await ask(database, case_id, Verb.HOLD, LATER)
    await pay_unheard(database, case_id, "119.00", OPENED)

    await bring_up(database, case_id, LATER + MINUTE)

    row, events = await all_of(database, case_id)
    assert [(event["event"], event["at"]) for event in events[-3:]] == [
        ("payment.recorded", LATER.isoformat()),
        ("stage.changed", (LATER + MINUTE).isoformat()),
        ("case.closed", (LATER + MINUTE).isoformat()),
    ]
    assert row["updated_at"] == LATER + MINUTE


# --- new cases --------------------------------------------------------------------------------


async def test_r22_a_case_that_begins_further_on_says_so_in_its_history(
    database: Database,
) -> None:
    await case_of_an_open_order(
        database,
        OPENED,
        installments=[
            {"number": 1, "due_date": "2026-02-10", "amount": "59.50"},
            {"number": 2, "due_date": "2026-03-10", "amount": "59.50"},
        ],
        notices_sent=[{"installment": 1, "kind": "payment_reminder", "sent_on": "2026-02-20"}],
    )

    first, second = await rows_of_order(database)
    assert (first.stage, second.stage) == ("reminded", "scheduled")
    assert (first.version, first.sent_version) == (second.version, second.sent_version) == (1, 0)
    assert await history(database, first.case_id) == ["case.opened", "stage.changed"]
    assert await history(database, second.case_id) == ["case.opened"]
    reminded = StepTaken(kind=StepKind.PAYMENT_REMINDER, on=date(2026, 2, 20))
    assert (await the_case(database, first.case_id)).steps == (reminded,)
