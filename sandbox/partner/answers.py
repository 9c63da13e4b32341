"""Answers: JSON with exact numbers, and refusals with their fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from sandbox.partner.refusals import Refused


def rendered(value: object) -> str:
    """Write JSON in which a decimal keeps all its digits and a moment is in UTC."""
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return f'"{utc(value)}"'
        case BaseModel():
            return rendered(value.model_dump(by_alias=True))
        case Mapping():
            return f"{{{','.join(f'{json.dumps(k)}:{rendered(v)}' for k, v in value.items())}}}"
        case str():
            return json.dumps(value)
        case Sequence():
            return f"[{','.join(map(rendered, value))}]"
        case _:
            return json.dumps(value)


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def answer(content: object, *, status: int = 200) -> Response:
    return Response(rendered(content), status_code=status, media_type="application/json")


def present(**fields: Any) -> dict[str, Any]:
    """Return an object without the fields that are None."""
    return {name: value for name, value in fields.items() if value is not None}


def business_error(kind: str, message: str) -> dict[str, Any]:
    return {"businessErrors": [{"type": kind, "message": message}]}


def wrong(field: str, message: str) -> RequestValidationError:
    """Return a refusal of one field of the body."""
    return RequestValidationError([{"loc": ("body", field), "msg": message}])


async def field_errors(_request: Request, error: Exception) -> Response:
    """Answer with what is wrong, by field: `{"debtor.name": ["is missing"]}`."""
    errors: dict[str, list[str]] = {}
    match error:
        case RequestValidationError():
            for one in error.errors():
                _where, *path = one["loc"]
                errors.setdefault(".".join(map(str, path)) or "body", []).append(one["msg"])
        case Refused():
            errors[error.field] = [str(error)]
    return answer(errors, status=400)
