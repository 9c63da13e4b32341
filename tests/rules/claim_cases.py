"""Cases with a claim at the partner, and what the partner says of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dunning.actions import ActionKind
from dunning.case.claims import claim_checked
from dunning.case.facts import with_ledger
from dunning.case.planning import next_action
from dunning.case.state import DunningCase
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.movements import LedgerFacts
from tests.factories import (
    a_case,
    did,
    eur,
    steps,
)

DUE = date(2026, 3, 2)
DAYS = (date(2026, 3, 7), date(2026, 3, 12), date(2026, 3, 22))
TAKEN = datetime(2026, 4, 1, 7, 10, tzinfo=UTC)
LATER = datetime(2026, 4, 20, 12, tzinfo=UTC)


def status(
    phase: ClaimPhase = ClaimPhase.SUBMITTED,
    closing: Closing | None = None,
    *,
    code: str | None = None,
    collected: str = "0.00",
) -> ClaimStatus:
    return ClaimStatus(phase=phase, closing=closing, close_code=code, collected=eur(collected))


def closed(closing: Closing, *, collected: str = "0.00") -> ClaimStatus:
    return status(ClaimPhase.CLOSED, closing, code="Code", collected=collected)


def taken(case: DunningCase | None = None, **facts: object) -> DunningCase:
    """A case whose claim the partner has just taken, with nothing left to do but to wait."""
    begun = (case or a_case(due=DUE, steps=steps(*DAYS))).changed(handoff_begun=True)
    handed_over = did(begun, ActionKind.HANDOFF, TAKEN)
    case = with_ledger(handed_over, LedgerFacts.model_validate(facts))
    claim = case.claim and case.claim.changed(documents_due=False)
    return case.changed(seller_mails=(), claim=claim, events=())


def checked(case: DunningCase, now: ClaimStatus, at: datetime = LATER) -> DunningCase:
    reference = case.claim.reference if case.claim else "gone"
    return claim_checked(case, reference, now, words="no", at=at)


def kinds_due(case: DunningCase, now: datetime = LATER) -> list[ActionKind]:
    """What a case has to do at once, one after the other."""
    due = []
    while (action := next_action(case, now)) is not None and action.at <= now:
        if action.kind is ActionKind.CHECK_CLAIM:
            break
        due.append(action.kind)
        case = did(case, action.kind, now)
    return due
