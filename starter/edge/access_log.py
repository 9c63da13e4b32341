"""The log of calls: one line for each, without its content.

The path is not logged: a search names people, and the link of a settings page lets its holder
change the settings.
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
    """Log the route of a call, its ids, its key, its status and its duration."""
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
    """Return the id of the key; the key itself is never logged."""
    caller = scope.get("state", {}).get("caller")
    return {"key": caller.key_id} if caller else {}


def _ids(scope: Scope) -> dict[str, Any]:
    """Return the ids in the path of a call, without texts that cannot be ids."""
    params: Mapping[str, Any] = scope.get("path_params", {})
    return {
        name: value
        for name, value in params.items()
        if name.endswith("_id") and _ID.fullmatch(str(value))
    }
