"""PNG files: reading the picture, and writing a plain file that holds nothing else (R25).

A PNG can hold more than its picture: color profiles and texts that unpack to gigabytes, or
picture data beyond the size in its header. A `Png` keeps the header, the palette, the
transparent colors and the picture data. The picture data is never unpacked beyond its size.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

from adapters.branding.images import BrokenImage, Size

_BEGINS: Final = b"\x89PNG\r\n\x1a\n"
_HEADER_LENGTH: Final = 13
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTE_COLORS: Final = 3
# For each pass of an interlaced image: the first column and row, and the steps between them.
_PASSES: Final = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
_LAST_FILTER: Final = 4
_BLOCK: Final = 65_536
_LEVEL: Final = 6
_BROKEN: Final = "is a broken PNG image"


@dataclass(frozen=True)
class Png:
    """The picture of a PNG file; `packed` is its compressed data."""

    header: bytes
    palette: bytes
    transparent: bytes
    packed: bytes

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read the picture of a file without unpacking it. Raises `BrokenImage`."""
        found = {b"IHDR": b"", b"PLTE": b"", b"tRNS": b""}
        packed = []
        for name, data in _chunks(content):
            if name == b"IDAT":
                packed.append(data)
            elif name in found and not found[name]:
                found[name] = data
        png = cls(found[b"IHDR"], found[b"PLTE"], found[b"tRNS"], b"".join(packed))
        png._check_header()
        return png

    @property
    def size(self) -> Size:
        return Size(int.from_bytes(self.header[:4]), int.from_bytes(self.header[4:8]))

    def check_data(self) -> None:
        """Raise `BrokenImage` unless the data has exactly the length that the size requires."""
        for _ in self._unpacked():
            pass

    def repacked(self) -> Self:
        """Return the same picture, compressed by us. Raises `BrokenImage`.

        The whole picture is held in memory, so use it only for small ones.
        """
        data = b"".join(self._unpacked())
        at = 0
        for rows, length in self._rows:
            if max(data[at : at + rows * length : length]) > _LAST_FILTER:
                raise BrokenImage(_BROKEN)
            at += rows * length
        return replace(self, packed=zlib.compress(data, _LEVEL))

    def written(self) -> bytes:
        """Return a file with this picture and nothing else."""
        optional = ((b"PLTE", self.palette), (b"tRNS", self.transparent))
        chunks = [
            (b"IHDR", self.header),
            *((name, data) for name, data in optional if data),
            (b"IDAT", self.packed),
            (b"IEND", b""),
        ]
        return _BEGINS + b"".join(_written(name, data) for name, data in chunks)

    def _check_header(self) -> None:
        if len(self.header) != _HEADER_LENGTH or not all(self.size):
            raise BrokenImage(_BROKEN)
        depth, color, packing, filtering, interlaced = self.header[8:]
        if depth not in _DEPTHS.get(color, ()) or packing or filtering or interlaced > 1:
            raise BrokenImage(_BROKEN)
        if color == _PALETTE_COLORS and not self.palette:
            raise BrokenImage(_BROKEN)

    @cached_property
    def _rows(self) -> list[tuple[int, int]]:
        """The number of rows of each pass, and the bytes of each row."""
        depth, color, _, _, interlaced = self.header[8:]
        bits = depth * _CHANNELS[color]
        width, height = self.size
        rows = []
        for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
            columns, count = -(-(width - left) // across), -(-(height - top) // down)
            if columns > 0 and count > 0:
                rows.append((count, 1 + -(-columns * bits // 8)))
        return rows

    def _unpacked(self) -> Iterator[bytes]:
        """Yield the data, block by block. Raises `BrokenImage`."""
        expected = sum(rows * length for rows, length in self._rows)
        inflater, rest, length = zlib.decompressobj(), self.packed, 0
        try:
            while not inflater.eof:
                block = inflater.decompress(rest, _BLOCK)
                if not block and not inflater.eof and not inflater.unconsumed_tail:
                    raise BrokenImage(_BROKEN)
                rest = inflater.unconsumed_tail
                length += len(block)
                if length > expected:
                    raise BrokenImage("holds more data than its size says")
                yield block
        except zlib.error:
            raise BrokenImage(_BROKEN) from None
        if length < expected:
            raise BrokenImage(_BROKEN)


def plain_size(content: bytes, box: Size) -> Size | None:
    """Return the size of a plain PNG that fits into a box; None for any other content.

    A PNG is plain if `Png.written` would write it: the file holds nothing but the picture.
    """
    try:
        png = Png.read(content)
        if not png.size.fits_into(box) or png.written() != content:
            return None
        png.check_data()
    except BrokenImage:
        return None
    return png.size


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks of a file up to `IEND`, and ignore what follows."""
    if not content.startswith(_BEGINS) or content[12:16] != b"IHDR":
        raise BrokenImage("is no PNG image")
    at = len(_BEGINS)
    name = b""
    while name != b"IEND":
        length = int.from_bytes(content[at : at + 4])
        name, end = content[at + 4 : at + 8], at + 8 + length
        if end + 4 > len(content):
            raise BrokenImage(_BROKEN)
        yield name, content[at + 8 : end]
        at = end + 4


def _written(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)
