"""Events for webhooks, in the form of CloudEvents, and which webhooks get them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from sandbox.partner.answers import present, rendered
from sandbox.partner.claims import (
    Behavior,
    Claim,
    CloseCode,
    EventType,
    Json,
    Lifecycle,
    Memory,
    Phase,
    Webhook,
)
from sandbox.partner.event_log import ClaimFact
from sandbox.partner.facts import Began, Closed, Decided, Disputed, GotPaid, WentToCourt
from sandbox.partner.seeded_random import happens
from sandbox.partner.webhook_facts import Announced

_SOURCE: Final = "urn:sandbox:collection-partner"


class Event(NamedTuple):
    """An event that is not addressed to a webhook yet."""

    type: EventType
    data: Json


def events_of(claim: Claim, action: Sequence[ClaimFact]) -> list[Event]:
    """Return the events of an action; `claim` is the claim before the action."""
    events, before = [], claim.lifecycle
    for fact in action:
        events += _events(claim, fact, before)
        match fact:
            case Began():
                before = Lifecycle.ACTIVE
            case Closed():
                before = Lifecycle.CLOSED
            case _:
                pass
    return events


def current(claim: Claim, event_type: EventType) -> Event | None:
    """Return an event with the present state of a claim.

    None if the type is a payment and there was none.
    """
    match event_type:
        case EventType.CREATED:
            return _created(claim)
        case EventType.UPDATED:
            return _updated(claim, claim.lifecycle, claim.lifecycle, phase=claim.phase)
        case EventType.CLOSED:
            return _closed(claim, claim.close_code)
        case EventType.PAYMENT:
            if not claim.payments:
                return None
            payment = claim.payments[-1]
            return _paid(
                claim,
                GotPaid(
                    at=payment.at,
                    claim_id=claim.claim_id,
                    payment_id=payment.payment_id,
                    amount=payment.amount,
                ),
            )


def announced(
    memory: Memory,
    claim: Claim,
    events: Iterable[Event],
    *,
    at: datetime,
    only_to: Webhook | None = None,
) -> list[Announced]:
    """Address each event to each webhook that gets it, by the present behavior of webhooks."""
    webhooks = [only_to] if only_to else list(memory.webhooks.values())
    told: list[Announced] = []
    behavior = memory.behavior
    for number, event in enumerate(events):
        ordinal = memory.told + number
        event_id = _id("event", claim.claim_id, event.type, str(ordinal), at.isoformat())
        payload = cloud_event(event_id, event, at=at)
        due_at = _due_at(behavior, ordinal, at)
        told += [
            Announced(
                at=at,
                dispatch_id=_id(event_id, webhook.webhook_id),
                event_id=event_id,
                webhook_id=webhook.webhook_id,
                claim_id=claim.claim_id,
                type=event.type,
                payload=payload,
                due_at=due_at,
                copies=behavior.copies,
            )
            for webhook in webhooks
            if hears(webhook, claim, event.type)
        ]
    return told


def _due_at(behavior: Behavior, ordinal: int, at: datetime) -> datetime | None:
    """Return when an event goes out; None if it gets lost."""
    if behavior.lost or happens(behavior.lost_percent, behavior.seed, "lost", ordinal):
        return None
    return at + timedelta(seconds=behavior.delay_seconds)


def hears(webhook: Webhook, claim: Claim, event_type: EventType) -> bool:
    return event_type in webhook.events and webhook.is_test_mode == claim.is_test


def example(webhook: Webhook, *, at: datetime) -> tuple[str, str]:
    """Return the id and the body of an event of a case that does not exist."""
    data = {"caseId": _id("example", webhook.webhook_id), "creditorReference": "example"}
    event_id = _id("example", webhook.webhook_id, at.isoformat())
    return event_id, cloud_event(event_id, Event(EventType.CREATED, data), at=at)


def cloud_event(event_id: str, event: Event, *, at: datetime) -> str:
    return rendered(
        {
            "specversion": "1.0",
            "id": event_id,
            "type": event.type,
            "source": _SOURCE,
            "time": at,
            "datacontenttype": "application/json",
            "data": event.data,
        }
    )


def _events(claim: Claim, fact: ClaimFact, before: Lifecycle) -> list[Event]:
    match fact:
        case Decided():
            return [_created(claim)]
        case Began():
            return [_updated(claim, before, Lifecycle.ACTIVE, phase=Phase.PRE_LEGAL)]
        case WentToCourt():
            return [_updated(claim, before, before, phase=Phase.LEGAL)]
        case Disputed():
            return [_updated(claim, before, before, phase=claim.phase)]
        case GotPaid():
            return [_paid(claim, fact)]
        case Closed(code=code):
            return [_updated(claim, before, Lifecycle.CLOSED), _closed(claim, code)]
        case _:
            return []


def _created(claim: Claim) -> Event:
    return Event(
        EventType.CREATED,
        _about(claim)
        | {"lifecycle": claim.lifecycle, "grossAmount": claim.gross, "currency": claim.currency},
    )


def _updated(claim: Claim, old: Lifecycle, new: Lifecycle, *, phase: Phase | None = None) -> Event:
    change = present(oldLifecycle=old, newLifecycle=new, currentEngagementPhase=phase)
    return Event(EventType.UPDATED, _about(claim) | change)


def _closed(claim: Claim, code: CloseCode | None) -> Event:
    return Event(EventType.CLOSED, _about(claim) | present(closeCode=code))


def _paid(claim: Claim, fact: GotPaid) -> Event:
    payment = {
        "paymentId": fact.payment_id,
        "date": fact.at,
        "grossAmount": fact.amount,
        "currency": claim.currency,
    }
    return Event(EventType.PAYMENT, _about(claim) | payment)


def _about(claim: Claim) -> Json:
    return present(
        caseId=claim.claim_id,
        reference=claim.number,
        creditorReference=claim.reference or None,
        isTest=claim.is_test,
    )


def _id(*words: str) -> str:
    return str(uuid5(NAMESPACE_URL, "\n".join(words)))
