"""`dunning statements import`: a bank statement straight into the database (R20)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from bench.databases import Databases
from commands.main import app
from models.tables import CaseRow, PaymentRow, StatementDecisionRow
from runtime.database import Database
from tests.factories import utc
from tests.seeded import case_of_an_open_order

TABLE = (
    "Buchungstag;Valuta;Auftraggeber;Verwendungszweck;IBAN;Betrag;Währung\n"
    "02.03.2026;02.03.2026;Ada Muster;Bestellung A-1;DE02120300000000202051;119,00;EUR\n"
    "02.03.2026;02.03.2026;Eva Fremd;Miete;DE44500105175407324931;12,00;EUR\n"
)


@pytest.fixture
async def url(databases: Databases) -> AsyncIterator[str]:
    """A database with one seller and one open order of 119.00 EUR."""
    async with databases.migrated() as url:
        database = Database(url)
        await case_of_an_open_order(
            database, utc("2026-03-02T09:00:00"), seller={"time_zone": "UTC"}
        )
        await database.close()
        yield url


async def types(url: str, folder: Path, content: str, *words: str) -> Result:
    file = folder / "umsaetze.csv"
    file.write_text(content, encoding="utf-8")
    environment = os.environ | {"DUNNING_DATABASE_URL": url, "COLUMNS": "200"}
    run = CliRunner(env=environment).invoke
    return await asyncio.to_thread(run, app, ["statements", "import", str(file), *words])


async def the_case(url: str) -> tuple[str, list[PaymentRow], list[StatementDecisionRow]]:
    database = Database(url)
    async with database.reading() as session:
        case = (await session.exec(select(CaseRow))).one()
        payments = list(await session.exec(select(PaymentRow)))
        decisions = list(await session.exec(select(StatementDecisionRow)))
    await database.close()
    return case.stage, payments, decisions


async def test_r20_a_file_is_imported_and_what_is_certain_is_booked(
    url: str, tmp_path: Path
) -> None:
    first = await types(url, tmp_path, TABLE, "--seller", "s-1")
    assert first.exit_code == 0, first.output
    assert "umsaetze.csv: 2 lines: 1 certain, 1 not_ours" in first.output
    assert (await the_case(url))[1] == []

    booked = await types(url, tmp_path, TABLE, "--seller", "s-1", "--book")

    assert "umsaetze.csv: 2 lines: 1 booked, 1 not_ours" in booked.output
    stage, [payment], [decision] = await the_case(url)
    assert stage == "paid"
    assert payment.reported_by == "statement"
    assert (decision.line_id, decision.by) == (payment.line_id, "command")


async def test_a_dry_run_keeps_nothing(url: str, tmp_path: Path) -> None:
    told = await types(url, tmp_path, TABLE, "--seller", "s-1", "--dry-run")
    again = await types(url, tmp_path, TABLE, "--seller", "s-1")

    assert told.output == again.output


@pytest.mark.parametrize(
    ("content", "seller", "words"),
    [
        ("%PDF-1.7", "s-1", "This is a PDF"),
        (TABLE, "nobody", "There is no such seller."),
    ],
)
async def test_what_cannot_be_imported_is_refused_with_a_word(
    url: str, tmp_path: Path, content: str, seller: str, words: str
) -> None:
    refused = await types(url, tmp_path, content, "--seller", seller)

    assert refused.exit_code == 1
    assert words in refused.output


async def test_a_file_that_is_not_there_is_named(url: str, tmp_path: Path) -> None:
    environment = os.environ | {"DUNNING_DATABASE_URL": url}
    words = ["statements", "import", str(tmp_path / "none.csv"), "--seller", "s-1"]
    ended = await asyncio.to_thread(CliRunner(env=environment).invoke, app, words)

    assert ended.exit_code == 2
    assert "none.csv: No such file or directory" in ended.output
