"""Images that came from outside: what they are, how large, and whether they can be shown (R25).

BrokenImage     cannot be shown; its words complete "the logo …"
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import typst

_PNG_BEGINS: Final = b"\x89PNG\r\n\x1a\n"
_PNG_ENDS: Final = b"IEND\xaeB`\x82"
_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
# Start of frame: of all markers from SOF0 to SOF15, those that are not tables or extensions.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN: Final = 0xDA
# A page as large as its image, which is drawn at most as large as the box.
_PAGE: Final = """#set page(width: auto, height: auto, margin: 0pt, fill: none)
#context {
  let natural = measure(image("image"FORMAT))
  let scale = calc.min(400pt / natural.width, 200pt / natural.height)
  image("image"FORMAT, width: natural.width * scale)
}"""
_PIXELS_PER_INCH: Final = 144


class BrokenImage(ValueError):
    """The image cannot be shown; the words say what is wrong with it."""


class ImageKind(StrEnum):
    """The subtypes of `image/…` that a logo may have."""

    PNG = "png"
    JPEG = "jpeg"
    SVG = "svg+xml"


class Size(NamedTuple):
    """In pixels."""

    width: int
    height: int


def size_of(content: bytes, kind: ImageKind) -> Size:
    """The size of a PNG or JPEG image as its header says; raises `BrokenImage`."""
    size = _png_size(content) if kind is ImageKind.PNG else _jpeg_size(content)
    if size is None:
        raise BrokenImage(f"is no {kind.name} image")
    return size


def drawn(content: bytes, kind: ImageKind) -> bytes:
    """A PNG of an image, drawn as large as goes into 800 by 400 pixels; raises `BrokenImage`.

    Nothing but the image can be read by it; how much that unfolds to is for the caller to know.
    """
    page = _PAGE.replace("FORMAT", f', format: "{_FORMATS[kind]}"')
    with TemporaryDirectory(prefix="dunning-") as folder:
        (Path(folder) / "image").write_bytes(content)
        main = Path(folder) / "page.typ"
        main.write_text(page)
        try:
            made = typst.compile(
                str(main), root=folder, format="png", ppi=_PIXELS_PER_INCH, ignore_system_fonts=True
            )
        except RuntimeError:
            raise BrokenImage("is broken: it cannot be drawn") from None
    return made


_FORMATS: Final = {ImageKind.PNG: "png", ImageKind.JPEG: "jpg", ImageKind.SVG: "svg"}


def _png_size(content: bytes) -> Size | None:
    if not content.startswith(_PNG_BEGINS) or content[12:16] != b"IHDR" or len(content) < 33:
        return None
    if not content.endswith(_PNG_ENDS):
        return None
    return Size(int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))


def _jpeg_size(content: bytes) -> Size | None:
    if not content.startswith(_JPEG_BEGINS) or not content.rstrip(b"\0").endswith(_JPEG_ENDS):
        return None
    for marker, at in _segments(content):
        if marker in _FRAMES and at + 7 <= len(content):
            height, width = content[at + 3 : at + 5], content[at + 5 : at + 7]
            return Size(int.from_bytes(width), int.from_bytes(height))
    return None


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """The markers before the first scan of a JPEG, and where the length of each segment is."""
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
