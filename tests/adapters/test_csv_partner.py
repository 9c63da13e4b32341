"""An agency that fetches tables: what is in them, and that nothing is written twice (R16)."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.partner.csv import folder as csv_folder
from adapters.partner.csv.partner import COLUMNS
from adapters.partner.port import ClaimHandle, Cost, MoneyMoved, NoticeGiven, PartnerError
from dunning.claims import ClaimPhase, Closing
from dunning.notices import NoticeKind
from tests.adapters.claims import (
    a_debtor,
    a_document,
    a_known_creditor,
    a_report,
    a_submission,
)
from tests.examples import many
from tests.partners.pairs import FolderPair
from tests.patience import PATIENCE_SECONDS

HANDLE = ClaimHandle(reference="abcd2345-1", partner_id="abcd2345-1")
LETTER = "documents/abcd2345-1/final_notice-2026-01-26.pdf"


class Killed(BaseException):
    """As kill -9: nothing that catches exceptions goes on."""


@pytest.fixture
def pair(tmp_path: Path) -> FolderPair:
    return FolderPair(tmp_path)


class TestTables:
    async def test_r15_a_claim_has_everything_in_columns(self, pair):
        await pair.partner().submit(
            a_submission(
                creditor=a_known_creditor(
                    may_deduct_input_tax=False,
                    legal_notice=("Managing director: Ada Muster", "Register court: Hamburg"),
                ),
                ordered_on=date(2025, 12, 30),
                installment=(2, 6),
                principal=Decimal("119.00"),
                fees=(Cost(ground="bank costs of a returned payment", amount=Decimal("3.00")),),
                payments=(
                    MoneyMoved(on=date(2026, 2, 1), amount=Decimal("19.00")),
                    MoneyMoved(on=date(2026, 2, 8), amount=Decimal("-19.00")),
                ),
                amount=Decimal("122.00"),
                notices=(NoticeGiven(kind=NoticeKind.FINAL_NOTICE, on=date(2026, 2, 5)),),
                is_disputed=True,
            )
        )

        (row,) = pair.rows()
        assert {name: cell for name, cell in row.items() if cell} == {
            "kind": "claim",
            "reference": "abcd2345-1",
            "at": "2026-04-01T09:30:00+00:00",
            "currency": "EUR",
            "amount": "122.00",
            "round": "1",
            "creditor_id": "s-1",
            "creditor_name": "Kurse GmbH",
            "creditor_street": "Marktplatz 1",
            "creditor_postal_code": "20095",
            "creditor_city": "Hamburg",
            "creditor_country": "DE",
            "creditor_registration_number": "HRB 4711",
            "creditor_tax_id": "DE123456789",
            "creditor_email": "buchhaltung@kurse.example.org",
            "creditor_phone": "'+49 40 7654321",
            "debtor_type": "private",
            "debtor_name": "Jonas Weber",
            "debtor_street": "Lindenweg 4",
            "debtor_postal_code": "10115",
            "debtor_city": "Berlin",
            "debtor_country": "DE",
            "debtor_email": "jonas.weber@example.com",
            "debtor_phone": "'+49 30 1234567",
            "subject": "Online course",
            "invoice_number": "R-17",
            "invoice_date": "2026-01-02",
            "due_date": "2026-01-16",
            "installment": "2 of 6",
            "principal": "119.00",
            "fees": "3.00: bank costs of a returned payment",
            "payments": "2026-02-01: 19.00 EUR paid; 2026-02-08: 19.00 EUR went back",
            "notices": "2026-02-05: final_notice",
            "interest": "none claimed",
            "is_disputed": "yes",
            "may_go_to_court": "yes",
            "ordered_on": "2025-12-30",
            "may_deduct_input_tax": "no",
            "legal_notice": "Managing director: Ada Muster; Register court: Hamburg",
        }

    @pytest.mark.parametrize("missing", [1, 2, 3])
    async def test_r16_a_table_of_an_earlier_version_is_read_and_gets_the_new_columns(
        self, pair, missing
    ):
        await pair.partner().submit(a_submission(subject="Books, new\nand old"))
        await pair.partner().report(HANDLE, a_report())
        path = pair.folder / "claims-2026-04-01.csv"
        before = pair.rows()
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            earlier = csv.DictWriter(file, COLUMNS[:-missing], extrasaction="ignore")
            earlier.writeheader()
            earlier.writerows(before)

        partner = pair.partner()
        again = await partner.submit(a_submission())
        await partner.report(HANDLE, a_report())
        assert path.read_bytes().count(b"\n") == 3
        creditor = a_known_creditor(may_deduct_input_tax=True)
        await partner.submit(a_submission(reference="later-1", creditor=creditor))

        assert not again.is_new
        *earlier_rows, row = pair.rows()
        assert earlier_rows == before
        assert row["may_deduct_input_tax"] == "yes"
        _is_whole(pair)

    @pytest.mark.parametrize(
        "columns", [COLUMNS[:-4], COLUMNS[1:], (*COLUMNS, "more"), COLUMNS[::-1]]
    )
    async def test_a_table_with_other_columns_is_not_written_to(self, pair, columns):
        path = pair.folder / "claims-2026-04-01.csv"
        path.write_text(",".join(columns) + "\n", encoding="utf-8")
        before = path.read_bytes()

        with pytest.raises(PartnerError, match="has other columns"):
            await pair.partner().submit(a_submission())

        assert path.read_bytes() == before

    async def test_there_is_a_table_for_each_utc_day(self, pair):
        pair.clock.at = datetime(2026, 4, 2, 1, tzinfo=UTC) - timedelta(hours=1, seconds=1)
        await pair.partner().submit(a_submission())
        pair.clock.at += timedelta(seconds=1)
        await pair.partner().report(HANDLE, a_report())
        pair.clock.at += timedelta(days=30)
        await pair.partner().submit(a_submission())

        files = [path.name for path in sorted(pair.folder.glob("*.csv"))]
        assert files == ["claims-2026-04-01.csv", "claims-2026-04-02.csv"]
        assert [row["kind"] for row in pair.rows()] == ["claim", "payment"]

    async def test_a_table_is_what_spreadsheets_read(self, pair):
        await pair.partner().submit(a_submission())

        content = (pair.folder / "claims-2026-04-01.csv").read_bytes()
        assert content.startswith("\ufeffkind,reference,key,".encode())
        assert content.count(b"\r\n") == content.count(b"\n") == 2

    @pytest.mark.parametrize(
        "name", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=1", "\N{FULLWIDTH EQUALS SIGN}1"]
    )
    async def test_nothing_in_it_is_run_by_a_spreadsheet(self, pair, name):
        await pair.partner().submit(a_submission(debtor=a_debtor(name=name), subject=name))

        (row,) = pair.rows()
        assert row["debtor_name"] == row["subject"] == f"'{name.strip()}"

    async def test_what_people_typed_stays_one_line(self, pair):
        await pair.partner().submit(a_submission(subject='one\r\ntwo;"three",\x0bfour'))

        (row,) = pair.rows()
        assert row["subject"] == 'one two;"three", four'

    async def test_a_document_lies_beside_the_tables(self, pair):
        partner = pair.partner()
        await partner.submit(a_submission())
        await partner.attach(HANDLE, a_document())

        row = pair.rows()[-1]
        assert (row["kind"], row["key"]) == ("document", "final_notice-2026-01-26.pdf")
        assert row["file"] == LETTER
        assert (pair.folder / LETTER).read_bytes() == b"%PDF-1.7 letter"

    async def test_a_folder_that_is_not_there_is_not_made(self, tmp_path):
        partner = FolderPair(tmp_path / "share").partner()

        with pytest.raises(PartnerError, match="cannot be used: No such file"):
            await partner.submit(a_submission())

        assert not (tmp_path / "share").exists()

    @pytest.mark.parametrize("content", [b"kind;reference\r\n", b"\xff\xfe\x00", b""])
    async def test_a_table_that_somebody_has_changed_is_not_added_to(self, pair, content):
        (pair.folder / "claims-2026-03-31.csv").write_bytes(content)

        with pytest.raises(PartnerError, match=r"claims-2026-03-31\.csv"):
            await pair.partner().submit(a_submission())


class TestAnswers:
    async def status(self, pair: FolderPair) -> Any:
        partner = pair.partner()
        await partner.submit(a_submission())
        return (await partner.status(HANDLE)).status

    async def test_the_last_line_counts(self, pair):
        pair.answer("abcd2345-1,accepted,,", "other-1,recovered,,9")
        pair.answer("abcd2345-1,in_court,,", "abcd2345-1,recovered,R7,119.00")

        status = await self.status(pair)
        assert (status.closing, status.close_code) == (Closing.RECOVERED, "R7")
        assert str(status.collected) == "119.00"

    @pytest.mark.parametrize(
        ("line", "phase", "closing"),
        [
            ("abcd2345-1,Closed,insolvent,", ClaimPhase.CLOSED, Closing.UNCOLLECTIBLE),
            ("abcd2345-1,closed,Withdrawn,", ClaimPhase.CLOSED, Closing.WITHDRAWN),
            ("abcd2345-1,closed,,", ClaimPhase.CLOSED, Closing.UNCOLLECTIBLE),
            (" abcd2345-1 , submitted ", ClaimPhase.SUBMITTED, None),
        ],
    )
    async def test_a_status_is_a_phase_or_a_closing(self, pair, line, phase, closing):
        pair.answer(line)

        status = await self.status(pair)
        assert (status.phase, status.closing) == (phase, closing)

    async def test_columns_may_stand_in_any_order_with_semicolons(self, pair):
        pair.answer("12.50;x;abcd2345-1;accepted", header="collected;more;reference;status")

        assert str((await self.status(pair)).collected) == "12.50"

    @pytest.mark.parametrize(
        "line", ["abcd2345-1,lost,,", "abcd2345-1,accepted,,1.005", "abcd2345-1,accepted,,1 EUR"]
    )
    async def test_a_line_that_says_nothing_is_named(self, pair, line):
        pair.answer("other-1,accepted,,", line)

        with pytest.raises(PartnerError, match=r"answers-0001.csv, line 3: "):
            await self.status(pair)

    async def test_answers_without_the_columns_are_named(self, pair):
        pair.answer("abcd2345-1,accepted", header="claim,status")

        with pytest.raises(PartnerError, match=r"answers-0001.csv lacks"):
            await self.status(pair)


class Crashes:
    """The nth thing that is done to the disk does not come to its end, or just does."""

    def __init__(self, at: int, *, after: bool, error: type[BaseException]) -> None:
        self._left = at
        self._after = after
        self._error = error

    def wrapped(self, call: Any) -> Any:
        def crashing(*args: Any) -> Any:
            self._left -= 1
            if self._left != 0:
                return call(*args)
            if self._after:
                call(*args)
            raise self._error

        return crashing


async def all_actions(pair: FolderPair) -> None:
    partner = pair.partner()
    await partner.submit(a_submission())
    await partner.report(HANDLE, a_report())
    await partner.attach(HANDLE, a_document())
    await partner.withdraw(HANDLE, key="w", reason="a mistake")


@given(
    crashes=st.lists(
        st.tuples(
            st.integers(1, 16), st.booleans(), st.sampled_from([Killed, OSError, KeyboardInterrupt])
        ),
        max_size=4,
    )
)
@settings(max_examples=many(30), deadline=None)
def test_r16_after_crashes_at_any_point_each_thing_is_written_once(
    crashes: list[tuple[int, bool, type[BaseException]]],
) -> None:
    with TemporaryDirectory() as folder:
        pair = FolderPair(Path(folder))
        for at, after, error in crashes:
            crash = Crashes(at, after=after, error=error)
            with (
                patch.object(csv_folder.os, "replace", crash.wrapped(os.replace)),
                patch.object(csv_folder.os, "fsync", crash.wrapped(os.fsync)),
                patch.object(csv_folder.fcntl, "flock", crash.wrapped(csv_folder.fcntl.flock)),
                pytest.MonkeyPatch.context() as patched,
            ):
                patched.setattr(asyncio, "to_thread", at_once)
                with suppress(Killed, PartnerError, KeyboardInterrupt):
                    asyncio.run(all_actions(pair))
            _is_whole(pair)

        asyncio.run(all_actions(pair))

        kinds = [row["kind"] for row in pair.rows()]
        assert kinds == ["claim", "payment", "document", "withdrawal"]
        assert (pair.folder / LETTER).read_bytes() == b"%PDF-1.7 letter"


async def at_once(work: Any) -> Any:
    """A thread would not let `Killed` through."""
    return work()


def _is_whole(pair: FolderPair) -> None:
    for path in pair.folder.glob("claims-*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        assert tuple(header) == COLUMNS
        assert all(len(row) == len(COLUMNS) for row in rows)
    keys = [(row["kind"], row["reference"], row["key"]) for row in pair.rows()]
    assert len(keys) == len(set(keys))


WRITER = """
import asyncio, sys
from pathlib import Path
from adapters.partner.csv.partner import CsvPartner
from adapters.partner.port import ClaimHandle
from runtime.clock import SystemClock
from tests.adapters.claims import a_report, a_submission

async def write() -> None:
    for number in range(int(sys.argv[2])):
        partner, reference = CsvPartner(Path(sys.argv[1]), SystemClock()), f"claim{number}-1"
        await partner.submit(a_submission(reference=reference))
        handle = ClaimHandle(reference=reference, partner_id=reference)
        await partner.report(handle, a_report(f"p-{number}"))
        print(number, flush=True)

asyncio.run(write())
"""


def a_writer(folder: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_r16_two_processes_at_once_and_one_killed_write_each_thing_once(pair) -> None:
    count = 15
    victim = a_writer(pair.folder, count)
    assert victim.stdout is not None
    victim.stdout.readline()
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    _is_whole(pair)

    writers = [a_writer(pair.folder, count) for _ in range(2)]
    for writer in writers:
        writer.communicate(timeout=PATIENCE_SECONDS)

    assert [writer.returncode for writer in writers] == [0, 0]
    found = Counter((row["kind"], row["reference"]) for row in pair.rows())
    expected = {(kind, f"claim{n}-1") for kind in ("claim", "payment") for n in range(count)}
    assert found == dict.fromkeys(expected, 1)
