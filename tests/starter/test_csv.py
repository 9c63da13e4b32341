"""R26: the table of cases, as a spreadsheet and as a program read it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from dunning.stages import Stage
from models.exports import COLUMNS, exported
from models.lists import Filter
from models.tables import CaseRow, CustomerRow, OrderRow, PaymentRow, ReceivableRow
from runtime.database import Database
from tests.offline import NOW, OfflineApi
from tests.seeded import claim_row
from tests.starter.case_rows import Shelved, move, sellers_of, shelve, some_cases

pytestmark = pytest.mark.one_database

CASE: Shelved = replace(some_cases(1)[0], seller_id="s-1", order_id="A-1", stage=Stage.ON_HOLD)
RUN = (
    *("=1+1", "+49 30 1", "-1", "-2+3", "@SUM(A1)", "=", "-", " =1", "   +1", "\u00a0=1"),
    *("\u3000@x", "\u200b=1", "\ufeff=1", "\u2009-1", "＝1", "＋1", "－1", "＠x", "﹦1", "﹢1"),  # noqa: RUF001
    *("\u22121", " ＝1", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0", "-1,5"),  # noqa: RUF001
)
LEFT_ALONE = (
    "Ada",
    "1-1",
    "a=b",
    "x@example.org",
    "'=1",
    "#1",
    "Ölmann",
    "(=1)",
    '"=1"',
    "&-1",
    "\u20131",
)


@pytest.fixture
async def shelf(database: Database) -> Database:
    await sellers_of(database)
    await shelve(database, [CASE])
    return database


@pytest.fixture
async def api(shelf: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with OfflineApi.opened(shelf) as offline:
        yield offline.api


async def _change(database: Database, table: type[Any], key: Any, **changes: Any) -> None:
    async with database.writing() as session:
        row = await session.get_one(table, key)
        for name, value in changes.items():
            setattr(row, name, value)
        session.add(row)


async def _rows(api: httpx.AsyncClient) -> list[dict[str, str]]:
    answer = await api.get("/v1/cases.csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", RUN)
async def test_a_cell_that_would_be_run_is_text(
    shelf: Database, api: httpx.AsyncClient, text: str
) -> None:
    await _change(shelf, CustomerRow, ("s-1", "c-A-1"), last_name=text, phone=text)
    await _change(shelf, CaseRow, CASE.case_id, hold_since=date(2026, 3, 1), hold_reason=text)

    (row,) = await _rows(api)

    found = row["customer_last_name"], row["customer_phone"], row["hold_reason"]
    assert found == (f"'{text}",) * 3


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x;=1+1;y", "x;'=1+1;y"),
        (";=1", ";'=1"),
        ("=1;=2", "'=1;'=2"),
        ("x; @SUM(A1)", "x;' @SUM(A1)"),
        ('x;"=1+1";y', 'x;\'"=1+1";y'),
        ("x,-1", "x,'-1"),
        ("x\n=1", "x\n'=1"),
        ("\n=1", "'\n'=1"),
        ("\r=1", "'\r'=1"),
        ("x;y", "x;y"),
        ("a-b;c=d", "a-b;c=d"),
    ],
)
async def test_a_formula_behind_a_separator_of_another_country_is_text(
    shelf: Database, api: httpx.AsyncClient, text: str, written: str
) -> None:
    await _change(shelf, CustomerRow, ("s-1", "c-A-1"), last_name=text)

    (row,) = await _rows(api)

    assert row["customer_last_name"] == written


@pytest.mark.parametrize(
    ("locale", "separator", "amount"),
    [
        (None, ",", "-5.00"),
        ("en", ",", "-5.00"),
        ("de", ";", "-5,00"),
        ("de-DE", ";", "-5,00"),
        ("fr-FR", ";", "-5,00"),
        ("es-CL", ";", "-5,00"),
        ("es-MX", ",", "-5.00"),
        ("de-CH", ";", "-5.00"),
    ],
)
async def test_r26_a_table_is_written_as_the_sellers_spreadsheet_reads_it(
    shelf: Database, api: httpx.AsyncClient, locale: str | None, separator: str, amount: str
) -> None:
    await _change(shelf, ReceivableRow, CASE.case_id, paid=-5)
    answer = await api.get("/v1/cases.csv", params={"locale": locale} if locale else {})

    text = io.StringIO(answer.content.decode("utf-8-sig"), newline="")
    [row] = csv.DictReader(text, delimiter=separator)
    assert row["paid"] == amount
    assert row["due_date"] == CASE.due_date.isoformat()


@pytest.mark.parametrize("locale", ["xx", "tlh", "de_DE", ""])
async def test_bad_input_a_table_for_a_language_that_nobody_knows_is_refused(
    api: httpx.AsyncClient, locale: str
) -> None:
    answer = await api.get("/v1/cases.csv", params={"locale": locale})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["locale"]


@pytest.mark.parametrize("text", ["\t=1", "\tx", "\nx"])
async def test_a_tab_or_the_end_of_a_line_begins_no_cell(
    shelf: Database, api: httpx.AsyncClient, text: str
) -> None:
    await _change(shelf, CustomerRow, ("s-1", "c-A-1"), company=text)

    (row,) = await _rows(api)

    assert row["customer_company"] == f"'{text}"


@pytest.mark.parametrize("text", [*LEFT_ALONE, 'a "quoted" one', "a,b;c", "two\nlines", "a\r\nb"])
async def test_other_texts_come_back_as_they_were(
    shelf: Database, api: httpx.AsyncClient, text: str
) -> None:
    await _change(shelf, CaseRow, CASE.case_id, hold_since=date(2026, 3, 1), hold_reason=text)

    (row,) = await _rows(api)

    assert row["hold_reason"] == text


async def test_an_order_id_that_would_be_run_is_text(
    shelf: Database, api: httpx.AsyncClient
) -> None:
    await shelve(shelf, [replace(CASE, order_id="-1-1")])

    assert {row["order_id"] for row in await _rows(api)} == {"A-1", "'-1-1"}


async def test_negative_amounts_of_our_own_stay_numbers(
    shelf: Database, api: httpx.AsyncClient
) -> None:
    await _change(shelf, ReceivableRow, CASE.case_id, paid=-5)

    (row,) = await _rows(api)

    assert row["paid"] == "-5.00"


async def test_the_table_has_every_field_of_a_case(shelf: Database, api: httpx.AsyncClient) -> None:
    address = {"street": "Hauptstr. 5", "postal_code": "10115", "city": "Berlin", "country": "DE"}
    await _change(shelf, CustomerRow, ("s-1", "c-A-1"), address=address, missing=["region", "name"])
    await _change(
        shelf,
        CaseRow,
        CASE.case_id,
        hold_since=date(2026, 3, 1),
        hold_until=date(2026, 3, 9),
        hold_reason="promised",
        claim_reference="r-1",
        actions=["stop", "escalate", "hold"],
        next_kind="handoff",
        next_at=NOW,
    )
    async with shelf.writing() as session:
        claim = {"reference": "r-1", "partner_id": "cp-1", "status": "accepted"}
        session.add(claim_row(CASE.case_id, NOW, **claim))
        session.add(
            PaymentRow(
                payment_id="p-1",
                seller_id="s-1",
                order_id="A-1",
                currency="EUR",
                amount=Decimal(9),
                credit=Decimal(7),
                paid_at=NOW,
                received_at=NOW,
            )
        )
    (case,) = (await api.get("/v1/cases")).json()["items"]

    (row,) = await _rows(api)

    flat = {name: case[name] for name in case if name not in _NESTED}
    flat |= {f"customer_{name}": value for name, value in case["customer"].items()}
    flat |= {f"customer_{name}": value for name, value in flat.pop("customer_address").items()}
    for name in ("hold", "claim", "next_step"):
        flat |= {f"{name}_{inner}": value for inner, value in case[name].items()}
    flat |= {name: " ".join(case[name]) for name in ("missing", "actions")}
    flat["dunning_option_kept"] = "false"
    flat.setdefault("customer_region", None)
    assert case["credit"] == "7.00"
    assert case["actions"] == ["stop", "hold"]
    expected = {name: "" if value is None else str(value) for name, value in flat.items()}
    assert row == expected


_NESTED = {"customer", "hold", "claim", "next_step", "missing", "actions"}


async def test_every_row_has_the_cells_of_the_header(
    shelf: Database, api: httpx.AsyncClient
) -> None:
    await shelve(shelf, some_cases(30))
    text = (await api.get("/v1/cases.csv")).content.decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(text, newline="")))

    assert len(rows) == 32
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len(set(COLUMNS)) == len(COLUMNS)
    assert text.endswith("\r\n")


async def test_amounts_have_the_digits_of_their_currency(
    shelf: Database, api: httpx.AsyncClient
) -> None:
    for currency, shown in (("CLP", "11900"), ("KWD", "11900.000"), ("EUR", "11900.00")):
        changes = {"amount": 11900, "open_amount": 11900}
        await _change(shelf, ReceivableRow, CASE.case_id, currency=currency, **changes)
        await _change(shelf, OrderRow, ("s-1", "A-1"), currency=currency)

        (row,) = await _rows(api)

        assert (row["amount"], row["open_amount"]) == (shown, shown)


async def test_a_table_shows_one_moment_whatever_changes_while_it_is_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.exports._ROWS_AT_ONCE", 10)
    await sellers_of(database)
    cases = [replace(case, stage=Stage.REMINDED) for case in some_cases(50)]
    await shelve(database, cases)
    stages: list[str] = []
    async with database.reading() as session:
        async for rows in exported(session, Filter(), now=NOW):
            stages += [row[COLUMNS.index("stage")] for row in rows]
            for case in cases:
                await move(database, case, Stage.PAID)

    assert stages == [Stage.REMINDED] * 50


async def test_a_table_that_nobody_reads_to_its_end_keeps_no_connection(
    database: Database,
) -> None:
    await sellers_of(database)
    await shelve(database, some_cases(60))

    class GoneAway(OSError):
        """The one who asked has hung up."""

    async with OfflineApi.opened(database) as offline:
        headers = [(b"authorization", offline.api.headers["authorization"].encode())]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "method": "GET",
            "path": "/v1/cases.csv",
            "raw_path": b"/v1/cases.csv",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "http_version": "1.1",
            "root_path": "",
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message.get("body"):
                raise GoneAway

        for _ in range(25):
            with pytest.raises(Exception):  # noqa: B017, PT011
                await offline.app(scope | {"state": {}}, receive, send)
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
