"""The files for containers, read: what they run, with which variables."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parent.parent
COMPOSE: Final = ROOT / "docker-compose.temporal.yml"
DOCKERFILE: Final = ROOT / "Dockerfile"
_OURS: Final = "durable-dunning:latest"
_LIST: Final = re.compile(r'\bCMD (\["[^\]]+\])')
_DOCUMENTED: Final = re.compile(r"run --rm \w+ (dunning .+)$", re.MULTILINE)
Command = tuple[str, ...]


@cache
def compose() -> dict[str, Any]:
    """The compose file, with its anchors put in."""
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return document


def services() -> dict[str, dict[str, Any]]:
    """All services by their names."""
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def our_services() -> dict[str, dict[str, Any]]:
    """Those that run the system's own image."""
    return {name: one for name, one in services().items() if one["image"] == _OURS}


def command_of(service: dict[str, Any]) -> Command:
    return tuple(service["command"])


def health_check_of(service: dict[str, Any]) -> Command | None:
    """What is run in a container to see whether it is well."""
    if "healthcheck" not in service:
        return None
    kind, *words = service["healthcheck"]["test"]
    assert kind == "CMD"
    return tuple(words)


def commands_of_the_dockerfile() -> list[Command]:
    """What the image runs by itself: its health check, and its process."""
    return [tuple(json.loads(found)) for found in _LIST.findall(DOCKERFILE.read_text())]


def documented_commands() -> list[Command]:
    """What the compose file tells people to run in a container."""
    return [tuple(found.split()) for found in _DOCUMENTED.findall(COMPOSE.read_text())]


def variables() -> dict[str, str]:
    """The variables that the files set for the system."""
    found: dict[str, str] = {}
    for service in our_services().values():
        found |= service["environment"]
    given = re.findall(r"\b((?:DUNNING|TEMPORAL)_\w+)=(\S+)", DOCKERFILE.read_text())
    return found | dict(given)
