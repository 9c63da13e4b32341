"""The answers of an agency without an API: tables `answers-….csv` in the folder of the claims.

Columns `reference`, `status`, `close_code`, `collected`, in any order. A status is a phase
(`submitted`, `accepted`, `in_court`, `closed`) or a closing (`rejected`, `recovered`,
`uncollectible`, `withdrawn`). The last line about a claim counts, in the last file by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from adapters.partner.csv.folder import ForeignFile, Row, read_table
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.money import Money, NotAnAmount, checked_money

PREFIX: Final = "answers-"
_NEEDED: Final = {"reference", "status"}


def latest_answers(files: Iterable[Path]) -> dict[str, tuple[str, Row]]:
    """Return by reference the last line about each claim, with its place. Raises `ForeignFile`."""
    latest = {}
    for path in files:
        header, rows = read_table(path)
        if not set(header) >= _NEEDED:
            raise ForeignFile(f"{path.name} lacks the columns reference and status")
        for number, row in enumerate(rows, start=2):
            latest[row["reference"].strip()] = (f"{path.name}, line {number}", row)
    return latest


def status_in(place: str, row: Row, currency: str) -> ClaimStatus:
    """Read the status in a line. Raises `ForeignFile` if it has no valid one."""
    said = row["status"].strip().casefold()
    code = row.get("close_code", "").strip() or None
    closing = _closing(said, code)
    if closing is None and said not in set(ClaimPhase):
        raise ForeignFile(f"{place}: there is no such status")
    return ClaimStatus(
        phase=ClaimPhase.CLOSED if closing else ClaimPhase(said),
        closing=closing,
        close_code=code,
        collected=_collected(place, row.get("collected", "").strip(), currency),
    )


def _closing(said: str, code: str | None) -> Closing | None:
    """Return how a claim was closed, None if it was not. An unknown code is uncollectible."""
    if said in set(Closing):
        return Closing(said)
    if said != ClaimPhase.CLOSED:
        return None
    word = (code or "").casefold()
    return Closing(word) if word in set(Closing) else Closing.UNCOLLECTIBLE


def _collected(place: str, written: str, currency: str) -> Money:
    try:
        return checked_money(Decimal(written or "0"), currency, zero_allowed=True)
    except (InvalidOperation, NotAnAmount):
        raise ForeignFile(f"{place}: collected is not an amount, as 12.50 is") from None
