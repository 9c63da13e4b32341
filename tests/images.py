"""Images for tests."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100">'
    b'<rect width="300" height="100" fill="#1d4ed8"/></svg>'
)


def an_image(form: str, width: int = 300, height: int = 100) -> bytes:
    """An image in red, `PNG` or `JPEG`."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(buffer, form)
    return buffer.getvalue()


def an_svg(inside: str, attributes: str = "", head: str = "") -> bytes:
    """An SVG with something in it beside a shape."""
    return (
        f'{head}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100" {attributes}>'
        f'<rect width="300" height="100"/>{inside}</svg>'
    ).encode()


def data_url(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
