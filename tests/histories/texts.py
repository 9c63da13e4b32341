"""The texts in a recorded history, to look for what must not be in it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a history, payloads decoded."""
    if isinstance(value, dict):
        for name, inner in value.items():
            is_payload = name == "data" and isinstance(inner, str)
            yield from texts(base64.b64decode(inner).decode() if is_payload else inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)
