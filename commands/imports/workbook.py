"""Rows of the first sheet of an Excel workbook (XLSX), read as they are needed.

Numbers and days are read as values, whatever their display format; of a formula the value.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO, Any, BinaryIO, Final
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from commands.imports.cells import Cell
from commands.imports.source import UnreadableFile
from commands.imports.tables import Row

_LARGEST: Final = 300_000_000
_MOST_COLUMNS: Final = 1_000
_AT_ONCE: Final = 2**16
_SAVE_AGAIN: Final = "save it again, or save it as text in UTF-8"
# Excel's built-in number formats that show days and times.
_DAY_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_SHOWS_A_DAY: Final = re.compile(r"[dmyhs]", re.IGNORECASE)
_NO_LETTERS: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DAY_ONE: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - days of a workbook have no time zone
_DAY_ONE_OF_MACS: Final = datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_SERIAL: Final = 110_000  # in the year 2201
# The exceptions that a damaged or encrypted workbook raises.
_DAMAGES: Final = (
    *(BadZipFile, expat.ExpatError, zlib.error, EOFError),
    *(LookupError, ValueError, ArithmeticError, NotImplementedError, RuntimeError),
)
_CELL: Final = re.compile(r"([A-Z]{1,3})[0-9]+")


def workbook_rows(file: BinaryIO) -> tuple[str, Iterator[Row]]:
    """Return the first sheet's name and rows. Raises `UnreadableFile`, also while reading."""
    try:
        archive = ZipFile(file)
        book = _Book(archive)
    except _DAMAGES as error:
        raise UnreadableFile(f"is no Excel workbook that can be read: {_SAVE_AGAIN}") from error
    return book.sheet, _checked(book.rows())


def _checked(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except _DAMAGES as error:
        raise UnreadableFile(f"is a workbook that is damaged: {_SAVE_AGAIN}") from error


class _Book:
    """A workbook: its first sheet, the shared texts, and the formats that show days."""

    def __init__(self, archive: ZipFile) -> None:
        if sum(member.file_size for member in archive.infolist()) > _LARGEST:
            raise UnreadableFile("is a workbook that unfolds to more than 300 MB")
        self._archive = archive
        sheets: list[tuple[str, str]] = []
        self._day_one = _DAY_ONE

        def book(name: str, values: dict[str, str]) -> None:
            if name == "sheet":
                sheets.append((values["name"], _id_of(values)))
            elif name == "workbookPr" and values.get("date1904") in ("1", "true"):
                self._day_one = _DAY_ONE_OF_MACS

        targets: dict[str, str] = {}

        def relations(name: str, values: dict[str, str]) -> None:
            if name == "Relationship":
                targets[values["Id"]] = values["Target"]

        self._each("xl/workbook.xml", book)
        self._each("xl/_rels/workbook.xml.rels", relations)
        self.sheet, relation = sheets[0]
        target = targets[relation]
        self._path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        self._texts = self._shared_texts()
        self._shows_day = self._formats()

    def _each(self, path: str, begin: Callable[[str, dict[str, str]], None]) -> None:
        with self._archive.open(path) as file:
            for _ in _parsed(file, begin=begin):
                pass

    def _shared_texts(self) -> list[str]:
        path = "xl/sharedStrings.xml"
        if path not in self._archive.namelist():
            return []
        texts: list[str] = []
        reader = _Texts(lambda text: texts.append(text), "si")
        with self._archive.open(path) as file:
            for _ in _parsed(file, reader.begin, reader.end, reader.text):
                pass
        return texts

    def _formats(self) -> list[bool]:
        """Return, for each cell style, whether it shows a day."""
        path = "xl/styles.xml"
        own: dict[int, str] = {}
        shows: list[bool] = []
        is_of_cells = False

        def begin(name: str, values: dict[str, str]) -> None:
            nonlocal is_of_cells
            if name == "numFmt":
                own[int(values["numFmtId"])] = values.get("formatCode", "")
            elif name in ("cellXfs", "cellStyleXfs"):
                is_of_cells = name == "cellXfs"
            elif name == "xf" and is_of_cells:
                number = int(values.get("numFmtId", "0"))
                code = _NO_LETTERS.sub("", own.get(number, ""))
                shows.append(number in _DAY_FORMATS or bool(_SHOWS_A_DAY.search(code)))

        if path in self._archive.namelist():
            self._each(path, begin)
        return shows

    def rows(self) -> Iterator[Row]:
        sheet = _Sheet(self._value)
        with self._archive.open(self._path) as file:
            for _ in _parsed(file, sheet.begin, sheet.end, sheet.text):
                yield from sheet.taken()
        yield from sheet.taken()

    def _value(self, kind: str, style: str, text: str) -> Cell:
        """Return the value of a cell, by its type, its style, and its text."""
        if kind == "s":
            return self._texts[int(text)]
        if kind in ("str", "inlineStr", "e") or not text:
            return text
        if kind == "d":
            return datetime.fromisoformat(text)
        if kind == "b":
            return "true" if text == "1" else "false"
        try:
            # Excel shows at most fifteen digits; more are noise of the floating point.
            number = Decimal(f"{float(text):.15g}")
        except ValueError:
            return text
        if not number.is_finite():
            return text
        place = int(style or "0")
        is_day = place < len(self._shows_day) and self._shows_day[place]
        return self._day(number) if is_day and 0 < number < _LAST_SERIAL else number

    def _day(self, serial: Decimal) -> date:
        moment = self._day_one + timedelta(seconds=round(serial * 86_400))
        return moment.date() if serial % 1 == 0 else moment


class _Texts:
    """Collects the texts of elements of one name, without phonetic readings of Japanese."""

    def __init__(self, take: Callable[[str], None], element: str) -> None:
        self._take = take
        self._element = element
        self._parts: list[str] = []
        self._is_text = self._is_reading = False

    def begin(self, name: str, _values: dict[str, str]) -> None:
        if name == self._element:
            self._parts = []
        self._is_reading = self._is_reading or name == "rPh"
        self._is_text = name == "t" and not self._is_reading

    def end(self, name: str) -> None:
        self._is_text = False
        if name == "rPh":
            self._is_reading = False
        if name == self._element:
            self._take("".join(self._parts))

    def text(self, text: str) -> None:
        if self._is_text:
            self._parts.append(text)


class _Sheet:
    """Collects the rows of a sheet; each is at least as wide as the first."""

    def __init__(self, value: Callable[[str, str, str], Cell]) -> None:
        self._value = value
        self._rows: list[Row] = []
        self._cells: dict[int, Cell] = {}
        self._number = self._place = self._width = 0
        self._kind = self._style = ""
        self._parts: list[str] = []
        self._is_text = False

    def taken(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def begin(self, name: str, values: dict[str, str]) -> None:
        if name == "row":
            self._number = int(values.get("r", self._number + 1))
            self._cells, self._place = {}, -1
        elif name == "c":
            found = _CELL.fullmatch(values.get("r", ""))
            self._place = _place(found[1]) if found else self._place + 1
            self._kind, self._style = values.get("t", "n"), values.get("s", "0")
            self._parts = []
        self._is_text = name in ("v", "t")

    def end(self, name: str) -> None:
        self._is_text = False
        if name == "c" and self._place < _MOST_COLUMNS:
            self._cells[self._place] = self._value(self._kind, self._style, "".join(self._parts))
        elif name == "row":
            filled = [place for place, cell in self._cells.items() if cell != ""]
            width = max(filled, default=-1) + 1
            if not self._width:
                self._width = width
            cells = [self._cells.get(place, "") for place in range(max(width, self._width))]
            if width:
                self._rows.append(Row(self._number, cells))

    def text(self, text: str) -> None:
        if self._is_text:
            self._parts.append(text)


def _parsed(
    file: IO[bytes],
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Parse a document in parts; names are passed without their namespace."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, values: begin(_local(name), values)
    if end is not None:
        parser.EndElementHandler = lambda name: end(_local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_entities
    while part := file.read(_AT_ONCE):
        parser.Parse(part, False)
        yield
    parser.Parse(b"", True)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _no_entities(*_declared: Any) -> None:
    """Refuse entity declarations: no workbook has any, and they can grow without limit."""
    raise UnreadableFile("is a workbook that declares entities, as none does")


def _id_of(values: dict[str, str]) -> str:
    """Return the relation id of a sheet, whatever the namespace is called."""
    return next(value for name, value in values.items() if name.endswith(" id"))


def _place(letters: str) -> int:
    """Return the index of a column: A is 0, AA is 26."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
