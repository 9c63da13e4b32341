"""A case and its journal: what happened to it that the database does not know yet."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from dunning.days import DAY
from dunning.history import Detail, Event, EventName
from dunning.plan import ADVANCE_DAYS, Hold, StepKind, StepTaken
from dunning.state import CaseState, Tell


class CaseWithJournal(CaseState, frozen=True):
    """The small changes of which all larger ones are made."""

    def recorded(self, entries: tuple[Event, ...]) -> Self:
        """Without the entries of the journal that have been written."""
        written = {event.key for event in entries}
        return self._with(journal=tuple(e for e in self.journal if e.key not in written))

    def _note(
        self, name: EventName, at: datetime, detail: Detail | None = None, key: str = ""
    ) -> Self:
        event = Event(key=key or f"{name}/{self.noted}", at=at, name=name, detail=detail or {})
        return self._with(journal=(*self.journal, event), noted=self.noted + 1)

    def _telling(self, tell: Tell) -> Self:
        """With something of which the seller is to be told, once for its key."""
        known = any(other.key == tell.key for other in self.tells)
        return self if known else self._with(tells=(*self.tells, tell))

    def _with(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    def _with_step(self, kind: StepKind, on: date) -> Self:
        return self._with(
            steps=(*self.steps, StepTaken(kind=kind, on=on)),
            advance_wanted=False,
        )

    def _without_hold_that_ran_out(self, at: datetime) -> Self:
        """A hold ends at its own moment, even if nobody was there to see it."""
        end = self._end_of_hold()
        return self.after_hold_ended(end.at) if end and end.at <= at else self

    def after_hold_ended(self, at: datetime) -> Self:
        """R19: once, however often it is noticed."""
        if self.hold is None:
            return self
        key = f"resumed/{self.hold.request_id}"
        return self._without_hold(at)._note(EventName.CASE_RESUMED, at, key=key)

    def _without_hold(self, at: datetime) -> Self:
        if self.hold is None:
            return self
        if self.hold.until is not None:
            at = min(at, self.terms.midnight(self.hold.until + DAY))
        held = Hold(first_day=self.hold.first_day, end_day=self.terms.day_of(at))
        ended = self._with(hold=None, holds=(*self.holds, held))
        return ended._without_missed_advance_notice(at)

    def _without_missed_advance_notice(self, at: datetime) -> Self:
        """R3: one on hold or stopped at its moment gets none."""
        if not self.advance_wanted:
            return self
        day = self.receivable.due_date - ADVANCE_DAYS * DAY
        missed = self.terms.first_moment(day, self.receivable.slot) <= at
        return self._with(advance_wanted=not missed)

    def _without_handoff(self, **changes: Any) -> Self:
        """The partner has no claim; what had to wait for that happens now (R29)."""
        ends = self.ends_with_order and not self.is_over
        return self._with(handoff_begun=False, canceled=self.canceled or ends, **changes)
