"""What people can ask of a case, and why it may be refused (R15, R17, R18, R19)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import BaseModel


class Verb(StrEnum):
    """What can be asked of a case."""

    STOP = "stop"
    START = "start"
    ESCALATE = "escalate"
    HOLD = "hold"
    RESUME = "resume"
    WITHDRAW = "withdraw"


class Reason(StrEnum):
    """Why a request is refused."""

    ENDED = "ended"
    HANDED_OVER = "handed_over"
    HANDOFF_BEGUN = "handoff_begun"
    FINAL_NOTICE_NOT_SENT = "final_notice_not_sent"
    NO_COLLECTION = "no_collection"
    ON_HOLD = "on_hold"
    ADDRESS_INCOMPLETE = "address_incomplete"
    NOT_ON_HOLD = "not_on_hold"
    NOT_STOPPED = "not_stopped"
    NOT_HANDED_OVER = "not_handed_over"

    @property
    def sentence(self) -> str:
        """The reason as people read it."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    Reason.ENDED: "The case has ended.",
    Reason.HANDED_OVER: "The claim is with the collection partner.",
    Reason.HANDOFF_BEGUN: "The collection partner is being asked.",
    Reason.FINAL_NOTICE_NOT_SENT: "The customer has not had the final notice yet.",
    Reason.NO_COLLECTION: "This seller hands nothing over.",
    Reason.ON_HOLD: "The case is on hold.",
    Reason.ADDRESS_INCOMPLETE: "The customer's address is not complete.",
    Reason.NOT_ON_HOLD: "The case is not on hold.",
    Reason.NOT_STOPPED: "The case is not stopped.",
    Reason.NOT_HANDED_OVER: "The collection partner has no claim of this case.",
}


class Request(BaseModel, frozen=True):
    """Something asked of a case; `until` is the last day held.

    `reason` stands in the history, and `by`: who of the seller's people has asked.
    """

    verb: Verb
    reason: str | None = None
    until: date | None = None
    by: str | None = None


class Refused(Exception):
    """The request was understood and is not possible now."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
