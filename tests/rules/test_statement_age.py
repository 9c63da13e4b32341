"""Notices and the newest bank statement: told when it is old, and held if wanted (R20)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dunning.actions import ActionKind
from dunning.case.inputs import CaseInputs
from dunning.case.plan import plan_of
from dunning.case.planning import ladder_action, next_action, waits_for_statement
from dunning.case.seller_mails import is_still_true, seller_mailed, with_old_statement_mail
from dunning.case.state import DunningCase
from dunning.notices import SellerMailKind
from dunning.stages import Stage
from dunning.statements.age import is_old, stale_from
from tests.factories import a_case, berlin, did, eur, inputs, steps, terms
from tests.factories import escalate as escalated

DUE = date(2026, 3, 2)
FIRST_NOTICE = berlin("2026-03-12 09:10")
STATEMENT = date(2026, 3, 8)
REMINDED = steps(date(2026, 3, 7))


def a_case_with_old_statements(since: datetime | None, **given: object) -> DunningCase:
    on_books = terms().model_copy(update={"stale_from": since})
    return a_case(due=DUE, terms=on_books, **({"steps": REMINDED} | given))


@pytest.mark.parametrize(("today", "old"), [(date(2026, 3, 11), False), (date(2026, 3, 12), True)])
def test_r20_a_statement_is_old_when_it_is_older_than_three_days(today: date, old: bool) -> None:
    assert is_old(STATEMENT, today=today) is old


def test_r20_notices_wait_from_the_day_on_which_the_statement_is_older() -> None:
    since = stale_from(STATEMENT, days=3, time_zone="Europe/Berlin")

    assert since == berlin("2026-03-12 00:00")


@pytest.mark.parametrize(("until", "days"), [(None, 3), (STATEMENT, None)])
def test_r20_without_a_statement_or_the_setting_nothing_waits(
    until: date | None, days: int | None
) -> None:
    assert stale_from(until, days=days, time_zone="Europe/Berlin") is None


def test_r20_a_notice_is_planned_on_its_day_however_old_the_books_will_be() -> None:
    case = a_case_with_old_statements(berlin("2026-03-10 00:00"))

    action = ladder_action(case, berlin("2026-03-09 12:00"))

    assert action is not None
    assert (action.kind, action.at) == (ActionKind.FIRST_NOTICE, FIRST_NOTICE)


def test_r20_at_its_moment_it_waits_for_a_newer_statement_and_says_so() -> None:
    case = a_case_with_old_statements(berlin("2026-03-12 00:00"))

    assert ladder_action(case, FIRST_NOTICE) is None
    assert waits_for_statement(case, FIRST_NOTICE)
    words = plan_of(case, 1, FIRST_NOTICE).words
    assert "waits for: a newer bank statement, since 2026-03-11 23:00 UTC" in words
    assert case.stage is Stage.REMINDED


def test_r20_with_a_newer_statement_it_goes_at_once_in_the_window() -> None:
    now = berlin("2026-03-13 14:00")
    waiting = a_case_with_old_statements(berlin("2026-03-12 00:00"))

    case = waiting.changed(terms=terms())

    action = next_action(case, now)
    assert action is not None
    assert (action.kind, action.at) == (ActionKind.FIRST_NOTICE, now)


def test_r20_the_handoff_waits_too_but_not_what_a_person_wants() -> None:
    all_notices = steps(date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
    now = berlin("2026-04-01 09:10")
    case = a_case_with_old_statements(berlin("2026-03-12 00:00"), steps=all_notices)

    assert ladder_action(case, now) is None
    action = ladder_action(escalated(case, now), now)
    assert action is not None
    assert action.kind is ActionKind.HANDOFF


def test_r20_money_is_counted_whatever_the_books() -> None:
    case = a_case_with_old_statements(berlin("2026-03-12 00:00"), invoice_notice_due=True)

    action = ladder_action(case, FIRST_NOTICE)

    assert action is not None
    assert action.kind is ActionKind.INVOICE_NOTICE
    assert case.owed == eur("100.00")


def old_books(case: DunningCase, *, told: bool = False) -> CaseInputs:
    return inputs(case, statements_until=STATEMENT, statement_mailed=told)


def told(case: DunningCase) -> list[SellerMailKind]:
    return [mail.about for mail in case.seller_mails]


def test_r20_the_seller_is_told_when_a_notice_goes_out_by_old_books() -> None:
    case = did(a_case(due=DUE, steps=REMINDED), ActionKind.FIRST_NOTICE, FIRST_NOTICE)

    telling = with_old_statement_mail(case, old_books(case), FIRST_NOTICE)

    assert told(telling) == [SellerMailKind.STATEMENT_OLD]
    assert telling.seller_mails[0].day == STATEMENT
    assert not telling.seller_mails[0].is_waiting


def test_r20_the_seller_is_told_when_a_notice_waits() -> None:
    case = a_case_with_old_statements(berlin("2026-03-12 00:00"))

    telling = with_old_statement_mail(case, old_books(case), FIRST_NOTICE)

    assert told(telling) == [SellerMailKind.STATEMENT_OLD]
    assert telling.seller_mails[0].is_waiting


def test_r20_the_seller_is_told_once_for_each_statement() -> None:
    case = did(a_case(due=DUE, steps=REMINDED), ActionKind.FIRST_NOTICE, FIRST_NOTICE)
    telling = with_old_statement_mail(case, old_books(case), FIRST_NOTICE)
    again = with_old_statement_mail(telling, old_books(case), FIRST_NOTICE)
    after = seller_mailed(telling, telling.seller_mails[0], FIRST_NOTICE)

    assert again == telling
    assert with_old_statement_mail(after, old_books(case, told=True), FIRST_NOTICE) == after


def test_r20_nobody_is_told_while_nothing_goes_out_or_the_statement_is_new() -> None:
    quiet = a_case(due=DUE, steps=REMINDED)
    assert with_old_statement_mail(quiet, old_books(quiet), FIRST_NOTICE) == quiet

    sent = did(quiet, ActionKind.FIRST_NOTICE, FIRST_NOTICE)
    new = inputs(sent, statements_until=STATEMENT + timedelta(days=1))
    assert with_old_statement_mail(sent, new, FIRST_NOTICE) == sent
    assert with_old_statement_mail(sent, inputs(sent), FIRST_NOTICE) == sent


def test_r20_a_mail_about_an_old_statement_is_void_when_a_newer_one_is_there() -> None:
    case = did(a_case(due=DUE, steps=REMINDED), ActionKind.FIRST_NOTICE, FIRST_NOTICE)
    [mail] = with_old_statement_mail(case, old_books(case), FIRST_NOTICE).seller_mails

    assert is_still_true(mail, old_books(case, told=True))
    assert not is_still_true(mail, inputs(case, statements_until=date(2026, 3, 12)))


def test_r20_the_moment_is_where_the_seller_is() -> None:
    since = stale_from(STATEMENT, days=3, time_zone="America/Santiago")

    assert since == datetime(2026, 3, 12, 3, tzinfo=UTC)
