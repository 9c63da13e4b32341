"""Foreign images: their kinds, their sizes, and which are refused (R25).

BrokenImage     cannot be a logo; its words complete "the logo …"
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
# Start of frame: of all markers from SOF0 to SOF15, those that are not tables or extensions.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN: Final = 0xDA
_SMALLEST_SIDE, _LONGEST_SIDE = 16, 4000
_MOST_TIMES_AS_LONG: Final = 12


class BrokenImage(ValueError):
    """The image cannot be a logo; the words say what is wrong with it."""


class ImageKind(StrEnum):
    """The subtypes of `image/…` that a logo may have."""

    PNG = "png"
    JPEG = "jpeg"
    SVG = "svg+xml"


class Size(NamedTuple):
    """A width and a height in pixels."""

    width: int
    height: int

    def fits_into(self, box: Size) -> bool:
        return self.width <= box.width and self.height <= box.height


# A logo is kept no larger than this.
LOGO_BOX: Final = Size(800, 400)


def check_sides(size: Size) -> None:
    """Raise `BrokenImage` if an image is too small, too large or too narrow."""
    given = f"and is {size.width} x {size.height}"
    if not all(_SMALLEST_SIDE <= side <= _LONGEST_SIDE for side in size):
        raise BrokenImage(
            f"must be {_SMALLEST_SIDE} to {_LONGEST_SIDE} pixels wide and high, {given}"
        )
    check_ratio(size, f", {given}")


def check_ratio(size: Size, given: str = "") -> None:
    """Raise `BrokenImage` if an image is so narrow that a letterhead would show only a line."""
    # Half a pixel more, because the size of a drawing is rounded.
    if max(size) > _MOST_TIMES_AS_LONG * (min(size) + 0.5):
        times = f"at most {_MOST_TIMES_AS_LONG} times"
        raise BrokenImage(f"must be {times} as wide as high, or as high as wide{given}")


def jpeg_size(content: bytes) -> Size:
    """Read the size of a JPEG image from its header. Raises `BrokenImage`."""
    if content.startswith(_JPEG_BEGINS) and content.rstrip(b"\0").endswith(_JPEG_ENDS):
        for marker, at in _segments(content):
            if marker in _FRAMES and at + 7 <= len(content):
                height, width = content[at + 3 : at + 5], content[at + 5 : at + 7]
                return Size(int.from_bytes(width), int.from_bytes(height))
    raise BrokenImage("is no JPEG image")


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the markers before the first scan of a JPEG, each with the place of its length."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _SCAN:
            return
        yield marker, at + 2
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
