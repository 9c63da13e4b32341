"""R26: whatever is asked for, lists and tables are what one would pick out by hand."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from unicodedata import combining, normalize

import httpx
import pytest

import models.lists
from bench.databases import Databases
from dunning.stages import ENDS, Stage
from runtime.database import Database
from tests.examples import many
from tests.offline import OfflineApi
from tests.starter.backend import refused
from tests.starter.case_rows import (
    AMOUNTS,
    DAYS,
    SELLERS,
    Shelved,
    move,
    sellers_of,
    shelve,
    some_cases,
)

CASES = some_cases(250)
pytestmark = pytest.mark.one_database

WORDS = (
    *("müller", "MÜLLER", "ada", "a", "a-1", "A-", "_", "%", "100%_", "\\", "'", '"', "groß"),
    *("GROSS", "σοφος", "ΣΟΦΟΣ", "peña", "Pen\u0303a", "ada müller", "söhne gmbh", ".9:", "b_7"),
    *("; drop", "nobody", "' OR 1=1 --", "😀", "a" * 200, "  ada ", "e", "[a]", "*", "?"),
    *("muller", "mu\u0308ller", "m\u00fc\u0131ler", "o'neil", "O\u2019Neil", "  ", "b- 7", "1 0"),
    *("muster a-1", "  Söhne   MÜLLER ada ", "müller b_7", "b_1 söhne"),
)
Query = dict[str, Any]


@pytest.fixture(scope="module")
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with _with_sellers(databases) as opened:
        await shelve(opened, CASES)
        yield opened


@pytest.fixture(scope="module")
async def apis(database: Database) -> AsyncIterator[dict[str | None, httpx.AsyncClient]]:
    """The API as a backend calls it, and as each seller does."""
    async with AsyncExitStack() as stack:
        offline = await stack.enter_async_context(OfflineApi.opened(database))
        sellers = {
            seller_id: await stack.enter_async_context(offline.as_seller(seller_id))
            for seller_id in SELLERS
        }
        yield {None: offline.api} | sellers


@asynccontextmanager
async def _with_sellers(databases: Databases) -> AsyncIterator[Database]:
    async with databases.migrated() as url:
        opened = Database(url)
        await sellers_of(opened)
        yield opened
        await opened.close()


def _plain(text: str) -> str:
    """Without its accents, and with the one apostrophe that keyboards have."""
    plain = "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))
    return plain.replace("\u2019", "'")


def _by_hand(cases: list[Shelved], query: Query, *, seller_id: str | None) -> list[str]:
    """The ids of the cases that are asked for, in their order."""

    def is_asked_for(case: Shelved) -> bool:
        wanted = {
            stage
            for name in query.get("stage", ())
            for stage in (set(Stage) - ENDS if name == "active" else {name})
        }
        texts = " ".join(filter(None, (case.first_name, case.last_name, case.company)))
        words = _plain(query.get("q", "")).split()

        def may_be_number(word: str) -> bool:
            return len(words) == 1 or any(letter.isdigit() for letter in word)

        return (
            query.get("seller_id", case.seller_id) == case.seller_id
            and (seller_id or case.seller_id) == case.seller_id
            and ("stage" not in query or case.stage in wanted)
            and query.get("period_from", "0") <= case.due_date.isoformat()
            and query.get("period_to", "9") >= case.due_date.isoformat()
            and Decimal(query.get("amount_min", 0)) <= case.open_amount
            and Decimal(query.get("amount_max", 10**9)) >= case.open_amount
            and all(
                word in _plain(texts) or (may_be_number(word) and word in case.order_id.lower())
                for word in words
            )
        )

    chosen = sorted((case for case in cases if is_asked_for(case)), key=lambda case: case.place)
    return [case.case_id for case in chosen]


def _any_query(draw: Random) -> Query:
    """Some filters, each as likely to be left out."""
    day = draw.choice(DAYS) + timedelta(days=draw.choice((0, 0, 0, -40, 40)))
    amount = draw.choice(AMOUNTS)
    every: Query = {
        "seller_id": draw.choice((*SELLERS, "s-9")),
        "stage": [str(draw.choice([*Stage, "active"])) for _ in range(draw.randint(1, 4))],
        "period_from": day.isoformat(),
        "period_to": (day + timedelta(days=draw.randint(-1, 4))).isoformat(),
        "amount_min": str(amount),
        "amount_max": str(amount + draw.choice((0, Decimal("0.01"), 100))),
        "q": draw.choice(WORDS),
    }
    return {name: value for name, value in every.items() if draw.random() < 0.4}


async def _pages(api: httpx.AsyncClient, query: Query, limit: int) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        asked = {**query, "limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = await api.get("/v1/cases", params=asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [item["case_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        assert cursor is None or len(page["items"]) == limit
        if cursor is None:
            return found


async def _table(api: httpx.AsyncClient, query: Query) -> list[str]:
    answer = await api.get("/v1/cases.csv", params=query)
    assert answer.status_code == 200, answer.text
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    return [row["case_id"] for row in rows]


# Few and many customers with the words are looked for on different ways.
@pytest.mark.parametrize("few", [0, 20, 500])
@pytest.mark.parametrize("seed", range(many(3)))
async def test_any_filters_together_find_what_one_would_find_by_hand(
    apis: dict[str | None, httpx.AsyncClient],
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    seed: int,
) -> None:
    monkeypatch.setattr(models.lists, "_FEW", few)
    draw = Random(seed)
    for _ in range(5):
        query, who = _any_query(draw), draw.choice((None, *SELLERS))
        if who is not None:
            query.pop("seller_id", None)
        by_hand = _by_hand(CASES, query, seller_id=who)

        assert await _pages(apis[who], query, draw.choice((1, 7, 50, 200))) == by_hand, query
        assert await _table(apis[who], query) == by_hand, query


@pytest.mark.parametrize("words", WORDS)
async def test_words_are_found_as_they_are_and_nothing_else(
    apis: dict[str | None, httpx.AsyncClient], words: str
) -> None:
    by_hand = _by_hand(CASES, {"q": words}, seller_id=None)

    assert await _pages(apis[None], {"q": words}, 200) == by_hand
    assert await _table(apis[None], {"q": words}) == by_hand


async def test_a_seller_may_name_itself_and_nobody_else(
    apis: dict[str | None, httpx.AsyncClient],
) -> None:
    own = _by_hand(CASES, {}, seller_id="s-1")
    for path in ("/v1/cases", "/v1/cases.csv"):
        assert (await apis["s-1"].get(path, params={"seller_id": "s-1"})).status_code == 200
        for other in ("s-2", "s-unknown"):
            refused(await apis["s-1"].get(path, params={"seller_id": other}), 404)
    assert await _pages(apis["s-1"], {}, 200) == await _table(apis["s-1"], {}) == own


async def test_a_cursor_of_somebody_else_shows_nothing_of_theirs(
    apis: dict[str | None, httpx.AsyncClient],
) -> None:
    page = (await apis["s-2"].get("/v1/cases", params={"limit": 3})).json()
    last = date.fromisoformat(page["items"][-1]["due_date"]), page["items"][-1]["case_id"]

    mine = await apis["s-1"].get("/v1/cases", params={"cursor": page["next_cursor"], "limit": 200})

    own = sorted(case.place for case in CASES if case.seller_id == "s-1")
    assert [item["case_id"] for item in mine.json()["items"]] == [
        case_id for due_date, case_id in own if (due_date, case_id) > last
    ]


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_a_cursor_that_was_broken_or_made_up_is_refused(
    apis: dict[str | None, httpx.AsyncClient],
) -> None:
    good: str = (await apis[None].get("/v1/cases", params={"limit": 1})).json()["next_cursor"]
    case_id = CASES[0].case_id
    broken = [good[:cut] for cut in range(len(good))]
    broken += [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :] for at in range(10)]
    broken += [
        f"{good}=",
        f"{good}A",
        f" {good}",
        good.swapcase(),
        good + good,
        "\x00",
        "ü",
        "=" * 9,
    ]
    broken += [
        _encoded(made_up)
        for made_up in (
            f"2026-03-02/{case_id}",
            f"20260302/{case_id}",
            "2026-03-02/",
            "2026-03-02/\x00",
            "9999-99-99/x",
            '["2026-03-02", "x"]',
        )
    ]
    for cursor in broken:
        refused(await apis[None].get("/v1/cases", params={"cursor": cursor}), 422, "cursor")


@pytest.mark.parametrize("name", ["q", "limit", "seller_id", "amount_min", "period_to"])
async def test_a_filter_that_is_given_twice_is_refused(
    apis: dict[str | None, httpx.AsyncClient], name: str
) -> None:
    given = {
        "q": "a",
        "limit": "5",
        "seller_id": "s-1",
        "amount_min": "1",
        "period_to": "2026-01-01",
    }
    answer = await apis[None].get(f"/v1/cases?{name}={given[name]}&{name}={given[name]}")
    refused(answer, 422, name)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("amount_min=", "amount_min"),
        ("amount_min=NaN", "amount_min"),
        ("amount_min=1,5", "amount_min"),
        (f"amount_min={'9' * 20}", "amount_min"),
        (f"amount_max=1.{'0' * 19}1", "amount_max"),
        ("period_to=2026-1-1", "period_to"),
        ("period_to=0001-01-01", "period_to"),
        ("period_from=", "period_from"),
        (f"q={'x' * 201}", "q"),
        ("q=%00", "q"),
        ("q=%1b", "q"),
        ("q=a%0Ab", "q"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=1e2", "limit"),
        ("seller_id=", "seller_id"),
        ("seller_id=%25", "seller_id"),
        ("Stage=paid", "Stage"),
    ],
)
async def test_no_value_does_more_than_be_refused_by_name(
    apis: dict[str | None, httpx.AsyncClient], query: str, field: str
) -> None:
    refused(await apis[None].get(f"/v1/cases?{query}"), 422, field)


async def test_bytes_that_are_no_text_find_nothing(
    apis: dict[str | None, httpx.AsyncClient],
) -> None:
    answer = await apis[None].get("/v1/cases?q=%ff%fe")
    assert (answer.status_code, answer.json()["items"]) == (200, [])


@pytest.mark.parametrize("query", [{}, {"stage": ["active"]}, {"amount_min": "10"}, {"q": "ada"}])
@pytest.mark.parametrize("seed", range(many(1)))
async def test_what_stays_in_a_list_while_others_come_and_change_is_shown_once(
    databases: Databases, query: Query, seed: int
) -> None:
    draw = Random(seed)
    shelved = {case.case_id: case for case in some_cases(60, seed=seed)}
    new = [replace(case, order_id=f"N-{case.order_id}") for case in some_cases(40, seed=99)]
    always = set(_by_hand(list(shelved.values()), query, seller_id=None))
    shown: list[str] = []
    async with _with_sellers(databases) as database:
        await shelve(database, shelved.values())
        async with OfflineApi.opened(database) as offline:
            asked: Query | None = query | {"limit": 5}
            while asked is not None:
                page = (await offline.api.get("/v1/cases", params=asked)).json()
                shown += [item["case_id"] for item in page["items"]]
                cursor = page["next_cursor"]
                asked = None if cursor is None else query | {"limit": 5, "cursor": cursor}
                coming = [new.pop() for _ in range(min(3, len(new)))]
                await shelve(database, coming)
                shelved |= {case.case_id: case for case in coming}
                for case_id in draw.sample(sorted(shelved), 4):
                    stage = draw.choice(list(Stage))
                    shelved[case_id] = await move(database, shelved[case_id], stage)
                always &= set(_by_hand(list(shelved.values()), query, seller_id=None))

    assert len(shown) == len(set(shown))
    assert always <= set(shown)
    places = [shelved[case_id].place for case_id in shown]
    assert places == sorted(places)
