"""R3, R14, R22: how a case begins: what it does first, and what the customer had before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dunning.case import DunningCase
from dunning.days import Terms
from dunning.history import EventName
from dunning.notices import NoticeKind
from dunning.opening import NoticeHad, open_case, steps_taken
from dunning.plan import DunningOption
from dunning.stages import Stage
from dunning.state import Opening
from tests.factories import a_receivable, berlin, day, steps, terms, utc

DUE = date(2026, 3, 20)


def opened(
    at: str = "2026-03-20 12:00",
    *,
    due: date = DUE,
    had: tuple[tuple[str, str], ...] = (),
    opening: Opening | None = None,
    in_zone: Terms | None = None,
    **given,
) -> DunningCase:
    return open_case(
        a_receivable(due=due),
        terms=in_zone or terms(),
        at=berlin(at),
        opening=opening or Opening(),
        invoice_notice_on=given.pop("invoice_notice_on", None),
        had=[NoticeHad(kind=NoticeKind(kind), sent_on=day(on)) for kind, on in had],
        **given,
    )


@pytest.mark.parametrize(
    ("at", "kind", "on"),
    [
        ("2026-02-01 12:00", "advance_notice", "2026-03-15 09:10"),
        ("2026-03-14 23:59", "advance_notice", "2026-03-15 09:10"),  # six days ahead
        ("2026-03-15 00:00", "payment_reminder", "2026-03-25 09:10"),  # five: none
        ("2026-03-15 12:00", "payment_reminder", "2026-03-25 09:10"),
        ("2026-03-20 12:00", "payment_reminder", "2026-03-25 09:10"),
        ("2026-04-20 12:00", "payment_reminder", "2026-04-20 12:00"),
    ],
)
def test_r3_an_advance_notice_is_for_what_is_due_in_more_than_five_days(at, kind, on):
    deed = opened(at).next_deed(berlin(at))

    assert (deed.kind.value, deed.at) == (kind, berlin(on))


def test_r3_days_ahead_are_counted_where_the_seller_is():
    # In Santiago it is still the 14th, six days ahead.
    case = open_case(
        a_receivable(due=DUE),
        terms=terms("America/Santiago"),
        at=utc("2026-03-15 02:59"),
        opening=Opening(),
        invoice_notice_on=None,
    )

    assert case.opened_on == date(2026, 3, 14)
    assert case.advance_wanted


def test_r3_no_second_advance_notice_where_the_customer_had_one():
    case = opened("2026-03-01 12:00", had=(("advance_notice", "2026-02-28"),))

    assert case.next_deed(berlin("2026-03-01 12:00")).at == berlin("2026-03-25 09:10")
    assert case.stage is Stage.SCHEDULED


@pytest.mark.parametrize(
    ("had", "taken", "stage"),
    [
        ((), (), Stage.SCHEDULED),
        ((("invoice_notice", "2026-03-20"),), (), Stage.SCHEDULED),
        ((("payment_reminder", "2026-03-25"),), ("2026-03-25",), Stage.REMINDED),
        (
            (("payment_reminder", "2026-03-25"), ("first_notice", "2026-04-02")),
            ("2026-03-25", "2026-04-02"),
            Stage.FIRST_NOTICE,
        ),
        # in any order
        (
            (("first_notice", "2026-04-02"), ("payment_reminder", "2026-03-25")),
            ("2026-03-25", "2026-04-02"),
            Stage.FIRST_NOTICE,
        ),
        # the latest kind counts, earlier ones as taken
        ((("first_notice", "2026-04-02"),), ("2026-04-02", "2026-04-02"), Stage.FIRST_NOTICE),
        (
            (("final_notice", "2026-04-12"),),
            ("2026-04-12", "2026-04-12", "2026-04-12"),
            Stage.FINAL_NOTICE,
        ),
    ],
)
def test_r22_of_the_notices_had_before_the_latest_kind_counts(had, taken, stage):
    case = opened("2026-04-15 12:00", had=had, option=DunningOption.COURT)

    assert case.steps == steps(*map(day, taken))
    assert case.stage is stage


@pytest.mark.parametrize(
    ("had", "kind", "on"),
    [
        ((("payment_reminder", "2026-04-14"),), "first_notice", "2026-04-19 09:10"),
        ((("payment_reminder", "2026-03-25"),), "first_notice", "2026-04-15 12:00"),
        ((("first_notice", "2026-04-10"),), "final_notice", "2026-04-20 09:10"),
        ((("final_notice", "2026-04-10"),), "handoff", "2026-04-20 09:10"),
        ((("final_notice", "2026-04-01"),), "handoff", "2026-04-19 09:10"),  # due date + 30
    ],
)
def test_r22_a_case_goes_on_from_the_notice_had_last_and_keeps_the_gaps(had, kind, on):
    case = opened("2026-04-15 12:00", had=had, option=DunningOption.COURT)

    deed = case.next_deed(berlin("2026-04-15 12:00"))

    assert (deed.kind.value, deed.at) == (kind, berlin(on))


def test_r8_r22_of_two_notices_of_one_kind_the_later_one_counts():
    # Sent again after ten days: the next one comes five days after the second.
    had = [
        NoticeHad(kind=NoticeKind.PAYMENT_REMINDER, sent_on=date(2026, 4, 10)),
        NoticeHad(kind=NoticeKind.PAYMENT_REMINDER, sent_on=date(2026, 3, 31)),
    ]

    assert steps_taken(had) == steps_taken(had[::-1]) == steps(date(2026, 4, 10))


@pytest.mark.parametrize(
    ("had", "option", "kept"),
    [
        ("first_notice", DunningOption.NO_COLLECTION, None),
        ("final_notice", DunningOption.NO_COLLECTION, DunningOption.NO_COLLECTION),
        ("final_notice", DunningOption.COURT, DunningOption.COURT),
    ],
)
def test_r21_only_a_final_notice_had_before_fixes_the_option(had, option, kept):
    case = opened("2026-04-15 12:00", had=((had, "2026-04-10"),), option=option)

    assert case.option is kept


def test_r22_with_no_collection_a_final_notice_had_before_leads_to_the_cancellation():
    case = opened(
        "2026-04-15 12:00",
        had=(("final_notice", "2026-04-10"),),
        option=DunningOption.NO_COLLECTION,
    )

    assert case.next_deed(berlin("2026-04-15 12:00")).kind == "cancellation"


def test_r4_a_sibling_keeps_its_reminder_from_the_orders_invoice_notice():
    case = opened("2026-03-20 12:00", invoice_notice_on=date(2026, 3, 22))

    assert case.next_deed(berlin("2026-03-20 12:00")).at == berlin("2026-03-27 09:10")


@pytest.mark.parametrize(
    "opening",
    [
        Opening(invoice_notice=True),
        Opening(address_incomplete=True),
        Opening(invoice_notice=True, address_incomplete=True),
    ],
)
def test_r2_r14_what_there_is_to_do_at_once_is_the_first_deed(opening):
    case = opened("2026-03-20 03:00", opening=opening)

    deed = case.next_deed(berlin("2026-03-20 03:00"))

    assert (deed.kind.value, deed.at) == ("open", berlin("2026-03-20 03:00"))


def test_r14_an_incomplete_address_is_in_the_history_and_stops_nothing():
    case = opened(missing=["postal_code", "city"])

    assert [event.name for event in case.journal] == [
        EventName.CASE_OPENED,
        EventName.ADDRESS_INCOMPLETE,
    ]
    assert case.journal[1].detail == {"missing": ["postal_code", "city"]}
    assert case.stage is Stage.SCHEDULED
    assert case.next_deed(berlin("2026-03-20 12:00")) is not None


def test_r27_the_history_begins_with_the_opening():
    case = opened("2026-03-20 12:00")

    assert [(event.name, event.at) for event in case.journal] == [
        (EventName.CASE_OPENED, berlin("2026-03-20 12:00"))
    ]
    assert case.stage is Stage.SCHEDULED


def test_a_case_as_it_begins_survives_as_text():
    case = opened(
        had=(("final_notice", "2026-03-01"),),
        option=DunningOption.COURT,
        opening=Opening(invoice_notice=True),
        missing=["city"],
    )

    assert DunningCase.model_validate_json(case.model_dump_json()) == case
    assert case.receivable.slot == timedelta(minutes=10)
