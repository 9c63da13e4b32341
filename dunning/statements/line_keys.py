"""Recognizes lines of statements that are the same transaction, so none is booked twice (R20).

A statement comes again: the same file, a file of overlapping days, the same days as CAMT and as
MT940. Every transaction is then recognized. Two equal payments of one day remain two.

Little can be relied on. Account, booking day, signed amount and currency are in every format and
the same in all. The rest differs: a bank gives its own id in one format only, breaks texts at other
places, cuts names, leaves IBANs out. So a key is made of what can be relied on and of a number: the
first of that day and amount, the second, … To tell several equal lines apart, they are compared
with the lines that are already there:

- Lines of one kind of file (`origin`) are the same if all their contents are the same, or the
  bank's own id. A bank words the same transaction the same way.
- Lines of two kinds are the same if IBAN, end-to-end id and reference agree as far as both have
  them; if they share none of these, by the names; without names by the texts; and if there is
  nothing to compare, they are the same.

Lines of one file are never the same. A booking of several payments is recognized as a whole, by its
sum, whether a format lists its parts or not. A pending line and the booked one that follows it are
different.

The price: if two equal payments without name, IBAN and id arrive in two files that each cover only
part of the day, the second is taken for the first. If a bank changes its words between two
downloads, a line is taken for new; then R20's check for reported payments keeps it from being
booked twice.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

from dunning.statements.lines import StatementLine
from dunning.statements.names import is_same, words_of

_TAIL: Final = 8
# National check digits after the account number, which older formats leave out.
_BEHIND_THE_NUMBER: Final = {"FR": 2, "MC": 2}
_SHORTEST_COMMON_TEXT: Final = 6
# At most this many lines of one day and amount are compared with a new one.
_COMPARED: Final = 200


class KnownLine(NamedTuple):
    """A line that was imported before, with its key."""

    key: str
    line: StatementLine


class LineKey(NamedTuple):
    """The key of a line, and whether the transaction was known before."""

    key: str
    is_known: bool


def line_keys(
    lines: Sequence[StatementLine], known: Iterable[KnownLine] = ()
) -> tuple[LineKey, ...]:
    """Return the keys of the lines of a statement, in their order.

    `known` are the lines imported before for the same accounts, at least for the days that the
    statement covers and a few around them. A known line has the key of that line. If it is a part
    of a booking that is known as a whole, or the other way round, it has the key of that booking
    (`booking_of`). Files of one archive are compared with each other too.
    """
    before = list(_known_bookings(known))
    _forget_shared_ids([booking for _, booking in before])
    there = _Bookings(before)
    keys: dict[int, LineKey] = {}
    for document in _documents(lines):
        bookings = list(_bookings(document))
        _forget_shared_ids(bookings)
        matched = there.recognize(bookings)
        fresh = [
            (number, there.new_key(booking))
            for number, booking in enumerate(bookings)
            if number not in matched
        ]
        for number, key in [*matched.items(), *fresh]:
            for place, line in bookings[number].lines:
                part = f"{key}.{line.part}" if line.part is not None else key
                keys[place] = LineKey(part, number in matched)
        there.add((key, bookings[number]) for number, key in fresh)
    return tuple(keys[place] for place in range(len(lines)))


def booking_of(key: str) -> str:
    """Return the key of the booking that a line is, or is a part of."""
    return key.partition(".")[0]


class _Booking:
    """One or several lines that the bank has booked as one, and their contents."""

    def __init__(self, lines: list[tuple[int, StatementLine]]) -> None:
        self.lines = lines
        contents = [line for _, line in lines]
        first = contents[0]
        self.account = _tail(first.account)
        self.day = first.booked_on
        self.value_day = first.value_on or first.booked_on
        self.is_day_stated = first.is_booked_on_stated
        self.origin = first.origin
        amount = first.amount if first.entry_amount is None else first.entry_amount
        self.slot = (f"{amount.normalize():f}", first.currency, first.is_booked)
        self.bank_ids = frozenset(filter(None, (line.bank_id for line in contents)))
        self.ibans = frozenset(filter(None, (line.counterparty_iban for line in contents)))
        self.end_to_end_ids = _all_squeezed(line.end_to_end_id for line in contents)
        self.references = _all_squeezed(line.reference for line in contents)
        self.names = [words_of(line.counterparty) for line in contents if line.counterparty]
        text = " ".join(line.text for line in contents)
        self.text = _squeezed(text)
        self.words = frozenset(text.casefold().split())

    @property
    def content(self) -> tuple[object, ...]:
        ids = (self.ibans, self.end_to_end_ids, self.references)
        return (*ids, tuple(sorted(self.names)), self.text, self.value_day)

    @property
    def is_of_several(self) -> bool:
        return len(self.lines) > 1

    @property
    def days(self) -> frozenset[date]:
        return frozenset({self.day, self.value_day})


class _Bookings:
    """The bookings that are known, by amount and currency."""

    def __init__(self, bookings: Iterable[tuple[str, _Booking]]) -> None:
        self._by_slot: dict[object, list[tuple[str, _Booking]]] = defaultdict(list)
        self._used: set[str] = set()
        self._numbers: dict[str, int] = {}
        self.add(bookings)

    def add(self, bookings: Iterable[tuple[str, _Booking]]) -> None:
        for key, booking in bookings:
            self._by_slot[booking.slot].append((key, booking))
            self._used.add(key)

    def recognize(self, bookings: Sequence[_Booking]) -> dict[int, str]:
        """Return the keys of the bookings that are known, by their place; no key twice."""
        found: dict[int, str] = {}
        new: dict[object, dict[int, _Booking]] = defaultdict(dict)
        for number, booking in enumerate(bookings):
            if booking.slot in self._by_slot:
                new[booking.slot][number] = booking
        for slot, ours in new.items():
            found |= _pairs(ours, self._by_slot[slot])
        return found

    def new_key(self, booking: _Booking) -> str:
        """Return an unused key: a digest of what can be relied on, and the next free number."""
        parts = (booking.account, booking.day.isoformat(), *booking.slot)
        digest = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:24]
        number = self._numbers.get(digest, 0) + 1
        while f"{digest}-{number}" in self._used:
            number += 1
        self._numbers[digest] = number
        return f"{digest}-{number}"


# The marks that two bookings may share, the most reliable first.
_COMMON: Final[tuple[Callable[[_Booking], Iterable[object]], ...]] = (
    lambda booking: [(*booking.content, booking.bank_ids)],
    lambda booking: booking.bank_ids,
    lambda booking: booking.end_to_end_ids,
    lambda booking: booking.references,
    lambda booking: booking.ibans,
    lambda booking: [frozenset(name) for name in booking.names],
    lambda booking: booking.words,
    lambda booking: [None],
)


def _pairs(new: dict[int, _Booking], there: list[tuple[str, _Booking]]) -> dict[int, str]:
    """Pair new bookings with known ones; return the known keys by the numbers of the new ones."""
    found: dict[int, str] = {}
    left = dict(enumerate(there))
    for common in _COMMON:
        by_mark: dict[object, list[int]] = defaultdict(list)
        for place, (_, booking) in left.items():
            for mark in common(booking):
                for day in booking.days:
                    by_mark[mark, day].append(place)
        for number, booking in new.items():
            if number in found:
                continue
            marks = [(mark, day) for mark in common(booking) for day in booking.days]
            places = islice(
                (p for mark in marks for p in by_mark.get(mark, ()) if p in left), _COMPARED
            )
            same = next((place for place in places if _is_same(booking, left[place][1])), None)
            if same is not None:
                found[number] = left.pop(same)[0]
    return found


def _is_same(one: _Booking, other: _Booking) -> bool:
    if not _is_same_day(one, other):
        return False
    if one.account and other.account and one.account != other.account:
        return False
    if one.origin and one.origin == other.origin:
        if one.bank_ids and other.bank_ids:
            return bool(one.bank_ids & other.bank_ids)
        return one.content == other.content
    return _is_same_in_two_formats(one, other)


def _is_same_day(one: _Booking, other: _Booking) -> bool:
    """Compare the booking days; if one format has only the value day, compare the value days."""
    if one.is_day_stated and other.is_day_stated:
        return one.day == other.day
    return one.value_day == other.value_day


def _is_same_in_two_formats(one: _Booking, other: _Booking) -> bool:
    if one.is_of_several != other.is_of_several:
        # The text of the whole booking does not describe its parts; one payer's IBAN would.
        is_of_one_payer = bool(one.ibans and other.ibans)
        return bool(one.ibans & other.ibans) if is_of_one_payer else _have_one_account(one, other)
    ids = list(_agreements_of_ids(one, other))
    if ids:
        return all(ids)
    if one.bank_ids & other.bank_ids:
        return True
    if one.names and other.names:
        return any(_is_like(name, another) for name in one.names for another in other.names)
    if one.text and other.text:
        return _is_text_like(one, other)
    return _have_one_account(one, other)


def _have_one_account(one: _Booking, other: _Booking) -> bool:
    return bool(one.account) and one.account == other.account


def _agreements_of_ids(one: _Booking, other: _Booking) -> Iterator[bool]:
    """Yield for each kind of id that both have whether it agrees; banks cut long ones."""
    if one.ibans and other.ibans:
        yield bool(one.ibans & other.ibans)
    pairs = ((one.end_to_end_ids, other.end_to_end_ids), (one.references, other.references))
    for these, those in pairs:
        if these and those:
            yield any(a.startswith(b) or b.startswith(a) for a in these for b in those)


def _is_like(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    common = {word for word in set(one) & set(other) if len(word) > 1}
    return bool(common) or is_same(one, other, is_cut=True)


def _is_text_like(one: _Booking, other: _Booking) -> bool:
    short, long = sorted((one.text, other.text), key=len)
    if len(short) >= _SHORTEST_COMMON_TEXT and short in long:
        return True
    return len(one.words & other.words) * 2 >= min(len(one.words), len(other.words))


def _known_bookings(known: Iterable[KnownLine]) -> Iterator[tuple[str, _Booking]]:
    by_booking: dict[str, list[tuple[int, StatementLine]]] = defaultdict(list)
    for key, line in known:
        by_booking[booking_of(key)].append((0, line))
    for key, lines in by_booking.items():
        yield key, _Booking(lines)


def _documents(lines: Sequence[StatementLine]) -> list[list[tuple[int, StatementLine]]]:
    documents: dict[int, list[tuple[int, StatementLine]]] = defaultdict(list)
    for place, line in enumerate(lines):
        documents[line.document].append((place, line))
    return list(documents.values())


def _bookings(document: Iterable[tuple[int, StatementLine]]) -> Iterator[_Booking]:
    """Yield the bookings of a file: lines with a part number belong to the part 1 before them."""
    together: list[tuple[int, StatementLine]] = []
    for place, line in document:
        if together and (line.part is None or line.part == 1):
            yield _Booking(together)
            together = []
        together.append((place, line))
    if together:
        yield _Booking(together)


def _forget_shared_ids(bookings: Sequence[_Booking]) -> None:
    """Drop bank ids that several bookings share: those identify something else, as a statement."""
    counts = Counter(one for booking in bookings for one in booking.bank_ids)
    for booking in bookings:
        booking.bank_ids = frozenset(one for one in booking.bank_ids if counts[one] == 1)


def _tail(account: str | None) -> str:
    """Return the end of an account number, which is the same in its IBAN and in older formats."""
    number = (account or "").upper().rpartition("/")[2]
    compact = re.sub(r"[^0-9A-Z]", "", number)
    if re.match(r"[A-Z]{2}\d{2}", compact):
        compact = compact[: len(compact) - _BEHIND_THE_NUMBER.get(compact[:2], 0)]
    digits = re.sub(r"\D", "", compact)
    return digits[-_TAIL:].lstrip("0") or compact


def _all_squeezed(texts: Iterable[str | None]) -> frozenset[str]:
    return frozenset(_squeezed(text) for text in texts if text)


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
