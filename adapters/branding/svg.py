"""Checks of foreign SVG images: they may hold only shapes, and load nothing (R25).

Allowed elements are listed, all others are refused. An SVG can hold scripts, load from elsewhere,
and by a few nested references grow to more than any machine can draw.

An SVG that passes may still take long to draw, so the process that draws it has limits
(`adapters.branding.drawing_child`). The checks here give better error messages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from adapters.branding.images import BrokenImage

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_SHAPES: Final = frozenset(
    {
        *("circle", "clipPath", "defs", "desc", "ellipse", "g", "line", "linearGradient", "mask"),
        *("metadata", "path", "polygon", "polyline", "radialGradient", "rect", "stop", "style"),
        *("svg", "symbol", "text", "title", "tspan", "use"),
    }
)
# Their content is drawn only where other elements refer to it.
_ONLY_FOR_OTHERS: Final = frozenset({"clipPath", "defs", "mask", "symbol"})
_MOST_ELEMENTS: Final = 2000
_MOST_USES: Final = 10
_DEEPEST: Final = 60
# A path costs as much as its text is long. The whole image, with what `use`, masks and clips
# repeat, may cost no more than the longest file without repetitions.
_LONGEST_PATH: Final = 100_000
_MOST_COSTLY: Final = 400_000
_COST_OF_ELEMENT: Final = 10
_TOO_COMPLICATED: Final = "is too complicated; give it as a PNG"
_DASHES: Final = "stroke-dasharray"
_DASHED: Final = re.compile(r"stroke-dasharray\s*+:\s*+(?!none\b)", re.IGNORECASE)
# Only addresses within the image are allowed; a backslash could disguise others.
_ELSEWHERE: Final = re.compile(r"@import|javascript:|expression\s*\(|\\", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"url\s*\(([^)]*)", re.IGNORECASE)
_AROUND_ADDRESS: Final = " \t\r\n\f'\""


def check_svg(content: bytes) -> None:
    """Raise `BrokenImage` if an SVG cannot be a logo."""
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
    reading.check_cost()


@dataclass
class _Element:
    """An element's cost of drawing: its own, and that of its children and of what it repeats."""

    own_cost: int
    repeats: tuple[str, ...]
    children: list[_Element] = field(default_factory=list)
    cost: int | None = None
    is_being_counted: bool = False


class _Reading:
    """The state of reading an SVG: the handlers of the parser, and the costs."""

    def __init__(self) -> None:
        self._open: list[tuple[str, str]] = []
        self._seen: Counter[str] = Counter()
        self._above: list[_Element] = []
        self._root: _Element | None = None
        self._named: dict[str, _Element] = {}
        self._styles: list[str] = []

    def begin(self, element: str, attributes: dict[str, str]) -> None:
        namespace, _, name = element.rpartition(" ")
        if not self._open and (namespace, name) != (_SVG, "svg"):
            raise BrokenImage("is no SVG image")
        self._open.append((namespace, name))
        self._seen[name] += 1
        # Elements of other namespaces, such as notes of drawing programs, are not drawn.
        if namespace == _SVG and name not in _SHAPES:
            raise BrokenImage(f"must not contain <{name}>")
        if self._seen["use"] > _MOST_USES or self._seen.total() > _MOST_ELEMENTS:
            raise BrokenImage(_TOO_COMPLICATED)
        if len(self._open) > _DEEPEST:
            raise BrokenImage(_TOO_COMPLICATED)
        for attribute, value in attributes.items():
            _check_attribute(attribute, value)
        self._note(name, attributes)

    def end(self, _element: str) -> None:
        if self._open.pop() == (_SVG, "style"):
            # The text comes in pieces, and a word may be split between two.
            _check_style("".join(self._styles))
            self._styles.clear()
        self._above.pop()

    def text(self, text: str) -> None:
        if (_SVG, "style") in self._open:
            self._styles.append(text)

    def doctype(
        self, _name: str, _system: str | None, _public: str | None, has_internal_subset: bool
    ) -> None:
        if has_internal_subset:
            raise BrokenImage("must not define entities")

    def instruction(self, _target: str, _data: str) -> None:
        raise BrokenImage("must not contain processing instructions")

    def check_cost(self) -> None:
        """Raise `BrokenImage` if the image with all its repetitions costs too much to draw."""
        try:
            if self._root is not None and self._cost(self._root) > _MOST_COSTLY:
                raise BrokenImage(_TOO_COMPLICATED)
        except RecursionError:
            raise BrokenImage(_TOO_COMPLICATED) from None

    def _note(self, name: str, attributes: dict[str, str]) -> None:
        path = len(attributes.get("d", "")) + len(attributes.get("points", ""))
        if path > _LONGEST_PATH:
            raise BrokenImage(_TOO_COMPLICATED)
        element = _Element(_COST_OF_ELEMENT + path, tuple(_repeated(name, attributes)))
        if self._above and name not in _ONLY_FOR_OTHERS:
            self._above[-1].children.append(element)
        self._root = self._root or element
        self._above.append(element)
        if "id" in attributes:
            self._named.setdefault(attributes["id"], element)

    def _cost(self, element: _Element) -> int:
        if element.cost is None:
            if element.is_being_counted:
                raise BrokenImage("must not repeat an element within itself")
            element.is_being_counted = True
            repeated = [self._named[name] for name in element.repeats if name in self._named]
            parts = (*element.children, *repeated)
            element.cost = element.own_cost + sum(map(self._cost, parts))
        return element.cost


def _repeated(name: str, attributes: dict[str, str]) -> Iterator[str]:
    """Yield the ids of the elements that this one draws again."""
    if name == "use":
        for href in ("href", f"{_XLINK} href"):
            yield attributes.get(href, "").strip().removeprefix("#")
    for attribute in ("mask", "clip-path", "style"):
        for address in _addresses(attributes.get(attribute, "")):
            yield address.removeprefix("#")


def _check_attribute(attribute: str, value: str) -> None:
    namespace, _, name = attribute.rpartition(" ")
    if not namespace and name.lower().startswith("on"):
        raise BrokenImage("must not contain scripts")
    if name.lower() == _DASHES and value.strip() != "none":
        raise BrokenImage(f"must not contain dashed lines ({_DASHES}); give it as a PNG")
    is_address = name == "href" and namespace in ("", _XLINK)
    if is_address and not value.lstrip().startswith("#"):
        raise BrokenImage("must not load anything from elsewhere")
    _check_style(value)


def _check_style(text: str) -> None:
    """Check the text of a style sheet or of an attribute."""
    if _ELSEWHERE.search(text) or not all(a.startswith("#") for a in _addresses(text)):
        raise BrokenImage("must not load anything from elsewhere")
    if _DASHED.search(text):
        raise BrokenImage(f"must not contain dashed lines ({_DASHES}); give it as a PNG")


def _addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        yield found[1].strip(_AROUND_ADDRESS)
