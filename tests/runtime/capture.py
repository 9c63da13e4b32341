"""What a process logs, as it would write it, for as long as a test listens."""

from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from runtime.logs import configure


class Lines(io.StringIO):
    """The log as it was written."""

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def events(self) -> list[str]:
        return [entry["event"] for entry in self.entries()]


@contextmanager
def logging_as(*, level: str = "info", json: bool = True) -> Iterator[Lines]:
    """Log as a process with these settings does, and afterwards as before."""
    root = logging.getLogger()
    known = [root, *(one for one in root.manager.loggerDict.values() if _is_logger(one))]
    before = [(one, one.level) for one in known if isinstance(one, logging.Logger)]
    handlers, warned, ended = list(root.handlers), warnings.showwarning, sys.excepthook
    said = structlog.get_config()
    lines = Lines()
    configure(json=json, level=level, stream=lines)
    try:
        yield lines
    finally:
        root.handlers[:] = handlers
        for logger in (one for one in root.manager.loggerDict.values() if _is_logger(one)):
            assert isinstance(logger, logging.Logger)
            logger.setLevel(logging.NOTSET)
        for logger, set_to in before:
            logger.setLevel(set_to)
        warnings.showwarning, sys.excepthook = warned, ended
        structlog.configure(**said)


def _is_logger(one: object) -> bool:
    return isinstance(one, logging.Logger)
