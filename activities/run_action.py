"""Running an action of a case: which errors are tried again, and which are permanent (R14)."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy.exc
from sqlalchemy.exc import DataError, DBAPIError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.context import ActionContext, PlanChanged
from activities.heartbeats import with_heartbeats
from adapters.mail import MailError
from adapters.partner.port import ClaimRefused, DocumentRefused, PartnerError
from dunning.actions import PARTNER_ACTIONS, ActionKind
from dunning.case.claims import action_failed, claim_not_checked
from dunning.case.handoff import blocked_by_error
from dunning.case.plan import Plan
from dunning.case.state import DunningCase
from models.payloads import DoAction
from runtime.database import Database
from runtime.temporal import TemporalUnavailable

_TRIED_AGAIN: Final = (
    TemporalUnavailable,
    DBAPIError,
    MailError,
    OSError,
    PartnerError,
    TimeoutError,
    sqlalchemy.exc.TimeoutError,  # every connection is in use
)
_NOTHING_WAITS_FOR: Final = frozenset(
    {ActionKind.TELL_SELLER, ActionKind.ASK_PARTNER, ActionKind.CANCELLATION_NOTICE}
)

PerformAction = Callable[[ActionContext], Awaitable[Plan]]


async def run_action(database: Database, task: DoAction, perform: PerformAction) -> Plan:
    """Do an action of a case if its row still plans it; return the new plan.

    What the row no longer plans is not done. So a second attempt, after a lost answer, sees in the
    row that the first was done.
    """
    with translated_errors():
        return await with_heartbeats(_run(database, task, perform))


async def _run(database: Database, task: DoAction, perform: PerformAction) -> Plan:
    while True:
        context = await ActionContext.begin(database, task)
        try:
            return await (perform(context) if context.is_planned else context.bring_up())
        except PlanChanged:
            await context.bring_up()
        except Exception as error:
            if may_pass(error):
                raise
            activity.logger.error("action_cannot_work", extra=log_fields(error))
            failed = partial(_failed, kind=task.kind, at=context.at, reason=_in_short(error))
            return await context.change_case(failed)


def _failed(case: DunningCase, *, kind: ActionKind, at: datetime, reason: str) -> DunningCase:
    """R14: after a permanent error, block the ladder or only this action, until `resume`.

    A check of a claim is tried again at its next pause.
    """
    if kind is ActionKind.CHECK_CLAIM:
        return claim_not_checked(case, at)
    if kind in PARTNER_ACTIONS or kind in _NOTHING_WAITS_FOR:
        return action_failed(case, kind)
    return blocked_by_error(case, at, reason=reason)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Let Temporal retry temporary errors, and end the activity after permanent ones.

    Of an error Temporal keeps only the kind, as its text may name people. Only of a partner's error
    it keeps the text, unless that is a refusal.
    """
    try:
        yield
    except ApplicationError:
        raise
    except PartnerError as error:
        # A refusal quotes the partner and may name people; every other message is our own text.
        is_quoted = isinstance(error, ClaimRefused | DocumentRefused)
        words = _kind(error) if is_quoted else str(error)
        raise ApplicationError(
            words, type="PartnerError", next_retry_delay=error.retry_after
        ) from None
    except Exception as error:
        is_final = not may_pass(error)
        if is_final:
            activity.logger.error("activity_cannot_work", extra=log_fields(error))
        raise ApplicationError(_kind(error), type=_kind(error), non_retryable=is_final) from None


def may_pass(error: Exception) -> bool:
    """Whether the error is temporary, so that another attempt may work."""
    return isinstance(error, _TRIED_AGAIN) and not isinstance(error, DataError)


def log_fields(error: Exception) -> dict[str, str]:
    """Return what a log says about an error, without its text, which may name people."""
    return {"kind": _kind(error), "at": _place(error)}


def _in_short(error: BaseException) -> str:
    """Return the kind and place of an error, without its text, which may name people."""
    return f"{_kind(error)} in {_place(error)}"


def _place(error: BaseException) -> str:
    """Return where in the code an error was raised."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _kind(error: BaseException) -> str:
    return type(error).__name__
