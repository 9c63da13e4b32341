"""Checks of the machine: Python, the time zones, and the settings as this process reads them."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from commands.checks.findings import Finding, ok, problem, warning
from runtime.configuration import WrongSettings, environment, unknown
from runtime.settings import Settings

_OLDEST_PYTHON: Final = (3, 11)
_SOME_ZONES: Final = ("Europe/Berlin", "America/Santiago", "Asia/Tokyo")
_TABLE: Final = "see the table of settings in docs/operating.md"


def python() -> Finding:
    if sys.version_info < _OLDEST_PYTHON:
        oldest = ".".join(map(str, _OLDEST_PYTHON))
        return problem("python", platform.python_version(), f"install Python {oldest} or newer")
    return ok("python", platform.python_version())


def time_zones(zones: Iterable[str] = _SOME_ZONES) -> Finding:
    """Check that the time zones of sellers are known here."""
    missing = []
    for zone in zones:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, OSError):
            missing.append(zone)
    if missing:
        return problem(
            "time zones",
            f"not known: {', '.join(missing)}",
            "install the Python package tzdata, or the system's",
        )
    try:
        return ok("time zones", f"tzdata {version('tzdata')}")
    except PackageNotFoundError:
        return ok("time zones", "those of the system")


def settings() -> tuple[Settings | None, list[Finding]]:
    """Return the settings if they are valid, and the findings about them."""
    try:
        found = Settings()
    except WrongSettings as wrong:
        return None, [problem("settings", line, _TABLE) for line in wrong.problems]
    strange = unknown(environment(), Settings.model_fields)
    if strange:
        return found, [warning("settings", f"not a setting: {', '.join(strange)}", _TABLE)]
    return found, [ok("settings", "all can be used")]


def file_system_of(path: Path, mounts: str) -> str | None:
    """Return the type of file system that a path is on, by the kernel's list of mounts."""
    whole = os.path.realpath(path)
    best, kind = "", None
    for line in mounts.splitlines():
        _, written, found, *_ = line.split(" ")
        place = written.replace("\\040", " ")
        inside = whole == place or whole.startswith(place.rstrip("/") + "/")
        if inside and len(place) >= len(best):
            best, kind = place, found
    return kind
