"""SVG images from outside: only those that show shapes and ask for nothing (R25).

What is allowed is listed, all else is refused: an SVG can hold scripts, load from elsewhere,
and with a few references to references unfold to more than any machine can draw.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final
from xml.parsers import expat

from adapters.images import BrokenImage

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_SHAPES: Final = frozenset(
    {
        *("circle", "clipPath", "defs", "desc", "ellipse", "g", "line", "linearGradient", "mask"),
        *("metadata", "path", "polygon", "polyline", "radialGradient", "rect", "stop", "style"),
        *("svg", "symbol", "text", "title", "tspan", "use"),
    }
)
_MOST_ELEMENTS: Final = 2000
_MOST_USES: Final = 10
_DEEPEST: Final = 60
# Addresses within the image only; a backslash could spell any of it differently.
_ELSEWHERE: Final = re.compile(
    r"url\s*\(\s*['\"]?\s*[^#'\"\s]|@import|javascript:|expression\s*\(|\\", re.IGNORECASE
)


def check_svg(content: bytes) -> None:
    """Raises `BrokenImage` with what makes it one that cannot be taken."""
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = reading.doctype
    parser.ProcessingInstructionHandler = reading.instruction
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, BrokenImage):
            raise
        raise BrokenImage("is no SVG image") from None


class _Reading:
    """What has been read of an SVG."""

    def __init__(self) -> None:
        self._open: list[tuple[str, str]] = []
        self._seen: Counter[str] = Counter()

    def begin(self, element: str, attributes: dict[str, str]) -> None:
        namespace, _, name = element.rpartition(" ")
        if not self._open and (namespace, name) != (_SVG, "svg"):
            raise BrokenImage("is no SVG image")
        self._open.append((namespace, name))
        self._seen[name] += 1
        # What drawing programs note about their own work is not drawn.
        if namespace == _SVG and name not in _SHAPES:
            raise BrokenImage(f"must not contain <{name}>")
        if self._seen["use"] > _MOST_USES or self._seen.total() > _MOST_ELEMENTS:
            raise BrokenImage("is too complicated; give it as a PNG")
        if len(self._open) > _DEEPEST:
            raise BrokenImage("is too complicated; give it as a PNG")
        for attribute, value in attributes.items():
            _check_attribute(attribute, value)

    def end(self, _element: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        if self._open[-1:] == [(_SVG, "style")] and _ELSEWHERE.search(text):
            raise BrokenImage("must not load anything from elsewhere")

    def doctype(
        self, _name: str, _system: str | None, _public: str | None, has_internal_subset: bool
    ) -> None:
        if has_internal_subset:
            raise BrokenImage("must not define entities")

    def instruction(self, _target: str, _data: str) -> None:
        raise BrokenImage("must not contain processing instructions")


def _check_attribute(attribute: str, value: str) -> None:
    namespace, _, name = attribute.rpartition(" ")
    if not namespace and name.lower().startswith("on"):
        raise BrokenImage("must not contain scripts")
    is_address = name == "href" and namespace in ("", _XLINK)
    if (is_address and not value.lstrip().startswith("#")) or _ELSEWHERE.search(value):
        raise BrokenImage("must not load anything from elsewhere")
