"""R25: the code on a notice asks a banking app for exactly what the notice says."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.letters.paycode import PaymentCode, payment_code
from adapters.messages.values import Notice
from dunning.ledger import OpenItem
from dunning.money import Money
from dunning.notices import NoticeKind
from dunning.references import case_id_in, in_fours, reference_of
from dunning.statements.matching import match_line
from tests.adapters.samples import a_notice, a_sender, eur
from tests.examples import any_text
from tests.statement_lines import a_line, certain_order, index_of, indexed

CASE_ID = "k4mz2w7qxh3t9abc"
REFERENCE = reference_of(CASE_ID)
FIELDS = (
    "service",
    "version",
    "charset",
    "identification",
    "bic",
    "name",
    "iban",
    "amount",
    "purpose",
    "reference",
)


def a_payable_notice(kind: NoticeKind = NoticeKind.FIRST_NOTICE, **given: Any) -> Notice:
    sender = {key: given.pop(key) for key in ("company_name", "iban", "bic") if key in given}
    return a_notice(kind, **{"reference": REFERENCE, "sender": a_sender(**sender)} | given)


@pytest.mark.parametrize(
    ("iban", "bic", "is_reached"),
    [
        ("DE89370400440532013000", None, True),
        ("FR1420041010050500013M02606", None, True),
        ("CH9300762011623852957", None, False),
        ("CH9300762011623852957", "POFICHBEXXX", True),
        ("GB29NWBK60161331926819", None, False),
        ("AE070331234567890123456", "BBMEAEAD", False),
    ],
)
def test_r25_an_account_that_sepa_does_not_reach_has_no_code(
    iban: str, bic: str | None, is_reached: bool
) -> None:
    assert (payment_code(a_payable_notice(iban=iban, bic=bic)) is not None) is is_reached


def read(code: PaymentCode | None) -> dict[str, str]:
    """What a telephone's camera makes of the picture."""
    assert code is not None
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(code.png)))
    assert len(found) == 1
    assert found[0].format == zxingcpp.BarcodeFormat.QRCode
    assert found[0].ec_level == "M"
    lines = found[0].bytes.decode("utf-8").split("\n")
    return dict(zip(FIELDS, lines, strict=True))


def test_r25_the_lines_are_those_of_the_standard() -> None:
    notice = a_payable_notice(bic=None, reference="RF462026000123", open_amount=eur("19"))

    code = payment_code(notice)

    assert code is not None
    assert code.payload == (
        "BCD\n002\n1\nSCT\n\nMuster Handel GmbH\nDE89370400440532013000\nEUR19.00\n\nRF462026000123"
    )
    assert "\n".join(read(code).values()) == code.payload


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.01", "EUR0.01"),
        ("19", "EUR19.00"),
        ("124.9", "EUR124.90"),
        ("1234567.89", "EUR1234567.89"),
        ("1E+3", "EUR1000.00"),
        ("999999999.99", "EUR999999999.99"),
    ],
)
def test_r25_it_asks_for_the_open_amount_with_two_digits(amount: str, written: str) -> None:
    assert read(payment_code(a_payable_notice(open_amount=eur(amount))))["amount"] == written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("Müller & Söhne GmbH", "Müller & Söhne GmbH"),
        ("Ñandú \U0001f426 S.A.", "Ñandú \U0001f426 S.A."),
        ("株式会社サンプル", "株式会社サンプル"),
        ("x" * 200, "x" * 70),
        ("ab " * 60, ("ab " * 60)[:70].strip()),
    ],
)
def test_r25_names_come_through_and_long_ones_are_cut(given: str, written: str) -> None:
    assert read(payment_code(a_payable_notice(company_name=given)))["name"] == written


@settings(max_examples=40, deadline=None)
@given(
    name=any_text(200).filter(lambda name: a_sender(company_name=name).company_name),
    cents=st.integers(1, 99_999_999_999),
    bic=st.sampled_from([None, "COBADEFFXXX"]),
)
def test_r25_whatever_the_name_the_code_can_be_read(name: str, cents: int, bic: str | None) -> None:
    amount = Decimal(cents) / 100
    notice = a_payable_notice(company_name=name, bic=bic, open_amount=eur(str(amount)))

    code = payment_code(notice)

    assert code is not None
    assert len(code.payload.encode()) <= 331
    seen = read(code)
    assert notice.sender.company_name.startswith(seen["name"])
    assert Decimal(seen["amount"].removeprefix("EUR")) == amount
    assert seen["iban"] == "DE89370400440532013000"
    assert seen["bic"] == (bic or "")
    assert case_id_in(seen["reference"]) == CASE_ID


def test_r25_the_longest_name_keeps_to_the_largest_code() -> None:
    notice = a_payable_notice(company_name="\U0001f426" * 70, open_amount=eur("999999999.99"))

    code = payment_code(notice)

    assert code is not None
    assert 327 < len(code.payload.encode()) <= 331
    assert read(code)["name"] == "\U0001f426" * (len(read(code)["name"]))


def test_r25_iban_and_bic_stand_without_spaces() -> None:
    seen = read(payment_code(a_payable_notice(iban="de89 3704 0044 0532 0130 00", bic="cobadeff")))

    assert (seen["iban"], seen["bic"]) == ("DE89370400440532013000", "COBADEFF")


@pytest.mark.parametrize("spacing", [1, 2, 3, 5, 7])
def test_r20_the_reference_leads_back_to_the_case_however_a_bank_prints_it(spacing: int) -> None:
    reference = read(payment_code(a_payable_notice()))["reference"]
    printed = " ".join(
        reference[i : i + spacing].lower() for i in range(0, len(reference), spacing)
    )
    item = OpenItem(
        case_id=CASE_ID, installment=None, due_date=date(2026, 3, 2), open_amount=eur("1219.00")
    )
    index = index_of(indexed("A-4711", items=(item,)))

    answer = match_line(a_line(f"SVWZ+ {printed} danke", "12.00", "Somebody"), index)

    assert case_id_in(in_fours(reference)) == CASE_ID
    assert certain_order(answer) == "A-4711"


@pytest.mark.parametrize(
    "given",
    [
        {"iban": None},
        {"company_name": " "},
        {"reference": None},
        {"reference": "A-4711"},
        {"reference": "RF00K4MZ"},
        {"open_amount": eur("0")},
        {"open_amount": eur("-1")},
        {"open_amount": eur("1000000000")},
        {"open_amount": eur("12.345")},
        {"open_amount": Money(amount=Decimal(19), currency="CHF")},
        {"open_amount": Money(amount=Decimal(19000), currency="CLP")},
    ],
)
def test_r25_no_code_where_no_transfer_can_pay(given: dict[str, Any]) -> None:
    assert payment_code(a_payable_notice(**given)) is None


def test_r25_the_same_notice_is_the_same_picture() -> None:
    one, other = payment_code(a_payable_notice()), payment_code(a_payable_notice())

    assert one is not None
    assert other is not None
    assert one.png == other.png
    assert one.svg == other.svg
    assert one.svg.startswith(b"<?xml")
