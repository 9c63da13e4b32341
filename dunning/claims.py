"""A claim at the collection partner: its progress, and how it was closed (R15).

The partner's own words stay in its adapter; these are ours.
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
    """The partner's progress with a claim."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    IN_COURT = "in_court"
    CLOSED = "closed"


class Closing(StrEnum):
    """The ways in which a claim is closed.

    `rejected`: the partner refused it before collection had begun. `recovered`: the partner got the
    money. `uncollectible`: it gave up on all or on the rest. `withdrawn`: it stopped because we
    asked it to.
    """

    REJECTED = "rejected"
    RECOVERED = "recovered"
    UNCOLLECTIBLE = "uncollectible"
    WITHDRAWN = "withdrawn"


class ClaimStatus(BaseModel, frozen=True):
    """The status of a claim at the partner, without names and without the partner's free text.

    `close_code` is the partner's own code, `collected` what the debtor has paid to the partner.
    """

    phase: ClaimPhase
    closing: Closing | None = None
    close_code: str | None = None
    collected: Money
    is_disputed: bool = False


class Claim(BaseModel, frozen=True):
    """A claim under our reference (case and round), and what the partner knows of it.

    `reported` are the keys of the money that the partner knows of. `withdrawn`: the partner was, or
    is to be, asked to stop; `withdrawal_due`: it has still to be asked. `outcome` is the end of the
    case that the claim brought.
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
        """R15: when the claim is checked next, after pauses that double up to 30 days.

        None once it is closed.
        """
        if not self.is_open:
            return None
        doubled: timedelta = FIRST_PAUSE * 2 ** min(self.checks, 10)
        return (self.checked_at or self.at) + min(doubled, LONGEST_PAUSE)

    def changed(self, **changes: Any) -> Self:
        unknown = changes.keys() - type(self).model_fields.keys()
        assert not unknown, f"no such fields: {sorted(unknown)}"
        return self.model_copy(update=changes)
