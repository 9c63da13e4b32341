"""What programs rely on of the API's documentation: calls, fields, statuses and reasons.

`python -m tests.docs.documented_api` records it, on purpose: after a call or a field was added.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from starter.app import create_app

FILE: Final = Path(__file__).with_name("documented_api.json")
_REFERENCE: Final = "$ref"

Document = dict[str, Any]


def documented_api() -> Document:
    """Each call with its parameters, body and answers, and each schema with its fields.

    A field has `*` if it is required. Words and examples are left out: these may change.
    """
    document = create_app().openapi()
    components = document["components"]
    return {
        "calls": {
            f"{method.upper()} {path}": _call(call, components["responses"])
            for path, calls in document["paths"].items()
            for method, call in calls.items()
        },
        "schemas": {name: _fields(schema) for name, schema in components["schemas"].items()},
    }


def as_json(document: Document) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _call(call: Document, responses: Document) -> Document:
    return {
        "parameters": [
            f"{parameter['in']} {_field(parameter['name'], parameter['required'], schema)}"
            for parameter in call.get("parameters", ())
            for schema in [parameter["schema"]]
        ],
        "body": _content(call.get("requestBody", {})),
        "answers": {
            status: _content(responses[_name(answer)] if _REFERENCE in answer else answer)
            for status, answer in call["responses"].items()
        },
    }


def _content(part: Document) -> str:
    """Each media type with what it holds."""
    content = part.get("content", {}).items()
    return "; ".join(f"{media_type}: {_kind(inner['schema'])}" for media_type, inner in content)


def _fields(schema: Document) -> list[str]:
    required = schema.get("required", ())
    fields = schema.get("properties", {}).items()
    return sorted(_field(name, name in required, inner) for name, inner in fields) or [
        _kind(schema)
    ]


def _field(name: str, is_required: bool, schema: Document) -> str:
    return f"{name}{'*' if is_required else ''}: {_kind(schema)}"


def _kind(schema: Document) -> str:
    """What a value is: a schema by its name, the values of an enumeration, or a JSON type."""
    if _REFERENCE in schema:
        return _name(schema)
    for joined, name in (("or", "anyOf"), ("or", "oneOf"), ("and", "allOf")):
        if name in schema:
            return f" {joined} ".join(_kind(one) for one in schema[name])
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if "items" in schema:
        return f"[{_kind(schema['items'])}]"
    if schema.get("properties"):
        return f"{{{', '.join(_fields(schema))}}}"
    if isinstance(values := schema.get("additionalProperties"), dict):
        return f"{{name: {_kind(values)}}}"
    kind = str(schema.get("type", "anything"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _name(reference: Document) -> str:
    return str(reference[_REFERENCE]).rpartition("/")[2]


if __name__ == "__main__":
    FILE.write_text(as_json(documented_api()), encoding="utf-8")
