"""A partner for tests, whose claims stand as a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal

from adapters.partner.port import (
    Claim,
    ClaimDocument,
    ClaimHandle,
    ClaimReport,
    ClaimTaken,
    ClaimUnknown,
    OpenClaim,
    PartnerError,
    PaymentToReport,
)
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from tests.factories import eur


class FakePartner:
    """It remembers claims by reference and what it was told by key, as the real one does."""

    def __init__(self) -> None:
        self.claims: dict[str, Claim] = {}
        self.fails_with: PartnerError | None = None
        self.dies_after_taking = False
        self.taken_at: datetime | None = None
        self.reports: dict[str, ClaimReport] = {}
        self.told: dict[str, PaymentToReport] = {}
        self.withdrawn: dict[str, str] = {}
        self.documents: dict[str, ClaimDocument] = {}
        self.dies_after_hearing = False
        self.refuses_with: PartnerError | None = None

    async def submit(self, claim: Claim) -> ClaimTaken:
        if self.fails_with is not None:
            raise self.fails_with
        is_new = claim.reference not in self.claims
        self.claims.setdefault(claim.reference, claim)
        if self.dies_after_taking:
            raise ConnectionResetError
        return self._taken(claim.reference).model_copy(update={"is_new": is_new})

    async def find(self, reference: str) -> ClaimTaken | None:
        if reference not in self.claims:
            return None
        return self._taken(reference)

    def _taken(self, reference: str) -> ClaimTaken:
        return ClaimTaken(partner_id=f"cp-{reference}", reference=reference, taken_at=self.taken_at)

    def has(
        self,
        reference: str,
        *,
        amount: str = "119.00",
        phase: ClaimPhase = ClaimPhase.SUBMITTED,
        closing: Closing | None = None,
        collected: str = "0.00",
        words: str | None = None,
    ) -> None:
        is_closed = phase is ClaimPhase.CLOSED
        status = ClaimStatus(
            phase=phase,
            closing=closing or (Closing.UNCOLLECTIBLE if is_closed else None),
            close_code="Code" if is_closed else None,
            collected=eur(collected),
        )
        self.reports[reference] = ClaimReport(
            status=status, words=words, amount=Decimal(amount), currency="EUR"
        )

    def forget(self, reference: str) -> None:
        del self.reports[reference]

    async def status(self, handle: ClaimHandle) -> ClaimReport:
        if handle.reference not in self.reports:
            raise ClaimUnknown("no such claim")
        return self.reports[handle.reference]

    async def open_claims(self) -> AsyncIterator[OpenClaim]:
        for reference, report in self.reports.items():
            if report.status.phase is not ClaimPhase.CLOSED:
                handle = ClaimHandle(reference=reference, partner_id=f"cp-{reference}")
                yield OpenClaim(handle=handle, report=report)

    async def report(self, handle: ClaimHandle, report: PaymentToReport) -> None:
        self._maybe_refuses()
        self.told.setdefault(report.key, report)
        self._maybe_dies()

    async def withdraw(self, handle: ClaimHandle, *, key: str, reason: str) -> None:
        self._maybe_refuses()
        self.withdrawn.setdefault(key, reason)
        self._maybe_dies()

    async def attach(self, handle: ClaimHandle, document: ClaimDocument) -> None:
        self.documents.setdefault(document.name, document)
        self._maybe_dies()

    def _maybe_refuses(self) -> None:
        if self.refuses_with is not None:
            raise self.refuses_with

    def _maybe_dies(self) -> None:
        if self.dies_after_hearing:
            self.dies_after_hearing = False
            raise ConnectionResetError
