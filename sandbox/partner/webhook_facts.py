"""Facts about webhooks, and what each changes."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from sandbox.partner.claims import Behavior, Dispatch, EventType, Memory, Webhook
from sandbox.partner.facts import BaseFact


class Subscribed(BaseFact):
    kind: Literal["subscribed"] = "subscribed"
    webhook_id: str
    url: str
    events: list[EventType]
    is_test_mode: bool
    secret: str

    def change(self, memory: Memory) -> None:
        memory.webhooks[self.webhook_id] = Webhook(
            self.webhook_id,
            self.at,
            self.url,
            tuple(self.events),
            self.is_test_mode,
            self.secret,
        )


class Unsubscribed(BaseFact):
    """A webhook was deleted; it gets no more events, not even those that wait."""

    kind: Literal["unsubscribed"] = "unsubscribed"
    webhook_id: str

    def change(self, memory: Memory) -> None:
        del memory.webhooks[self.webhook_id]
        for dispatch in memory.dispatches.values():
            if dispatch.webhook_id == self.webhook_id:
                dispatch.due_at = None


class Announced(BaseFact):
    """An event was addressed to one webhook; with `due_at` None it gets lost."""

    kind: Literal["announced"] = "announced"
    dispatch_id: str
    event_id: str
    webhook_id: str
    claim_id: str
    type: EventType
    payload: str
    due_at: AwareDatetime | None
    copies: int

    def change(self, memory: Memory) -> None:
        memory.told += 1
        memory.dispatches[self.dispatch_id] = Dispatch(
            dispatch_id=self.dispatch_id,
            number=memory.told,
            event_id=self.event_id,
            webhook_id=self.webhook_id,
            claim_id=self.claim_id,
            type=self.type,
            payload=self.payload,
            at=self.at,
            due_at=self.due_at,
            copies=self.copies,
        )


class Tried(BaseFact):
    """A webhook was called; it accepted the event if `error` is None. `again_at`: the next call."""

    kind: Literal["tried"] = "tried"
    dispatch_id: str
    status: int | None
    error: str | None
    again_at: AwareDatetime | None

    def change(self, memory: Memory) -> None:
        dispatch = memory.dispatches.get(self.dispatch_id)
        if dispatch is None:
            return
        dispatch.attempts += 1
        dispatch.last_status = self.status
        dispatch.last_error = self.error
        dispatch.due_at = self.again_at if dispatch.webhook_id in memory.webhooks else None
        if self.error is not None:
            dispatch.failures += 1
            return
        dispatch.failures = 0
        dispatch.copies = max(dispatch.copies - 1, 0)
        dispatch.delivered_at = dispatch.delivered_at or self.at


class Replayed(BaseFact):
    """An event is sent again, whether it was accepted before or not."""

    kind: Literal["replayed"] = "replayed"
    dispatch_id: str

    def change(self, memory: Memory) -> None:
        dispatch = memory.dispatches[self.dispatch_id]
        dispatch.due_at = self.at
        dispatch.copies = 1
        dispatch.failures = 0


class Behaved(BaseFact):
    """The behavior of webhooks was changed."""

    kind: Literal["behaved"] = "behaved"
    behavior: Behavior

    def change(self, memory: Memory) -> None:
        memory.behavior = self.behavior
