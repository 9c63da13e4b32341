"""Finds order and invoice numbers and creditor references in the text of a payment (R20)."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from dunning.references import cases_in
from dunning.statements.payment_text import (
    NumberKind,
    OtherNumber,
    is_named_reference,
    other_numbers,
)

# Shorter numbers can occur in a text by chance, even beside the right amount. They count only in
# the seller's spelling, and without a letter only after a word such as `Rechnung`.
_SHORT: Final = 4
_LONG: Final = 6
_LONG_LETTERS: Final = 5
_MOST_PIECES: Final = 8
_PIECE: Final = re.compile(r"[^\W_]+")
# Signs that people and banks put between the pieces of a number.
_BETWEEN: Final = re.compile(r"[\s./:_\-\u2013#]{0,4}")
_JOINED: Final = re.compile(r"[./:_\-\u2013#]+")
_DIGIT: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"\D")
_PLAIN_SHAPES: Final = str.maketrans(
    string.digits + string.ascii_uppercase,
    "9" * len(string.digits) + "A" * len(string.ascii_uppercase),
)
# `RE-2026-0815` names `2026-0815`; `B-4711` does not name `4711`.
_PREFIXES: Final = frozenset(
    str.split(
        """
        re rg rnr rn rgnr inv invoice rechnung rech rechn order ord bestellung best auftrag nr no
        num ref fa fac fact factura facture fra ft fatt factuur faktura ped pedido cmd commande id
        """
    )
)


class NumberSource(StrEnum):
    ORDER_ID = "order_id"
    INVOICE_NUMBER = "invoice_number"


class NamedNumber(NamedTuple):
    """A number of an order that is in a text; `is_long` if it can hardly be there by chance."""

    order_id: str
    written: str
    source: NumberSource
    is_long: bool


class Named(NamedTuple):
    """The numbers and references that a text names.

    `cases` are the case ids of creditor references that are valid and known. `names_unknown`: the
    text also has a creditor reference that is not known, or an unknown number in the form of the
    seller's.
    """

    numbers: tuple[NamedNumber, ...] = ()
    cases: tuple[str, ...] = ()
    names_unknown: bool = False


class _Piece(NamedTuple):
    text: str
    start: int
    end: int


class _Window(NamedTuple):
    """Consecutive pieces, with their letters and digits joined."""

    first: int
    last: int
    letters: str


class _Known(NamedTuple):
    """A number of the seller's; `gaps` are the places in it where a sign or a blank is written."""

    number: NamedNumber
    gaps: frozenset[int]


class _Found(NamedTuple):
    """Known numbers at one place, from the first piece to the last."""

    first: int
    last: int
    numbers: list[NamedNumber]


class ReferenceIndex:
    """All numbers of a seller's orders; a lookup takes no longer if there are more of them."""

    def __init__(
        self,
        orders: Iterable[tuple[str, str | None]],
        case_ids: Iterable[str],
        *,
        is_name: Callable[[str], bool] = lambda word: False,
    ) -> None:
        """Build the index; `orders` are order ids with their invoice numbers."""
        self._numbers: dict[str, list[_Known]] = defaultdict(list)
        for order_id, invoice_number in orders:
            self._add(order_id, order_id, NumberSource.ORDER_ID)
            if invoice_number and _squeezed(invoice_number) != _squeezed(order_id):
                self._add(order_id, invoice_number, NumberSource.INVOICE_NUMBER)
        self._cases = frozenset(case_ids)
        self._shapes = frozenset(_shape(one) for one in self._numbers if len(one) >= _SHORT)
        self._longest = max(map(len, self._numbers), default=0)
        self._is_name = is_name

    def _add(self, order_id: str, written: str, source: NumberSource) -> None:
        pieces = _pieces(written)
        letters = "".join(piece.text for piece in pieces)
        if _DIGIT.search(letters):
            number = NamedNumber(order_id, written, source, _is_long(written, letters))
            self._numbers[letters].append(_Known(number, _gaps(pieces)))

    def named_in(self, texts: Sequence[str], *, day: date, amount: Decimal) -> Named:
        """Return what the texts of a payment name; `day` and `amount` are the payment's."""
        found = [self._named_in(text, day=day, amount=amount) for text in texts if text]
        return Named(
            numbers=tuple(dict.fromkeys(number for one in found for number in one.numbers)),
            cases=tuple(dict.fromkeys(case for one in found for case in one.cases)),
            names_unknown=any(one.names_unknown for one in found),
        )

    def one_digit_off(self, written: Iterable[str]) -> list[str]:
        """Return the orders with a number that differs from one of these in a single digit."""
        found = (
            known.number.order_id
            for letters in map(_squeezed, written)
            for at, sign in enumerate(letters)
            if sign.isdigit()
            for digit in "0123456789"
            if digit != sign
            for known in self._numbers.get(letters[:at] + digit + letters[at + 1 :], ())
        )
        return list(dict.fromkeys(found))

    def _named_in(self, text: str, *, day: date, amount: Decimal) -> Named:
        pieces = _pieces(text)
        cases, taken = cases_in(text, self._cases)
        windows = [window for window in self._windows(text, pieces) if self._may_be(window)]
        if not windows:
            return Named(cases=cases, names_unknown=len(taken) > len(cases))
        others = other_numbers(text, day=day, amount=amount, is_name=self._is_name)
        others += [OtherNumber(start, end, NumberKind.IBAN) for start, end in taken]
        found = self._known(text, pieces, windows, others)
        valid = [one for one in found if self._stands_alone(text, pieces, one, found, others)]
        return Named(
            numbers=tuple(number for one in valid for number in one.numbers),
            cases=cases,
            names_unknown=len(taken) > len(cases)
            or self._has_unknown(text, pieces, windows, valid, others),
        )

    def _may_be(self, window: _Window) -> bool:
        """Whether the letters are a number of the seller's, or have the form of one."""
        return window.letters in self._numbers or _shape(window.letters) in self._shapes

    def _known(
        self,
        text: str,
        pieces: Sequence[_Piece],
        windows: Sequence[_Window],
        others: Sequence[OtherNumber],
    ) -> list[_Found]:
        """Return known numbers that are no day, amount, …; of overlapping ones only the longest."""
        found: list[_Found] = []
        for first, last, letters in windows:
            if letters not in self._numbers:
                continue
            window = pieces[first : last + 1]
            # People leave signs out or replace them, but they do not add any.
            signs = _gaps(window, text)
            numbers = [known.number for known in self._numbers[letters] if signs <= known.gaps]
            if len(letters) < _SHORT:
                place = window[0].start, window[-1].end
                numbers = [one for one in numbers if _is_spelled_out(one, text, *place)]
            if numbers and not _is_other_number((window[0].start, window[-1].end), others):
                found.append(_Found(first, last, numbers))
        found.sort(key=lambda one: one.first - one.last)
        kept: list[_Found] = []
        for one in found:
            if all(one.last < other.first or one.first > other.last for other in kept):
                kept.append(one)
        return kept

    def _windows(self, text: str, pieces: Sequence[_Piece]) -> Iterator[_Window]:
        """Yield adjacent pieces joined, up to the length of the longest number."""
        for first in range(len(pieces)):
            letters = ""
            for last in range(first, min(first + _MOST_PIECES, len(pieces))):
                if last > first and not _BETWEEN.fullmatch(
                    text, pieces[last - 1].end, pieces[last].start
                ):
                    break
                letters += pieces[last].text
                if len(letters) > self._longest:
                    break
                yield _Window(first, last, letters)

    def _stands_alone(
        self,
        text: str,
        pieces: Sequence[_Piece],
        one: _Found,
        found: Sequence[_Found],
        others: Sequence[OtherNumber],
    ) -> bool:
        """Whether a number is not a part of a longer one: `0815` in `2026-0815` is."""
        for beside, near in ((one.first - 1, one.first), (one.last + 1, one.last)):
            if not 0 <= beside < len(pieces):
                continue
            left, right = sorted((beside, near))
            between = text[pieces[left].end : pieces[right].start]
            if any(other.first <= beside <= other.last for other in found if other is not one):
                continue
            if self._belongs_to(pieces, beside, near, between) and not _is_whole_other(
                pieces[beside], others
            ):
                return False
        return True

    def _belongs_to(self, pieces: Sequence[_Piece], beside: int, near: int, between: str) -> bool:
        """Whether the piece beside a number is a part of it."""
        word = pieces[beside].text
        has_digits = any(sign.isdigit() for sign in word)
        if _JOINED.fullmatch(between):
            is_prefix = beside < near and not set(between) & set(":#")
            return has_digits or (is_prefix and word.casefold() not in _PREFIXES and len(word) < 4)
        return between == " " and word.isdigit() and pieces[near].text.isdigit()

    def _has_unknown(
        self,
        text: str,
        pieces: Sequence[_Piece],
        windows: Sequence[_Window],
        valid: Sequence[_Found],
        others: Sequence[OtherNumber],
    ) -> bool:
        """Whether the text has an unknown number in the form of the seller's numbers."""
        for first, last, letters in windows:
            if letters in self._numbers:
                continue
            if (
                last > first
                and letters.isdigit()
                and " " in text[pieces[first].end : pieces[last].start]
            ):
                continue
            if any(first <= one.last and last >= one.first for one in valid):
                continue
            if not _is_other_number((pieces[first].start, pieces[last].end), others):
                return True
        return False


def _pieces(text: str) -> list[_Piece]:
    return [_Piece(found[0].upper(), *found.span()) for found in _PIECE.finditer(text)]


def _gaps(pieces: Sequence[_Piece], text: str | None = None) -> frozenset[int]:
    """Return after how many letters a new piece begins; in a text, only where a sign is between."""
    gaps: set[int] = set()
    letters = 0
    for piece, after in pairwise(pieces):
        letters += len(piece.text)
        if text is None or not text[piece.end : after.start].isspace():
            gaps.add(letters)
    return frozenset(gaps)


def _squeezed(text: str) -> str:
    return "".join(_PIECE.findall(text)).upper()


def _shape(letters: str) -> str:
    """Return the form of a number: `A9999` for `L1001`."""
    if letters.isascii():
        return letters.translate(_PLAIN_SHAPES)
    return _LETTER.sub("A", _DIGIT.sub("9", letters))


def _is_long(written: str, letters: str) -> bool:
    """R20: whether it has six signs or more, five of them letters or digits, with a letter."""
    has_letter = any(sign.isalpha() for sign in letters)
    return len(written.strip()) >= _LONG and len(letters) >= _LONG_LETTERS and has_letter


def _is_spelled_out(number: NamedNumber, text: str, start: int, end: int) -> bool:
    """Whether a short number is written so that it can hardly be anything else."""
    if not any(map(str.isalpha, number.written)):
        return is_named_reference(text, start)
    return text[start:end].casefold() == number.written.strip().casefold()


def _is_other_number(place: tuple[int, int], others: Sequence[OtherNumber]) -> bool:
    """Whether a place is a day, an amount, …, or a part of one.

    A number that contains one is still a number: `2026-0815` contains a year.
    """
    start, end = place
    return any(
        other.start < end
        and start < other.end
        and not (start <= other.start and other.end <= end and (other.start, other.end) != place)
        for other in others
    )


def _is_whole_other(piece: _Piece, others: Sequence[OtherNumber]) -> bool:
    """Whether a piece beside a number belongs to a day or an amount of its own."""
    return any(
        other.start <= piece.start and piece.end <= other.end
        for other in others
        if other.kind in (NumberKind.DAY, NumberKind.AMOUNT)
    )
