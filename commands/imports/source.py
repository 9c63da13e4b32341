"""A file of lines, or what comes in on standard input: text in UTF-8, read as it is needed."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from starter.input.ndjson import LARGEST_LINE

STANDARD_INPUT: Final = Path("-")
_AT_ONCE: Final = 2**20
_NO_TEXT: Final = {
    b"\xff\xfe": "is in UTF-16, not in UTF-8",
    b"\xfe\xff": "is in UTF-16, not in UTF-8",
    b"PK\x03\x04": "is a ZIP archive or an Excel workbook, not text",
    b"\x1f\x8b": "is compressed with gzip, not text",
}
_SAVE_AS_TEXT: Final = "save it as text in UTF-8"


class UnreadableFile(Exception):
    """The file cannot be read at all; the words say why, and what to do."""


class Source:
    """Lines that are read once; `size` is how many bytes there are, if that is known."""

    def __init__(self, file: BinaryIO, *, name: str, size: int | None) -> None:
        self.name = name
        self.size = size
        self.bytes_read = 0
        self._file = file

    def lines(self) -> Iterator[bytes]:
        """Each line with its end. What is too large to be one is cut, so that it is refused."""
        while line := self._read():
            yield line
            while len(line) > LARGEST_LINE and not line.endswith(b"\n"):
                line = self._read()

    def _read(self) -> bytes:
        line = self._file.readline(LARGEST_LINE + 1)
        self.bytes_read += len(line)
        return line


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """A file, which is text from the first to the last line, or standard input. `UnreadableFile`.

    Of what comes in on standard input only the beginning is known beforehand.
    """
    if path == STANDARD_INPUT:
        yield Source(sys.stdin.buffer, name="standard input", size=None)
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error.strerror}") from error
    with file:
        size = None
        if path.is_file():
            check_encoding(file)
            file.seek(0)
            size = path.stat().st_size
        yield Source(file, name=str(path), size=size)


def check_beginning(line: bytes) -> None:
    """Raises `UnreadableFile` if this is no beginning of a text in UTF-8."""
    for beginning, what in _NO_TEXT.items():
        if line.startswith(beginning):
            raise UnreadableFile(f"{what}: {_SAVE_AS_TEXT}")
    if b"\0" in line:
        raise UnreadableFile(f"is in UTF-16 or no text at all, not in UTF-8: {_SAVE_AS_TEXT}")


def check_encoding(file: BinaryIO) -> None:
    """Raises `UnreadableFile` if a file is not in UTF-8, naming the first line that is not."""
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
