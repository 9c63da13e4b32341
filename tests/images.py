"""Images for tests, also such as try to cost too much."""

from __future__ import annotations

import base64
import random
import zlib
from functools import cache
from io import BytesIO

from PIL import Image

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100">'
    b'<rect width="300" height="100" fill="#1d4ed8"/></svg>'
)
RED = (200, 30, 30)


def an_image(form: str, width: int = 300, height: int = 100) -> bytes:
    """An image in red, `PNG` or `JPEG`."""
    return saved(Image.new("RGB", (width, height), RED), form)


def saved(image: Image.Image, form: str = "PNG", **how: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


def shown(content: bytes) -> Image.Image:
    """A PNG as it looks, with what is transparent."""
    with Image.open(BytesIO(content), formats=["PNG"]) as image:
        return image.convert("RGBA")


def an_svg(inside: str, attributes: str = "", head: str = "") -> bytes:
    """An SVG with something in it beside a shape."""
    return (
        f'{head}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100" {attributes}>'
        f'<rect width="300" height="100"/>{inside}</svg>'
    ).encode()


def data_url(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def a_chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def a_png(
    width: int = 100,
    height: int = 100,
    *,
    depth: int = 8,
    interlaced: bool = False,
    packed: bytes | None = None,
    beside: bytes = b"",
) -> bytes:
    """A PNG file as one writes it by hand, with all pixels transparent black.

    `packed` is its data if it is to be other data, and `beside` are more chunks.
    """
    if packed is None:
        packed = zlib.compress(bytes(height * (1 + width * 4 * depth // 8)), 9)
    header = width.to_bytes(4) + height.to_bytes(4) + bytes([depth, 6, 0, 0, interlaced])
    chunks = (a_chunk(b"IHDR", header), beside, a_chunk(b"IDAT", packed), a_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@cache
def a_bomb(size: int = 100_000_000) -> bytes:
    """Some kB that unpack to much more: one packed block, over and over."""
    nothing = bytes(size // 100)
    packing = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packing.compress(nothing) + packing.flush(zlib.Z_FULL_FLUSH)
    check = zlib.adler32(nothing * 100).to_bytes(4)
    return b"\x78\xda" + block * 100 + packing.flush() + check


def curves(count: int) -> str:
    """A path of many curves; to draw its stroke is slow."""
    numbers = map(str, random.Random(count).choices(range(301), k=6 * count))
    return "M0 0" + "".join(f"C{' '.join(corner)}" for corner in zip(*[numbers] * 6, strict=True))


DASHED_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><path d="M0 0 L 900 100"'
    b' stroke="red" stroke-width="9" stroke-linecap="round" stroke-dasharray="0.001 0.001"/></svg>'
)
# Nothing that can be seen in it tells that it takes 17 seconds.
SLOW_SVG = an_svg(
    '<mask id="a"><rect width="300" height="100" fill="white"/></mask>'
    + '<rect width="300" height="100" mask="url(#a)" opacity="0.5"/>' * 1900
)
# Shaping one line of this length takes more memory than there is.
HEAVY_SVG = an_svg("<text>" + "Kurse GmbH " * 25_000 + "</text>")


def a_doubling_svg(levels: int = 5, path: str = "") -> bytes:
    """A path that each level draws twice as often as the one before."""
    inside = [f'<path id="u0" d="{path or curves(500)}"/>']
    inside += [
        f'<g id="u{level}">' + f'<use href="#u{level - 1}"/>' * 2 + "</g>"
        for level in range(1, levels)
    ]
    return an_svg(f'<defs>{"".join(inside)}</defs><use href="#u{levels - 1}"/>')
