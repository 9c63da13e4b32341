"""R7, R13: a notice about money that came and went back."""

from __future__ import annotations

from datetime import date

from dunning.case.overdue import days_overdue, days_since, last_returned
from dunning.movements import Waiver
from tests.factories import a_case, a_chargeback, a_payment, berlin, eur

DUE = date(2026, 3, 2)
PAID_AT = berlin("2026-03-05 23:30")
BACK_AT = berlin("2026-04-20 00:30")


def returned(paid: str, back: str, **given):
    return a_case(
        due=DUE,
        payments=(a_payment(paid, at=PAID_AT),),
        reversals=(a_chargeback(back, fee="7.50", at=BACK_AT),),
        **given,
    )


def test_r7_the_payment_that_went_back_is_named_with_its_days():
    found = last_returned(returned("100.00", "100.00"))

    assert found is not None
    assert (found.paid_on, found.returned_on) == (date(2026, 3, 5), date(2026, 4, 20))
    assert (found.amount, found.is_whole) == (eur("100.00"), True)


def test_r7_a_payment_may_go_back_in_part():
    found = last_returned(returned("100.00", "40.00"))

    assert found is not None
    assert (found.amount, found.is_whole) == (eur("40.00"), False)


def test_r7_nothing_is_said_of_money_that_was_paid_again():
    again = a_payment("107.50", payment_id="p-2", at=berlin("2026-04-21 12:00"))
    case = returned("100.00", "100.00")

    assert last_returned(case.changed(payments=(*case.payments, again))) is None
    assert last_returned(a_case(due=DUE, payments=(a_payment("10.00"),))) is None


def test_r7_of_several_it_is_the_one_that_went_back_last():
    case = a_case(
        due=DUE,
        payments=(
            a_payment("30.00", payment_id="p-1", at=berlin("2026-03-05 12:00")),
            a_payment("70.00", payment_id="p-2", at=berlin("2026-03-06 12:00")),
        ),
        reversals=(
            a_chargeback(
                "70.00", chargeback_id="c-1", payment_id="p-2", at=berlin("2026-04-02 12:00")
            ),
            a_chargeback(
                "30.00", chargeback_id="c-2", payment_id="p-1", at=berlin("2026-04-09 12:00")
            ),
        ),
    )

    found = last_returned(case)

    assert found is not None
    assert (found.paid_on, found.amount) == (date(2026, 3, 5), eur("30.00"))


def test_r7_days_on_which_all_was_paid_are_not_overdue():
    paid_in_full = returned("100.00", "100.00")
    paid_in_part = returned("40.00", "40.00")

    assert days_overdue(paid_in_full, date(2026, 4, 20)) == 0
    assert days_overdue(paid_in_full, date(2026, 4, 25)) == 5
    assert days_overdue(paid_in_part, date(2026, 4, 20)) == 49


def test_r7_what_went_back_before_the_due_date_is_overdue_from_then():
    case = a_case(
        due=date(2026, 5, 2),
        payments=(a_payment("100.00", at=PAID_AT),),
        reversals=(a_chargeback("100.00", at=BACK_AT),),
    )

    assert days_overdue(case, date(2026, 5, 7)) == 5
    assert days_overdue(case, date(2026, 4, 25)) == 0


def test_r20_r7_days_with_a_small_rest_that_was_waived_are_not_overdue():
    paid = a_payment("99.60", at=PAID_AT)
    case = a_case(
        due=DUE,
        payments=(paid,),
        waivers=(Waiver(payment_id="p-1", amount=eur("0.40"), at=PAID_AT, is_over=True),),
        reversals=(a_chargeback("99.60", at=BACK_AT),),
    )

    assert days_overdue(case, date(2026, 4, 25)) == 5


def test_r7_what_went_back_twice_is_overdue_from_the_second_time():
    again = a_payment("107.50", payment_id="p-2", at=berlin("2026-04-21 12:00"))
    back = a_chargeback(
        "107.50", chargeback_id="c-2", payment_id="p-2", at=berlin("2026-05-04 12:00")
    )
    case = returned("100.00", "100.00")
    case = case.changed(payments=(*case.payments, again), reversals=(*case.reversals, back))

    assert days_overdue(case, date(2026, 5, 6)) == 2


def test_r24_on_the_due_date_nothing_is_overdue():
    assert days_since(DUE, None, DUE) == 0
    assert days_since(DUE, None, date(2026, 3, 3)) == 1
    assert days_since(DUE, date(2026, 4, 20), date(2026, 4, 20)) == 0


def test_r7_the_days_are_those_of_the_bank_and_not_of_the_report():
    paid = a_payment("100.00", at=berlin("2026-03-09 12:00"))
    back = a_chargeback("100.00", at=berlin("2026-04-27 12:00"))
    case = a_case(
        due=DUE,
        payments=(paid.model_copy(update={"paid_at": PAID_AT}),),
        reversals=(back.model_copy(update={"occurred_at": BACK_AT}),),
    )

    found = last_returned(case)

    assert found is not None
    assert (found.paid_on, found.returned_on) == (date(2026, 3, 5), date(2026, 4, 20))
    assert days_overdue(case, date(2026, 4, 27)) == 7
