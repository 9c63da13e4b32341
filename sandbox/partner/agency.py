"""The agency: it takes, collects and closes claims, and announces this by webhooks."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from dunning.money import NotAnAmount, checked_money
from sandbox.partner.announcing import announced, current, events_of
from sandbox.partner.claims import (
    Behavior,
    Claim,
    CloseCode,
    EventType,
    Lifecycle,
    Memory,
    Phase,
    Webhook,
)
from sandbox.partner.event_log import ClaimFact, EventLog
from sandbox.partner.facts import (
    Attached,
    Began,
    Closed,
    Decided,
    Deleted,
    Disputed,
    GotPaid,
    WentToCourt,
    Wrote,
)
from sandbox.partner.refusals import Refused
from sandbox.partner.webhook_facts import Announced, Behaved, Replayed, Subscribed, Unsubscribed

_SECRET_BYTES: Final = 24


class Agency:
    """All that can be done with claims and webhooks; each change goes to the event log."""

    def __init__(self, event_log: EventLog, clock: Callable[[], datetime]) -> None:
        self.event_log = event_log
        self.clock = clock

    @property
    def memory(self) -> Memory:
        return self.event_log.memory

    def decide(self, decided: Decided) -> None:
        """Keep the final answer to a request; announce the case if it created one."""
        told: list[Announced] = []
        if decided.creates_case:
            claim = Claim(decided.answer["id"], decided.at, decided.sent)
            events = events_of(claim, [decided])
            told = announced(self.memory, claim, events, at=decided.at)
        self.event_log.append(decided, *told)

    def accept(self, claim: Claim) -> None:
        """Begin collection."""
        _must(claim.lifecycle is Lifecycle.PENDING, "to", _stands(claim))
        at = self.clock()
        self._do(claim, at, *_begun(claim, at))

    def reject(self, claim: Claim) -> None:
        """Reject a case: close it before collection has begun."""
        _must(claim.lifecycle is Lifecycle.PENDING, "to", _stands(claim))
        self.close(claim, CloseCode.OTHER)

    def pay(self, claim: Claim, amount: Decimal, *, closing: bool = False) -> None:
        """Record a payment of the debtor; with `closing`, paying all that is left ends the case."""
        at = self.clock()
        paid = _payment(claim, amount, at)
        is_all = paid.amount >= claim.remainder
        end = [_closing(claim, CloseCode.PAID, at)] if closing and is_all else []
        self._do(claim, at, *_begun(claim, at), paid, *end)

    def go_to_court(self, claim: Claim) -> None:
        _must(not claim.is_closed, "to", _stands(claim))
        _must(claim.phase is not Phase.LEGAL, "to", "the claim is before a court already")
        at = self.clock()
        self._do(claim, at, *_begun(claim, at), WentToCourt(at=at, claim_id=claim.claim_id))

    def close(
        self,
        claim: Claim,
        code: CloseCode,
        *,
        amount: Decimal | None = None,
        collected: bool = False,
    ) -> None:
        """Close a case.

        With an `amount` the debtor pays it first. With `amount` or `collected` collection begins
        first, if it has not.
        """
        _must(not claim.is_closed, "to", _stands(claim))
        at = self.clock()
        paid = [] if amount is None else [_payment(claim, amount, at)]
        begun = _begun(claim, at) if collected or paid else []
        self._do(claim, at, *begun, *paid, _closing(claim, code, at))

    def dispute(self, claim: Claim, *, is_disputed: bool) -> None:
        """Note that the debtor disputes the claim, or no longer does."""
        if claim.is_disputed is not is_disputed:
            at = self.clock()
            fact = Disputed(at=at, claim_id=claim.claim_id, is_disputed=is_disputed)
            self._do(claim, at, fact)

    def attach(
        self,
        claim: Claim,
        content: bytes,
        *,
        name: str,
        description: str | None,
        document_type: str,
    ) -> str:
        """Keep a document, and return its id."""
        at = self.clock()
        file_id = _id(claim.claim_id, "file", len(claim.attachments), at)
        self.event_log.upload(file_id, content)
        fact = Attached(
            at=at,
            claim_id=claim.claim_id,
            file_id=file_id,
            name=name,
            description=description,
            document_type=document_type,
            size=len(content),
        )
        self._do(claim, at, fact)
        return file_id

    def listen(self, claim: Claim, text: str, *, sender: str | None) -> str:
        """Keep a message of the seller's side, and return its id."""
        at = self.clock()
        message_id = _id(claim.claim_id, "message", len(claim.messages), at)
        fact = Wrote(
            at=at, claim_id=claim.claim_id, message_id=message_id, text=text, sender=sender
        )
        self._do(claim, at, fact)
        return message_id

    def delete_tests(self, tag: str) -> None:
        """Delete the test cases of a tag. Raises `Refused` if a case of the tag is no test case."""
        _must(bool(tag.strip()), "tag", "is blank")
        claims = self.memory.claims.values()
        gone = [claim for claim in claims if claim.sent.get("tag") == tag]
        _must(all(claim.is_test for claim in gone), "tag", "is also that of a case that is no test")
        if gone:
            files = [file.file_id for claim in gone for file in claim.attachments]
            ids = [claim.claim_id for claim in gone]
            self.event_log.append(Deleted(at=self.clock(), claim_ids=ids))
            self.event_log.discard(files)

    def subscribe(self, url: str, events: list[EventType], *, is_test_mode: bool) -> Webhook:
        """Make a webhook, with the secret that signs its events."""
        webhook_id = str(UUID(bytes=secrets.token_bytes(16)))
        secret = f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"
        self.event_log.append(
            Subscribed(
                at=self.clock(),
                webhook_id=webhook_id,
                url=url,
                events=events,
                is_test_mode=is_test_mode,
                secret=secret,
            )
        )
        return self.memory.webhooks[webhook_id]

    def unsubscribe(self, webhook: Webhook) -> None:
        self.event_log.append(Unsubscribed(at=self.clock(), webhook_id=webhook.webhook_id))

    def fire(self, claim: Claim, event_type: EventType, only_to: Webhook | None) -> int | None:
        """Announce the present state of a claim; return how many webhooks get it.

        None if there is no event of that type for this claim.
        """
        event = current(claim, event_type)
        if event is None:
            return None
        at = self.clock()
        told = announced(self.memory, claim, [event], at=at, only_to=only_to)
        if told:
            self.event_log.append(*told)
        return len(told)

    def replay(self, dispatch_id: str) -> None:
        self.event_log.append(Replayed(at=self.clock(), dispatch_id=dispatch_id))

    def behave(self, behavior: Behavior) -> None:
        self.event_log.append(Behaved(at=self.clock(), behavior=behavior))

    def _do(self, claim: Claim, at: datetime, *action: ClaimFact) -> None:
        events = events_of(claim, action)
        self.event_log.append(*action, *announced(self.memory, claim, events, at=at))


def _begun(claim: Claim, at: datetime) -> list[Began]:
    return [] if claim.started_at else [Began(at=at, claim_id=claim.claim_id)]


def _payment(claim: Claim, amount: Decimal, at: datetime) -> GotPaid:
    _must(not claim.is_closed, "to", _stands(claim))
    try:
        money = checked_money(amount, claim.currency)
    except NotAnAmount as error:
        raise Refused("amount", str(error)) from error
    payment_id = _id(claim.claim_id, "payment", len(claim.payments), at)
    return GotPaid(at=at, claim_id=claim.claim_id, payment_id=payment_id, amount=money.amount)


def _closing(claim: Claim, code: CloseCode, at: datetime) -> Closed:
    return Closed(at=at, claim_id=claim.claim_id, code=code)


def _must(holds: bool, field: str, words: str) -> None:
    if not holds:
        raise Refused(field, words)


def _stands(claim: Claim) -> str:
    if claim.is_closed:
        return f"the case is closed: {claim.close_code}"
    return "collection has begun already"


def _id(*words: object) -> str:
    return str(uuid5(NAMESPACE_URL, "\n".join(map(str, words))))
