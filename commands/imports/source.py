"""The file to import, or standard input: UTF-8 text, read as needed."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, Final, cast

from starter.input.ndjson import LARGEST_LINE

STANDARD_INPUT: Final = Path("-")
_AT_ONCE: Final = 2**20
_SOME: Final = 2**14
_WORKBOOK: Final = b"PK\x03\x04"
_END_OF_DOS: Final = b"\x1a"
_NO_TEXT: Final = {
    b"\xff\xfe": "is in UTF-16, not in UTF-8",
    b"\xfe\xff": "is in UTF-16, not in UTF-8",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook of the old kind (.xls), not text nor .xlsx",
    _WORKBOOK: "is an Excel workbook: give it as a file, not on standard input",
    b"\x1f\x8b": "is compressed with gzip, not text",
}
_SAVE_AS_TEXT: Final = "save it as text in UTF-8"


class UnreadableFile(Exception):
    """The file cannot be read; the message says why, and what to do."""


class Source:
    """The lines of a file, to be read once; `size` is in bytes, None if unknown."""

    def __init__(
        self, file: BufferedReader, *, name: str, size: int | None, is_workbook: bool = False
    ) -> None:
        self.name = name
        self.size = size
        self.is_workbook = is_workbook
        self.file = file
        self._rest = b""
        self._bytes_read = 0

    @property
    def bytes_read(self) -> int:
        return self.file.tell() if self.is_workbook else self._bytes_read

    def lines(self) -> Iterator[bytes]:
        """Read each line with its end. A line that is too large is cut, and refused later."""
        while line := self._read():
            is_whole = line.endswith(b"\n")
            if not is_whole:
                line = line.rstrip(_END_OF_DOS)
            if line:
                yield line
            while len(line) > LARGEST_LINE and not line.endswith(b"\n"):
                line = self._read()

    def _read(self) -> bytes:
        if self._rest or self._has_old_ends:
            return self._read_old()
        line = self.file.readline(LARGEST_LINE + 1)
        self._bytes_read += len(line)
        return line

    @cached_property
    def _has_old_ends(self) -> bool:
        """Whether lines end with CR alone, as on old computers."""
        beginning = self.file.peek(_AT_ONCE)
        return b"\r" in beginning and b"\n" not in beginning

    def _read_old(self) -> bytes:
        while b"\r" not in self._rest and len(self._rest) <= LARGEST_LINE:
            part = self.file.read(_SOME)
            self._bytes_read += len(part)
            self._rest += part
            if not part:
                break
        line, end, self._rest = self._rest.partition(b"\r")
        return line.removeprefix(b"\n") + b"\n" if end else line


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file, or standard input. Raises `UnreadableFile`.

    A file is checked to be UTF-8 as a whole; of standard input only the beginning can be checked.
    """
    if path == STANDARD_INPUT:
        yield Source(_buffered(sys.stdin.buffer), name="standard input", size=None)
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error.strerror}") from error
    with file:
        size = None
        is_workbook = False
        if path.is_file():
            is_workbook = file.peek(4).startswith(_WORKBOOK)
            if not is_workbook:
                check_encoding(file)
                file.seek(0)
            size = path.stat().st_size
        yield Source(file, name=str(path), size=size, is_workbook=is_workbook)


def _buffered(file: BinaryIO) -> BufferedReader:
    return file if isinstance(file, BufferedReader) else BufferedReader(cast(RawIOBase, file))


def check_beginning(line: bytes) -> None:
    """Check that bytes can be the beginning of UTF-8 text. Raises `UnreadableFile`."""
    for beginning, what in _NO_TEXT.items():
        if line.startswith(beginning):
            raise UnreadableFile(f"{what}: {_SAVE_AS_TEXT}")
    if b"\0" in line:
        raise UnreadableFile(f"is in UTF-16 or no text at all, not in UTF-8: {_SAVE_AS_TEXT}")


def check_encoding(file: BinaryIO) -> None:
    """Check that a file is UTF-8. Raises `UnreadableFile` with the first line that is not."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, is_first = 1, True
    while True:
        block = file.read(_AT_ONCE)
        if is_first:
            check_beginning(block[:1000])
            is_first = False
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line = lines + error.object.count(b"\n", 0, error.start)
            raise UnreadableFile(
                f"line {line} is not in UTF-8 but, it seems, in Windows-1252 (Latin-1): "
                f"{_SAVE_AS_TEXT}"
            ) from error
        if not block:
            return
        lines += block.count(b"\n")
