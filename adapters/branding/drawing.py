"""Drawing a seller's logo as the PNG that is kept (R25).

Decoding and drawing can take any time and any memory, so they run in a process of their own:
`adapters.branding.drawing_process` starts it, `adapters.branding.drawing_child` runs in it.
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
"""In bytes. Every mail carries the PNG, and the settings hold it as a `data:` URL."""

_FORMATS: Final = {ImageKind.PNG: "png", ImageKind.JPEG: "jpg", ImageKind.SVG: "svg"}
# A page as large as its image. A point is a pixel, and every side is a whole number of pixels.
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
# If the drawing library panics, its exception is no `Exception`; this is its module.
_PANICS: Final = "pyo3_runtime"


def kept_png(content: bytes, kind: ImageKind) -> bytes:
    """Return an image as a plain PNG of at most 800 by 400 pixels and 200 kB.

    The PNG holds nothing but the picture. A PNG that is small enough keeps its pixels; a larger
    image is drawn smaller, an SVG as large as the limits allow. A PNG that this function returned
    comes back unchanged. Raises `BrokenImage`.
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
    # An image that can be drawn can also be shown by mail programs and letters.
    drawn = _drawn(png.written(), ImageKind.PNG, longest=max(png.size))
    return png.repacked() if png.size.fits_into(LOGO_BOX) else drawn


def _small_enough(png: Png) -> Png:
    """Return the same picture, with fewer pixels if it takes too many bytes."""
    while (length := len(written := png.written())) > LARGEST_KEPT:
        shrink = min(0.9, (LARGEST_KEPT / length) ** 0.5)
        png = _drawn(written, ImageKind.PNG, longest=int(max(png.size) * shrink))
    return png


def _drawn(content: bytes, kind: ImageKind, *, longest: int) -> Png:
    """Draw an image so that it fits into the box and no side is longer than `longest`.

    The drawing library can read nothing but the image.
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
