"""R9: where the law limits when and how often debtors may be written to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dunning.actions import ActionKind
from dunning.addresses.address import Address
from dunning.case.planning import ladder_action
from dunning.contact_limits import CONTACT_LIMITS, contact_limit, may_name_courts_and_costs
from dunning.days import Terms
from models.calendars import unlawful_days
from models.seller import SellerProfile, SellerSettings
from models.terms import SellerAt, terms_of
from tests.factories import SANTIAGO, a_case, day, steps, utc

CHILE = CONTACT_LIMITS["CL"]
ADDRESS = Address(street="Moneda 970", postal_code="8320000", city="Santiago", country="CL")
TEN = timedelta(minutes=10)
# The nationwide public holidays of 2026 in Chile.
HOLIDAYS = {
    day(f"2026-{on}")
    for on in (
        *("01-01", "04-03", "04-04", "05-01", "05-21", "06-21", "06-29", "07-16", "08-15"),
        *("09-18", "09-19", "10-12", "10-31", "11-01", "12-08", "12-25"),
    )
}
A_YEAR = [date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(365)]


def terms_in(
    zone: str,
    now: datetime,
    *,
    opens: str = "09:00",
    closes: str = "18:00",
    business_days_only: bool = False,
    messages: tuple[datetime, ...] = (),
    address: Address | None = ADDRESS,
) -> Terms:
    """The terms of a seller in a zone, whose customer lives in Chile."""
    settings = {
        "sending_window": {"opens": opens, "closes": closes},
        "business_days_only": business_days_only,
    }
    return terms_of(
        SellerAt(
            "s-1",
            SellerProfile(company_name="x", email="x@example.org", time_zone=zone),
            SellerSettings.model_validate(settings),
            now,
        ),
        address,
        due_date=day("2025-12-01"),
        messages=messages,
    )


def is_lawful(at: datetime, zone: ZoneInfo = SANTIAGO) -> bool:
    """By the words of the rule: Monday to Saturday, 08:00 to 20:00, no public holidays."""
    local = at.astimezone(zone)
    is_open_day = local.weekday() != 6 and local.date() not in HOLIDAYS
    return is_open_day and time(8) <= local.time() < time(20)


def test_r9_the_days_of_chile_are_monday_to_saturday_without_the_public_holidays() -> None:
    closed = {
        on
        for start in ("2026-01-01", "2026-05-01", "2026-08-29")
        for on in unlawful_days(CHILE, day(start))
        if on.year == 2026
    }

    assert {on for on in A_YEAR if on < day("2026-12-28")} - closed == {
        on for on in A_YEAR if on.weekday() != 6 and on not in HOLIDAYS and on < day("2026-12-28")
    }


# Each row: the seller's zone and window, and when on an ordinary Tuesday its notices go to
# Santiago, by the clock there. The slot of the case is ten minutes.
@pytest.mark.parametrize(
    ("zone", "opens", "closes", "there"),
    [
        ("America/Santiago", "09:00", "18:00", "2026-06-16 09:10"),
        ("America/Santiago", "07:00", "12:00", "2026-06-16 08:10"),
        ("America/Santiago", "19:30", "23:00", "2026-06-16 19:40"),
        # no hour in common: the law's hours stand
        ("America/Santiago", "21:00", "23:30", "2026-06-16 08:10"),
        ("America/Santiago", "05:00", "08:00", "2026-06-16 08:10"),
        # Berlin is six hours ahead in June
        ("Europe/Berlin", "09:00", "18:00", "2026-06-16 08:10"),
        ("Europe/Berlin", "16:00", "18:00", "2026-06-16 10:10"),
        ("Europe/Berlin", "06:00", "09:00", "2026-06-16 08:10"),
        # Auckland is sixteen hours ahead: its Tuesday begins on Monday at 08:00
        ("Pacific/Auckland", "09:00", "18:00", "2026-06-15 17:10"),
        ("Pacific/Auckland", "16:00", "18:00", "2026-06-15 08:10"),
        ("America/Los_Angeles", "09:00", "18:00", "2026-06-16 12:10"),
    ],
)
def test_r9_the_limit_holds_beside_the_sellers_window(
    zone: str, opens: str, closes: str, there: str
) -> None:
    rules = terms_in(zone, utc("2026-06-10 12:00"), opens=opens, closes=closes)

    at = rules.moment_from(day("2026-06-16"), TEN, now=utc("2026-06-10 12:00"))

    assert f"{at.astimezone(SANTIAGO):%Y-%m-%d %H:%M}" == there
    assert rules.day_of(at) == day("2026-06-16")


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "business_days_only"),
    [
        ("America/Santiago", "09:00", "18:00", False),
        ("America/Santiago", "21:00", "23:30", False),
        ("America/Santiago", "19:00", "21:00", True),
        ("Europe/Berlin", "09:00", "18:00", False),
        ("Europe/Berlin", "06:00", "09:00", True),
        ("Pacific/Auckland", "09:00", "18:00", False),
        ("Asia/Kolkata", "00:00", "23:59", False),
        ("America/Los_Angeles", "09:00", "18:00", False),
    ],
)
def test_r9_on_no_day_of_a_year_anything_goes_to_chile_outside_of_the_lawful_hours(
    zone: str, opens: str, closes: str, business_days_only: bool
) -> None:
    for on in A_YEAR[:-4]:
        for hour in (0, 13):
            now = datetime.combine(on, time(hour), UTC)
            rules = terms_in(
                zone, now, opens=opens, closes=closes, business_days_only=business_days_only
            )
            at = rules.moment_from(on, TEN, now=now)
            assert is_lawful(at), at.astimezone(SANTIAGO)
            assert at >= now
            assert rules.is_open(at)
            assert rules.day_of(at) >= on
            # Four days are closed in a row at the most, with business days and holidays.
            assert rules.day_of(at) - on <= timedelta(days=5)
            assert rules.moment_from(on, TEN, now=at) == at


def test_r9_for_a_customer_in_santiago_each_day_of_a_year_has_the_moment_of_the_rule() -> None:
    for on in A_YEAR[:-4]:
        now = datetime.combine(on, time(0), UTC)
        expected = on
        while expected.weekday() == 6 or expected in HOLIDAYS:
            expected += timedelta(days=1)
        at = terms_in("America/Santiago", now).moment_from(on, TEN, now=now)
        assert f"{at.astimezone(SANTIAGO):%Y-%m-%d %H:%M}" == f"{expected} 09:10"


@pytest.mark.parametrize(
    ("city", "region", "zone"),
    [
        ("Santiago", "RM", "America/Santiago"),
        ("Valparaíso", None, "America/Santiago"),
        ("Punta Arenas", None, "America/Punta_Arenas"),
        ("Porvenir", "Magallanes y de la Antártica Chilena", "America/Punta_Arenas"),
        ("Coyhaique", "Aysén", "America/Coyhaique"),
        ("Hanga Roa", "Valparaíso", "Pacific/Easter"),
        ("Isla de Pascua", "Valparaíso", "Pacific/Easter"),
        (None, None, "America/Santiago"),
    ],
)
def test_r9_the_clock_is_the_one_of_the_customers_place(
    city: str | None, region: str | None, zone: str
) -> None:
    address = ADDRESS.model_copy(update={"city": city, "region": region})
    now = utc("2026-06-10 12:00")
    rules = terms_in("America/Santiago", now, opens="06:00", closes="23:00", address=address)

    at = rules.moment_from(day("2026-06-16"), timedelta(0), now=now)

    assert CHILE.zone_of(address) == zone
    assert f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" == "2026-06-16 08:00"


def test_r9_a_customer_whose_country_is_not_known_lives_in_the_sellers() -> None:
    profile = SellerProfile(company_name="x", email="x@example.org", address=ADDRESS)
    found = [
        terms_of(
            SellerAt("s-1", profile, SellerSettings(), utc("2026-06-10 12:00")),
            address,
            due_date=day("2026-06-01"),
        ).lawful
        for address in (None, Address(city="Temuco"), Address(country="DE"))
    ]

    assert [hours is not None for hours in found] == [True, True, False]


# --- how often ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "earliest"),
    [
        ([], None),
        # two days apart, at the same time of day there
        (["2026-06-15 13:00"], "2026-06-17 13:00"),
        (["2026-06-10 13:00", "2026-06-15 13:00"], "2026-06-17 13:00"),
        # two in seven days
        (["2026-06-13 13:00", "2026-06-15 13:00"], "2026-06-20 13:00"),
        (["2026-06-01 13:00", "2026-06-13 13:00", "2026-06-15 14:30"], "2026-06-20 13:00"),
        # Chile's clocks go back on 5 April and forward on 6 September
        (["2026-04-04 13:00"], "2026-04-06 14:00"),
        (["2026-09-05 13:00"], "2026-09-07 12:00"),
    ],
)
def test_r9_two_messages_in_seven_days_and_two_days_apart(
    sent: list[str], earliest: str | None
) -> None:
    found = CHILE.next_allowed(map(utc, sent), "America/Santiago")

    assert found == (utc(earliest) if earliest else None)


def test_r9_who_writes_whenever_it_may_writes_twice_in_any_seven_days_of_a_year() -> None:
    sent: list[datetime] = []
    now = utc("2026-01-02 12:00")
    while now < utc("2026-12-20 00:00"):
        rules = terms_in("Europe/Berlin", now, messages=tuple(sent[-2:]))
        wait = rules.no_notice_before
        at = rules.moment_from(rules.day_of(now), TEN, now=max(now, wait) if wait else now)
        assert is_lawful(at)
        sent.append(at)
        now = at + timedelta(seconds=5)

    local = [at.astimezone(SANTIAGO).replace(tzinfo=None) for at in sent]
    assert all(b - a >= timedelta(days=2) for a, b in pairwise(local))
    assert all(c - a >= timedelta(days=7) for a, c in zip(local, local[2:], strict=False))
    assert len(sent) > 90


def test_r9_a_notice_waits_for_the_first_moment_allowed_and_r8_counts_from_there() -> None:
    # Another order's notice went out on Monday the 15th; the reminder falls on the 16th.
    now = utc("2026-06-15 15:00")
    other = (utc("2026-06-15 13:10"),)
    rules = terms_in("America/Santiago", now, messages=other)
    case = a_case(due=day("2026-06-11"), terms=rules)

    action = ladder_action(case, now)

    assert action is not None
    assert (action.kind, action.at) == (ActionKind.PAYMENT_REMINDER, utc("2026-06-17 13:10"))


def test_r9_the_handoff_is_no_message() -> None:
    now = utc("2026-06-15 15:00")
    rules = terms_in("America/Santiago", now, messages=(utc("2026-06-15 13:10"),))
    had = steps(day("2026-05-22"), day("2026-05-27"), day("2026-06-06"))

    action = ladder_action(a_case(due=day("2026-05-17"), terms=rules, steps=had), now)

    assert action is not None
    assert (action.kind, action.at) == (ActionKind.HANDOFF, utc("2026-06-16 13:10"))


def test_r9_courts_and_costs_are_not_named_to_customers_in_chile() -> None:
    named = {
        country: may_name_courts_and_costs(country) for country in ("CL", "cl", "DE", "MX", None)
    }

    assert named == {"CL": False, "cl": False, "DE": True, "MX": True, None: True}
    assert contact_limit("DE") is None


def test_r9_every_country_of_the_table_names_its_source() -> None:
    for country, limit in CONTACT_LIMITS.items():
        assert (limit.country, len(country)) == (country, 2)
        assert limit.source
        assert {limit.zone, *limit.other_zones.values()} == {
            str(ZoneInfo(zone)) for zone in (limit.zone, *limit.other_zones.values())
        }
