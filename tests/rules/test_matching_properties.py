"""R20: properties of matching that hold for every text, number and order of lines."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from types import FrameType
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iban as iban_checks

from dunning.references import in_fours, reference_of
from dunning.statements.matches import Verdict
from dunning.statements.matching import match_line, match_lines
from dunning.statements.order_index import OrderIndex
from tests.statement_lines import DAY, a_line, certain_order, index_of, indexed

days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
DAY_FORMS = (
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d%m%Y",
    "%d%m%y",
    "%y%m%d",
    "%d. November %Y",
    "%d Nov %Y",
    "%d de noviembre de %Y",
)
AMOUNT_FORMS = ("{:,.2f} EUR", "EUR {:,.2f}", "{:.2f}", "€{:,.2f}", "{:,.2f}")
POSTCODES = (
    "{} München",
    "D-{} Berlin",
    "{} Madrid",
    "{} Paris",
    "F-{} Lyon",
    "PLZ {}",
    "Hauptstr. 5, {} Köln",
)
BANKS = {"DE": 18, "AT": 16, "ES": 20, "FR": 23, "CH": 17, "BE": 12, "PT": 21}


@st.composite
def dates(draw: st.DrawFn) -> str:
    return draw(days).strftime(draw(st.sampled_from(DAY_FORMS)))


@st.composite
def money(draw: st.DrawFn) -> str:
    amount = Decimal(draw(st.integers(100_000, 99_999_999))) / 100
    text = draw(st.sampled_from(AMOUNT_FORMS)).format(amount)
    return text.translate(str.maketrans(",.", ".,")) if draw(st.booleans()) else text


@st.composite
def postcodes(draw: st.DrawFn) -> tuple[str, str]:
    """A text with a postcode, and the postcode or four digits of it."""
    postcode = str(draw(st.integers(10_000, 98_999)))
    text = draw(st.sampled_from(POSTCODES)).format(postcode)
    return text, draw(st.sampled_from([postcode, postcode[1:], postcode[:-1]]))


@st.composite
def ibans(draw: st.DrawFn) -> str:
    country = draw(st.sampled_from(sorted(BANKS)))
    length = BANKS[country]
    bban = draw(st.text("0123456789", min_size=length, max_size=length))
    checks = iban_checks.calc_check_digits(f"{country}00{bban}")
    iban = f"{country}{checks}{bban}"
    return in_fours(iban) if draw(st.booleans()) else iban


@st.composite
def parts_of(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> tuple[str, str]:
    """A text, and a number of four signs or more that is the whole of it or a part."""
    text = draw(texts)
    signs = "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())
    first = draw(st.integers(0, len(signs) - 4))
    last = draw(st.integers(first + 4, len(signs)))
    number = signs[first:last]
    assume(sum(map(str.isdigit, number)) >= 3)
    return text, number


around = st.sampled_from(["{}", "vom {}", "{} danke", "danke {} und Gruss", "({})"])


def is_certain_beside(text: str, number: str, frame: str) -> bool:
    """Whether the text makes an order certain whose number stands in it as another number.

    The payer's name fits, but not the amount; then the amount, but not the name.
    """
    orders = [
        indexed(number, amounts=("1.23",)),
        indexed("Z-9999", number, amounts=("4.56",)),
    ]
    told = frame.format(text)
    return any(
        match_line(a_line(told, amount, payer), index_of(order)).verdict is Verdict.CERTAIN
        for order in orders
        for amount, payer in (("7.77", "Ada Muster"), ("1.23", "Somebody"), ("4.56", "Somebody"))
    )


@given(given_number=parts_of(dates()), frame=around)
def test_r20_a_day_or_a_part_of_one_is_no_reference(
    given_number: tuple[str, str], frame: str
) -> None:
    assert not is_certain_beside(*given_number, frame)


@given(given_number=parts_of(money()), frame=around)
def test_r20_an_amount_or_a_part_of_one_is_no_reference(
    given_number: tuple[str, str], frame: str
) -> None:
    assert not is_certain_beside(*given_number, frame)


@given(given_number=postcodes(), frame=around)
def test_r20_a_postcode_or_a_part_of_one_is_no_reference(
    given_number: tuple[str, str], frame: str
) -> None:
    assert not is_certain_beside(*given_number, frame)


@given(given_number=parts_of(ibans()), frame=around)
def test_r20_an_iban_or_a_part_of_one_is_no_reference(
    given_number: tuple[str, str], frame: str
) -> None:
    assert not is_certain_beside(*given_number, frame)


NAMES = ("Ada Muster", "Eva Beispiel", "Jörg Müller", "Bob Bau GmbH", "Núria Soler")


@st.composite
def orders_and_index(draw: st.DrawFn, form: Callable[[int], str]) -> tuple[list[Any], OrderIndex]:
    """Orders with neighboring numbers, of a few customers, each with an amount of its own."""
    numbers = draw(st.lists(st.integers(1000, 1030), min_size=2, max_size=20, unique=True))
    orders = [
        indexed(form(number), f"2026-{number}", draw(st.sampled_from(NAMES)), (f"{number}.50",))
        for number in numbers
    ]
    return orders, index_of(*orders)


@given(
    given_orders=orders_and_index(lambda number: f"L-{number}"),
    at=st.integers(0, 40),
    digit=st.sampled_from("0123456789"),
    source=st.sampled_from(["order", "invoice", "reference"]),
    payer=st.sampled_from(["own", "Somebody", None]),
    data=st.data(),
)
def test_r20_a_reference_with_one_digit_changed_never_books_elsewhere(
    given_orders: tuple[list[Any], OrderIndex],
    at: int,
    digit: str,
    source: str,
    payer: str | None,
    data: st.DataObject,
) -> None:
    """The amount is that of the order that is meant; the payer its customer, or a stranger."""
    orders, index = given_orders
    meant = data.draw(st.sampled_from(orders))
    number = {
        "order": meant.order_id,
        "invoice": meant.invoice_number,
        "reference": reference_of(meant.case_ids[0]),
    }[source]
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    place = places[at % len(places)]
    changed = number[:place] + digit + number[place + 1 :]
    amount = str(meant.items[0].open_amount.amount)
    line = a_line(f"Danke {changed}", amount, meant.names[0] if payer == "own" else payer)

    assert certain_order(match_line(line, index)) in (None, meant.order_id)


texts = st.sampled_from(["A-1000", "A-2000", "danke", "", "A-1000 A-2000", "D-4000", "A-3000"])
lines = st.builds(
    a_line,
    text=texts,
    amount=st.sampled_from(["10.00", "20.00", "30.00", "35.00", "50.00"]),
    payer=st.sampled_from(["Ada Muster", "Eva Beispiel", None]),
    booked_on=st.dates(DAY, DAY + timedelta(days=2)),
    end_to_end_id=st.sampled_from([None, "E-1", "E-2"]),
)
INDEX = index_of(
    indexed("A-1000", amounts=("50.00",)),
    indexed("A-2000", amounts=("20.00", "30.00")),
    indexed("A-3000", name="Eva Beispiel", amounts=("35.00",)),
    indexed("D-4000", amounts=("0.00",)),
)


def booked(statement: list[Any]) -> dict[str, Decimal]:
    """What of the certain lines goes to each order."""
    sums: Counter[str] = Counter()
    for answer in match_lines(statement, INDEX):
        if order := certain_order(answer):
            sums[order] += answer.candidates[0].shares[0].amount.amount  # type: ignore[assignment]
    return dict(sums)  # type: ignore[arg-type]


@given(statement=st.lists(lines, max_size=10), order=st.randoms(use_true_random=False))
def test_r20_in_which_order_lines_stand_changes_no_sum(statement: list[Any], order: Any) -> None:
    shuffled = list(statement)
    order.shuffle(shuffled)

    assert booked(shuffled) == booked(statement)


@given(statement=st.lists(lines, max_size=10))
def test_r20_what_is_certain_names_exactly_one_order_and_all_of_the_amount(
    statement: list[Any],
) -> None:
    for line, answer in zip(statement, match_lines(statement, INDEX), strict=True):
        if answer.verdict is Verdict.CERTAIN:
            (candidate,) = answer.candidates
            (share,) = candidate.shares
            assert share.amount.amount == line.amount
            assert candidate.reasons
        assert not (answer.verdict is Verdict.CERTAIN and answer.doubts)


def test_r20_matching_grows_with_lines_and_hardly_with_receivables() -> None:
    """Counted in calls of functions, so that a slow machine changes nothing."""

    def calls(orders: int) -> int:
        index = index_of(*(_an_order(number) for number in range(orders)))
        statement = [_a_line(number) for number in range(100)]
        return _count_calls(lambda: match_lines(statement, index))

    assert calls(16_000) < 3 * calls(1_000)


def _an_order(number: int) -> Any:
    name = f"{_word(number % 400)} {_word(number // 7 % 900)}"
    return indexed(f"L-{100_000 + number}", name=name, amounts=(f"{10 + number % 500}.50",))


def _a_line(number: int) -> Any:
    texts = (f"L-{100_000 + number}", "danke", f"Rechnung L-{100_500 + number}", "")
    name = f"{_word(number % 400)} {_word(number // 7 % 900)}"
    return a_line(texts[number % 4], f"{10 + number % 500}.50", name)


def _word(number: int) -> str:
    """A name of letters for a number."""
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[rest] + "aeiou"[rest % 5]
    return letters.capitalize()


def _count_calls(run: Callable[[], object]) -> int:
    count = 0

    def profile(frame: FrameType, event: str, told: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count
