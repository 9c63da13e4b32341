"""Lists of cases: pages, refusals, and the table; test_any_list.py tries the filters."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from models.exports import COLUMNS
from tests.bodies import ada
from tests.offline import OfflineApi
from tests.starter.backend import Backend, Document, refused

_PEOPLE = ("Müller", "Muster", "100%", "under_score", "Ölmann", "O'Neil")


@pytest.fixture(scope="module")
async def shop(offline: OfflineApi) -> Backend:
    """A seller with twelve orders, two of them by installments, some paid or stopped."""
    backend = Backend(offline, "lists")
    await backend.sign_up()
    for number in range(12):
        customer = ada() | {
            "customer_id": f"c-{number}",
            "first_name": "Grace" if number % 2 else "Ada",
            "last_name": _PEOPLE[number % len(_PEOPLE)],
            "company": "Example AG" if number == 7 else None,
        }
        given: Document = {
            "customer": customer,
            "total": f"{(number + 1) * 10}.00",
            "invoice_date": f"2026-0{1 + number % 2}-{number + 1:02}",
        }
        if number % 5 == 0:
            half = f"{(number + 1) * 5}.00"
            given["installments"] = [
                {"number": 1, "due_date": "2026-03-20", "amount": half},
                {"number": 2, "due_date": "2026-04-20", "amount": half},
            ]
        await backend.open_order(f"B-{number}", **given)
    payment = backend.payment("20.00", "B-1")
    await backend.granted("POST", "/v1/payments", payment | {"amount": "20.00"})
    await backend.granted("POST", f"/v1/cases/{backend.case_id('B-2')}/stop")
    return backend


async def _all(shop: Backend) -> list[Document]:
    return await _listed(shop)


async def _listed(shop: Backend, **query: Any) -> list[Document]:
    """The cases of all pages."""
    found: list[Document] = []
    cursor: str | None = None
    while True:
        asked = {"seller_id": shop.seller_id, **query, **({"cursor": cursor} if cursor else {})}
        page = await _asked(shop, "/v1/cases", asked)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def _asked(shop: Backend, path: str, query: dict[str, Any]) -> Document:
    with shop.world.clock.at(shop.now):
        answer = await shop.api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    document: Document = answer.json()
    return document


@pytest.mark.parametrize("limit", [1, 3, 200])
async def test_pages_of_any_size_together_are_the_list(shop: Backend, limit: int) -> None:
    whole = await _all(shop)
    assert len(whole) == 15
    assert whole == sorted(whole, key=lambda case: (case["due_date"], case["case_id"]))
    assert await _listed(shop, limit=limit) == whole


async def test_a_case_in_a_list_is_the_case_without_its_history(shop: Backend) -> None:
    for listed in await _all(shop):
        case = await shop.granted("GET", f"/v1/cases/{listed['case_id']}")
        del case["history"]
        assert listed == case


async def test_what_comes_in_between_two_pages_moves_nothing(shop: Backend) -> None:
    moving = Backend(shop.world, "moving lists")
    await moving.sign_up()
    for number in range(4):
        await moving.open_order(f"M-{number}", invoice_date=f"2026-02-1{number}")
    asked = {"seller_id": moving.seller_id, "limit": 2}
    first = await _asked(moving, "/v1/cases", asked)
    await moving.open_order("M-early", invoice_date="2026-02-01")
    await moving.open_order("M-late", invoice_date="2026-02-20")

    second = await _asked(moving, "/v1/cases", asked | {"cursor": first["next_cursor"]})
    third = await _asked(moving, "/v1/cases", asked | {"cursor": second["next_cursor"]})

    shown = [case["order_id"] for page in (first, second, third) for case in page["items"]]
    assert shown == ["M-0", "M-1", "M-2", "M-3", "M-late"]
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"stage": "lost"}, "stage.0"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "ü"}, "cursor"),
        ({"cursor": "MjAyNi0wMy0wMg"}, "cursor"),
        ({"period_from": "2026-02-30"}, "period_from"),
        ({"amount_min": "1.00001"}, "amount_min"),
        ({"amount_max": "1e3"}, "amount_max"),
        ({"amount_max": "9" * 20}, "amount_max"),
        ({"seller_id": "no seller"}, "seller_id"),
        ({"q": "a\x00b"}, "q"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused_by_name(
    shop: Backend, query: dict[str, str], field: str
) -> None:
    refused(await shop.api.get("/v1/cases", params=query), 422, field)


async def test_the_table_has_no_pages(shop: Backend) -> None:
    for name in ("limit", "cursor"):
        refused(await shop.api.get("/v1/cases.csv", params={name: "5"}), 422, name)


async def _table(shop: Backend, **query: Any) -> list[dict[str, str]]:
    with shop.world.clock.at(shop.now):
        answer = await shop.api.get("/v1/cases.csv", params={"seller_id": shop.seller_id, **query})
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_table_says_the_same_as_the_list(shop: Backend) -> None:
    cases, rows = await _all(shop), await _table(shop)

    for case, row in zip(cases, rows, strict=True):
        assert tuple(row) == COLUMNS
        flat = case | {f"customer_{name}": value for name, value in case["customer"].items()}
        flat |= {f"customer_{name}": value for name, value in case["customer"]["address"].items()}
        next_step = case["next_step"] or {"kind": None, "at": None}
        flat |= {"next_step_kind": next_step["kind"], "next_step_at": next_step["at"]}
        flat |= {"dunning_option_kept": str(case["dunning_option_kept"]).lower()}
        flat |= {"actions": " ".join(case["actions"]), "missing": " ".join(case["missing"])}
        for name, cell in row.items():
            expected = flat.get(name)
            assert cell == ("" if expected is None else str(expected)), name


async def test_the_table_is_utf_8_with_its_mark_and_a_name(shop: Backend) -> None:
    answer = await shop.api.get("/v1/cases.csv", params={"seller_id": shop.seller_id})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="cases.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfcase_id,")


async def test_an_empty_table_has_its_header(shop: Backend) -> None:
    answer = await shop.api.get("/v1/cases.csv", params={"seller_id": "s-nobody"})

    assert answer.content.decode("utf-8-sig").splitlines() == [",".join(COLUMNS)]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "a;=1+1", "\uff1d1+1"])
async def test_a_cell_that_a_spreadsheet_would_run_is_made_text(
    offline: OfflineApi, name: str
) -> None:
    backend = Backend(offline, f"formula {name}")
    await backend.sign_up()
    await backend.open_order(customer=ada(last_name=name))

    (row,) = await _table(backend)

    assert row["customer_last_name"] == ("a;'=1+1" if ";" in name else f"'{name}")
    assert row["customer_city"] == "Berlin"
