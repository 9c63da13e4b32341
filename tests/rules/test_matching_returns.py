"""R20: a payment that comes back is offered with the one that it undoes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from dunning.references import reference_of
from dunning.statements.lines import ReturnedPayment
from dunning.statements.matches import Doubt, Match, ReasonKind, Verdict
from dunning.statements.matching import match_line
from tests.factories import eur
from tests.statement_lines import (
    ADAS_IBAN,
    DAY,
    EVAS_IBAN,
    a_line,
    a_payment,
    index_of,
    indexed,
    reasons,
)

ADA = indexed("A-4711", "2026-0815")
EVA = indexed("B-1234", name="Eva Beispiel", amounts=("80.00",))
RF = reference_of(ADA.case_ids[0])


def a_return(amount: str = "-59.50", **told: Any) -> Match:
    returned = ReturnedPayment.model_validate(told.pop("returned", {}))
    payments = told.pop("payments")
    index = index_of(ADA, EVA, payments=payments)
    text = told.pop("text", "")
    return match_line(a_line(text, amount, returned=returned, **told), index)


PAID = a_payment(
    "A-4711",
    paid_on=DAY - timedelta(days=30),
    payer="Otto Anders",
    payer_iban=ADAS_IBAN,
    end_to_end_id="E-7",
)
OTHER = a_payment("B-1234", "80.00", paid_on=DAY - timedelta(days=30), payer_iban=EVAS_IBAN)
SAME_AMOUNT = a_payment("B-1234", payment_id="p-9", paid_on=DAY - timedelta(days=20))


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"returned": {"end_to_end_id": "E-7"}}, ReasonKind.END_TO_END_ID),
        ({"text": "A-4711"}, ReasonKind.ORDER_ID),
        ({"text": "Rechnung 2026-0815"}, ReasonKind.INVOICE_NUMBER),
        ({"text": RF}, ReasonKind.CREDITOR_REFERENCE),
        ({"counterparty_iban": ADAS_IBAN}, ReasonKind.KNOWN_IBAN),
        ({"counterparty": "Otto Anders"}, ReasonKind.NAME),
        ({"counterparty": "Ada Muster"}, ReasonKind.NAME),
    ],
)
def test_r20_a_return_is_offered_with_the_payment_that_it_undoes(
    told: dict[str, Any], kind: ReasonKind
) -> None:
    answer = a_return(payments=[SAME_AMOUNT, OTHER, PAID], **told)

    assert answer.verdict is Verdict.CANDIDATES
    assert answer.candidates[0].payment_id == "p-A-4711"
    assert kind in reasons(answer)


def test_r20_a_return_is_never_certain() -> None:
    answer = a_return(
        payments=[PAID],
        text=f"A-4711 {RF}",
        returned={"end_to_end_id": "E-7"},
        counterparty="Otto Anders",
        counterparty_iban=ADAS_IBAN,
    )

    assert answer.verdict is Verdict.CANDIDATES
    assert answer.doubts == (Doubt.IS_A_RETURN,)


def test_r20_the_costs_of_a_return_are_told_apart() -> None:
    told = {"end_to_end_id": "E-7", "charges": "3.00"}

    answer = a_return("-62.50", payments=[PAID], returned=told)

    first = answer.candidates[0]
    assert first.shares[0].amount == eur("59.50")
    assert first.charges == eur("3.00")


@pytest.mark.parametrize(
    "payment",
    [
        PAID._replace(left=eur("0.00")),
        PAID._replace(paid_on=DAY + timedelta(days=3)),
        PAID._replace(paid_on=date(2025, 1, 1)),
    ],
    ids=["taken back already", "paid later", "paid long ago"],
)
def test_r20_a_payment_that_cannot_come_back_is_not_offered(payment: Any) -> None:
    answer = a_return(payments=[payment], text="A-4711", returned={"end_to_end_id": "E-7"})

    assert answer.verdict is Verdict.NOT_OURS


def test_r20_money_sent_out_that_comes_back_is_not_ours() -> None:
    assert a_return("59.50", payments=[PAID], text="A-4711").verdict is Verdict.NOT_OURS
