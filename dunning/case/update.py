"""Bringing a case up to the ledger, the settings and the customer of a moment."""

from __future__ import annotations

from datetime import datetime

from dunning.case.current import Current
from dunning.case.facts import with_ledger
from dunning.case.handoff import chargeback_decided
from dunning.case.state import DunningCase
from dunning.stages import BlockedBy


def brought_up(case: DunningCase, current: Current, at: datetime) -> DunningCase:
    """Return the case with the ledger, the settings and the customer as they are at a moment.

    Here a hold that has run out ends (R19), a case whose address was corrected is no longer blocked
    (R14), and a chargeback is decided on (R13).
    """
    case = with_ledger(case, current.facts).changed(terms=current.terms)
    ends_at = case.hold_ends_at
    if ends_at is not None and ends_at <= at:
        case = case.resumed(ends_at)
    if _is_mended(case, current):
        case = case.changed(blocked_by=None)
    return chargeback_decided(case, current, at)


def _is_mended(case: DunningCase, current: Current) -> bool:
    if case.blocked_by is BlockedBy.ADDRESS:
        return current.address_complete
    return case.blocked_by is BlockedBy.EMAIL and case.email_tried != current.email_version
