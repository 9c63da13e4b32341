"""Bank statements through the API: read, known again, booked, set aside, taken back (R20)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlmodel import col, select

from models.keys import create_key
from models.tables import StatementDecisionRow
from starter.intake.statements import seller_actions
from starter.reading.statements.origins import count_open_lines, origins_of
from tests.starter.backend import Backend, Document
from tests.starter.statement_calls import book, imported, share, take_back, upload, verdicts
from tests.statement_files import a_row, a_table, camt, entry


async def test_r20_a_line_is_told_with_all_that_the_bank_says(backend: Backend) -> None:
    await backend.open_order("A-4711")

    answer = await upload(backend, a_table(a_row("Rechnung A-4711")), "?filename=umsaetze.csv")

    assert answer.status_code == 201
    statement = answer.json()
    assert statement["format"] == "csv"
    [line] = statement["lines"]
    assert line == {
        "line_id": line["line_id"],
        "account": None,
        "booked_on": "2026-03-02",
        "value_on": "2026-03-02",
        "amount": "119.00",
        "currency": "EUR",
        "counterparty": "Ada Muster",
        "counterparty_iban": "DE02120300000000202051",
        "text": "Rechnung A-4711",
        "reference": None,
        "end_to_end_id": None,
        "bank_id": None,
        "is_booked": True,
        "is_return": False,
        "verdict": "certain",
        "matches": [
            {
                "order_id": "A-4711",
                "installment": None,
                "case_id": backend.case_id("A-4711"),
                "amount": "119.00",
                "reasons": [
                    "the order id A-4711 is in the line",
                    "the amount 119.00 is that of the receivable",
                    "the payer has the customer's name",
                ],
            }
        ],
        "payment_id": None,
    }


async def test_r20_a_dry_run_reads_and_keeps_nothing(backend: Backend) -> None:
    await backend.open_order("A-4711")

    answer = await upload(backend, a_table(a_row("A-4711")), "?dry_run=true")

    assert answer.status_code == 200
    assert answer.json()["statement_id"] is None
    assert verdicts(answer.json()) == ["certain"]
    listed = await backend.granted("GET", "/v1/sellers/{s}/statements")
    assert listed == {"items": []}
    assert verdicts((await upload(backend, a_table(a_row("A-4711")))).json()) == ["certain"]


async def test_r20_the_same_file_again_is_known(backend: Backend) -> None:
    first = await imported(backend, a_row("one"), a_row("two"))

    again = await upload(backend, a_table(a_row("one"), a_row("two")))

    assert again.status_code == 200
    assert again.json()["statement_id"] == first["statement_id"]
    assert verdicts(again.json()) == ["known", "known"]
    lines = [line["line_id"] for line in again.json()["lines"]]
    assert lines == [line["line_id"] for line in first["lines"]]


async def test_r20_overlapping_files_tell_of_a_transaction_once(backend: Backend) -> None:
    await imported(backend, a_row("one"), a_row("two"))

    later = await imported(backend, a_row("two"), a_row("three", day="03.03.2026"))

    assert verdicts(later) == ["known", "not_ours"]


async def test_r20_equal_transactions_of_one_day_are_several(backend: Backend) -> None:
    await backend.open_order("A-4711", total="238.00")

    first = await imported(backend, a_row("A-4711"), a_row("A-4711"))
    again = await imported(backend, a_row("A-4711"), a_row("A-4711"), a_row("A-4711"))

    assert len({line["line_id"] for line in first["lines"]}) == 2
    assert verdicts(again) == ["known", "known", "certain"]


async def test_r20_the_same_days_in_another_format_are_known(backend: Backend) -> None:
    await imported(backend, a_row("A-4711"))

    other = await upload(backend, camt(entry("A-4711")))

    assert verdicts(other.json()) == ["known"]


async def test_r20_all_that_is_certain_is_booked_at_once(backend: Backend) -> None:
    for order_id in ("A-4711", "A-4712", "A-4713"):
        await backend.open_order(order_id)
    statement = await imported(
        backend,
        a_row("A-4711"),
        a_row("A-4712"),
        a_row("danke", payer="Eva Fremd"),
        a_row("?", "-5,00"),
    )
    assert verdicts(statement) == ["certain", "certain", "candidates", "not_ours"]

    booked = await backend.granted(
        "POST", f"/v1/sellers/{{s}}/statements/{statement['statement_id']}/book"
    )

    assert verdicts(booked) == ["booked", "booked", "candidates", "not_ours"]
    for order_id, stage in (("A-4711", "paid"), ("A-4712", "paid"), ("A-4713", "scheduled")):
        assert (await backend.case(order_id))["stage"] == stage
    order = await backend.granted("GET", "/v1/orders/{s}/A-4711")
    [payment] = order["payments"]
    assert payment["reported_by"] == "statement"
    assert payment["payment_id"] == booked["lines"][0]["payment_id"]
    assert payment["paid_at"] == "2026-03-02T11:00:00+00:00"


async def test_r20_a_line_whose_order_was_canceled_since_the_match_is_left_open(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    await backend.open_order("A-4711")
    statement = await imported(backend, a_row("A-4711"))
    match = seller_actions.matches_of_statement

    async def match_and_cancel(*args: Any) -> Any:
        matched = await match(*args)
        await backend.granted("POST", "/v1/orders/{s}/A-4711/cancel", {"reason": "returned"})
        return matched

    monkeypatch.setattr(seller_actions, "matches_of_statement", match_and_cancel)
    booked = await backend.granted(
        "POST", f"/v1/sellers/{{s}}/statements/{statement['statement_id']}/book"
    )

    assert "booked" not in verdicts(booked)
    assert (await backend.granted("GET", "/v1/orders/{s}/A-4711"))["payments"] == []


async def test_r20_with_the_setting_what_is_certain_is_booked_on_import(backend: Backend) -> None:
    await backend.granted("PATCH", "/v1/sellers/{s}/settings", {"book_certain": True})
    await backend.open_order("A-4711")

    statement = await imported(backend, a_row("A-4711"), a_row("?", payer="Eva Fremd"))

    assert verdicts(statement)[0] == "booked"
    assert (await backend.case("A-4711"))["stage"] == "paid"


async def test_r20_the_history_says_that_a_statement_reported_it(backend: Backend) -> None:
    await backend.open_order("A-4711")
    statement = await imported(backend, a_row("A-4711"))
    line = await book(backend, statement["lines"][0], share("A-4711"))

    history = (await backend.case("A-4711"))["history"]

    [recorded] = [one["detail"] for one in history if one["event"] == "payment.recorded"]
    assert recorded == {
        "payment_id": line["payment_id"],
        "amount": "119.00",
        "currency": "EUR",
        "reported_by": "statement",
    }


async def test_r20_a_line_is_split_over_several_orders(backend: Backend) -> None:
    await backend.open_order("A-4711")
    await backend.open_order("A-4712", total="81.00")
    statement = await imported(backend, a_row("A-4711 und A-4712", "200,00"))
    [line] = statement["lines"]
    assert line["verdict"] == "candidates"
    split = [one for one in line["matches"] if "the orders add up to 200.00" in one["reasons"]]
    assert [(one["order_id"], one["amount"]) for one in split] == [
        ("A-4711", "119.00"),
        ("A-4712", "81.00"),
    ]

    booked = await book(backend, line, *split)

    assert booked["verdict"] == "booked"
    for order_id in ("A-4711", "A-4712"):
        assert (await backend.case(order_id))["stage"] == "paid"


async def test_r20_several_lines_pay_one_order(backend: Backend) -> None:
    await backend.open_order("A-4711")
    statement = await imported(backend, a_row("A-4711", "100,00"), a_row("A-4711", "19,00"))

    for line, amount in zip(statement["lines"], ("100.00", "19.00"), strict=True):
        await book(backend, line, share("A-4711", amount))

    assert (await backend.case("A-4711"))["stage"] == "paid"


async def test_r20_booked_twice_is_booked_once(backend: Backend) -> None:
    await backend.open_order("A-4711")
    [line] = (await imported(backend, a_row("A-4711")))["lines"]

    first = await book(backend, line, share("A-4711"))
    again = await book(backend, line, share("A-4711"))
    other = await backend.send(
        "POST", f"/v1/sellers/{{s}}/lines/{line['line_id']}/book", [share("A-4711", "5.00")]
    )

    assert again == first
    assert other.status_code == 409
    assert other.json()["reason"] == "different_content"
    assert (await backend.case("A-4711"))["paid"] == "119.00"


async def test_r20_a_booking_is_taken_back_and_booked_elsewhere(backend: Backend) -> None:
    await backend.open_order("A-4711")
    await backend.open_order("A-4712")
    [line] = (await imported(backend, a_row("A-4711")))["lines"]
    await book(backend, line, share("A-4711"))
    assert (await backend.case("A-4711"))["stage"] == "paid"

    back = await take_back(backend, line)

    assert back["verdict"] == "certain"
    assert back["payment_id"] is None
    case = await backend.case("A-4711")
    assert (case["stage"], case["paid"], case["open_amount"]) == ("scheduled", "0.00", "119.00")
    assert "payment.taken_back" in [one["event"] for one in case["history"]]
    assert (await backend.granted("GET", "/v1/orders/{s}/A-4711"))["payments"] == []
    assert await take_back(backend, line) == back
    await book(backend, line, share("A-4712"))
    assert (await backend.case("A-4712"))["stage"] == "paid"


async def test_r20_credit_that_is_taken_back_is_gone(backend: Backend) -> None:
    await backend.open_order("A-4711")
    [line] = (await imported(backend, a_row("A-4711", "150,00")))["lines"]
    await book(backend, line, share("A-4711", "150.00"))
    assert (await backend.case("A-4711"))["credit"] == "31.00"

    await take_back(backend, line)

    case = await backend.case("A-4711")
    assert (case["credit"], case["open_amount"]) == ("0.00", "119.00")


async def test_r20_a_line_set_aside_stays_so_until_it_is_taken_back(backend: Backend) -> None:
    [line] = (await imported(backend, a_row("Miete", payer="Eva Fremd")))["lines"]
    path = f"/v1/sellers/{{s}}/lines/{line['line_id']}/aside"

    aside = await backend.granted("POST", path, {"reason": "rent"})

    assert aside["verdict"] == "aside"
    assert (await backend.granted("POST", path, {"reason": "rent"}))["verdict"] == "aside"
    assert (await take_back(backend, line))["verdict"] == "not_ours"


async def test_r20_what_the_backend_reported_is_asked_about(backend: Backend) -> None:
    await backend.open_order("A-4711")
    await backend.granted("POST", "/v1/payments", backend.payment("100.00", "A-4711"))

    [line] = (await imported(backend, a_row("A-4711", "100,00")))["lines"]

    assert line["verdict"] == "perhaps_reported"
    assert (
        f"a payment of this amount was reported: p-{backend.mark}" in line["matches"][0]["reasons"]
    )


async def test_r20_what_was_reported_after_the_import_is_not_booked_twice(backend: Backend) -> None:
    await backend.open_order("A-4711")
    statement = await imported(backend, a_row("A-4711"))
    await backend.granted("POST", "/v1/payments", backend.payment("119.00", "A-4711"))

    path = f"/v1/sellers/{{s}}/statements/{statement['statement_id']}"
    assert verdicts(await backend.granted("GET", path)) == ["perhaps_reported"]
    assert verdicts(await backend.granted("POST", f"{path}/book")) == ["perhaps_reported"]
    assert (await backend.case("A-4711"))["paid"] == "119.00"


async def test_r13_r20_a_return_takes_back_the_payment_that_it_undoes(backend: Backend) -> None:
    await backend.open_order("A-4711")
    [paid] = (await upload(backend, camt(entry("A-4711")))).json()["lines"]
    booked = await book(backend, paid, share("A-4711"))

    undone = camt(entry("A-4711", "122.50", day="2026-03-04", returned=True))
    [line] = (await upload(backend, undone)).json()["lines"]

    assert (line["verdict"], line["amount"], line["is_return"]) == ("candidates", "-122.50", True)
    [match] = line["matches"]
    assert match["reasons"][0] == f"it takes back the payment {booked['payment_id']}"
    assert match["amount"] == "119.00"
    answer = await book(backend, line, match)
    assert answer["payment_id"] == booked["payment_id"]
    case = await backend.case("A-4711")
    assert (case["open_amount"], case["fees"]) == ("122.50", "3.50")
    refused = await backend.send("POST", f"/v1/sellers/{{s}}/lines/{line['line_id']}/take_back")
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("shares", "field"),
    [
        ([], "body"),
        ([share("A-4711", "119.01")], "amount"),
        ([share("A-4711", "60.00"), share("A-4711", "60.00")], "amount"),
        ([share("A-4711", "0.00")], "0.amount"),
        ([share("A-4711", "1.001")], "0.amount"),
        ([share("B-1")], "0.order_id"),
        ([share("A-4711", "59.00"), share("B-1", "60.00")], "1.order_id"),
        ([share("A-4711", installment=7)], "0.installment"),
        ([{"amount": "119.00"}], "0.order_id"),
    ],
)
async def test_a_booking_that_cannot_be_changes_nothing(
    backend: Backend, shares: list[Document], field: str
) -> None:
    await backend.open_order("A-4711")
    [line] = (await imported(backend, a_row("A-4711")))["lines"]

    answer = await backend.send("POST", f"/v1/sellers/{{s}}/lines/{line['line_id']}/book", shares)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await backend.case("A-4711"))["paid"] == "0.00"


async def test_money_that_went_out_pays_nothing(backend: Backend) -> None:
    await backend.open_order("A-4711")
    [line] = (await imported(backend, a_row("Erstattung A-4711", "-119,00")))["lines"]
    assert line["verdict"] == "not_ours"

    answer = await backend.send(
        "POST", f"/v1/sellers/{{s}}/lines/{line['line_id']}/book", [share("A-4711")]
    )

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"%PDF-1.7", 415),
        (b"hello", 415),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Document/>', 422),
        (b"x" * 20_000_001, 413),
    ],
    ids=["empty", "PDF", "text", "entities", "too large"],
)
async def test_what_cannot_be_read_is_refused_with_a_word(
    backend: Backend, content: bytes, status: int
) -> None:
    answer = await upload(backend, content)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (await backend.granted("GET", "/v1/sellers/{s}/statements")) == {"items": []}


async def test_a_table_that_is_not_clear_is_shown_and_corrected_once(backend: Backend) -> None:
    await backend.open_order("A-4711")
    table = "Date,Payer,Text,Amount,Currency\r\n03/04/2026,Ada Muster,A-4711,119.00,EUR\r\n"

    refused = await upload(backend, table.encode())

    assert refused.status_code == 422
    reading = refused.json()["reading"]
    assert reading["date_order"] is None
    reading["date_order"] = "dmy"
    path = "/v1/sellers/{s}/statements"
    with backend.world.clock.at(backend.now):
        corrected = await backend.api.post(
            path.replace("{s}", backend.seller_id),
            params={"reading": _json(reading)},
            content=table.encode(),
            headers={"Content-Type": "text/csv"},
        )
    assert corrected.status_code == 201, corrected.text
    assert corrected.json()["lines"][0]["booked_on"] == "2026-04-03"
    another = table.replace("119.00", "5.00")
    later = await upload(backend, another.encode())
    assert later.json()["lines"][0]["booked_on"] == "2026-04-03"


async def test_nobody_sees_the_statements_of_another(backend: Backend) -> None:
    [line] = (await imported(backend, a_row("A-4711")))["lines"]

    for method, path in (
        ("GET", "/v1/sellers/{s}/statements/st-unknown"),
        ("POST", "/v1/sellers/{s}/statements/st-unknown/book"),
        ("POST", f"/v1/sellers/nobody/lines/{line['line_id']}/take_back"),
        ("POST", "/v1/sellers/{s}/lines/unknown/aside"),
        ("GET", "/v1/sellers/nobody/statements"),
    ):
        assert (await backend.send(method, path)).status_code == 404


def _json(reading: Document) -> str:
    return json.dumps(reading)


async def test_r20_it_is_known_who_booked_what_from_which_file_and_line(backend: Backend) -> None:
    await backend.open_order("A-4711")
    answer = await upload(backend, a_table(a_row("?"), a_row("A-4711")), "?filename=march.csv")
    line = answer.json()["lines"][1]
    booked = await book(backend, line, share("A-4711"))
    await take_back(backend, line)

    async with backend.world.database.reading() as session:
        origins = await origins_of(session, [booked["payment_id"]])
        query = select(StatementDecisionRow).order_by(col(StatementDecisionRow.id))
        decided = query.where(StatementDecisionRow.line_id == line["line_id"])
        decisions = (await session.exec(decided)).all()
        waiting = await count_open_lines(session, backend.seller_id)

    origin = origins[booked["payment_id"]]
    assert (origin.reported_by, origin.filename, origin.position) == ("statement", "march.csv", 2)
    assert (origin.recorded_by or "").startswith("key ")
    assert [one.decision for one in decisions] == ["booked", "taken_back"]
    assert {one.by for one in decisions} == {origin.recorded_by}
    assert decisions[0].shares[0]["payment_id"] == booked["payment_id"]
    assert waiting == 2


async def test_a_sellers_own_key_imports_and_reports_no_payments(backend: Backend) -> None:
    async with backend.world.database.writing() as session:
        key = await create_key(session, seller_id=backend.seller_id, label="", at=backend.now)
    mine = {"Authorization": f"Bearer {key.token}", "Content-Type": "text/csv"}
    await backend.open_order("A-4711")

    path = "/v1/sellers/{s}/statements"
    taken = await backend.send("POST", path, content=a_table(a_row("A-4711")), headers=mine)
    other = await backend.send("GET", "/v1/sellers/nobody/statements", headers=mine)
    as_json = mine | {"Content-Type": "application/json"}
    reported = await backend.send("POST", "/v1/payments", backend.payment(), headers=as_json)

    assert taken.status_code == 201
    assert other.status_code == 404
    assert reported.status_code == 403


async def test_r20_booked_by_two_at_once_it_is_booked_once(backend: Backend) -> None:
    orders = [f"A-471{number}" for number in range(6)]
    for order_id in orders:
        await backend.open_order(order_id)
    statement = await imported(backend, *(a_row(order_id) for order_id in orders))
    path = f"/v1/sellers/{{s}}/statements/{statement['statement_id']}/book"

    answers = await asyncio.gather(*(backend.granted("POST", path) for _ in range(3)))

    assert verdicts(answers[-1]) == ["booked"] * 6
    for order_id in orders:
        assert (await backend.case(order_id))["paid"] == "119.00"
        order = await backend.granted("GET", f"/v1/orders/{{s}}/{order_id}")
        assert len(order["payments"]) == 1


async def test_r20_two_files_of_one_day_at_once_tell_of_it_once(backend: Backend) -> None:
    answers = await asyncio.gather(
        upload(backend, a_table(a_row("one"), a_row("two"))),
        upload(backend, a_table(a_row("two"), a_row("one"))),
        upload(backend, a_table(a_row("one"))),
    )

    lines = [line for answer in answers for line in answer.json()["lines"]]
    assert len({line["line_id"] for line in lines}) == 2
    assert sum(line["verdict"] == "known" for line in lines) == 3
