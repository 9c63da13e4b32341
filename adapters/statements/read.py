"""Reading a bank statement of any format, which is recognized by content and never by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from adapters.statements.archive import is_archive, is_workbook, unpacked
from adapters.statements.camt import is_camt, read_camt
from adapters.statements.cartola import is_cartola, read_cartola
from adapters.statements.encodings import Decoded, decode
from adapters.statements.mt940 import is_mt940, read_mt940
from adapters.statements.problems import Problem, StatementProblem
from adapters.statements.statement import (
    Content,
    Statement,
    StatementFormat,
    check_count,
    newest_day,
)
from adapters.statements.table import preview, read_table
from adapters.statements.table_guess import guess_reading
from adapters.statements.table_reading import TableReading
from dunning.statements.lines import StatementLine

MAX_SIZE: Final = 20_000_000
# Fields of a line beside its text.
_SHORT_FIELDS: Final = (
    "account",
    "counterparty",
    "counterparty_iban",
    "on_behalf_of",
    "reference",
    "end_to_end_id",
    "customer_reference",
    "bank_id",
)
_LONGEST_FIELD: Final = 300
# Files that people mistake for a statement: their first bytes, and what to do with them.
_OTHERS: Final = (
    (b"%PDF", "This is a PDF; export the statement as CAMT, MT940 or CSV instead."),
    (b"\xd0\xcf\x11\xe0", "This is a workbook of a spreadsheet program; save it as CSV first."),
    (b"OFXHEADER", "This is OFX; export the statement as CAMT, MT940 or CSV instead."),
    (b"!Type:", "This is QIF; export the statement as CAMT, MT940 or CSV instead."),
    (b"\x1f\x8b", "This is a gzip archive; unpack it first, or make a ZIP of it."),
    (b"7z\xbc\xaf", "This is a 7z archive; unpack it first, or make a ZIP of it."),
    (b"Rar!", "This is a RAR archive; unpack it first, or make a ZIP of it."),
)


class _Given(NamedTuple):
    """The facts about a file beside its content."""

    filename: str | None
    reading: TableReading | None
    remembered: Mapping[str, TableReading]
    currency: str | None


class _Part(NamedTuple):
    content: Content
    format: StatementFormat
    encoding: str | None = None
    reading: TableReading | None = None


def read_statement(
    content: bytes,
    filename: str | None = None,
    *,
    reading: TableReading | None = None,
    remembered: Mapping[str, TableReading] | None = None,
    currency: str | None = None,
) -> Statement:
    """Read the statement in an uploaded file, or in the files of a ZIP archive.

    `filename` is used only to find the account number. The reading of a table is guessed.
    `remembered` has corrected readings of earlier tables, by the digest of their header; `reading`
    is the one for this file. `currency` is for files that name none. Raises `StatementProblem`; if
    a table needs an answer, the problem's `reading` is the guess.
    """
    given = _Given(filename, reading, remembered or {}, currency)
    parts = list(_parts(content, given))
    lines = [
        _finished(line, part, number)
        for number, part in enumerate(parts, 1)
        for line in part.content.lines
    ]
    days = [day for part in parts if (day := newest_day(part.content))]
    return Statement(
        format=parts[0].format,
        lines=tuple(lines),
        balances=tuple(balance for part in parts for balance in part.content.balances),
        covers_until=max(days, default=None),
        encoding=parts[0].encoding or (parts[0].reading and parts[0].reading.encoding),
        reading=parts[0].reading,
    )


def read_preview(content: bytes, reading: TableReading) -> tuple[StatementLine, ...]:
    """Return the first three transactions of a table by a reading."""
    return preview(_text(content, reading), reading)


def _parts(content: bytes, given: _Given) -> Iterator[_Part]:
    if len(content) > MAX_SIZE:
        raise StatementProblem(
            Problem.TOO_LARGE, f"The file has more than {MAX_SIZE // 1_000_000} MB."
        )
    if not is_archive(content):
        yield _read(content, given)
        return
    if is_workbook(content):
        raise StatementProblem(
            Problem.UNKNOWN_FORMAT,
            "This is a workbook of a spreadsheet program; save it as CSV first.",
        )
    number = lines = 0
    for number, (name, data) in enumerate(unpacked(content), 1):
        try:
            part = _read(data, given._replace(filename=name))
            lines += len(part.content.lines)
            check_count(lines)
        except StatementProblem as problem:
            raise problem.within(f"file {number} of the archive") from None
        yield part
    if not number:
        raise StatementProblem(Problem.EMPTY, "The archive has no statement in it.")


def _read(content: bytes, given: _Given) -> _Part:
    """Read one file; its first bytes and its fields give the format."""
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise StatementProblem(Problem.EMPTY, "The file is empty.")
    for beginning, words in _OTHERS:
        if content.lstrip().startswith(beginning):
            raise StatementProblem(Problem.UNKNOWN_FORMAT, words)
    if given.reading is not None:
        return _table(_text(content, given.reading), given.reading, given)
    if is_camt(content):
        camt, message = read_camt(content)
        return _Part(camt, message)
    decoded = decode(content)
    if is_mt940(decoded.text):
        swift, is_interim = read_mt940(decoded.text, currency=given.currency)
        kind = StatementFormat.MT942 if is_interim else StatementFormat.MT940
        return _Part(swift, kind, decoded.encoding)
    if is_cartola(decoded.text):
        return _Part(read_cartola(decoded.text), StatementFormat.CARTOLA, decoded.encoding)
    return _table(decoded.text, _reading_of(decoded, given), given)


def _table(text: str, reading: TableReading, given: _Given) -> _Part:
    reading = _with_currency(reading, given.currency)
    return _Part(read_table(text, reading), StatementFormat.CSV, reading=reading)


def _reading_of(decoded: Decoded, given: _Given) -> TableReading:
    """Guess the reading, and correct it by the one that is remembered for the header."""
    try:
        guess = guess_reading(
            decoded.text,
            encoding=decoded.encoding,
            filename=given.filename,
            currency=given.currency,
        )
    except StatementProblem as problem:
        if problem.reading is None or problem.reading.header_digest not in given.remembered:
            raise
        guess = problem.reading
    if guess.header and (kept := given.remembered.get(guess.header_digest)):
        guess = guess.corrected_by(kept)
    return guess


def _with_currency(reading: TableReading, currency: str | None) -> TableReading:
    if reading.currency is not None:
        return reading
    return reading.model_copy(update={"currency": currency})


def _text(content: bytes, reading: TableReading) -> str:
    """Decode with the encoding of the reading, unless the file is clearly UTF-8 or UTF-16."""
    decoded = decode(content)
    if decoded.encoding.startswith("utf"):
        return decoded.text
    try:
        return content.decode(reading.encoding)
    except (UnicodeDecodeError, LookupError):
        return decoded.text


def _finished(line: StatementLine, part: _Part, number: int) -> StatementLine:
    """Add origin and document to a line, and cut fields that are too long for a bank's."""
    changes: dict[str, object] = {"origin": line.origin or _origin(part), "document": number}
    for field in _SHORT_FIELDS:
        value = getattr(line, field)
        if value and len(value) > _LONGEST_FIELD:
            changes[field] = value[:_LONGEST_FIELD]
    return line.model_copy(update=changes)


def _origin(part: _Part) -> str:
    """Return the origin: the format, and for a table also its header.

    Texts of lines with the same origin can be compared character by character.
    """
    if part.reading is not None:
        return f"{part.format}:{part.reading.header_digest}"
    return str(part.format)
