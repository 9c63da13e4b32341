"""Reading XML element by element; document types and own entities are refused.

By these a small file could grow without bounds, or load other files. Files of banks have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Never
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType, errors

from adapters.statements.problems import Problem, StatementProblem, broken

_CHUNK: Final = 1 << 16


def element_events(content: bytes) -> Iterator[tuple[str, Element]]:
    """Yield `start` and `end` of every element while the XML is read.

    A name is preceded by its namespace and `}`. Raises `StatementProblem`.
    """
    events: list[tuple[str, Element]] = []
    parser = _parser(events)
    for place in range(0, len(content) + 1, _CHUNK):
        chunk = content[place : place + _CHUNK]
        try:
            parser.Parse(chunk, place + _CHUNK > len(content))
        except ExpatError as error:
            if error.code == errors.codes[errors.XML_ERROR_UNKNOWN_ENCODING]:
                raise _unknown_encoding() from None
            raise broken("The XML is damaged.", f"line {error.lineno}") from None
        except (LookupError, UnicodeError):
            raise _unknown_encoding() from None
        yield from events
        events.clear()


def _parser(events: list[tuple[str, Element]]) -> XMLParserType:
    builder = TreeBuilder()
    parser = ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        events.append(("start", builder.start(name, attributes)))

    def end(name: str) -> None:
        events.append(("end", builder.end(name)))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    return parser


def _refuse(*_declaration: object) -> Never:
    raise StatementProblem(
        Problem.UNSAFE, "The XML has a document type or entities of its own; no bank's has."
    )


def _unknown_encoding() -> StatementProblem:
    return broken("The XML names an encoding that is not known.", "line 1")
