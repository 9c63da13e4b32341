"""What Temporal has not heard yet stands in the rows, and is found there in a fair order."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import pytest

from models.debt_summaries import sellers_to_reschedule
from models.outbox import (
    LATE,
    count_late,
    count_unsent,
    forget_sent_questions,
    mark_behind,
    mark_question_sent,
    mark_sent,
    rows_of,
    sellers_to_ask,
    unsent_cases,
)
from models.tables import SellerRow
from runtime.database import Database
from tests.factories import utc
from tests.models.sellers import order_of, sellers
from tests.patience import PATIENCE_SECONDS
from tests.seeded import row_of

OPENED = utc("2026-03-02T09:00:00")
MINUTE = timedelta(minutes=1)
LATER = OPENED + timedelta(days=1)


@pytest.fixture(autouse=True)
async def some_sellers(database: Database) -> None:
    await sellers(database, "s-1", "s-2", "s-3", answered_at=OPENED)


async def case_of(database: Database, seller_id: str, minute: int) -> str:
    """A case of which Temporal has not heard, opened so many minutes after nine."""
    [case_id] = await order_of(database, seller_id, f"A-{minute}", OPENED + minute * MINUTE)
    return case_id


async def unsent(
    database: Database,
    *,
    before: datetime = LATER,
    except_cases: Collection[str] = (),
    limit: int = 100,
) -> list[str]:
    async with database.reading() as session:
        return await unsent_cases(session, before=before, except_cases=except_cases, limit=limit)


async def mark(database: Database, versions: dict[str, int]) -> None:
    async with database.writing() as session:
        await mark_sent(session, versions)


async def fall_behind(database: Database, case_ids: Sequence[str]) -> None:
    async with database.writing() as session:
        await mark_behind(session, case_ids)


async def test_sellers_take_turns_so_that_no_sellers_many_cases_keep_anothers_waiting(
    database: Database,
) -> None:
    many = [await case_of(database, "s-1", minute) for minute in range(4)]
    two = [await case_of(database, "s-2", minute) for minute in (10, 11)]
    one = await case_of(database, "s-3", 20)

    assert await unsent(database) == [many[0], two[0], one, many[1], two[1], many[2], many[3]]
    assert await unsent(database, limit=3) == [many[0], two[0], one]


async def test_of_one_seller_those_come_first_that_have_waited_longest(database: Database) -> None:
    cases = {minute: await case_of(database, "s-1", minute) for minute in (5, 1, 3)}

    assert await unsent(database) == [cases[1], cases[3], cases[5]]


async def test_what_was_just_written_is_left_to_whoever_wrote_it(database: Database) -> None:
    first, second = [await case_of(database, "s-1", minute) for minute in (0, 1)]

    assert await unsent(database, before=OPENED) == []
    assert await unsent(database, before=OPENED + MINUTE) == [first]
    assert await unsent(database, before=OPENED + 2 * MINUTE) == [first, second]


async def test_what_was_tried_already_gives_room_to_the_next(database: Database) -> None:
    first, second, third = [await case_of(database, "s-1", minute) for minute in range(3)]

    assert await unsent(database, except_cases={first}, limit=1) == [second]
    assert await unsent(database, except_cases={first, second}) == [third]


async def test_a_case_that_was_told_is_found_again_when_it_has_news(database: Database) -> None:
    case_id = await case_of(database, "s-1", 0)
    await mark(database, {case_id: 1})
    assert await unsent(database) == []

    await fall_behind(database, [case_id])

    assert await unsent(database) == [case_id]


async def test_what_temporal_has_heard_it_never_forgets(database: Database) -> None:
    """Two may tell at the same time, and the slower one an older plan."""
    case_id = await case_of(database, "s-1", 0)

    await mark(database, {case_id: 3})
    await mark(database, {case_id: 2})

    assert (await row_of(database, case_id)).sent_version == 3


async def test_what_was_told_is_marked_up_to_the_version_that_was_told(database: Database) -> None:
    first, second = [await case_of(database, "s-1", minute) for minute in (0, 1)]

    await mark(database, {first: 1})

    rows = [await row_of(database, case_id) for case_id in (first, second)]
    assert [row.sent_version for row in rows] == [1, 0]
    assert await unsent(database) == [second]


async def test_many_who_mark_the_same_cases_do_not_wait_in_a_ring(database: Database) -> None:
    cases = [await case_of(database, "s-1", minute) for minute in range(6)]

    async def marked(turn: int) -> None:
        ids = cases[turn:] + cases[:turn]
        if turn % 2:
            await fall_behind(database, ids)
        else:
            await mark(database, dict.fromkeys(ids, 1))

    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(marked(turn) for turn in range(6)))

    async with database.reading() as session:
        assert (await count_unsent(session)).cases == 6
    assert {(await row_of(database, case_id)).sent_version for case_id in cases} == {1}


async def test_a_case_falls_behind_and_is_otherwise_as_it_was(database: Database) -> None:
    first, second, third = [await case_of(database, "s-1", minute) for minute in range(3)]
    before = (await row_of(database, first)).model_dump()

    await fall_behind(database, [third, first, third])
    await fall_behind(database, [])

    assert (await row_of(database, first)).model_dump() == before | {"is_behind": True}
    rows = [await row_of(database, case_id) for case_id in (first, second, third)]
    assert [row.is_behind for row in rows] == [True, False, True]


async def test_how_much_waits_and_since_when(database: Database) -> None:
    first, second = [await case_of(database, "s-1", minute) for minute in (0, 5)]

    async with database.reading() as session:
        assert await count_unsent(session) == (2, OPENED)
        assert await count_unsent(session, before=OPENED + 5 * MINUTE) == (1, OPENED)
    await mark(database, {first: 1, second: 1})
    async with database.reading() as session:
        assert await count_unsent(session) == (0, None)


async def test_a_case_is_late_that_has_not_acted_though_its_moment_has_passed(
    database: Database,
) -> None:
    """One of which Temporal has not heard is not late: it is unsent."""
    case_id = await case_of(database, "s-1", 0)
    since = (await row_of(database, case_id)).wakes_at
    assert since == OPENED  # its invoice notice is due at once

    async def late(now: datetime) -> int:
        async with database.reading() as session:
            return await count_late(session, now - LATE)

    assert await late(LATER) == 0
    await mark(database, {case_id: 1})
    assert await late(OPENED + LATE) == 0
    assert await late(OPENED + LATE + MINUTE) == 1


async def test_rows_come_in_the_order_in_which_they_are_named(database: Database) -> None:
    cases = [await case_of(database, "s-1", minute) for minute in range(4)]
    backwards = [*reversed(sorted(cases)), "nobodyscase00000"]

    async with database.reading() as session:
        rows = await rows_of(session, backwards)

    assert [row.case_id for row in rows] == backwards[:-1]


async def test_r21_a_seller_is_to_be_asked_until_temporal_has_heard_of_it(
    database: Database,
) -> None:
    await sellers(database, "s-4", "s-5", answered_at=None)
    await case_of(database, "s-1", 0)  # has answered: nobody asks
    for seller_id in ("s-5", "s-4"):
        await case_of(database, seller_id, 0)

    async def to_ask(of: Collection[str] | None = None, limit: int = 100) -> list[str]:
        async with database.reading() as session:
            found = await sellers_to_ask(session, of=of, limit=limit)
        return [seller.seller_id for seller in found]

    assert await to_ask() == ["s-4", "s-5"]
    assert await to_ask(limit=1) == ["s-4"]
    assert await to_ask(of={"s-1", "s-5"}) == ["s-5"]
    async with database.writing() as session:
        await mark_question_sent(session, "s-4")
    assert await to_ask() == ["s-5"]


async def test_r28_sellers_are_told_of_anew_when_temporal_has_lost_them(
    database: Database,
) -> None:
    """Those that have answered are asked nothing again."""
    await sellers(database, "s-4", answered_at=None)
    await case_of(database, "s-4", 0)
    async with database.writing() as session:
        await mark_question_sent(session, "s-4")
        summaries = await session.get_one(SellerRow, "s-1")
        summaries.summary_wanted = summaries.summary_schedule = "09:00 UTC"
        session.add(summaries)

    async with database.writing() as session:
        await forget_sent_questions(session)

    async with database.reading() as session:
        assert [seller.seller_id for seller in await sellers_to_ask(session)] == ["s-4"]
        assert list(await sellers_to_reschedule(session, limit=9)) == ["s-1"]
