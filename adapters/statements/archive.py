"""The files within a ZIP archive, unpacked within limits."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from adapters.statements.problems import Problem, StatementProblem, broken

MAX_FILES: Final = 500
MAX_UNPACKED: Final = 100_000_000
# XML of bank statements shrinks to a thirtieth, an archive of zeros to a thousandth.
MAX_RATIO: Final = 150
_SMALL: Final = 1_000_000
_CHUNK: Final = 1 << 16
_NO_STATEMENT: Final = (".pdf", ".xsd", ".html", ".htm", ".png", ".jpg", ".md", ".xsl", ".xslt")


def is_archive(content: bytes) -> bool:
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_workbook(content: bytes) -> bool:
    """Whether a ZIP archive is a workbook of a spreadsheet program."""
    with _opened(content) as archive:
        names = archive.namelist()
    return "[Content_Types].xml" in names or "mimetype" in names


def unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each file's name and content, in the order of the names.

    Raises `StatementProblem` for archives that are encrypted, damaged, nested, or grow beyond
    the limits. The bytes are counted, because the sizes in an archive may be wrong.
    """
    with _opened(content) as archive:
        entries = sorted(filter(_is_wanted, archive.infolist()), key=lambda entry: entry.filename)
        if len(entries) > MAX_FILES:
            raise StatementProblem(
                Problem.TOO_LARGE, f"The archive has more than {MAX_FILES} files."
            )
        left = MAX_UNPACKED
        for number, entry in enumerate(entries, 1):
            data = _read(archive, entry, limit=left, place=f"file {number} of the archive")
            left -= len(data)
            yield entry.filename, data


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise broken("The ZIP archive is damaged.") from error


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.rsplit("/", 1)[-1]
    hidden = name.startswith(".") or entry.filename.startswith("__MACOSX/")
    return bool(name) and not hidden and not name.lower().endswith(_NO_STATEMENT)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, *, limit: int, place: str) -> bytes:
    if entry.flag_bits & 0x1:
        raise StatementProblem(
            Problem.UNSAFE, "The archive has a password; unpack it first.", place=place
        )
    data = bytearray()
    try:
        with archive.open(entry) as packed:
            while chunk := packed.read(_CHUNK):
                data += chunk
                _check_size(data, entry, limit=limit, place=place)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise broken("The ZIP archive is damaged.", place) from error
    if is_archive(bytes(data[:4])):
        raise StatementProblem(
            Problem.UNSAFE, "The archive has another archive in it.", place=place
        )
    return bytes(data)


def _check_size(data: bytearray, entry: zipfile.ZipInfo, *, limit: int, place: str) -> None:
    if len(data) > limit:
        raise StatementProblem(
            Problem.TOO_LARGE,
            f"The archive unpacks to more than {MAX_UNPACKED // 1_000_000} MB.",
            place=place,
        )
    if len(data) > _SMALL and len(data) > MAX_RATIO * max(1, entry.compress_size):
        raise StatementProblem(
            Problem.UNSAFE, "The archive unpacks to far more than a bank's would.", place=place
        )
