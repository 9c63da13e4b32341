"""R20: a statement line is matched to an order; what is not certain is put before the seller."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from dunning.money import Money
from dunning.references import in_fours, reference_of
from dunning.statements.matches import Doubt, Match, ReasonKind, Verdict
from dunning.statements.matching import match_line
from dunning.statements.order_index import IndexedOrder, OrderIndex
from tests.statement_lines import (
    ADAS_IBAN,
    DAY,
    a_line,
    a_payment,
    certain_order,
    index_of,
    indexed,
    offered,
    reasons,
)

ADA = indexed("A-4711", "2026-0815")
EVA = indexed("B-1234", "2026-0816", name="Eva Beispiel", amounts=("80.00",))
TWO_RATES = indexed("C-5555", name="Jörg Müller", amounts=("40.00", "40.00"))
DIGITS = indexed("47110815", name="Bob Bau GmbH", amounts=("30.00",))
CLOSED = indexed("D-6666", "2026-0700", amounts=("0.00",))
INDEX = index_of(ADA, EVA, TWO_RATES, DIGITS, CLOSED)
RF = reference_of(ADA.case_ids[0])


def match(*given: Any, index: OrderIndex = INDEX, **told: Any) -> Match:
    return match_line(a_line(*given, **told), index)


@pytest.mark.parametrize(
    "text",
    [
        RF,
        in_fours(RF),
        RF.lower(),
        " ".join(RF),
        f"SVWZ+{RF} danke",
        f"Rechnung vom 03.11.2026 {in_fours(RF)} 59,50 EUR",
        f"{RF} B-1234x",
    ],
)
def test_r20_a_checked_creditor_reference_of_a_case_is_certain(text: str) -> None:
    answer = match(text, "12.34", "Somebody")

    assert certain_order(answer) == "A-4711"
    assert reasons(answer) == {ReasonKind.CREDITOR_REFERENCE}


def test_r20_the_creditor_reference_counts_in_every_field() -> None:
    for field in ("reference", "end_to_end_id", "customer_reference"):
        assert certain_order(match("", "12.34", **{field: RF})) == "A-4711"


def test_r20_a_creditor_reference_names_the_receivable() -> None:
    second = reference_of(TWO_RATES.case_ids[1])

    answer = match(second, "40.00")

    assert certain_order(answer) == "C-5555"
    assert answer.candidates[0].shares[0].installment == 2


@pytest.mark.parametrize(
    "reference",
    [RF[:-1], RF[:2] + "00" + RF[4:], RF.replace("A4711", "A4712"), reference_of("case0000")],
    ids=["too short", "wrong check digits", "mistyped", "of nobody"],
)
def test_r20_a_creditor_reference_that_does_not_check_is_not_certain(reference: str) -> None:
    assert certain_order(match(reference, "12.34")) is None
    assert certain_order(match(f"{reference}", "59.50", "Ada Muster")) is None


@pytest.mark.parametrize(
    "text",
    [
        "A-4711",
        "a-4711",
        "Order A-4711 thank you",
        "Bestellung A-4711 vom 03.11.2026",
        "A-4711/Muster",
        "A 4711",
        "A4711",
        "A-\n4711",
        "RG A-4711",
        "RE-A-4711",
        "#A-4711#",
        "(A-4711)",
        "A-4711, 80331 München",
        "A-4711 DE02120300000000202051",
        "59,50 EUR A-4711",
        "A-4711 A-4711",
        "A-4711 2026-0815",
    ],
)
def test_r20_one_number_of_six_signs_with_a_letter_is_certain(text: str) -> None:
    answer = match(text, "12.34", "Somebody")

    assert certain_order(answer) == "A-4711"
    assert ReasonKind.ORDER_ID in reasons(answer)


@pytest.mark.parametrize("text", ["2026-0815", "Rechnung 2026-0815", "2026 0815", "RE 20260815"])
def test_r20_a_number_without_a_letter_is_certain_only_with_amount_or_name(text: str) -> None:
    assert certain_order(match(text, "12.34", "Somebody")) is None
    assert certain_order(match(text, "59.50", "Somebody")) == "A-4711"
    assert certain_order(match(text, "12.34", "Ada Muster")) == "A-4711"
    assert Doubt.ONLY_A_NUMBER in match(text, "12.34", "Somebody").doubts


def test_r20_a_short_number_is_certain_only_with_amount_or_name() -> None:
    index = index_of(indexed("L-77"), indexed("L-7788"))

    assert certain_order(match("L-77", "12.34", index=index)) is None
    assert certain_order(match("L-7788", "12.34", index=index)) == "L-7788"


@pytest.mark.parametrize(
    ("number", "text", "is_found"),
    [
        ("A-1", "A-1", True),
        ("A-1", "Bestellung a-1 danke", True),
        ("A-1", "A1", False),
        ("A-1", "A 1", False),
        ("A-1", "A-12", False),
        ("815", "Rechnung 815", True),
        ("815", "Rg.Nr. 815", True),
        ("815", "815", False),
        ("815", "Kurs 815", False),
    ],
)
def test_r20_a_very_short_number_counts_only_where_it_can_be_nothing_else(
    number: str, text: str, is_found: bool
) -> None:
    answer = match(text, "59.50", index=index_of(indexed(number), EVA))

    assert (certain_order(answer) == number) is is_found


@pytest.mark.parametrize(
    "text",
    [
        "A-4711 B-1234",
        "A-4711 and 2026-0816",
        "2026-0815 2026-0816",
        "A-4711/B-1234",
        "A-4711+B-1234",
    ],
)
def test_r20_two_numbers_are_put_before_the_seller(text: str) -> None:
    answer = match(text, "59.50", "Ada Muster")

    assert certain_order(answer) is None
    assert {"A-4711", "B-1234"} <= {order for orders in offered(answer) for order in orders}
    assert Doubt.SEVERAL_ORDERS in answer.doubts


@pytest.mark.parametrize(
    "text",
    [
        "A-47110",
        "XA-4711",
        "1A-4711",
        "A-4711-2",
        "A-4711/2",
        "A.4711.5",
        "A-471",
        "2026-08151",
        "12026-0815",
    ],
)
def test_r20_a_part_of_a_longer_number_is_no_reference(text: str) -> None:
    assert certain_order(match(text, "12.34", "Somebody")) is None
    assert certain_order(match(text, "12.34", "Ada Muster")) is None


@pytest.mark.parametrize(
    "text",
    [
        "danke",
        "",
        "Rechnung vom 03.11.2026",
        "59,50 EUR",
        "Ada Muster, Hauptstr. 5, 80331 München",
        "DE02120300000000202051",
        "vielen Dank 20.11.",
    ],
)
def test_r20_amount_and_name_are_certain_if_nothing_else_is_named(text: str) -> None:
    answer = match(text, "59.50", "Ada Muster")

    assert certain_order(answer) == "A-4711"
    assert reasons(answer) == {ReasonKind.AMOUNT, ReasonKind.NAME}


@pytest.mark.parametrize(
    "payer",
    [
        "Ada Muster",
        "MUSTER, ADA",
        "muster ada",
        "AdaMuster",
        "ADAMUSTER",
        "Frau Ada Muster",
        "Dr. Ada Muster",
        "Ada und Otto Muster",
        "Ada Maria Muster",
        "MUSTER ADA U. OTTO",
    ],
)
def test_r20_a_payer_is_known_however_a_bank_writes_the_name(payer: str) -> None:
    assert certain_order(match("danke", "59.50", payer)) == "A-4711"


@pytest.mark.parametrize(
    ("customer", "payer"),
    [
        ("Jörg Müller", "JOERG MUELLER"),
        ("Jörg Müller", "Jorg Muller"),
        ("Groß & Söhne GmbH & Co. KG", "GROSS UND SOEHNE"),
        ("Bäckerei Núñez S.L.", "BACKEREI NUNEZ SL"),
        ("Müller AG", "MUELLER AKTIENGESELLSCHAFT"),
        ("Bau GmbH", "Bau Gesellschaft mit beschraenkter Haftung"),
        ("Søren Kjær", "SOREN KJAER"),
        ("Lindenhof Handels- und Vertriebsgesellschaft", "Lindenhof Handels- und Vert"),
    ],
)
def test_r20_accents_company_forms_and_cut_names_make_no_difference(
    customer: str, payer: str
) -> None:
    index = index_of(indexed(name=customer))

    assert certain_order(match("danke", "59.50", payer, index=index)) == "A-4711"


@pytest.mark.parametrize(
    ("payer", "amount"),
    [
        ("Ada Muster", "59.00"),
        ("Otto Muster", "59.50"),
        ("Ada", "59.50"),
        ("Muster", "59.50"),
        ("Somebody", "59.50"),
        (None, "59.50"),
    ],
)
def test_r20_amount_or_name_alone_is_put_before_the_seller(payer: str | None, amount: str) -> None:
    answer = match("danke", amount, payer)

    assert certain_order(answer) is None
    assert offered(answer) == [["A-4711"]]


@pytest.mark.parametrize("text", ["A-4712", "Rechnung 2026-0999", "RF18 5390 0754 7034"])
def test_r20_a_number_of_the_seller_s_form_that_nobody_knows_keeps_amount_and_name_uncertain(
    text: str,
) -> None:
    answer = match(text, "59.50", "Ada Muster")

    assert certain_order(answer) is None
    assert Doubt.UNKNOWN_NUMBER in answer.doubts


def test_r20_two_receivables_of_the_amount_are_put_before_the_seller() -> None:
    answer = match("danke", "40.00", "Jörg Müller")

    assert certain_order(answer) is None
    assert offered(answer) == [["C-5555"]]
    twins = index_of(indexed("A-1000"), indexed("A-2000"))
    assert offered(match("danke", "59.50", "Ada Muster", index=twins)) == [["A-1000"], ["A-2000"]]


def test_r20_a_named_order_with_two_equal_rates_is_certain() -> None:
    """Which of the rates it pays is decided by the ledger: the oldest due."""
    assert certain_order(match("C-5555", "40.00")) == "C-5555"


@pytest.mark.parametrize(
    ("text", "payer"),
    [("D-6666", "Ada Muster"), ("2026-0700", "Ada Muster"), ("D-6666 danke", "Eva Beispiel")],
)
def test_r20_a_line_that_names_a_closed_order_is_never_booked_elsewhere(
    text: str, payer: str
) -> None:
    for amount in ("59.50", "80.00", "1.00"):
        answer = match(text, amount, payer)

        assert certain_order(answer) is None
        assert offered(answer)[0] == ["D-6666"]
        assert Doubt.NOTHING_OPEN in answer.doubts


def test_r20_a_closed_order_beside_an_open_one_is_put_before_the_seller() -> None:
    assert certain_order(match("D-6666 A-4711", "59.50", "Ada Muster")) is None


NAMED_IN_EVERY_WAY = f"A-4711 {RF}"


def test_r20_money_that_went_out_is_not_ours() -> None:
    assert match(NAMED_IN_EVERY_WAY, "-59.50", "Ada Muster").verdict is Verdict.NOT_OURS


@pytest.mark.parametrize("text", [NAMED_IN_EVERY_WAY, "A-4711", "2026-0815", "danke"])
def test_r20_what_is_not_booked_yet_is_never_certain(text: str) -> None:
    answer = match(text, "59.50", "Ada Muster", is_booked=False)

    assert answer.verdict is Verdict.CANDIDATES
    assert answer.doubts == (Doubt.PENDING,)
    assert offered(answer) == [["A-4711"]]


@pytest.mark.parametrize("text", [NAMED_IN_EVERY_WAY, "A-4711", "2026-0815", "danke"])
def test_r20_money_in_another_currency_is_never_certain(text: str) -> None:
    answer = match(text, "59.50", "Ada Muster", currency="USD")

    assert certain_order(answer) is None


@pytest.mark.parametrize("text", [NAMED_IN_EVERY_WAY, "A-4711", "2026-0815", "danke"])
@pytest.mark.parametrize("apart", [-5, 0, 5])
def test_r20_what_may_be_reported_already_is_asked_about(text: str, apart: int) -> None:
    payment = a_payment("A-4711", paid_on=DAY + timedelta(days=apart))
    index = index_of(ADA, EVA, payments=[payment])

    answer = match(text, "59.50", "Ada Muster", index=index)

    assert answer.verdict is Verdict.PERHAPS_REPORTED
    assert ReasonKind.ALREADY_REPORTED in reasons(answer)
    assert offered(answer)[0] == ["A-4711"]


@pytest.mark.parametrize(
    "payment",
    [
        a_payment("A-4711", paid_on=DAY - timedelta(days=6)),
        a_payment("A-4711", paid_on=DAY + timedelta(days=6)),
        a_payment("A-4711", "59.00"),
        a_payment("A-4711", currency="USD"),
        a_payment("B-1234"),
    ],
    ids=["6 days before", "6 days after", "another amount", "another currency", "another order"],
)
def test_r20_another_payment_is_none_that_was_reported(payment: Any) -> None:
    index = index_of(ADA, EVA, payments=[payment])

    assert certain_order(match("A-4711", "59.50", "Ada Muster", index=index)) == "A-4711"


def test_r20_a_payment_that_closed_its_order_may_be_the_reported_one() -> None:
    """The backend reported it, the order is paid, and now the statement comes."""
    paid = indexed("A-4711", amounts=("0.00",))
    index = index_of(paid, EVA, payments=[a_payment("A-4711")])

    for text in ("A-4711", "danke"):
        answer = match(text, "59.50", "Ada Muster", index=index)
        assert answer.verdict is Verdict.PERHAPS_REPORTED
        assert offered(answer)[0] == ["A-4711"]


def test_r20_money_of_a_stranger_is_not_ours() -> None:
    assert match("gift", "7.77", "Anna Anders").verdict is Verdict.NOT_OURS


def test_r20_a_known_iban_is_a_reason_and_no_certainty() -> None:
    index = index_of(ADA, EVA, payer_ibans={ADAS_IBAN: ["A-4711"]})

    answer = match("danke", "59.50", "Otto Anders", counterparty_iban=ADAS_IBAN, index=index)

    assert certain_order(answer) is None
    assert reasons(answer) == {ReasonKind.AMOUNT, ReasonKind.KNOWN_IBAN}


def test_r20_who_the_payer_acts_for_counts_as_the_payer() -> None:
    answer = match("danke", "59.50", "Payment Service", on_behalf_of="Ada Muster")

    assert certain_order(answer) == "A-4711"


def test_r20_a_name_within_the_text_is_a_reason_and_no_certainty() -> None:
    answer = match("GUTSCHRIFT ADA MUSTER BERN", "59.50")

    assert certain_order(answer) is None
    assert reasons(answer) == {ReasonKind.AMOUNT, ReasonKind.NAME_IN_TEXT}


def test_r20_a_mistyped_number_does_not_pay_the_order_that_has_it() -> None:
    """Payer and amount are Ada's, the number is that of Eva's order."""
    answer = match("B-1234", "59.50", "Ada Muster")

    assert certain_order(answer) is None
    assert offered(answer) == [["B-1234"], ["A-4711"]]
    assert answer.doubts == (Doubt.FITS_ANOTHER,)


def test_r20_an_order_that_is_paid_in_part_or_too_much_is_certain_by_its_number() -> None:
    assert certain_order(match("A-4711", "20.00", "Somebody")) == "A-4711"
    assert certain_order(match("A-4711", "1000.00", "Somebody")) == "A-4711"


def test_r20_all_rates_of_an_order_at_once_are_its_amount() -> None:
    answer = match("C-5555", "80.00", "Jörg Müller")

    assert certain_order(answer) == "C-5555"
    assert ReasonKind.TOTAL_AMOUNT in reasons(answer)


@pytest.mark.parametrize("currency", ["XXX", "BTC", ""])
def test_r20_money_in_a_currency_that_nobody_knows_is_not_ours(currency: str) -> None:
    assert match("A-4711", "59.50", currency=currency).verdict is Verdict.NOT_OURS


def test_r20_an_order_may_be_known_by_a_name_and_a_company() -> None:
    both = IndexedOrder(
        order_id="A-4711",
        names=("Ada Muster", "Muster Handel GmbH"),
        currency="EUR",
        items=ADA.items,
    )

    for payer in ("Ada Muster", "MUSTER HANDEL"):
        assert certain_order(match("", "59.50", payer, index=index_of(both))) == "A-4711"


def test_r20_pesos_are_compared_as_pesos() -> None:
    order = indexed(currency="CLP", amounts=("119000",))

    answer = match("danke", "119000", "Ada Muster", currency="CLP", index=index_of(order))

    assert certain_order(answer) == "A-4711"
    assert answer.candidates[0].shares[0].amount == Money(amount=Decimal(119000), currency="CLP")
