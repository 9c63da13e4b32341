"""Facts about claims and divisions, and what each changes.

A fact is written to the log before its request is answered. Reading all facts again in their order
makes the same memory again.
"""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from sandbox.partner.claims import (
    AGENCY,
    Answered,
    Attachment,
    Claim,
    CloseCode,
    Entry,
    Json,
    Memory,
    Message,
    Payment,
    Phase,
)


class BaseFact(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """A fact: its moment, and how it changes the memory."""

    at: AwareDatetime


class Decided(BaseFact):
    """The final answer to a request; with 200 or 201 the case or division is created."""

    kind: Literal["decided"] = "decided"
    path: Literal["/cases", "/divisions"]
    key: str | None
    body_sha256: str
    status: int
    answer: Json
    sent: Json

    @property
    def creates_case(self) -> bool:
        return self.path == "/cases" and self.status < 400

    def change(self, memory: Memory) -> None:
        if self.key is not None:
            kept = Answered(self.body_sha256, self.status, self.answer)
            memory.answers[self.path, self.key] = kept
        if self.creates_case:
            self._create_case(memory)
        elif self.status < 400:
            memory.divisions[self.answer["id"]] = self.answer

    def _create_case(self, memory: Memory) -> None:
        claim = Claim(self.answer["id"], self.at, self.sent)
        claim.timeline.append(
            Entry(
                self.at,
                "CaseCreated",
                "Case created",
                claim.reference or claim.number,
                "Creditor user",
            )
        )
        memory.claims[claim.claim_id] = claim
        if claim.reference:
            memory.ids.setdefault(claim.reference, []).append(claim.claim_id)
        memory.created[claim.reference] += 1


class _OfClaim(BaseFact):
    claim_id: str

    def change(self, memory: Memory) -> None:
        claim = memory.claims[self.claim_id]
        self.happen(claim)
        claim.timeline.append(self.entry(claim))

    @abstractmethod
    def happen(self, claim: Claim) -> None:
        """Change the claim."""

    @abstractmethod
    def entry(self, claim: Claim) -> Entry:
        """Return the entry for the claim's timeline."""


class Began(_OfClaim):
    """The agency has accepted the case, and collection begins."""

    kind: Literal["began"] = "began"

    def happen(self, claim: Claim) -> None:
        claim.started_at = self.at
        claim.phase = Phase.PRE_LEGAL

    def entry(self, claim: Claim) -> Entry:
        return Entry(self.at, "CollectionStarted", "Collection started", AGENCY, "Partner user")


class WentToCourt(_OfClaim):
    kind: Literal["went_to_court"] = "went_to_court"

    def happen(self, claim: Claim) -> None:
        claim.phase = Phase.LEGAL

    def entry(self, claim: Claim) -> Entry:
        words = "The claim is before a court."
        return Entry(self.at, "PhaseChanged", "Legal phase", words, "Partner user")


class GotPaid(_OfClaim):
    """The debtor paid the agency."""

    kind: Literal["got_paid"] = "got_paid"
    payment_id: str
    amount: Decimal

    def happen(self, claim: Claim) -> None:
        claim.payments.append(Payment(self.payment_id, self.at, self.amount))

    def entry(self, claim: Claim) -> Entry:
        words = f"{self.amount:f} {claim.currency}"
        return Entry(self.at, "PaymentRegistered", "Payment received", words, "Partner user")


class Closed(_OfClaim):
    kind: Literal["closed"] = "closed"
    code: CloseCode

    def happen(self, claim: Claim) -> None:
        claim.finished_at = self.at
        claim.close_code = self.code

    def entry(self, claim: Claim) -> Entry:
        return Entry(self.at, "CaseClosed", "Case closed", self.code, "Partner user")


class Disputed(_OfClaim):
    """The debtor disputes the claim, or no longer does."""

    kind: Literal["disputed"] = "disputed"
    is_disputed: bool

    def happen(self, claim: Claim) -> None:
        claim.is_disputed = self.is_disputed

    def entry(self, claim: Claim) -> Entry:
        title = "Claim disputed" if self.is_disputed else "Dispute ended"
        return Entry(self.at, "DisputeChanged", title, "By the debtor.", "Partner user")


class Attached(_OfClaim):
    kind: Literal["attached"] = "attached"
    file_id: str
    name: str
    description: str | None
    document_type: str
    size: int

    def happen(self, claim: Claim) -> None:
        claim.attachments.append(
            Attachment(
                self.file_id,
                self.at,
                self.name,
                self.description,
                self.document_type,
                self.size,
            )
        )

    def entry(self, claim: Claim) -> Entry:
        return Entry(self.at, "FileUploaded", "File uploaded", self.name, "Creditor user")


class Wrote(_OfClaim):
    """The seller's side wrote to the agency."""

    kind: Literal["wrote"] = "wrote"
    message_id: str
    text: str
    sender: str | None

    def happen(self, claim: Claim) -> None:
        claim.messages.append(Message(self.message_id, self.at, self.text, self.sender))

    def entry(self, claim: Claim) -> Entry:
        return Entry(self.at, "ChatMessage", "Message received", self.text, "Creditor user")


class Deleted(BaseFact):
    """Test cases were deleted, with their answers and their webhook events."""

    kind: Literal["deleted"] = "deleted"
    claim_ids: list[str]

    def change(self, memory: Memory) -> None:
        gone = set(self.claim_ids)
        for claim_id in gone:
            claim = memory.claims.pop(claim_id)
            if claim.reference:
                memory.ids[claim.reference].remove(claim_id)
        memory.answers = {
            key: kept for key, kept in memory.answers.items() if kept.answer.get("id") not in gone
        }
        memory.dispatches = {
            dispatch_id: dispatch
            for dispatch_id, dispatch in memory.dispatches.items()
            if dispatch.claim_id not in gone
        }
