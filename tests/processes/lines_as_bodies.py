"""For schemathesis: how a body of lines is written."""

from __future__ import annotations

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
