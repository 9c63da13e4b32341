"""R20: a line of a bank statement is matched by reference, then by amount and name, or not."""

from __future__ import annotations

import pytest

from dunning.matching import Match, Payable, StatementLine, match
from dunning.money import Money
from tests.factories import eur


def payable(case_id: str = "k4mz2w7qxh3t9abc", **given: object) -> Payable:
    values: dict[str, object] = {
        "references": ("2026-0815", "A-4711", case_id),
        "customer_name": "Jörg Müller",
        "open_amount": eur("59.50"),
    }
    return Payable.model_validate({"case_id": case_id, **values, **given})


def line(text: str = "", payer: str = "Somebody", amount: Money | None = None) -> StatementLine:
    return StatementLine(text=text, payer=payer, amount=amount or eur("10.00"))


OTHER = payable(
    "zzzzzzzzzzzzzzzz",
    references=("2026-08151", "A-47112"),
    customer_name="Eva Muster",
    open_amount=eur("80.00"),
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-0815",
        "Invoice 2026-0815 thank you",
        "INV. 2026 0815",  # without the dash
        "20260815",
        "order a-4711",
        "A4711/Mueller",
        "2026-\n0815",  # broken by the bank
        "RF18K4MZ2W7QXH3T9ABC",  # ISO 11649, made from the case
        "RF18 K4MZ 2W7Q XH3T 9ABC",
        "rf1 8k4 mz2 w7q xh3 t9a bc",
    ],
)
def test_r20_a_reference_is_found_however_it_is_typed(text: str) -> None:
    assert match(line(text), [payable(), OTHER]) == Match(case_id="k4mz2w7qxh3t9abc")


@pytest.mark.parametrize("text", ["12026-0815", "2026-08150", "A-47", "XA-4711", ""])
def test_r20_a_longer_number_is_another_reference(text: str) -> None:
    assert match(line(text), [payable(), OTHER]).case_id is None


def test_r20_a_reference_counts_more_than_the_amount_and_the_name_of_another() -> None:
    told = line("2026-0815", payer="Eva Muster", amount=eur("80.00"))

    assert match(told, [payable(), OTHER]) == Match(case_id="k4mz2w7qxh3t9abc")


def test_r20_two_references_are_put_before_the_seller() -> None:
    told = line("2026-0815 and A-47112")

    answer = match(told, [payable(), OTHER])

    assert answer == Match(maybe=("k4mz2w7qxh3t9abc", "zzzzzzzzzzzzzzzz"))


@pytest.mark.parametrize("payer", ["Jörg Müller", "MUELLER, JOERG", "müller jörg"])
def test_r20_without_a_reference_amount_and_name_together_are_certain(payer: str) -> None:
    told = line("thanks", payer=payer, amount=eur("59.50"))

    assert match(told, [payable(), OTHER]) == Match(case_id="k4mz2w7qxh3t9abc")


@pytest.mark.parametrize(
    ("payer", "amount"), [("Jörg Müller", "59.00"), ("Peter Müller", "59.50"), ("", "59.50")]
)
def test_r20_amount_or_name_alone_is_put_before_the_seller(payer: str, amount: str) -> None:
    told = line("thanks", payer=payer, amount=eur(amount))

    assert match(told, [payable(), OTHER]) == Match(maybe=("k4mz2w7qxh3t9abc",))


def test_r20_two_installments_of_the_same_amount_are_put_before_the_seller() -> None:
    told = line("thanks", payer="Jörg Müller", amount=eur("59.50"))
    twin = payable("abcdefghijklmnop")

    assert match(told, [payable(), twin]).maybe == ("k4mz2w7qxh3t9abc", "abcdefghijklmnop")


def test_r20_money_in_another_currency_pays_nothing() -> None:
    told = line("2026-0815", amount=Money(amount=eur("59.50").amount, currency="USD"))

    assert match(told, [payable()]) == Match()


def test_r20_money_of_a_stranger_is_nobodys() -> None:
    assert match(line("gift", payer="Anna"), [payable(), OTHER]) == Match()
