"""A claim at the collection partner: how far it is, and how it was closed (R15).

The partner's words for this stay in its adapter; here are ours.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel

from dunning.money import Money


class ClaimPhase(StrEnum):
    """How far the partner has got."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    IN_COURT = "in_court"
    CLOSED = "closed"


class Closing(StrEnum):
    """How a claim was closed.

    `rejected`: before collection had begun; the partner does not take it. `recovered`: the
    partner got the money. `uncollectible`: it gave up, on all or on the rest. `withdrawn`: it
    stopped because it was asked to.
    """

    REJECTED = "rejected"
    RECOVERED = "recovered"
    UNCOLLECTIBLE = "uncollectible"
    WITHDRAWN = "withdrawn"


class ClaimStatus(BaseModel, frozen=True):
    """A claim as the partner has it: nobody's name, none of the partner's free words.

    `close_code` is the partner's own code, `collected` what the debtor has paid to the partner.
    """

    phase: ClaimPhase
    closing: Closing | None = None
    close_code: str | None = None
    collected: Money
    is_disputed: bool = False
