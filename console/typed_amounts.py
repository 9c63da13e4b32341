"""Amounts that people type into forms: with a point or a comma."""

from __future__ import annotations

import re
from typing import Final

from starter.refusals import wrong

_TYPED: Final = re.compile(r"[0-9]{1,14}([.,][0-9]{1,4})?")


def amount_typed(text: str, *, most_digits: int = 4) -> str:
    """Return an amount as the API writes it, with a point. Raises `Invalid`.

    `most_digits` is how many digits may follow the point.
    """
    found = _TYPED.fullmatch(text)
    if found is None or len(found[1] or "") > most_digits + 1:
        raise wrong("amount", "must be an amount such as 119.00")
    return text.replace(",", ".")
