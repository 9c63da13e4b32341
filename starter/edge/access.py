"""A line in the log for each call that was answered, without what was asked for.

The path itself is not in it: a search names people, and who has the link of a settings page
may change the settings.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.types import Scope

from starter.edge.observed import Answered

_log: Final = logging.getLogger(__name__)
_HEALTH_ROUTES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")


def log_answered(answered: Answered) -> None:
    """Say of a call which route it took, for which ids, with which key, and how it ended."""
    level = logging.DEBUG if answered.route in _HEALTH_ROUTES else logging.INFO
    if not _log.isEnabledFor(level):
        return
    scope = answered.scope
    fields = {
        "method": scope["method"],
        "route": answered.route,
        "status": answered.status,
        "milliseconds": round(answered.seconds * 1000, 1),
        **_key(scope),
        **_ids(scope),
    }
    _log.log(level, "answered", extra=fields)


def _key(scope: Scope) -> dict[str, str]:
    """The id of the key; the key itself is nowhere."""
    caller = scope.get("state", {}).get("caller")
    return {"key": caller.key_id} if caller else {}


def _ids(scope: Scope) -> dict[str, Any]:
    """The ids in the path of a call; texts that cannot be ids are left out."""
    params: Mapping[str, Any] = scope.get("path_params", {})
    return {
        name: value
        for name, value in params.items()
        if name.endswith("_id") and _ID.fullmatch(str(value))
    }
