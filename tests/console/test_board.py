"""The board: rows, filters in the address bar, acts with an answer for each row (R26)."""

from __future__ import annotations

import re

import pytest

from models.changes import change_case
from models.tables import CaseRow
from tests.console.offline_console import Clerk, OfflineConsole, nonce_of

HOSTILE = '"><script>alert(1)</script>'


def rows(html: str) -> list[str]:
    return re.findall(r'<tr id="case-([^"]+)"', html)


@pytest.mark.one_database
async def test_every_case_has_a_row_with_what_can_be_done(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1", cancellation_costs="15.00")
    html = await clerk.page("/console/cases")

    assert rows(html) == [case_id]
    for shown in ("Ada Muster", "A-1", "€119.00", "€15.00", "paid at once", "partner, court"):
        assert shown in html
    assert f'value="stop/{case_id}"' in html
    assert "The customer has not had the final notice yet." in html


@pytest.mark.one_database
async def test_a_row_says_what_it_waits_for_or_when_the_next_step_comes(
    console: OfflineConsole, clerk: Clerk
) -> None:
    noticed = await console.order("A-1")
    async with console.database.writing() as session:
        await change_case(
            session, noticed, lambda case, _: case.changed(invoice_notice_due=False), at=console.now
        )
    held = await console.order("A-2")
    await console.granted("POST", f"/v1/cases/{held}/hold", {"until": "2026-03-20"})
    html = await clerk.page("/console/cases")

    assert "On hold until the end of Mar 20, 2026." in html
    assert "Payment reminder on Mar 7, 2026" in html


async def test_filters_mean_the_same_as_in_the_api(console: OfflineConsole, clerk: Clerk) -> None:
    await console.order("A-1")
    await console.order("B-2", total="20.00", customer={"last_name": "Öztürk"})
    stopped = await console.order("C-3", total="300.00")
    await console.granted("POST", f"/v1/cases/{stopped}/stop")

    for query in (
        "q=öztürk",
        "q=c-3",
        "stage=stopped",
        "stage=active&amount_min=50",
        "amount_max=119.00",
        "period_from=2026-03-03",
        "stage=stopped&stage=scheduled&q=3",
    ):
        items = (await console.granted("GET", f"/v1/cases?{query}"))["items"]
        assert rows(await clerk.page(f"/console/cases?{query}")) == [c["case_id"] for c in items]


@pytest.mark.one_database
async def test_a_filter_that_says_nothing_is_named_at_its_field(
    console: OfflineConsole, clerk: Clerk
) -> None:
    answer = await clerk.get("/console/cases?period_from=2026-02-30&amount_min=x")

    assert answer.status_code == 422
    assert 'id="error-period_from"' in answer.text
    assert 'id="error-amount_min"' in answer.text
    assert 'value="2026-02-30"' in answer.text


async def test_totals_are_those_of_the_filter_and_never_added_across_currencies(
    console: OfflineConsole, clerk: Clerk
) -> None:
    await console.order("A-1")
    await console.order("A-2", total="1.50")
    await console.order("A-3", total="1200", currency="CLP")
    html = await clerk.page("/console/cases")

    assert "€120.50" in html
    assert "CLP" in html
    assert "€120.50" not in await clerk.page("/console/cases?q=A-3")


async def test_a_list_is_sorted_as_the_address_says(console: OfflineConsole, clerk: Clerk) -> None:
    small = await console.order("A-1", total="5.00")
    large = await console.order("A-2", total="500.00")

    assert rows(await clerk.page("/console/cases?sort=-open")) == [large, small]
    assert rows(await clerk.page("/console/cases?sort=open")) == [small, large]


async def test_pages_follow_each_other_without_a_gap(
    console: OfflineConsole, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.pages.board.PAGE", 2)
    ids = {await console.order(f"A-{number}") for number in range(5)}
    for first in ("/console/cases", "/console/cases?sort=-updated"):
        found, path = [], first
        while path:
            html = await clerk.page(path)
            found += rows(html)
            more = re.search(r'href="([^"]+)" rel="next"', html)
            path = more[1].replace("&amp;", "&") if more else ""
        assert len(found) == 5
        assert set(found) == ids


@pytest.mark.one_database
async def test_only_the_rows_are_asked_for_again_and_nothing_if_they_are_the_same(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    first = await clerk.get("/console/cases?part=rows")
    mark = first.headers["etag"]
    same = await clerk.get("/console/cases?part=rows", **{"If-None-Match": mark})
    await console.granted("POST", f"/v1/cases/{case_id}/stop")
    news = await clerk.get("/console/cases?part=rows", **{"If-None-Match": mark})

    assert "<html" not in first.text
    assert same.status_code == 204
    assert news.status_code == 200
    assert "stopped" in news.text


@pytest.mark.one_database
async def test_several_cases_are_asked_and_each_answers_for_itself(
    console: OfflineConsole, clerk: Clerk
) -> None:
    open_case, ended = await console.order("A-1"), await console.order("A-2")
    await console.granted("POST", "/v1/orders/s-1/A-2/cancel")
    html = await clerk.page("/console/cases")
    form = {"nonce": nonce_of(html), "verb": "hold", "case": [open_case, ended], "reason": "check"}
    answered = await clerk.followed("/console/cases/acts", **form)

    assert "Hold: 1 case done." in answered
    assert "The case has ended." in answered
    assert f'value="{ended}" aria-label="Choose A-2" checked' in answered
    document = await console.granted("GET", f"/v1/cases/{open_case}")
    assert document["hold"]["reason"] == "check"
    held = next(e for e in document["history"] if e["event"] == "case.held")
    assert held["detail"]["by"] == "seller: Maria"


@pytest.mark.one_database
async def test_a_form_sent_twice_asks_once(console: OfflineConsole, clerk: Clerk) -> None:
    case_id = await console.order("A-1")
    nonce = nonce_of(await clerk.page("/console/cases"))
    first = await clerk.post("/console/cases/acts", nonce=nonce, one=f"stop/{case_id}")
    await console.granted("POST", f"/v1/cases/{case_id}/start")
    again = await clerk.post("/console/cases/acts", nonce=nonce, one=f"stop/{case_id}")

    assert first.headers["location"] == again.headers["location"]
    assert (await console.granted("GET", f"/v1/cases/{case_id}"))["stage"] == "scheduled"


@pytest.mark.one_database
async def test_all_of_a_filter_is_asked_after_it_was_said_how_many(
    console: OfflineConsole, clerk: Clerk
) -> None:
    ids = [await console.order(f"A-{number}") for number in range(3)]
    other = await console.order("B-1")
    nonce = nonce_of(await clerk.page("/console/cases?q=A-"))
    form = {"nonce": nonce, "query": "q=A-", "verb": "stop", "all": "true"}
    sure = await clerk.post("/console/cases/acts", **form)
    assert "3 cases" in sure.text

    await clerk.followed("/console/cases/acts", **form, sure="true")
    for case_id in ids:
        assert (await console.granted("GET", f"/v1/cases/{case_id}"))["stage"] == "stopped"
    assert (await console.granted("GET", f"/v1/cases/{other}"))["stage"] == "scheduled"


@pytest.mark.one_database
async def test_another_sellers_cases_are_not_there(console: OfflineConsole, clerk: Clerk) -> None:
    await console.seller("s-2")
    foreign = await console.order("X-1", "s-2", customer={"last_name": "Foreign"})

    assert "Foreign" not in await clerk.page("/console/cases")
    unknown = await clerk.get("/console/cases/abcdefabcdefabcd")
    theirs = await clerk.get(f"/console/cases/{foreign}")
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.text.replace(foreign, "") == unknown.text.replace("abcdefabcdefabcd", "")
    nonce = "n" * 16
    for path in ("stop", "cancel-order", "payments", "customer"):
        answer = await clerk.post(f"/console/cases/{foreign}/{path}", nonce=nonce, amount="1")
        assert answer.status_code == 404
    await clerk.post("/console/cases/acts", nonce=nonce, one=f"stop/{foreign}")
    assert (await console.granted("GET", f"/v1/cases/{foreign}"))["stage"] == "scheduled"


@pytest.mark.one_database
async def test_names_that_are_markup_stay_text(console: OfflineConsole, clerk: Clerk) -> None:
    case_id = await console.order("A-1", customer={"last_name": HOSTILE, "company": HOSTILE})
    for path in ("/console/cases", f"/console/cases/{case_id}", "/console/upcoming", "/console/"):
        assert "<script>alert" not in await clerk.page(path)
    searched = await clerk.page("/console/cases?q=%22%3E%3Cscript%3Ealert(1)")
    assert "<script>alert" not in searched


@pytest.mark.one_database
async def test_the_table_has_the_same_rows(console: OfflineConsole, clerk: Clerk) -> None:
    await console.order("A-1")
    await console.order("B-2")
    table = await clerk.get("/console/cases.csv?q=B-2")

    assert table.headers["content-type"].startswith("text/csv")
    assert "B-2" in table.text
    assert "A-1" not in table.text


@pytest.mark.one_database
async def test_what_waits_for_the_seller_stands_first_with_a_button(
    console: OfflineConsole, clerk: Clerk
) -> None:
    assert "Nothing waits for you." in await clerk.page("/console/")
    await console.granted("PATCH", "/v1/sellers/s-1/settings", {"auto_handoff": False})
    blocked = await console.order("A-1", customer={"address": {"city": "Berlin", "country": "DE"}})
    async with console.database.writing() as session:
        row = await session.get_one(CaseRow, blocked)
        row.stage, row.blocked_by = "blocked", "address"
        row.state = row.state | {"blocked_by": "address"}
        session.add(row)
    html = await clerk.page("/console/")

    assert "Incomplete addresses" in html
    assert f'href="/console/cases/{blocked}#contact"' in html
    assert '<b class="count">1</b>' in html


@pytest.mark.one_database
async def test_what_goes_out_is_shown_by_day_with_the_money_in_it(
    console: OfflineConsole, clerk: Clerk
) -> None:
    await console.order("A-1", notices_sent=[{"kind": "payment_reminder", "sent_on": "2026-03-01"}])
    html = await clerk.page("/console/upcoming")

    assert "1 first notice" in html
    assert "€119.00" in html
