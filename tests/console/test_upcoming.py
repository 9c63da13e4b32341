"""What goes out in the next days: the same as the forecasts of all cases together."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import select

from console.pages import upcoming
from console.pages.upcoming import DAYS, coming_days
from dunning.settings import answer_until
from models.seller import SellerProfile
from models.tables import CaseRow, SellerRow
from models.terms import SellerAt
from tests.console.offline_console import Clerk, OfflineConsole

CHILEAN = {
    "address": {
        "street": "Av. Providencia 1208",
        "postal_code": "7500571",
        "city": "Santiago",
        "region": "RM",
        "country": "CL",
    }
}


async def total(console: OfflineConsole) -> Counter[tuple[date, str]]:
    """What the page counts, by day and kind."""
    async with console.database.reading() as session:
        seller = await session.get_one(SellerRow, "s-1")
        days = await coming_days(session, SellerAt.of(seller, console.now))
    return Counter({(day.day, kind): count for day in days for kind, count in day.kinds.items()})


async def forecast(console: OfflineConsole) -> Counter[tuple[date, str]]:
    """What the API forecasts of each case, together."""
    async with console.database.reading() as session:
        ids = list(await session.exec(select(CaseRow.case_id)))
        seller = await session.get_one(SellerRow, "s-1")
    zone = SellerProfile.model_validate(seller.profile).zone
    last = console.now.astimezone(zone).date() + timedelta(days=DAYS - 1)
    found: Counter[tuple[date, str]] = Counter()
    for case_id in ids:
        answer = await console.granted("GET", f"/v1/cases/{case_id}/forecast")
        for item in answer["items"]:
            day = datetime.fromisoformat(item["at"]).astimezone(zone).date()
            if day <= last and item["kind"] not in ("hold_ends", "invoice_notice"):
                found[day, item["kind"]] += 1
    return found


async def orders(console: OfflineConsole) -> None:
    """Cases on every step, in several countries, and one on hold."""
    had: list[list[dict[str, Any]]] = [
        [],
        [{"kind": "payment_reminder", "sent_on": "2026-02-24"}],
        [{"kind": "first_notice", "sent_on": "2026-02-22"}],
        [{"kind": "final_notice", "sent_on": "2026-02-21"}],
    ]
    customers: list[dict[str, Any]] = [{}, CHILEAN, {"address": {"street": "Hauptstr."}}]
    for number, notices in enumerate(had):
        for sort, customer in enumerate(customers):
            await console.order(
                f"A-{number}-{sort}",
                invoice_date="2026-02-01",
                customer=customer,
                notices_sent=notices,
            )
    await console.order("A-later", invoice_date="2026-03-12")
    held = await console.order("A-held", invoice_date="2026-02-20", notices_sent=had[1])
    until = (console.now + timedelta(days=3)).date().isoformat()
    await console.granted("POST", f"/v1/cases/{held}/hold", {"until": until})


@pytest.mark.one_database
@pytest.mark.parametrize(
    "settings",
    [
        {"business_days_only": True},
        {"auto_handoff": False, "dunning_option": "no_collection"},
        {"sending_window": {"from": "06:00", "to": "07:30"}},
    ],
    ids=",".join,
)
async def test_r9_what_is_counted_is_what_is_forecast_with_other_settings(
    console: OfflineConsole, settings: dict[str, Any]
) -> None:
    await orders(console)
    await console.granted("PATCH", "/v1/sellers/s-1/settings", settings)

    assert await total(console) == await forecast(console)


async def test_r9_what_is_counted_is_what_is_forecast_of_each_case(
    console: OfflineConsole,
) -> None:
    await orders(console)

    assert await total(console) == await forecast(console)


@pytest.mark.one_database
async def test_r21_no_handoff_is_shown_before_the_settings_are_answered(
    console: OfflineConsole,
) -> None:
    await orders(console)
    async with console.database.writing() as session:
        seller = await session.get_one(SellerRow, "s-1")
        seller.settings_asked_at, seller.settings_answered_at = console.now, None
        session.add(seller)
    found = await total(console)
    handoffs = [day for day, kind in found if kind == "handoff"]

    assert found == await forecast(console)
    assert min(handoffs) >= answer_until(console.now, "Europe/Berlin").date()


@pytest.mark.one_database
async def test_r20_what_would_wait_for_a_newer_statement_says_so(console: OfflineConsole) -> None:
    await orders(console)
    async with console.database.writing() as session:
        seller = await session.get_one(SellerRow, "s-1")
        seller.statements_until = console.now.date()
        session.add(seller)
    await console.granted("PATCH", "/v1/sellers/s-1/settings", {"hold_when_stale_days": 2})
    found = await total(console)

    assert found == await forecast(console)
    assert "awaiting_statement" in {kind for _, kind in found}


@pytest.mark.one_database
async def test_r9_two_cases_of_a_customer_in_chile_do_not_go_out_on_one_day(
    console: OfflineConsole,
) -> None:
    for number in range(3):
        await console.order(
            f"A-{number}",
            invoice_date="2026-02-20",
            customer=CHILEAN | {"customer_id": "c-1"},
            notices_sent=[{"kind": "payment_reminder", "sent_on": "2026-02-26"}],
        )
    days = sorted(day for (day, _), count in (await total(console)).items() for _ in range(count))

    assert len(days) == 4
    assert all((later - day).days >= 2 for day, later in pairwise(days))
    assert all((later - day).days >= 7 for day, later in zip(days, days[2:], strict=False))


async def test_a_day_names_its_cases_with_their_moments(
    console: OfflineConsole, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await orders(console)
    found = await total(console)
    html = await clerk.page("/console/upcoming")
    assert html.count('href="/console/cases/') == found.total()

    monkeypatch.setattr(upcoming, "_FEW", 3)
    day = min(day for day, _ in found)
    html = await clerk.page("/console/upcoming")
    assert f'href="/console/upcoming/{day}"' in html
    html = await clerk.page(f"/console/upcoming/{day}")
    assert html.count('href="/console/cases/') == sum(
        count for (on, _), count in found.items() if on == day
    )
    assert (await clerk.get("/console/upcoming/2031-01-01")).status_code == 404
    assert (await clerk.get("/console/upcoming/soon")).status_code == 404


@pytest.mark.one_database
async def test_r9_the_cases_of_one_customer_in_chile_are_named_on_the_days_that_are_counted(
    console: OfflineConsole, clerk: Clerk
) -> None:
    for number in range(2):
        await console.order(
            f"A-{number}",
            invoice_date="2026-02-20",
            customer=CHILEAN | {"customer_id": "c-1"},
            notices_sent=[{"kind": "payment_reminder", "sent_on": "2026-02-26"}],
        )
    for (day, _), count in (await total(console)).items():
        html = await clerk.page(f"/console/upcoming/{day}")
        assert html.count('href="/console/cases/') == count
