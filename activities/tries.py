"""Taking a deed: which failures are tried again, and which can never work (R14)."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy.exc
from sqlalchemy.exc import DataError, DBAPIError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.casework import AlreadyDone, Casework, superseded
from adapters.mail import MailError
from adapters.partner import ClaimRefused, DocumentRefused, PartnerError
from dunning.deeds import Result
from models.casebook import CaseSuperseded
from models.messages import TakeDeed
from runtime.database import Database
from runtime.temporal import CasesUnavailable

_TRIED_AGAIN: Final = (
    CasesUnavailable,
    DBAPIError,
    MailError,
    OSError,
    TimeoutError,
    sqlalchemy.exc.TimeoutError,  # every connection is in use
)


async def take(
    database: Database, task: TakeDeed, deed: Callable[[Casework], Awaitable[Result]]
) -> Result:
    """Take a deed of a case; what an earlier attempt wrote down is found, not done again."""
    with once_or_again():
        try:
            work = await Casework.begin(database, task)
        except AlreadyDone as done:
            return done.result
        return await deed(work)


@contextmanager
def once_or_again() -> Iterator[None]:
    """Let Temporal try again what may pass, and end what cannot: the case is then blocked.

    The failure that Temporal keeps bears only the kind of the error: its words may name people.
    """
    try:
        yield
    except ApplicationError:
        raise
    except CaseSuperseded as error:
        raise superseded(error) from None
    except PartnerError as error:
        # What a partner says of a claim may name people; what could not be read is our words.
        is_quoted = isinstance(error, ClaimRefused | DocumentRefused)
        words = _kind(error) if is_quoted else str(error)
        raise ApplicationError(
            words, type="PartnerError", next_retry_delay=error.retry_after
        ) from None
    except Exception as error:
        if may_pass(error):
            raise ApplicationError(_kind(error), type=_kind(error)) from None
        activity.logger.error("deed_cannot_work", extra=told_of(error))
        raise ApplicationError(_kind(error), type=_kind(error), non_retryable=True) from None


def may_pass(error: Exception) -> bool:
    """Whether what failed may work when it is tried again."""
    return isinstance(error, _TRIED_AGAIN) and not isinstance(error, DataError)


def told_of(error: Exception) -> dict[str, str]:
    """What a log says of an error: its words may name people."""
    return {"kind": _kind(error), "at": _place(error)}


def _place(error: BaseException) -> str:
    """Where in the code it happened, without the words of the error."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _kind(error: BaseException) -> str:
    return type(error).__name__
