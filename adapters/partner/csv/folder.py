"""A folder with tables to which several processes add lines, each line once.

A table is replaced as a whole: it is written beside the old one, synced to the disk, and renamed.
So readers always see a whole table, the old one or the new one, whatever process dies. A line that
was written before a crash is found by the next attempt. Nobody may move written files away, because
they are the record of what was written.
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from models.csv_safety import BYTE_ORDER_MARK

Row = Mapping[str, str]
_LOCK: Final = ".lock"
_Stamp = tuple[int, int, int]


class ForeignFile(Exception):
    """A file in the folder does not have the expected form."""


class TableFolder:
    """A folder of tables with the same columns and the same prefix, and of files beside them.

    Tables of earlier versions lack some or all of the `added` columns, from the last one on.
    """

    def __init__(
        self, path: Path, *, prefix: str, columns: Sequence[str], added: Sequence[str] = ()
    ) -> None:
        self.path = path
        self._prefix = prefix
        self._columns = (*columns, *added)
        counts = range(len(columns), len(self._columns) + 1)
        self._headers = {self._columns[:count] for count in counts}
        self._read: dict[str, tuple[_Stamp, list[Row]]] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder against other writers; the kernel unlocks it if the process dies."""
        with (self.path / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def rows(self) -> Iterator[Row]:
        """Yield all lines, in the order of the files' names. Raises `ForeignFile`."""
        for path in self.files(self._prefix):
            yield from self._rows_of(path)

    def files(self, prefix: str) -> list[Path]:
        """Return the tables with a prefix. Raises `FileNotFoundError` if the folder is missing."""
        names = sorted(os.listdir(self.path))
        return [
            self.path / name for name in names if name.startswith(prefix) and name.endswith(".csv")
        ]

    def add(self, day: str, row: Row) -> None:
        """Add a line to the table of a day. Call it under the lock."""
        path = self.path / f"{self._prefix}{day}.csv"
        line = self._line([row.get(name, "") for name in self._columns])
        self._replace(path, self._before(path) + line)

    def keep(self, folder: str, name: str, content: bytes) -> str:
        """Put a file into a folder beside the tables, and return its relative path."""
        place = self.path / folder
        place.mkdir(parents=True, exist_ok=True)
        self._replace(place / name, content)
        return f"{folder}/{name}"

    def settle(self) -> None:
        """Sync the names of all tables to the disk."""
        _sync(self.path)

    def _before(self, path: Path) -> bytes:
        """Return the content of a table, with the columns that an earlier version lacked."""
        head = self._line(self._columns, head=True)
        if not path.exists():
            return head
        content = path.read_bytes()
        if content.startswith(head):
            return content
        lines = ([row[name] for name in self._columns] for row in self._rows_of(path))
        return head + b"".join(map(self._line, lines))

    def _replace(self, path: Path, content: bytes) -> None:
        new = path.with_name(f".{path.name}.new")
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
        _sync(path.parent)

    def _rows_of(self, path: Path) -> list[Row]:
        found = path.stat()
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if (known := self._read.get(path.name)) and known[0] == stamp:
            return known[1]
        header, found_rows = read_table(path)
        if tuple(header) not in self._headers:
            raise ForeignFile(f"{path.name} has other columns than it was written with")
        rows: list[Row] = [
            {name: row.get(name, "") for name in self._columns} for row in found_rows
        ]
        self._read[path.name] = (stamp, rows)
        return rows

    @staticmethod
    def _line(cells: Sequence[str], *, head: bool = False) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerow(cells)
        return f"{BYTE_ORDER_MARK if head else ''}{text.getvalue()}".encode()


def read_table(path: Path) -> tuple[list[str], list[Row]]:
    """Read column names and lines, separated by commas or semicolons. Raises `ForeignFile`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        head = text.partition("\n")[0]
        delimiter = ";" if ";" in head and "," not in head else ","
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        rows: list[Row] = [{name: row[name] or "" for name in header} for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise ForeignFile(f"{path.name} is not a table in UTF-8") from None
    return header, rows


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
