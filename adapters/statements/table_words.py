"""The headings of columns in banks' tables; the words are in `table_words.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from adapters.statements.table_cells import fold
from adapters.statements.table_reading import Meaning
from dunning.money import CURRENCY_DIGITS

_WORDS: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

# Parts of a heading that say which currency a column is in, or which one of several it is.
_CODES: Final = "|".join(code.lower() for code in CURRENCY_DIGITS)
_BESIDE: Final = re.compile(
    rf"\b(?:in |en )?(?:{_CODES}|euros?|euroa|kronor|pesos)\b|\butc\b"
    r"|\b\d{1,2}$|(?<=[a-z])\d{1,2}$"
)
# Headings of money that is not the amount of the transaction in the account's currency.
_BESIDE_THE_AMOUNT: Final = re.compile(
    r"saldo|balance|solde|kontostand|original|fremd|foreign|oorspr|ursprung|local|exchange|kurs"
    r"|koers|\bbal\b|\brate|\bfee|gebuhr|kosten|frais|\btax|limit|puvodni|poplatek|disponi|avail"
    r"|steuer|commission|estero|extranjer|etranger|einzel|individ|singolo"
)
# Headings of columns that are no text for people: codes, categories, times.
_NO_TEXT: Final = re.compile(
    r"\bbic\b|swift|\bblz\b|bankleitzahl|glaubiger|glaeubiger|creditor id|mandat|machtiging"
    r"|incassant|kategor|categor|\btime\b|uhrzeit|\btijd\b|zeitzone|bank name|sort code|branch"
    r"|sucursal|oficina"
)
_PENDING: Final = re.compile(
    r"vorgemerkt|vormerk|pending|ausstehend|reserv|en attente|a venir|pendiente|in attesa|en cours"
    r"|nicht gebucht|not booked|authoris|authoriz|retenid|revert|declin|abgelehnt|failed|cancel"
    r"|storniert|non contabilizz|in behandeling|gereserveerd|refused|geweigerd|expired"
    r"|processing|in progress"
)
# The last row of a French bank: the balance, and beside it branch and account.
_LCL_BALANCE: Final = re.compile(r"\d{5} \d{6}[A-Z]")
# Headings of an account that may be the own one as well as the other side's.
_EITHER_ACCOUNT: Final = frozenset(_WORDS["accounts"]["either"])
_COMES_IN: Final = frozenset(_WORDS["ways"]["comes_in"])
_GOES_OUT: Final = frozenset(_WORDS["ways"]["goes_out"])
_BALANCE_ROWS: Final = frozenset(_WORDS["balances"]["rows"])
_TOTAL_ROWS: Final = frozenset(_WORDS["totals"]["rows"])
# How sure the words of a meaning are, with the rank of the first word of each class.
_SURENESS: Final = (("sure", 0), ("less_sure", 100), ("least_sure", 200))


class Heading(NamedTuple):
    """A meaning of a heading; a lower rank is surer."""

    meaning: Meaning
    rank: int


def _by_name() -> dict[str, list[Heading]]:
    found: dict[str, list[Heading]] = {}
    for meaning, names in _WORDS["headings"].items():
        for sureness, first in _SURENESS:
            for rank, name in enumerate(names.get(sureness, ()), first):
                found.setdefault(name, []).append(Heading(Meaning(meaning), rank))
    return found


_BY_NAME: Final = _by_name()


def headings_of(cell: str) -> list[Heading]:
    """Return the possible meanings of a heading; none if the word is not known."""
    name = plain_heading(cell)
    return _BY_NAME.get(name, []) or _BY_NAME.get(" ".join(_BESIDE.sub("", name).split()), [])


def is_no_text(cell: str) -> bool:
    """Whether a heading is one of codes, categories or times, which are no text for people."""
    return bool(_NO_TEXT.search(plain_heading(cell)))


def may_be_own_account(cell: str) -> bool:
    """Whether a heading may be that of the own account as well as of the other side's."""
    return plain_heading(cell) in _EITHER_ACCOUNT


def is_beside_the_amount(cell: str) -> bool:
    """Whether a heading is one of a balance, a fee, or an amount in another currency."""
    return bool(_BESIDE_THE_AMOUNT.search(plain_heading(cell)))


def currency_of_heading(cell: str) -> str | None:
    """Return the currency that a heading names: `Betrag (EUR)`, `Amount CZK`."""
    words = re.findall(r"[A-Za-z]+|€", cell)
    for word in words:
        if word.upper() in CURRENCY_DIGITS and (word.isupper() or len(words) > 1):
            return str(word.upper())
        if word.casefold() in ("euro", "euros", "euroa", "€"):
            return "EUR"
    return None


def plain_heading(cell: str) -> str:
    """Return a heading in small letters, without accents and punctuation, with single blanks."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(cell)).split())


def way_of(cell: str) -> int | None:
    """Return 1 for a word for money that came in, -1 for money that went out, None for others."""
    word = fold(cell.strip())
    if word in _COMES_IN:
        return 1
    return -1 if word in _GOES_OUT else None


def is_balance_row(cells: Iterable[str]) -> bool:
    """Whether a row is a balance and no transaction."""
    return any(
        plain_heading(cell) in _BALANCE_ROWS or _LCL_BALANCE.fullmatch(cell)
        for cell in cells
        if cell
    )


def is_total_row(cells: Iterable[str]) -> bool:
    """Whether a row is a sum of the rows above it."""
    return any(plain_heading(cell) in _TOTAL_ROWS for cell in cells if cell)


def is_pending(cell: str) -> bool:
    """Whether a status says that a transaction is not booked yet, or never will be."""
    return bool(_PENDING.search(fold(cell)))
