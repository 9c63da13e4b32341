"""Exceptions in the log: their kind and their places in the code, no words that may name people."""

from __future__ import annotations

import re
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from structlog.typing import EventDict, WrappedLogger
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

Fields = dict[str, Any]
_FRAME: Final = re.compile(r'File "([^"]+)", line (\d+), in (\S+)')
_TRACEBACK: Final = "Traceback (most recent call last):"
_FRAMES: Final = 20
_CAUSES: Final = 5
_OF_NO_USE: Final = ("color_message", "temporal_log", "__temporal_error_identifier")


def exceptions_as_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its fields."""
    if error := _exception_of(event.pop("exc_info", None)):
        event["exception"] = fields_of(error)
    return event


def foreign_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep only the first line of a library's message, because the other lines may have values.

    A message that is a whole traceback ends with the words of the exception: it becomes fields.
    """
    words = str(event["event"])
    event["event"] = words.partition("\n")[0]
    if words.startswith(_TRACEBACK):
        last = words.rstrip().rpartition("\n")[2]
        event["event"] = "failed"
        event["exception"] = {
            "type": last.partition(":")[0],
            "at": [_place(*frame) for frame in _FRAME.findall(words)][-_FRAMES:],
        }
    for name in _OF_NO_USE:
        event.pop(name, None)
    return event


def exceptions_as_text(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Write the fields of an exception on lines of their own, for people."""
    if fields := event.pop("exception", None):
        event["exception"] = "\n".join(_lines(fields))
    return event


def fields_of(error: BaseException, *, causes: int = _CAUSES) -> Fields:
    """Return the kind of an exception, its places in the code, and its causes."""
    fields: Fields = {"type": type(error).__name__}
    if words := _words(error):
        fields["words"] = words
    fields["at"] = _way(error.__traceback__)
    if isinstance(error, BaseExceptionGroup):
        fields["parts"] = [fields_of(part, causes=causes) for part in error.exceptions[:_CAUSES]]
    context = None if error.__suppress_context__ else error.__context__
    cause = error.__cause__ or context
    if cause is not None and causes:
        fields["cause"] = fields_of(cause, causes=causes - 1)
    return fields


def _words(error: BaseException) -> str | None:
    """Return the words of exceptions that never quote their input."""
    match error:
        case OSError():
            return error.strerror
        case RPCError():
            return error.status.name
        case ApplicationError():  # Temporal shows this to operators, too
            return error.message
    return None


def _way(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [_place(frame.filename, frame.lineno, frame.name) for frame in frames]


def _place(file: str, line: int | str | None, name: str) -> str:
    return f"{'/'.join(Path(file).parts[-2:])}:{line} {name}"


def _exception_of(given: Any) -> BaseException | None:
    match given:
        case BaseException():
            return given
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exc_info()[1]
    return None


def _lines(fields: Fields, indent: str = "  ") -> list[str]:
    words = f": {fields['words']}" if "words" in fields else ""
    lines = [f"{indent}{fields['type']}{words}"]
    lines += (f"{indent}  {place}" for place in fields["at"])
    for inner in [*fields.get("parts", ()), *([fields["cause"]] if "cause" in fields else ())]:
        lines += _lines(inner, f"{indent}  ")
    return lines
