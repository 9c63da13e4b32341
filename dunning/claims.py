"""A claim at the collection partner: how far it is, and how it was closed (R15).

The partner's words for this stay in its adapter; here are ours.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import AwareDatetime, BaseModel

from dunning.money import Money
from dunning.stages import Stage

FIRST_PAUSE: Final = timedelta(hours=6)
LONGEST_PAUSE: Final = timedelta(days=30)


class ClaimPhase(StrEnum):
    """How far the partner has got."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    IN_COURT = "in_court"
    CLOSED = "closed"


class Closing(StrEnum):
    """How a claim was closed.

    `rejected`: before collection had begun; the partner does not take it. `recovered`: the
    partner got the money. `uncollectible`: it gave up, on all or on the rest. `withdrawn`: it
    stopped because it was asked to.
    """

    REJECTED = "rejected"
    RECOVERED = "recovered"
    UNCOLLECTIBLE = "uncollectible"
    WITHDRAWN = "withdrawn"


class ClaimStatus(BaseModel, frozen=True):
    """A claim as the partner has it: nobody's name, none of the partner's free words.

    `close_code` is the partner's own code, `collected` what the debtor has paid to the partner.
    """

    phase: ClaimPhase
    closing: Closing | None = None
    close_code: str | None = None
    collected: Money
    is_disputed: bool = False


class Claim(BaseModel, frozen=True):
    """What the partner was given, by our reference (case and round), and what it knows.

    `reported` are the keys of the money that the partner knows of. `withdrawn`: it was asked to
    stop; `withdrawal_due`: that has still to be said. `outcome` is the end that the claim brought.
    """

    reference: str
    at: AwareDatetime
    status: ClaimStatus
    reported: tuple[str, ...] = ()
    documents_due: bool = False
    checks: int = 0
    checked_at: AwareDatetime | None = None
    withdrawn: bool = False
    withdrawal_due: bool = False
    outcome: Stage | None = None

    @property
    def is_open(self) -> bool:
        return self.status.phase is not ClaimPhase.CLOSED

    @property
    def next_check_at(self) -> AwareDatetime | None:
        """R15: asked about again in pauses that double up to 30 days; None once it is closed."""
        if not self.is_open:
            return None
        doubled: timedelta = FIRST_PAUSE * 2 ** min(self.checks, 10)
        return (self.checked_at or self.at) + min(doubled, LONGEST_PAUSE)

    def changed(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)
