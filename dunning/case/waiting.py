"""Who or what a case waits for, since and until when.

The order of the checks is the one in which the case decides.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, BaseModel

from dunning.case.planning import waits_for_statement
from dunning.case.state import DunningCase
from dunning.stages import WORKFLOW_ENDS_AT, BlockedBy


class WaitsFor(StrEnum):
    """Who or what a case waits for, apart from the day of its next action."""

    START = "start"
    PARTNER = "partner"
    WITHDRAWAL = "withdrawal"
    HANDOFF = "handoff"
    HOLD = "hold"
    OPEN_HOLD = "open_hold"
    ADDRESS = "address"
    EMAIL = "email"
    ERROR = "error"
    APPROVAL = "approval"
    CHARGEBACK_APPROVAL = "chargeback_approval"
    REJECTED_APPROVAL = "rejected_approval"
    STATEMENT = "statement"


class Wait(BaseModel, frozen=True):
    """Who or what a case waits for; `until` is the last day of a hold.

    `since_day` is the day of `since` in the seller's zone.
    """

    waits_for: WaitsFor
    since: AwareDatetime | None = None
    since_day: date | None = None
    first_day: date | None = None
    until: date | None = None

    @property
    def text(self) -> str:
        """The same as a sentence."""
        since = f" since {self.since_day}" if self.since_day else ""
        return _SENTENCES[self.waits_for].format(
            since=since, first_day=self.first_day, until=self.until
        )


_BLOCKS = {
    BlockedBy.ADDRESS: WaitsFor.ADDRESS,
    BlockedBy.EMAIL: WaitsFor.EMAIL,
    BlockedBy.ERROR: WaitsFor.ERROR,
}
_SENTENCES = {
    WaitsFor.START: "the seller, who may start it again{since}",
    WaitsFor.PARTNER: "the collection partner{since}",
    WaitsFor.WITHDRAWAL: "the collection partner, which was asked to stop",
    WaitsFor.HANDOFF: "the collection partner, which is being asked",
    WaitsFor.HOLD: "the end of a hold, which lasts until the end of {until}",
    WaitsFor.OPEN_HOLD: "somebody who ends the hold that began on {first_day}",
    WaitsFor.ADDRESS: "a complete address of the customer{since}",
    WaitsFor.EMAIL: "another e-mail address of the customer{since}",
    WaitsFor.ERROR: "somebody who resumes it, after a step failed{since}",
    WaitsFor.APPROVAL: "the seller, who may escalate or stop it{since}",
    WaitsFor.CHARGEBACK_APPROVAL: "the seller, who decides on money that went back{since}",
    WaitsFor.REJECTED_APPROVAL: "the seller, after the partner has rejected the claim{since}",
    WaitsFor.STATEMENT: "a newer bank statement, since {first_day}",
}
# Operators read moments and the error in the plan; sellers read days.
FOR_OPERATORS: Final = {
    WaitsFor.START: "the seller, who may start it again{since}",
    WaitsFor.PARTNER: "the collection partner{since}",
    WaitsFor.WITHDRAWAL: "the collection partner{since}",
    WaitsFor.HANDOFF: "the collection partner, which is being asked",
    WaitsFor.HOLD: "the end of a hold, since {first_day}, until the end of {until}",
    WaitsFor.OPEN_HOLD: "the end of a hold, since {first_day}, until it is resumed",
    WaitsFor.ADDRESS: "a complete address of the customer{since}",
    WaitsFor.EMAIL: "another e-mail address of the customer{since}",
    WaitsFor.ERROR: "somebody who resumes it{since}{error}",
    WaitsFor.APPROVAL: "the seller, who may escalate or stop{since}: the handoff needs a decision",
    WaitsFor.REJECTED_APPROVAL: (
        "the seller, who may escalate or stop{since}: the handoff needs a decision"
    ),
    WaitsFor.CHARGEBACK_APPROVAL: "the seller, who may escalate or stop{since}: money went back",
    WaitsFor.STATEMENT: "a newer bank statement, since {stale_from}",
}


def what_it_waits_for(case: DunningCase, now: datetime) -> Wait | None:
    """Return what a case waits for; None if that is only a day, or if it has ended."""
    if case.stage in WORKFLOW_ENDS_AT:
        return None
    if case.stopped:
        return _wait_since(case, WaitsFor.START, case.waiting_since)
    if case.claim is not None:
        withdrawn = case.claim.withdrawn
        who = WaitsFor.WITHDRAWAL if withdrawn else WaitsFor.PARTNER
        return _wait_since(case, who, case.claim.at)
    if case.handoff_begun:
        return Wait(waits_for=WaitsFor.HANDOFF)
    if case.hold is not None:
        who = WaitsFor.HOLD if case.hold.until else WaitsFor.OPEN_HOLD
        return Wait(waits_for=who, first_day=case.hold.first_day, until=case.hold.until)
    if case.blocked_by is not None:
        return _wait_since(case, _BLOCKS[case.blocked_by], case.waiting_since)
    if case.approval_wanted:
        return _wait_since(case, _approval_of(case), case.waiting_since)
    if waits_for_statement(case, now):
        first_day = case.terms.day_of(case.terms.stale_from or now)
        return Wait(waits_for=WaitsFor.STATEMENT, first_day=first_day)
    return None


def _wait_since(case: DunningCase, who: WaitsFor, at: datetime | None) -> Wait:
    day = case.terms.day_of(at) if at else None
    return Wait(waits_for=who, since=at, since_day=day)


def _approval_of(case: DunningCase) -> WaitsFor:
    if case.chargeback_approval:
        return WaitsFor.CHARGEBACK_APPROVAL
    return WaitsFor.REJECTED_APPROVAL if case.last_claim else WaitsFor.APPROVAL
