"""The events that the history of a case consists of (R27)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel

Detail = dict[str, str | bool | list[str] | None]


class EventName(StrEnum):
    """The names of everything that can happen; other programs read them."""

    CASE_OPENED = "case.opened"
    NOTICE_SENT = "notice.sent"
    NOTICE_UNDELIVERABLE = "notice.undeliverable"
    STAGE_CHANGED = "stage.changed"
    PAYMENT_RECORDED = "payment.recorded"
    PAYMENT_REVERSED = "payment.reversed"
    PAYMENT_TAKEN_BACK = "payment.taken_back"
    REST_WAIVED = "rest.waived"
    ADDRESS_INCOMPLETE = "address.incomplete"
    SELLER_TOLD = "seller.told"
    CLAIM_SUBMITTED = "claim.submitted"
    CLAIM_ACCEPTED = "claim.accepted"
    CLAIM_REJECTED = "claim.rejected"
    CLAIM_UPDATED = "claim.updated"
    CLAIM_PAYMENT_REPORTED = "claim.payment_reported"
    ORDER_CANCELED = "order.canceled"
    CASE_HELD = "case.held"
    CASE_RESUMED = "case.resumed"
    CASE_STOPPED = "case.stopped"
    CASE_STARTED = "case.started"
    CASE_ESCALATED = "case.escalated"
    CASE_WITHDRAWN = "case.withdrawn"
    REQUEST_REFUSED = "request.refused"
    CASE_CLOSED = "case.closed"


class Event(BaseModel, frozen=True):
    """One thing that happened.

    A key is unique in its case: an event noted twice under one key is written once. `corrects` is
    the key of the entry of an attempt whose outcome was unknown: its answer has come after all, and
    the entry becomes this event (R16).
    """

    at: AwareDatetime
    name: EventName
    detail: Detail = {}
    key: str | None = None
    corrects: str | None = None
