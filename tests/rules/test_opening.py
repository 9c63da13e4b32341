"""R3, R14, R22: how a case begins: what it does first, and what the customer had before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dunning.actions import Action, ActionKind
from dunning.case.beginning import (
    EarlierNotice,
    EarlierNotices,
    InvoiceNotice,
    new_case,
    steps_taken,
)
from dunning.case.handoff import blocked_by_address
from dunning.case.planning import ladder_action, seller_action
from dunning.case.state import DunningCase
from dunning.days import Terms
from dunning.history import EventName
from dunning.ladder import DunningOption
from dunning.notices import NoticeKind
from dunning.stages import Stage
from tests.factories import a_receivable, berlin, day, inputs, steps, terms, utc

DUE = date(2026, 3, 20)


def opened(
    at: str = "2026-03-20 12:00",
    *,
    due: date = DUE,
    had: tuple[tuple[str, str], ...] = (),
    option: DunningOption | None = None,
    in_zone: Terms | None = None,
    **given,
) -> DunningCase:
    return new_case(
        a_receivable(due=due),
        terms=in_zone or terms(),
        at=berlin(at),
        earlier=EarlierNotices(
            [EarlierNotice(kind=NoticeKind(kind), sent_on=day(on)) for kind, on in had], option
        ),
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
    action = ladder_action(opened(at), berlin(at))

    assert (action.kind.value, action.at) == (kind, berlin(on))


def test_r3_days_ahead_are_counted_where_the_seller_is():
    # In Santiago it is still the 14th, six days ahead.
    case = new_case(
        a_receivable(due=DUE), terms=terms("America/Santiago"), at=utc("2026-03-15 02:59")
    )

    assert case.opened_on == date(2026, 3, 14)
    assert case.advance_notice_due


def test_r3_no_second_advance_notice_where_the_customer_had_one():
    case = opened("2026-03-01 12:00", had=(("advance_notice", "2026-02-28"),))

    assert ladder_action(case, berlin("2026-03-01 12:00")).at == berlin("2026-03-25 09:10")
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

    action = ladder_action(case, berlin("2026-04-15 12:00"))

    assert (action.kind.value, action.at) == (kind, berlin(on))


def test_r8_r22_of_two_notices_of_one_kind_the_later_one_counts():
    # Sent again after ten days: the next one comes five days after the second.
    had = [
        EarlierNotice(kind=NoticeKind.PAYMENT_REMINDER, sent_on=date(2026, 4, 10)),
        EarlierNotice(kind=NoticeKind.PAYMENT_REMINDER, sent_on=date(2026, 3, 31)),
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

    assert ladder_action(case, berlin("2026-04-15 12:00")).kind == "cancellation"


def test_r4_a_sibling_keeps_its_reminder_from_the_orders_invoice_notice():
    case = opened("2026-03-20 12:00", invoice_notice=InvoiceNotice(on=date(2026, 3, 22)))

    assert ladder_action(case, berlin("2026-03-20 12:00")).at == berlin("2026-03-27 09:10")


def test_r2_the_invoice_notice_goes_out_at_once():
    case = opened("2026-03-20 03:00", invoice_notice=InvoiceNotice(is_due=True))

    action = ladder_action(case, berlin("2026-03-20 03:00"))

    assert (action.kind.value, action.at) == ("invoice_notice", berlin("2026-03-20 03:00"))


def test_r14_the_seller_hears_at_once_of_an_incomplete_address_from_one_case_of_the_order():
    at = berlin("2026-03-20 03:00")
    first = opened("2026-03-20 03:00", missing=["city"], mails_seller_about_address=True)
    second = opened("2026-03-20 03:00", missing=["city"])

    assert seller_action(first, at) == Action(kind=ActionKind.TELL_SELLER, at=at)
    assert [mail.is_waiting for mail in first.seller_mails] == [False]
    assert second.seller_mails == ()


def test_r14_an_incomplete_address_is_in_the_history_and_stops_nothing():
    case = opened(missing=["postal_code", "city"])

    assert [event.name for event in case.events] == [
        EventName.CASE_OPENED,
        EventName.ADDRESS_INCOMPLETE,
    ]
    assert case.events[1].detail == {"missing": ["postal_code", "city"]}
    assert case.stage is Stage.SCHEDULED
    assert ladder_action(case, berlin("2026-03-20 12:00")) is not None


def test_r27_the_history_begins_with_the_opening():
    case = opened("2026-03-20 12:00")

    assert [(event.name, event.at) for event in case.events] == [
        (EventName.CASE_OPENED, berlin("2026-03-20 12:00"))
    ]
    assert case.stage is Stage.SCHEDULED


def test_a_case_as_it_begins_survives_as_text():
    case = opened(
        had=(("final_notice", "2026-03-01"),),
        option=DunningOption.COURT,
        invoice_notice=InvoiceNotice(is_due=True),
        missing=["city"],
    )

    assert DunningCase.model_validate_json(case.model_dump_json()) == case.changed(events=())
    assert case.receivable.slot == timedelta(minutes=10)


def test_r14_the_seller_gets_one_mail_if_the_step_due_at_once_needs_the_address():
    had = (("payment_reminder", "2026-03-01"),)
    at = "2026-03-31 12:00"

    blocked_soon = opened(at, had=had, missing=["city"], mails_seller_about_address=True)
    outside_the_window = opened(
        "2026-03-31 20:00", had=had, missing=["city"], mails_seller_about_address=True
    )

    assert ladder_action(blocked_soon, berlin(at)).kind is ActionKind.FIRST_NOTICE
    assert blocked_soon.seller_mails == ()
    assert len(outside_the_window.seller_mails) == 1


def test_r14_a_mail_about_the_address_that_still_waits_is_replaced_by_that_of_the_block():
    case = opened("2026-03-20 03:00", missing=["city"], mails_seller_about_address=True)

    blocked = blocked_by_address(case, inputs(case, missing=("city",)), berlin("2026-03-24 12:00"))

    assert [mail.is_waiting for mail in blocked.seller_mails] == [True]
