"""R3 to R8: the steps of a case, the days on which they come, and what late ones do."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from dunning.actions import ActionKind
from dunning.case.planning import ladder_action
from dunning.case.state import DunningCase
from dunning.ladder import DunningOption
from tests.factories import BERLIN, a_case, a_receivable, berlin, day, did, play, steps, terms

# A Monday; the steps fall on March 7, 12 and 22, and on April 1.
DUE = date(2026, 3, 2)
EASTER = (date(2026, 4, 3), date(2026, 4, 4), date(2026, 4, 5), date(2026, 4, 6))


def ladder(
    case: DunningCase,
    *,
    since: str = "2026-03-02 00:00",
    outages: tuple[tuple[str, str], ...] = (),
    option: DunningOption | None = None,
) -> dict[str, str]:
    """What the case does by itself in 2026, each with its local time in Berlin."""
    _, log = play(
        case,
        since=berlin(since),
        until=berlin("2026-12-31 00:00"),
        outages=[(berlin(gone), berlin(back)) for gone, back in outages],
        option=option,
    )
    assert len({kind for kind, _ in log}) == len(log), "something was done twice"
    return {kind.value: f"{at.astimezone(BERLIN):%m-%d %H:%M}" for kind, at in log}


def test_r4_to_r7_the_steps_come_five_ten_twenty_and_thirty_days_after_the_due_date():
    assert ladder(a_case(due=DUE)) == {
        "payment_reminder": "03-07 09:10",
        "first_notice": "03-12 09:10",
        "final_notice": "03-22 09:10",
        "handoff": "04-01 09:10",
    }


def test_r11_with_no_collection_the_handoff_day_cancels_the_order():
    announced = ladder(a_case(due=DUE), option=DunningOption.NO_COLLECTION)

    assert announced == {
        "payment_reminder": "03-07 09:10",
        "first_notice": "03-12 09:10",
        "final_notice": "03-22 09:10",
        "cancellation": "04-01 09:10",
    }


@pytest.mark.parametrize(
    ("due", "days"),
    [
        ("2026-01-31", ["02-05", "02-10", "02-20", "03-02"]),
        ("2026-02-28", ["03-05", "03-10", "03-20", "03-30"]),
        ("2026-12-01", ["12-06", "12-11", "12-21"]),
    ],
)
def test_r4_to_r7_days_run_over_the_ends_of_months(due, days):
    found = ladder(a_case(due=day(due)), since=f"{due} 00:00")

    found.pop("submit_claim", None)
    assert list(found.values()) == [f"{on} 09:10" for on in days]


def test_r4_to_r7_a_leap_day_is_a_day():
    _, log = play(
        a_case(due=date(2028, 2, 24)),
        since=berlin("2028-02-24 00:00"),
        until=berlin("2028-12-31 00:00"),
    )

    days = [at.astimezone(BERLIN).date() for _, at in log[:4]]
    assert days == [date(2028, 2, 29), date(2028, 3, 5), date(2028, 3, 15), date(2028, 3, 25)]


# Each row: the time without a worker, and when the four steps are taken.
@pytest.mark.parametrize(
    ("gone", "back", "taken"),
    [
        # back the same day, inside the window and after it
        (
            "03-07 06:00",
            "03-07 15:00",
            ["03-07 15:00", "03-12 09:10", "03-22 09:10", "04-01 09:10"],
        ),
        (
            "03-07 06:00",
            "03-07 20:00",
            ["03-08 09:10", "03-13 09:10", "03-23 09:10", "04-02 09:10"],
        ),
        # the reminder three days late moves all the others
        (
            "03-06 00:00",
            "03-10 12:00",
            ["03-10 12:00", "03-15 09:10", "03-25 09:10", "04-04 09:10"],
        ),
        # past the day of the first notice: never two together
        (
            "03-06 00:00",
            "03-15 12:00",
            ["03-15 12:00", "03-20 09:10", "03-30 09:10", "04-09 09:10"],
        ),
        # past the day of every step: none skipped, none crowded
        (
            "03-03 00:00",
            "05-04 10:00",
            ["05-04 10:00", "05-09 09:10", "05-19 09:10", "05-29 09:10"],
        ),
        # only the later ones are late
        (
            "03-20 00:00",
            "03-25 10:30",
            ["03-07 09:10", "03-12 09:10", "03-25 10:30", "04-04 09:10"],
        ),
        (
            "03-31 00:00",
            "04-20 08:00",
            ["03-07 09:10", "03-12 09:10", "03-22 09:10", "04-20 09:10"],
        ),
        # nothing was due meanwhile
        (
            "03-08 00:00",
            "03-11 23:00",
            ["03-07 09:10", "03-12 09:10", "03-22 09:10", "04-01 09:10"],
        ),
    ],
)
def test_r8_late_steps_move_the_later_ones(gone, back, taken):
    found = ladder(a_case(due=DUE), outages=((f"2026-{gone}", f"2026-{back}"),))

    assert list(found.values())[:4] == taken
    assert list(found)[:4] == ["payment_reminder", "first_notice", "final_notice", "handoff"]


def test_r8_two_outages_in_one_case_each_move_what_comes_after():
    found = ladder(
        a_case(due=DUE),
        outages=(
            ("2026-03-06 00:00", "2026-03-09 11:00"),  # reminder two days late
            (
                "2026-03-23 00:00",
                "2026-03-28 19:00",
            ),  # final notice, moved to the 24th, on the 29th
        ),
    )

    assert list(found.values())[:4] == [
        "03-09 11:00",
        "03-14 09:10",
        "03-29 09:10",
        "04-08 09:10",
    ]


def test_r8_a_late_reminder_moves_the_first_notice():
    late = a_case(due=DUE, steps=steps(date(2026, 4, 10)))

    assert ladder_action(late, berlin("2026-04-10 12:00")).at == berlin("2026-04-15 09:10")


@pytest.mark.parametrize(
    ("taken", "following"),
    [
        (["2026-03-07"], "2026-03-12"),
        (["2026-03-08"], "2026-03-13"),
        (["2026-03-07", "2026-03-12"], "2026-03-22"),
        (["2026-03-07", "2026-03-14"], "2026-03-24"),
        (["2026-03-07", "2026-03-12", "2026-03-22"], "2026-04-01"),
        (["2026-03-07", "2026-03-12", "2026-03-30"], "2026-04-09"),
        (["2026-03-07", "2026-03-31", "2026-04-10"], "2026-04-20"),
        # had early, elsewhere: not before due date + offset
        (["2026-02-20"], "2026-03-12"),
        (["2026-02-20", "2026-02-25"], "2026-03-22"),
        (["2026-02-20", "2026-02-25", "2026-03-01"], "2026-04-01"),
    ],
)
def test_r8_a_step_comes_on_its_day_and_never_before_the_gap(taken, following):
    case = a_case(due=DUE, steps=steps(*map(day, taken)))

    assert ladder_action(case, berlin("2026-03-01 00:00")).at == berlin(f"{following} 09:10")


def test_r8_an_old_invoice_begins_with_the_reminder_at_once_and_keeps_the_gaps():
    found = ladder(a_case(due=date(2024, 6, 30)), since="2026-03-03 14:00")

    assert list(found.values())[:4] == [
        "03-03 14:00",
        "03-08 09:10",
        "03-18 09:10",
        "03-28 09:10",
    ]


@pytest.mark.parametrize(
    ("opened", "reminded"),
    [
        ("2026-03-06 20:00", "03-07 09:10"),
        ("2026-03-07 03:00", "03-07 09:10"),
        ("2026-03-07 09:09", "03-07 09:10"),
        ("2026-03-07 09:30", "03-07 09:30"),
        ("2026-03-07 18:00", "03-08 09:10"),
        ("2026-03-20 08:00", "03-20 09:10"),
        ("2026-03-20 09:00", "03-20 09:00"),
    ],
)
def test_r22_an_old_invoice_is_reminded_of_on_its_day_or_at_once(opened, reminded):
    assert ladder(a_case(due=DUE), since=opened)["payment_reminder"] == reminded


# Steps on closed days come on the next open one, and the gap runs from the day they were taken.
@pytest.mark.parametrize(
    ("due", "days"),
    [
        ("2026-03-04", ["03-09", "03-14", "03-24", "04-07"]),  # handoff on Good Friday
        ("2026-03-29", ["04-07", "04-12", "04-22", "05-02"]),  # reminder on Good Friday
        ("2026-03-24", ["03-29", "04-07", "04-17", "04-27"]),
        ("2026-03-14", ["03-19", "03-24", "04-07", "04-17"]),
        ("2026-03-30", ["04-07", "04-12", "04-22", "05-02"]),
    ],
)
def test_r9_a_step_on_good_friday_waits_for_the_day_after_easter(due, days):
    case = a_case(due=day(due), terms=terms(closed_days=EASTER))

    found = ladder(case, since=f"{due} 00:00")

    assert list(found.values())[:4] == [f"{on} 09:10" for on in days]


@pytest.mark.parametrize(
    ("had", "following", "kind"),
    [
        (["2026-03-20"], "2026-03-25", "first_notice"),
        (["2026-03-20", "2026-03-20"], "2026-03-30", "final_notice"),
        (["2026-03-24", "2026-03-24", "2026-03-24"], "2026-04-03", "handoff"),
    ],
)
def test_r22_notices_had_before_count_and_the_case_goes_on_from_there(had, following, kind):
    case = a_case(due=DUE, steps=steps(*map(day, had)))

    action = ladder_action(case, berlin("2026-03-24 12:00"))

    assert (action.kind.value, action.at) == (kind, berlin(f"{following} 09:10"))


def test_r21_a_case_takes_the_window_as_it_is_when_the_step_comes():
    case = a_case(due=DUE)
    early = terms(opens=time(6), closes=time(12))

    looked = did(case.changed(terms=early), ActionKind.PAYMENT_REMINDER, berlin("2026-03-07 09:10"))

    assert ladder_action(looked, berlin("2026-03-07 09:10")).at == berlin("2026-03-12 06:10")


def test_r9_an_installment_acts_at_its_own_slot():
    from_order = a_receivable(due=DUE, slot=timedelta(minutes=17, seconds=5))

    case = a_case(due=DUE).model_copy(update={"receivable": from_order})

    assert ladder_action(case, berlin("2026-03-02 12:00")).at == berlin("2026-03-07 09:17:05")
