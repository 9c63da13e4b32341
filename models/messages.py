"""What crosses a Temporal boundary: inputs, results, signals and updates.

Ids, dates, amounts and stages only: nobody's name, address or e-mail, and no free text.
"""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import AwareDatetime, BaseModel

from dunning.case import DunningCase
from dunning.days import Terms
from dunning.deeds import DeedKind, Result
from dunning.state import Version


class OpenCase(BaseModel, frozen=True):
    """A run of a case, and where the case stands.

    `clock_shift` is how far the workflow's clock is ahead of the case's: zero in production.
    """

    case: DunningCase
    clock_shift: timedelta = timedelta(0)


class TakeDeed(BaseModel, frozen=True):
    """Do what is due for a case; `known` is how far the run believes the database to be."""

    case_id: str
    known: Version
    deed: DeedKind
    clock_shift: timedelta


class RecordCase(BaseModel, frozen=True):
    """Write down what the case knows and the database does not.

    `known` is how far the run believes the database to be.
    """

    case: DunningCase
    known: Version
    at: AwareDatetime


class Recorded(BaseModel, frozen=True):
    """What became of it.

    Not `written`: the database knows a later `result` of a deed, only the journal was written.
    `newer`: another run of the case got further; this one goes on from there.
    """

    written: bool
    result: Result | None = None
    newer: DunningCase | None = None


class OrderCanceled(BaseModel, frozen=True):
    """An order was canceled; `claims_go_on` if for the sake of a claim of it (R11)."""

    at: AwareDatetime
    claims_go_on: bool = False


class ClaimChanged(BaseModel, frozen=True):
    """The partner says that something has changed about a claim: how it stands is asked."""

    at: AwareDatetime
    reference: str


class CustomerChanged(BaseModel, frozen=True):
    """What a case that is blocked waits for: a complete address, another e-mail address."""

    at: AwareDatetime
    address_complete: bool
    email_changed: bool


class SettingsAnswered(BaseModel, frozen=True):
    """The seller has said how it wants its money collected (R21)."""

    at: AwareDatetime


class AskSeller(BaseModel, frozen=True):
    """Ask a seller for its settings, for the sake of its first case; defaults apply `until`."""

    seller_id: str
    case_id: str
    until: AwareDatetime
    clock_shift: timedelta = timedelta(0)


class SendSummaries(BaseModel, frozen=True):
    """Look for customers of a seller that are to get a summary of their debts (R24).

    `at` is the moment of the search, by the seller's clock; those up to `after_customer` have
    been looked at.
    """

    seller_id: str
    at: AwareDatetime | None = None
    after_customer: str = ""
    clock_shift: timedelta = timedelta(0)


class SummariesSent(BaseModel, frozen=True):
    """How many got one, and where to go on; None if all have been looked at."""

    sent: int = 0
    after_customer: str | None = None


class DailyProof(BaseModel, frozen=True):
    """Compare the partner's books with ours."""

    clock_shift: timedelta = timedelta(0)


class ProofFound(BaseModel, frozen=True):
    """How many claims were compared, and what is new of what differs: reference and field."""

    compared: int
    differences: list[str]


class SendWebhooks(BaseModel, frozen=True):
    """Bring an endpoint of a backend what is due to it."""

    endpoint_id: str


class WebhooksSent(BaseModel, frozen=True):
    """When the next message to the endpoint is due; None if nothing waits."""

    next_due_at: AwareDatetime | None = None


class Request(BaseModel, frozen=True):
    """Something asked of a case. An operator's batch job may leave everything out.

    `terms` are the seller's settings as they are at that moment.
    """

    request_id: str | None = None
    at: AwareDatetime | None = None
    terms: Terms | None = None


class EscalateCase(Request, frozen=True):
    address_complete: bool = True


class HoldCase(Request, frozen=True):
    until: date | None = None


class Answer(BaseModel, frozen=True):
    """What became of a request: done, or the reason why not, and since when."""

    refused: str | None = None
    handed_over_at: AwareDatetime | None = None
