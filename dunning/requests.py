"""Requests that people make of a case, and the reasons to refuse them (R15, R17, R18, R19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, model_validator


class Verb(StrEnum):
    """The requests that can be made of a case."""

    STOP = "stop"
    START = "start"
    ESCALATE = "escalate"
    HOLD = "hold"
    RESUME = "resume"
    WITHDRAW = "withdraw"


class RefusalReason(StrEnum):
    """The reasons for which a request is refused."""

    ENDED = "ended"
    HANDED_OVER = "handed_over"
    HANDOFF_BEGUN = "handoff_begun"
    FINAL_NOTICE_NOT_SENT = "final_notice_not_sent"
    NO_COLLECTION = "no_collection"
    ON_HOLD = "on_hold"
    ADDRESS_INCOMPLETE = "address_incomplete"
    TERM_RUNNING = "term_running"
    NOT_ON_HOLD = "not_on_hold"
    NOT_STOPPED = "not_stopped"
    NOT_HANDED_OVER = "not_handed_over"

    @property
    def sentence(self) -> str:
        """The reason as people read it."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    RefusalReason.ENDED: "The case has ended.",
    RefusalReason.HANDED_OVER: "The claim is with the collection partner.",
    RefusalReason.HANDOFF_BEGUN: "The collection partner is being asked.",
    RefusalReason.FINAL_NOTICE_NOT_SENT: "The customer has not had the final notice yet.",
    RefusalReason.NO_COLLECTION: "This seller hands nothing over.",
    RefusalReason.ON_HOLD: "The case is on hold.",
    RefusalReason.ADDRESS_INCOMPLETE: "The customer's address is not complete.",
    RefusalReason.TERM_RUNNING: "The time that the final notice gave the customer has not run out.",
    RefusalReason.NOT_ON_HOLD: "The case is not on hold.",
    RefusalReason.NOT_STOPPED: "The case is not stopped.",
    RefusalReason.NOT_HANDED_OVER: "The collection partner has no claim of this case.",
}


_WHEN_OVER: Final = (RefusalReason.HANDOFF_BEGUN, RefusalReason.HANDED_OVER, RefusalReason.ENDED)

REASONS: Final[Mapping[Verb, tuple[RefusalReason, ...]]] = {
    Verb.STOP: _WHEN_OVER,
    Verb.START: (RefusalReason.NOT_STOPPED, RefusalReason.ON_HOLD, *_WHEN_OVER),
    Verb.ESCALATE: (
        RefusalReason.FINAL_NOTICE_NOT_SENT,
        RefusalReason.NO_COLLECTION,
        RefusalReason.ON_HOLD,
        RefusalReason.ADDRESS_INCOMPLETE,
        RefusalReason.TERM_RUNNING,
        *_WHEN_OVER,
    ),
    Verb.HOLD: _WHEN_OVER,
    Verb.RESUME: (RefusalReason.NOT_ON_HOLD, *_WHEN_OVER),
    Verb.WITHDRAW: (
        RefusalReason.NOT_HANDED_OVER,
        RefusalReason.HANDOFF_BEGUN,
        RefusalReason.ENDED,
    ),
}
"""The reasons for which each request may be refused; the API documents exactly these."""


class Request(BaseModel, frozen=True):
    """A request of somebody to a case.

    `reason` and `by`, the person who asks, are kept in the history. `until` is the last day of a
    hold. `despite_term`: hand over although the customer's term is still running; this needs a
    reason (R18).
    """

    verb: Verb
    reason: str | None = None
    until: date | None = None
    by: str | None = None
    despite_term: bool = False

    @model_validator(mode="after")
    def _says_why_despite_the_term(self) -> Self:
        if self.despite_term and not self.reason:
            raise ValueError("despite_term needs a reason")
        return self


class Refused(Exception):
    """The request is valid but not possible now; `possible_from` is the day on which it will be."""

    def __init__(self, reason: RefusalReason, *, possible_from: date | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.possible_from = possible_from
