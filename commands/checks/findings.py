"""Findings of the checks: all well, a warning, or a problem, with its remedy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LIMIT_SECONDS: Final = 5


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` is what to do about it."""

    check: str
    state: State
    says: str
    remedy: str | None = None


def ok(check: str, says: str) -> Finding:
    return Finding(check, State.OK, says)


def warning(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, State.WARNING, says, remedy)


def problem(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, State.PROBLEM, says, remedy)


async def within_limit(check: str, looks: Awaitable[list[Finding]], remedy: str) -> list[Finding]:
    """Return what a check finds; a problem with this remedy if the check is too slow or fails.

    Of its exception only the class is reported: the text may hold a password.
    """
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            return await looks
    except TimeoutError:
        return [problem(check, f"no answer within {LIMIT_SECONDS} seconds", remedy)]
    except Exception as error:
        return [problem(check, f"could not be checked: {type(error).__name__}", remedy)]
