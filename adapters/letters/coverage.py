"""The characters that fonts have."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

_SUFFIXES: Final = frozenset({".otf", ".ttf"})
_TABLE_RECORD: Final = struct.Struct(">4s4xII")
_ENCODING_RECORD: Final = struct.Struct(">HHI")
_GROUP: Final = struct.Struct(">III")
_BY_SEGMENTS, _BY_GROUPS = 4, 12


@cache
def signs_of(folder: Path) -> frozenset[str]:
    """Return the characters that the fonts of a folder have."""
    fonts = (path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    return frozenset(chr(code) for font in fonts for code in _codes_of(font.read_bytes()))


def _codes_of(font: bytes) -> Iterator[int]:
    """Yield the code points of an OpenType font, from the formats 4 and 12 of its `cmap`."""
    (count,) = struct.unpack_from(">H", font, 4)
    tables = (_TABLE_RECORD.unpack_from(font, 12 + 16 * number) for number in range(count))
    start = next(offset for tag, offset, _ in tables if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    for number in range(count):
        _, _, offset = _ENCODING_RECORD.unpack_from(font, start + 4 + 8 * number)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if form == _BY_SEGMENTS:
            yield from _by_segments(font, start + offset)
        elif form == _BY_GROUPS:
            yield from _by_groups(font, start + offset)


def _by_segments(font: bytes, at: int) -> Iterator[int]:
    (double,) = struct.unpack_from(">H", font, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + double)
    for first, last in zip(starts, ends, strict=True):
        yield from range(first, min(last, 0xFFFE) + 1)


def _by_groups(font: bytes, at: int) -> Iterator[int]:
    (count,) = struct.unpack_from(">I", font, at + 12)
    for number in range(count):
        first, last, _ = _GROUP.unpack_from(font, at + 16 + 12 * number)
        yield from range(first, last + 1)
