"""Structured references of payments: ISO 11649, `RF` (R20, R25)."""

from __future__ import annotations

import re
from typing import Final

_SHAPE: Final = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")


def reference_of(case_id: str) -> str:
    """The reference under which a case is paid: `RF`, two check digits, the case's id.

    The check digits are 98 less the remainder by 97 of the id, `RF00` behind it, letters counted
    as 10 to 35 (ISO 11649, after ISO/IEC 7064 MOD 97-10).
    """
    body = case_id.upper()
    return f"RF{98 - _number(f'{body}RF00') % 97:02d}{body}"


def case_id_in(reference: str) -> str | None:
    """The id of the case that a reference stands for; None if it is none, or mistyped.

    However it was written down: in groups of four, in small letters.
    """
    compact = re.sub(r"\s", "", reference).upper()
    if not _SHAPE.fullmatch(compact) or _number(compact[4:] + compact[:4]) % 97 != 1:
        return None
    return compact[4:].lower()


def in_fours(code: str) -> str:
    """A reference or an IBAN as it is printed."""
    compact = code.replace(" ", "")
    return " ".join(compact[i : i + 4] for i in range(0, len(compact), 4))


def _number(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text))
