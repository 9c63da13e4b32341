"""The inputs and results of workflows and activities: all that crosses Temporal.

They hold only ids, dates, stages and codes: nobody's name, address or e-mail, and no amounts. The
one free text is what an operator types into a signal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel

from dunning.actions import ActionKind
from dunning.case.plan import Plan
from dunning.requests import Verb


class RunCase(BaseModel, frozen=True):
    """The input of a case's workflow: what the case plans.

    `clock_shift` is how far the workflow's clock is ahead of the case's: zero in production.
    """

    plan: Plan
    clock_shift: timedelta = timedelta(0)


class DoAction(BaseModel, frozen=True):
    """An action to do for a case, if its row still plans it.

    `at` is when the workflow asked for it, by the case's clock.

    `planned_at` is the moment for which it was planned, None for at once. It is given only in a
    simulation, where the action counts as done at that moment however slow the machine is.
    """

    case_id: str
    kind: ActionKind
    at: AwareDatetime
    clock_shift: timedelta = timedelta(0)
    planned_at: AwareDatetime | None = None


class AskCase(BaseModel, frozen=True):
    """A request of an operator to a case.

    `given` is what came with the signal, not checked yet; `request_id` is the same however often
    the signal is handled.
    """

    case_id: str
    verb: Verb
    request_id: str
    at: AwareDatetime
    given: Any = None


class MailSignInLink(BaseModel, frozen=True):
    """Mail a seller the link that opens this page of the console."""

    seller_id: str
    path: str


class AskSeller(BaseModel, frozen=True):
    """Ask a seller for its settings, in the name of its first case.

    The defaults apply from `until` on: the end of the last day on which it can answer.
    """

    seller_id: str
    case_id: str
    until: AwareDatetime
    clock_shift: timedelta = timedelta(0)


class SendSummaries(BaseModel, frozen=True):
    """Look for customers of a seller that are to get a summary of their debts (R24).

    `at` is the moment of the search, by the seller's clock. Customers up to `after_customer` were
    looked at before.
    """

    seller_id: str
    at: AwareDatetime | None = None
    after_customer: str = ""
    clock_shift: timedelta = timedelta(0)


class SummariesSent(BaseModel, frozen=True):
    """The number of summaries sent, and the customer after which to go on; None if that was all."""

    sent: int = 0
    after_customer: str | None = None


class DailyProof(BaseModel, frozen=True):
    """Compare the partner's claims with ours."""

    clock_shift: timedelta = timedelta(0)


class ProofFound(BaseModel, frozen=True):
    """The number of claims compared, and the new differences: reference and field."""

    compared: int
    differences: list[str]


class SendWebhooks(BaseModel, frozen=True):
    """Send the messages that are due to an endpoint of a backend."""

    endpoint_id: str


class WebhooksSent(BaseModel, frozen=True):
    """The moment at which the next message to the endpoint is due; None if nothing waits."""

    next_due_at: AwareDatetime | None = None
