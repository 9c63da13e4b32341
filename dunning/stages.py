"""The stages of a case."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """The stages of a case.

    scheduled -> reminded -> first_notice -> final_notice -> [awaiting_approval] -> handed_over
    -> in_court; beside it blocked and on_hold; the rest are ends.
    """

    SCHEDULED = "scheduled"
    REMINDED = "reminded"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    AWAITING_APPROVAL = "awaiting_approval"
    HANDED_OVER = "handed_over"
    IN_COURT = "in_court"
    BLOCKED = "blocked"
    ON_HOLD = "on_hold"
    PAID = "paid"
    STOPPED = "stopped"
    CANCELED = "canceled"
    RECOVERED = "recovered"
    UNCOLLECTIBLE = "uncollectible"
    SETTLED = "settled"


ENDS: Final = frozenset(
    {
        Stage.PAID,
        Stage.STOPPED,
        Stage.CANCELED,
        Stage.RECOVERED,
        Stage.UNCOLLECTIBLE,
        Stage.SETTLED,
    }
)
# The workflow of a stopped case waits: an operator may start the case again by a signal.
WORKFLOW_ENDS_AT: Final = ENDS - {Stage.STOPPED}
AT_THE_PARTNER: Final = frozenset({Stage.HANDED_OVER, Stage.IN_COURT})


class BlockedBy(StrEnum):
    """Why the step now due cannot be taken (R14)."""

    ADDRESS = "address"
    EMAIL = "email"
    ERROR = "error"
