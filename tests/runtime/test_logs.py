"""Log lines have one form, and the words of errors are not in them."""

from __future__ import annotations

import logging
import sys
import warnings

import pytest
import structlog
from pydantic import BaseModel

from tests.runtime.capture import logging_as

SECRET = "Quastenberg"


class Person(BaseModel):
    age: int


def fail() -> None:
    try:
        Person.model_validate({"age": SECRET})
    except ValueError as error:
        raise LookupError(f"no such person: {SECRET}") from error


def test_a_line_is_json_with_event_level_logger_and_time() -> None:
    with logging_as() as lines:
        logging.getLogger("starter.edge.access_log").info("answered", extra={"status": 200})

    (entry,) = lines.entries()
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "answered",
        "level": "info",
        "logger": "starter.edge.access_log",
        "status": 200,
    }


def test_structlog_and_the_standard_library_write_the_same_form() -> None:
    with logging_as() as lines:
        structlog.get_logger("starter.x").info("postponed", cases=3)
        logging.getLogger("starter.x").info("postponed", extra={"cases": 3})

    one, other = lines.entries()
    one.pop("timestamp")
    other.pop("timestamp")
    assert one == other


@pytest.mark.parametrize("json", [True, False])
def test_an_exception_is_told_by_its_kinds_and_its_way_without_its_words(json: bool) -> None:
    with logging_as(json=json) as lines:
        for logger in (logging.getLogger("starter.x"), logging.getLogger("sqlalchemy.pool")):
            try:
                fail()
            except LookupError:
                logger.exception("failed")
        try:
            fail()
        except LookupError:
            structlog.get_logger("starter.x").exception("failed")

    said = lines.getvalue()
    assert SECRET not in said
    assert said.count("LookupError") == said.count("ValidationError") == 3
    assert "runtime/test_logs.py:" in said
    if json:
        exception = lines.entries()[0]["exception"]
        assert exception["type"] == "LookupError"
        assert exception["at"][-1].endswith(" fail")
        assert exception["cause"]["type"] == "ValidationError"


def test_of_an_error_of_the_system_the_words_are_kept() -> None:
    with logging_as() as lines:
        try:
            raise ConnectionRefusedError(111, "Connection refused")
        except OSError:
            logging.getLogger("worker").exception("failed")

    assert lines.entries()[0]["exception"]["words"] == "Connection refused"


def test_the_parts_of_a_group_are_told_one_by_one() -> None:
    with logging_as() as lines:
        try:
            raise ExceptionGroup(SECRET, [ValueError(SECRET), KeyError(SECRET)])
        except ExceptionGroup:
            logging.getLogger("worker").exception("failed")

    assert SECRET not in lines.getvalue()
    parts = lines.entries()[0]["exception"]["parts"]
    assert [part["type"] for part in parts] == ["ValueError", "KeyError"]


def test_other_programs_are_heard_from_a_warning_on_even_when_debugging() -> None:
    with logging_as(level="debug") as lines:
        for name in ("sqlalchemy.engine", "httpx", "aiosqlite", "mail.log"):
            logging.getLogger(name).info("%s passed through", SECRET)
            logging.getLogger(name).warning("trouble")
        logging.getLogger("temporalio.worker").debug(SECRET)
        logging.getLogger("starter.x").debug("ours")

    assert lines.events() == ["trouble"] * 4 + ["ours"]


def test_the_level_decides_what_is_said() -> None:
    with logging_as(level="error") as lines:
        logging.getLogger("starter.x").warning("small")
        logging.getLogger("httpx").warning("small")
        logging.getLogger("starter.x").error("large")

    assert lines.events() == ["large"]


def test_of_several_lines_of_another_program_the_first_is_kept() -> None:
    with logging_as() as lines:
        logging.getLogger("asyncio").error(
            f"Task exception was never retrieved\nfuture: <Task exception=KeyError('{SECRET}')>"
        )

    assert lines.events() == ["Task exception was never retrieved"]


def test_a_traceback_that_another_program_wrote_out_loses_its_words() -> None:
    with logging_as() as lines:
        logging.getLogger("uvicorn.error").error(
            "Traceback (most recent call last):\n"
            f'  File "/app/starter/app.py", line 7, in _built\n    x = "{SECRET}"\n'
            f"KeyError: '{SECRET}'\n"
        )

    assert SECRET not in lines.getvalue()
    assert lines.entries()[0]["exception"] == {
        "type": "KeyError",
        "at": ["starter/app.py:7 _built"],
    }


def test_a_warning_of_python_is_told_by_kind_and_place() -> None:
    with logging_as() as lines:
        warnings.showwarning(UserWarning(SECRET), UserWarning, "/x/pydantic/main.py", 7)

    (entry,) = lines.entries()
    assert (entry["event"], entry["category"]) == ("python_warned", "UserWarning")
    assert entry["place"] == "pydantic/main.py:7"
    assert SECRET not in lines.getvalue()


def test_what_ends_a_process_is_in_the_log_without_its_words() -> None:
    with logging_as() as lines:
        try:
            fail()
        except LookupError as error:
            sys.excepthook(type(error), error, error.__traceback__)

    (entry,) = lines.entries()
    assert (entry["event"], entry["level"]) == ("ended_by_error", "critical")
    assert SECRET not in lines.getvalue()
