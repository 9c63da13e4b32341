"""MT940 and MT942: the statements of SWIFT, in the dialects of the banks.

This is our own parser, because the library `mt-940` reads a reversed credit (`RC`) as money that
came in, joins names to IBANs, and reads neither `/NAME/…/REMI/…` nor the texts of Swiss, Polish and
French banks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from adapters.statements.mt940_details import read_details
from adapters.statements.mt940_entry import Entry, read_amount, read_entry, swift_date
from adapters.statements.mt940_line import Owner, line_of
from adapters.statements.problems import broken
from adapters.statements.statement import Content, check_count, shortened
from dunning.statements.ibans import IBAN_LENGTHS, compact_iban
from dunning.statements.lines import Balance, BalanceKind, StatementLine, in_currency_digits

_TAGS: Final = "13 13D 20 21 25 25P 28 28C 34F 60F 60M 61 62F 62M 64 65 86 90C 90D NS 940 942"
_TAG: Final = re.compile(rf":({'|'.join(sorted(_TAGS.split(), key=len, reverse=True))}):(.*)")
_ENDS: Final = re.compile(r"-[})]?[^A-Za-z0-9]*|\x03|-[A-Z]{3}")
_BLOCKS: Final = re.compile(r"(?:\{[0-9]:(?:[^{}]|\{[^{}]*\})*\})*\{4:|\{5:.*\}")
_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})\s*([\d.,]+)", re.S)
_MOST_LINES: Final = 200
_CURRENCY: Final = re.compile(r"(.*\d)[ /]*([A-Z]{3})")


class Field(NamedTuple):
    """A field of the file: its tag, its lines, and the number of the first of them."""

    tag: str
    lines: list[str]
    number: int

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def place(self) -> str:
        return f"line {self.number}"


def is_mt940(text: str) -> bool:
    """Whether a text has the fields of every SWIFT statement or interim report."""
    return bool(re.search(r"(?:^|\n|@@|\{4:)\s*:20:", text)) and bool(
        re.search(r"(?:\n|\r|@@):(?:25P?|28C?|60[FM]|61):", text)
    )


def read_mt940(text: str, *, currency: str | None = None) -> tuple[Content, bool]:
    """Read a file; return its content and whether it is an interim report (MT942).

    `currency` is for files without a balance, which do not name theirs. Raises `StatementProblem`,
    which names the line of an unreadable field.
    """
    reader = _Reader(currency)
    for field in _fields(text):
        reader.take(field)
    return reader.content(), reader.is_interim


class _Reader:
    """A reader of fields; a transaction is complete when the next field begins."""

    def __init__(self, currency: str | None) -> None:
        self.is_interim = False
        self._has_balance = False
        self._default_currency = currency
        self._owner = Owner(account=None, currency=None)
        self._entry: Entry | None = None
        self._details: list[str] = []
        self._non_swift: list[str] = []
        self._lines: list[StatementLine] = []
        self._balances: list[Balance] = []
        self._newest: date | None = None

    def take(self, field: Field) -> None:
        if field.tag == "86":
            if self._entry:
                self._details.extend(field.lines)
            return
        if field.tag == "NS" and self._entry:
            self._non_swift.extend(line[2:] for line in field.lines)
            return
        self._finish_entry()
        if field.tag == "20":
            self._owner = Owner(account=None, currency=None)
        elif field.tag in ("25", "25P"):
            self._take_account(field)
        elif field.tag == "61":
            self._entry = read_entry(field.lines, field.place)
        elif field.tag in ("60F", "60M", "62F", "62M"):
            self._take_balance(field)
        elif field.tag in ("34F", "13D", "90C", "90D"):
            self._take_interim(field)

    def content(self) -> Content:
        self._finish_entry()
        return Content(tuple(self._lines), tuple(self._balances), self._newest)

    def _take_account(self, field: Field) -> None:
        account, currency = _without_currency(field.lines[0].strip())
        self._owner = Owner(account=compact_iban(account) or account or None, currency=currency)

    def _take_balance(self, field: Field) -> None:
        found = _BALANCE.match(field.text.replace("\n", ""))
        if not found:
            return
        self._has_balance = True
        sign, day, currency, digits = found.groups()
        self._owner = self._owner._replace(currency=currency)
        amount = read_amount(digits)
        stated_day = swift_date(day)
        if amount is None or stated_day is None:
            return
        opens = field.tag.startswith("60")
        if field.tag.endswith("M"):
            return
        self._balances.append(
            Balance(
                account=self._owner.account,
                kind=BalanceKind.OPENING if opens else BalanceKind.CLOSING,
                day=stated_day,
                amount=in_currency_digits(amount if sign == "C" else -amount, currency),
                currency=currency,
            )
        )

    def _take_interim(self, field: Field) -> None:
        self.is_interim = True
        found = re.match(r"\s*\d*([A-Z]{3})[CD]?[\d.,]", field.text)
        if found and self._owner.currency is None:
            self._owner = self._owner._replace(currency=found[1])
        if field.tag == "13D":
            self._newest = max(
                filter(None, (self._newest, swift_date(field.text[:6]))), default=None
            )

    def _finish_entry(self) -> None:
        entry, details = self._entry, self._details or self._non_swift
        if entry is None:
            return
        self._entry, self._details, self._non_swift = None, [], []
        currency = self._owner.currency or self._default_currency
        if currency is None:
            raise broken("No balance before the transaction names the currency.", entry.place)
        is_pending = entry.is_expected or (self.is_interim and not self._has_balance)
        owner = self._owner._replace(currency=currency)
        self._lines.append(line_of(entry, read_details(details), owner, is_booked=not is_pending))
        check_count(len(self._lines))


def _without_currency(account: str) -> tuple[str, str | None]:
    """Split an account from the currency that some banks append: `NL50RABO0123456789 EUR`."""
    found = _CURRENCY.fullmatch(account)
    if not found:
        return account, None
    number, currency = found.groups()
    compact = compact_iban(number)
    if compact and number == compact and len(compact) != IBAN_LENGTHS.get(compact[:2]):
        return account, None
    return number, currency


def _fields(text: str) -> Iterator[Field]:
    """Yield the fields in their order, without lines before the first one and between messages."""
    if "@@:" in text:
        text = text.replace("@@", "\n")
    field: Field | None = None
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = _BLOCKS.sub("", raw.strip("\x01\x02\x03\ufeff\x00"))
        if found := _TAG.match(line.lstrip()):
            if field:
                yield field
            field = Field(found[1], [shortened(found[2])], number)
        elif _ENDS.fullmatch(line.strip()) or (raw.startswith("{1:") and not line.strip()):
            if field:
                yield field
            field = None
        elif field:
            field.lines.append(shortened(line))
            if len(field.lines) > _MOST_LINES:
                raise broken("A field goes on over more lines than a bank's does.", field.place)
    if field:
        yield field
