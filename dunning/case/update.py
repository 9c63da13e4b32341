"""Bringing a case up to the ledger, the settings and the customer of a moment."""

from __future__ import annotations

from datetime import datetime

from dunning.case.facts import with_ledger
from dunning.case.handoff import chargeback_decided
from dunning.case.inputs import CaseInputs
from dunning.case.state import DunningCase
from dunning.stages import BlockedBy


def brought_up(case: DunningCase, inputs: CaseInputs, at: datetime) -> DunningCase:
    """Return the case with the ledger, the settings and the customer as they are at a moment.

    Here a hold that has run out ends (R19), a case whose address was corrected is no longer blocked
    (R14), and a chargeback is decided on (R13).
    """
    case = with_ledger(case, inputs.facts).changed(terms=inputs.terms)
    ends_at = case.hold_ends_at
    if ends_at is not None and ends_at <= at:
        case = case.resumed(ends_at)
    if _is_mended(case, inputs):
        case = case.changed(blocked_by=None)
    return chargeback_decided(case, inputs, at)


def _is_mended(case: DunningCase, inputs: CaseInputs) -> bool:
    if case.blocked_by is BlockedBy.ADDRESS:
        return inputs.address_complete
    return case.blocked_by is BlockedBy.EMAIL and case.email_tried != inputs.email_version
