"""A case is written down by one run at a time, and no run writes over what another knows."""

from __future__ import annotations

from dunning.case import DunningCase
from dunning.deeds import DeedKind, Outcome, Payment, Result
from models.casebook import case_of, case_row, record, write_result
from models.messages import Recorded
from runtime.database import Database
from tests.books import history, open_books, row_of, utc
from tests.factories import eur

OPENED = utc("2026-03-02T09:00:00")
LATER = utc("2026-03-07T10:00:00")


async def note(
    database: Database, case: DunningCase, known: DunningCase, run_id: str = "run-1"
) -> Recorded:
    async with database.writing() as session:
        return await record(session, case, known=known.version, run_id=run_id, at=LATER)


def payment(amount: str, payment_id: str) -> Payment:
    return Payment(payment_id=payment_id, amount=eur(amount), credit=eur("0.00"), at=LATER)


async def test_r16_a_record_written_twice_is_in_the_history_once(database: Database) -> None:
    case_id = await open_books(database, OPENED)
    known = case_of(await row_of(database, case_id))
    paid = known.after_payment(payment("119.00", "p-1"))

    for _ in range(2):
        assert (await note(database, paid, known)).written

    assert (await history(database, case_id))[1:] == [
        "payment.recorded",
        "stage.changed",
        "case.closed",
    ]


async def test_a_run_begun_from_an_old_state_gets_the_newer_one_and_loses_nothing(
    database: Database,
) -> None:
    case_id = await open_books(database, OPENED)
    old = case_of(await row_of(database, case_id))
    await note(database, old.after_payment(payment("60.00", "p-1")), old)
    stale = old.after_payment(payment("59.00", "p-2"))

    answer = await note(database, stale, old, run_id="run-2")

    assert answer.newer is not None
    rebased = stale.rebased(answer.newer)
    assert rebased.open_amount == eur("0.00")
    assert (await note(database, rebased, answer.newer, run_id="run-2")).written
    assert (await row_of(database, case_id)).stage == "paid"
    assert (await history(database, case_id)).count("payment.recorded") == 2


async def test_a_run_that_is_behind_a_deeds_result_writes_its_journal_only(
    database: Database,
) -> None:
    case_id = await open_books(database, OPENED)
    known = case_of(await row_of(database, case_id))
    await note(database, known, known)
    result = Result(deed=DeedKind.OPEN, outcome=Outcome.DONE, at=LATER)
    async with database.writing() as session:
        row = await case_row(session, case_id)
        await write_result(session, row, result, run_id="run-1")

    answer = await note(database, known.stop(LATER), known)

    assert (answer.written, answer.newer) == (False, None)
    assert (await row_of(database, case_id)).stage == "scheduled"
    assert "case.stopped" in await history(database, case_id)
    assert (await note(database, known.stop(LATER).after(result), known)).written
    assert (await row_of(database, case_id)).stage == "stopped"
