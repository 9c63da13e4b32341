"""The details of a transaction, in the same form for all banks."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from dunning.references import case_id_in

_CREDITOR_REFERENCE: Final = re.compile(
    r"(?<![A-Z0-9])RF[ ]?\d\d(?:[ ]?[A-Z0-9]){1,21}(?![A-Z0-9])", re.I
)
# Belgium: three, four and five digits between `+++` or `***`.
_BELGIAN: Final = re.compile(r"([+*]{3})\s*(\d{3})/?(\d{4})/?(\d{5})\s*\1")


class Details(NamedTuple):
    """The data beside the amount. `code` is the bank's code for the kind of the booking."""

    counterparty: str | None = None
    counterparty_iban: str | None = None
    on_behalf_of: str | None = None
    text: str = ""
    posting_text: str = ""
    reference: str | None = None
    end_to_end_id: str | None = None
    code: str = ""
    code_extension: str = ""
    return_reason: str | None = None
    original_amount: Decimal | None = None
    charges: Decimal | None = None


def structured_reference(text: str) -> str | None:
    """Find a creditor reference in a text: a valid `RF…`, or a Belgian one."""
    for found in _CREDITOR_REFERENCE.finditer(text):
        words = found[0].upper().split()
        if reference := next(filter(case_id_in, _beginnings(words)), None):
            return reference
    if belgian := _BELGIAN.search(text):
        return "".join(belgian.groups()[1:])
    return None


def _beginnings(words: list[str]) -> list[str]:
    """Return possible references, longest first: the first word, or groups of four characters."""
    if len(words[0]) > 4:
        return words[:1]
    groups = 1
    while groups < len(words) and len(words[groups - 1]) == 4 and len(words[groups]) <= 4:
        groups += 1
    return ["".join(words[:count]) for count in range(groups, 1, -1)]
