"""A bank statement from a form: the file, and how to read its table."""

from __future__ import annotations

import base64
import binascii
import csv
import zlib
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.types import Message

from adapters.statements import MAX_SIZE, TableReading
from starter.intake.statements.files import Uploaded
from starter.refusals import Problem, wrong

_FORM_AROUND: Final = 200_000
_LONGEST_NAME: Final = 150
# The page carries the file up to this size; a larger one has to be chosen again.
_LARGEST_KEPT: Final = 90_000
_SHOWN: Final = 3
_LONGEST_CELL: Final = 40


class Column(NamedTuple):
    """A column of a table: its name, and the values of its first rows."""

    name: str
    examples: tuple[str, ...]


async def form_of(request: Request) -> FormData:
    """Read the form. Raises `Problem` as soon as the file is too large."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > MAX_SIZE + _FORM_AROUND:
            detail = f"The file has more than {MAX_SIZE // 1_000_000} MB."
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        return message

    again = Request(request.scope, counted)
    return await again.form(max_files=1, max_fields=300, max_part_size=_FORM_AROUND)


async def uploaded_of(form: FormData) -> Uploaded | None:
    """Return the chosen file, or the one that the page carries, or None. Raises `Invalid`."""
    reading = _reading_of(form)
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return Uploaded(await file.read(), _name_of(file.filename), reading)
    content = _unpacked(text_of(form, "content"))
    return Uploaded(content, _name_of(text_of(form, "filename")), reading) if content else None


def kept(content: bytes) -> str | None:
    """Return the file packed for a form field; None if that makes the page too large."""
    packed = base64.b64encode(zlib.compress(content)).decode()
    return packed if len(packed) <= _LARGEST_KEPT else None


def columns_of(content: bytes, reading: TableReading) -> list[Column]:
    """Return the columns of a table, so that the clerk can choose what each means."""
    lines = content.decode(reading.encoding, "replace").splitlines()
    after = lines[reading.header_row or 0 :]
    rows = [
        row
        for row in csv.reader(after, delimiter=reading.separator, quotechar=reading.quote)
        if len(row) >= len(reading.columns) and any(row)
    ][:_SHOWN]
    return [
        Column(
            reading.header[place] if place < len(reading.header) else "",
            tuple(row[place].strip()[:_LONGEST_CELL] for row in rows),
        )
        for place in range(len(reading.columns))
    ]


def _reading_of(form: FormData) -> TableReading | None:
    """Return the reading that the page showed, with the clerk's corrections. Raises `Invalid`."""
    given = text_of(form, "reading")
    if not given:
        return None
    try:
        shown = TableReading.model_validate_json(given)
        chosen: dict[str, Any] = shown.model_dump(mode="json")
        chosen["columns"] = [
            text_of(form, f"column_{place}") or None for place in range(len(shown.columns))
        ]
        for name in ("date_order", "decimal_sign", "account"):
            chosen[name] = text_of(form, name) or None
        chosen["currency"] = text_of(form, "currency").upper() or None
        return TableReading.model_validate(chosen)
    except ValidationError:
        raise wrong("reading", "is no reading of a table") from None


def _unpacked(packed: str) -> bytes:
    if not packed:
        return b""
    try:
        return zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), MAX_SIZE)
    except (binascii.Error, zlib.error):
        raise wrong("file", "cannot be read") from None


def _name_of(filename: str) -> str | None:
    """Return a file's name without folders and unprintable characters."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in name if sign.isprintable())[:_LONGEST_NAME].strip() or None


def text_of(form: FormData, name: str) -> str:
    """Return what was typed into a field; empty if the form does not have it."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
