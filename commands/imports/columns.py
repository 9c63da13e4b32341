"""The columns of a table, named by the fields that they fill, such as `customer.address.city`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from commands.imports.cells import AmbiguousCell, Cell, CellKind, Conventions
from starter.input.fields import AMOUNT_PATTERN
from starter.refusals import FieldError, Invalid

Path = tuple[str | int, ...]
Schema = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """The place in the document where a column's cells go; without a path it is left out."""

    name: str
    path: Path
    kind: CellKind


class Fields:
    """The fields of a model at any depth, including those in lists, at each index."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._whole = model.model_json_schema()

    def column(self, name: str) -> Column | None:
        """Return the column of a name; None if there is no such field."""
        path: list[str | int] = []
        schema = self._whole
        for part in name.split("."):
            inner = self._inner(schema, part)
            if inner is None:
                return None
            path.append(int(part) if schema.get("type") == "array" else part)
            schema = inner
        if schema.get("type") in ("array", "object"):
            return None
        return Column(name, tuple(path), _kind_of(schema))

    def required(self) -> list[str]:
        """Return the fields that every row must fill."""
        return list(self._required(self._whole, ""))

    def _required(self, schema: Schema, way: str) -> Iterator[str]:
        for name in schema.get("required", ()):
            inner = self._plain(schema["properties"][name])
            if inner.get("type") == "object":
                yield from self._required(inner, f"{way}{name}.")
            else:
                yield way + name

    def _inner(self, schema: Schema, part: str) -> Schema | None:
        if schema.get("type") == "array":
            has_place = part.isascii() and part.isdigit() and int(part) < schema["maxItems"]
            return self._plain(schema["items"]) if has_place else None
        found = schema.get("properties", {}).get(part)
        return self._plain(found) if found is not None else None

    def _plain(self, schema: Schema) -> Schema:
        """Resolve references, and choose the alternative that is not null."""
        for choice in schema.get("anyOf", ()):
            if choice.get("type") != "null":
                return self._plain(choice)
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._plain(self._whole["$defs"][name])
        return schema


def _kind_of(schema: Schema) -> CellKind:
    if schema.get("type") == "integer":
        return CellKind.NUMBER
    if schema.get("pattern") == AMOUNT_PATTERN:
        return CellKind.AMOUNT
    kinds = {"date": CellKind.DAY, "date-time": CellKind.MOMENT}
    return kinds.get(schema.get("format", ""), CellKind.TEXT)


def document_of(
    columns: Sequence[Column], cells: Sequence[Cell], conventions: Conventions
) -> dict[str, Any]:
    """Convert a row to a document; empty cells are left out. Raises `Invalid`."""
    document: dict[str | int, Any] = {}
    wrong: list[FieldError] = []
    for column, cell in zip(columns, cells, strict=True):
        if not column.path or cell == "":
            continue
        inner = document
        for part in column.path[:-1]:
            inner = inner.setdefault(part, {})
        try:
            inner[column.path[-1]] = conventions.read(cell, column.kind)
        except AmbiguousCell as error:
            wrong.append(FieldError(field=column.name, message=str(error)))
    if wrong:
        raise Invalid(*wrong)
    whole: dict[str, Any] = _with_lists(document)
    return whole


def _with_lists(value: Any) -> Any:
    """Turn objects whose names are numbers into lists; missing numbers become empty entries."""
    if not isinstance(value, dict):
        return value
    if any(isinstance(name, int) for name in value):
        return [_with_lists(value.get(place, {})) for place in range(max(value) + 1)]
    return {name: _with_lists(inner) for name, inner in value.items()}
