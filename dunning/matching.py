"""Which receivable a line of a bank statement pays (R20).

By reference, then by amount and name. What is not certain is put before the seller: money is
never moved on a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import BaseModel

from dunning.money import Money

# A shorter reference could stand in a text by chance.
_SHORTEST_REFERENCE: Final = 4
_BETWEEN: Final = r"[\s./:_-]*"
_ISO_11649: Final = _BETWEEN.join(("R", "F", r"\d", r"\d"))


class StatementLine(BaseModel, frozen=True):
    """Money that a bank reports: what the payer wrote, who it was and how much."""

    text: str
    payer: str
    amount: Money


class Payable(BaseModel, frozen=True):
    """A receivable that can be paid, with what a payer may write to mean it."""

    case_id: str
    references: tuple[str, ...]
    customer_name: str
    open_amount: Money


class Match(BaseModel, frozen=True):
    """The case that a line pays; or, where that is not certain, the cases that it may mean."""

    case_id: str | None = None
    maybe: tuple[str, ...] = ()


def match(line: StatementLine, payables: Sequence[Payable]) -> Match:
    """R20: certain only if one receivable in the line's currency is meant, and no other can be."""
    same_currency = [p for p in payables if p.open_amount.currency == line.amount.currency]
    named = [p for p in same_currency if _names(line.text, p)]
    if named:
        return _certain_if_one(named)
    of_amount = [p for p in same_currency if p.open_amount.amount == line.amount.amount]
    of_name = [p for p in same_currency if _same_name(line.payer, p.customer_name)]
    both = [p for p in of_amount if p in of_name]
    if both:
        return _certain_if_one(both)
    return Match(maybe=_ids([*of_name, *of_amount]))


def _certain_if_one(payables: Sequence[Payable]) -> Match:
    ids = _ids(payables)
    return Match(case_id=ids[0]) if len(ids) == 1 else Match(maybe=ids)


def _ids(payables: Iterable[Payable]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(payable.case_id for payable in payables))


def _names(text: str, payable: Payable) -> bool:
    """Whether a reference stands in a text as a whole, however it is spaced or cased.

    Banks break texts anywhere and people type dashes as they like; but `A-1` is not in `A-10`.
    """
    references = [ref for ref in payable.references if len(_letters(ref)) >= _SHORTEST_REFERENCE]
    return any(_as_pattern(reference).search(text) for reference in references)


def _as_pattern(reference: str) -> re.Pattern[str]:
    spelled = _BETWEEN.join(map(re.escape, _letters(reference)))
    creditor_reference = f"(?:{_ISO_11649}{_BETWEEN})?"
    return re.compile(rf"(?<![A-Za-z0-9]){creditor_reference}{spelled}(?![A-Za-z0-9])", re.I)


def _letters(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text)


def _same_name(one: str, other: str) -> bool:
    """Names are compared without accents, case, punctuation and order of their words."""
    return bool(_words(one)) and _words(one) == _words(other)


def _words(name: str) -> frozenset[str]:
    spelled = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    plain = unicodedata.normalize("NFKD", spelled)
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return frozenset(letters.split())
