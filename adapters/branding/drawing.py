"""From an image that a seller gave to the PNG that is kept of it (R25).

Decoding and drawing can take any time and any memory, so it is done in a process of its own:
`adapters.branding.drawing_process` starts it, `adapters.branding.drawing_child` is what runs there.
"""

from __future__ import annotations

import json
from typing import Final

import typst

from adapters.branding.images import LOGO_BOX, BrokenImage, ImageKind, check_ratio, check_sides
from adapters.branding.images import jpeg_size as size_of_jpeg
from adapters.branding.png import Png
from adapters.branding.svg import check_svg

LARGEST_KEPT: Final = 200_000
"""In bytes: it goes along with every mail, and fits into the settings as a `data:` URL."""

_FORMATS: Final = {ImageKind.PNG: "png", ImageKind.JPEG: "jpg", ImageKind.SVG: "svg"}
# A page as large as its image. A point is a pixel, and no side has a part of one.
_PAGE: Final = """#set page(width: auto, height: auto, margin: 0pt, fill: none)
#let shown(..sides) = image(
  bytes(json(bytes(sys.inputs.content))), format: sys.inputs.format, fit: "stretch", ..sides
)
#context {
  let natural = measure(shown())
  let scale = calc.min(
    WIDTHpt / natural.width,
    HEIGHTpt / natural.height,
    LONGESTpt / calc.max(natural.width, natural.height),
  )
  let pixels(length) = calc.max(1, calc.round(length * scale / 1pt)) * 1pt
  shown(width: pixels(natural.width), height: pixels(natural.height))
}"""
_PIXELS_PER_INCH: Final = 72
# Where the drawing library gives up on an image, its exception is no `Exception`.
_PANICS: Final = "pyo3_runtime"


def kept_png(content: bytes, kind: ImageKind) -> bytes:
    """A plain PNG of an image: at most 800 by 400 pixels and 200 kB. Raises `BrokenImage`.

    Nothing but the picture is in it. A PNG that is small enough keeps its pixels; a larger image
    is drawn smaller, an SVG as large as it can be. The PNG of such a PNG is the same again.
    """
    match kind:
        case ImageKind.PNG:
            png = _of_png(Png.read(content))
        case ImageKind.JPEG:
            size = size_of_jpeg(content)
            check_sides(size)
            png = _drawn(content, kind, longest=max(size))
        case ImageKind.SVG:
            check_svg(content)
            png = _drawn(content, kind, longest=LOGO_BOX.width)
            check_ratio(png.size)
    return _small_enough(png).written()


def _of_png(png: Png) -> Png:
    check_sides(png.size)
    png.check_data()
    # That it can be drawn is the proof that mail programs and letters can show it.
    drawn = _drawn(png.written(), ImageKind.PNG, longest=max(png.size))
    return png.repacked() if png.size.fits_into(LOGO_BOX) else drawn


def _small_enough(png: Png) -> Png:
    """The same picture with fewer pixels if it takes too many bytes."""
    while (length := len(written := png.written())) > LARGEST_KEPT:
        shrink = min(0.9, (LARGEST_KEPT / length) ** 0.5)
        png = _drawn(written, ImageKind.PNG, longest=int(max(png.size) * shrink))
    return png


def _drawn(content: bytes, kind: ImageKind, *, longest: int) -> Png:
    """A picture of an image that fits into the box, with no side longer than `longest`.

    Nothing but the image can be read by it.
    """
    page = _PAGE
    for name, length in zip(("WIDTH", "HEIGHT", "LONGEST"), (*LOGO_BOX, longest), strict=True):
        page = page.replace(name, str(length))
    inputs = {"content": json.dumps(list(content)), "format": _FORMATS[kind]}
    try:
        made = typst.compile(
            page.encode(),
            format="png",
            ppi=_PIXELS_PER_INCH,
            ignore_system_fonts=True,
            sys_inputs=inputs,
        )
    except BaseException as error:
        if isinstance(error, RuntimeError) or type(error).__module__ == _PANICS:
            raise BrokenImage("is broken: it cannot be drawn") from None
        raise
    return Png.read(made).repacked()
