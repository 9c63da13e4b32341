"""CAMT.052, .053 and .054 (ISO 20022): reports, statements and notifications, as XML.

Elements are recognized by their names alone, so that versions 02 to 13, namespaces with a prefix,
and messages within an envelope are all read. Entries are read one by one and then dropped, so that
a statement with many thousands needs little memory.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element

from adapters.statements.camt_entry import Account, lines_of
from adapters.statements.camt_xml import child, day_in, signed_amount, text_at, without_namespace
from adapters.statements.encodings import decode
from adapters.statements.problems import Problem, StatementProblem
from adapters.statements.safe_xml import element_events
from adapters.statements.statement import Content, StatementFormat, check_count
from dunning.statements.ibans import compact_iban
from dunning.statements.lines import Balance, BalanceKind, StatementLine, in_currency_digits

_MESSAGES: Final = {
    "BkToCstmrAcctRpt": StatementFormat.CAMT_052,
    "BkToCstmrStmt": StatementFormat.CAMT_053,
    "BkToCstmrDbtCdtNtfctn": StatementFormat.CAMT_054,
}
_STATEMENTS: Final = ("Rpt", "Stmt", "Ntfctn")
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD", "ITBD")
_HEAD: Final = 20_000
_VERSION: Final = re.compile(r"camt\.05[234]\.\d{3}\.\d{2}")
_DECLARATION: Final = re.compile(rb"^\s*<\?xml[^>]*\?>")


def is_camt(content: bytes) -> bool:
    """Whether a file begins like XML, or has one of the messages in an envelope."""
    # without the zeros of UTF-16
    head = content[:_HEAD].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head.startswith((b"<?xml", b"<Document")):
        return True
    return b"<" in head and any(message.encode() in head for message in _MESSAGES)


def read_camt(content: bytes) -> tuple[Content, StatementFormat]:
    """Read one file; return its content and which of the three messages it is.

    Raises `StatementProblem`, which names the entry or the line. A file with a document type or its
    own entities, by which it could grow without bounds or load other files, is refused.
    """
    try:
        reader = _Reader(content)
    except StatementProblem:
        if not _is_wrongly_declared(content):
            raise
        reader = _Reader(_in_utf8(content))
    if reader.format is None:
        raise StatementProblem(
            Problem.UNKNOWN_FORMAT, "The XML is no bank statement (CAMT.052, .053 or .054)."
        )
    return reader.content(), reader.format


class _Reader:
    """A reader that handles each element when it ends."""

    def __init__(self, content: bytes) -> None:
        """Read the whole content. Raises `StatementProblem`."""
        self.format: StatementFormat | None = None
        self._origin = ""
        self._lines: list[StatementLine] = []
        self._balances: list[Balance] = []
        self._newest: date | None = None
        self._account = Account(number=None, currency=None, day=None)
        self._entries = 0
        self._created: date | None = None
        path: list[Element] = []
        for event, element in element_events(content[_beginning(content) :]):
            if event == "start":
                self._begin(element)
                path.append(element)
            else:
                path.pop()
                self._end(element, path[-1] if path else None)

    def content(self) -> Content:
        return Content(tuple(self._lines), tuple(self._balances), self._newest)

    def _begin(self, element: Element) -> None:
        space = without_namespace(element)
        name = element.tag
        if name in _MESSAGES:
            self.format = _MESSAGES[name]
            version = _VERSION.search(space)
            self._origin = version[0] if version else str(self.format)
        elif name in _STATEMENTS:
            self._account = Account(number=None, currency=None, day=self._created)

    def _end(self, element: Element, parent: Element | None) -> None:
        """Read an element that is directly within a statement, and then drop it."""
        if parent is not None and parent.tag in _STATEMENTS:
            self._take(element)
            parent.remove(element)
        elif element.tag == "CreDtTm":
            self._created = day_in(element)

    def _take(self, element: Element) -> None:
        match element.tag:
            case "Acct":
                number = text_at(element, "Id/IBAN") or text_at(element, "Id/Othr/Id")
                currency = text_at(element, "Ccy") or None
                self._account = self._account._replace(
                    number=compact_iban(number) or number or None, currency=currency
                )
            case "CreDtTm":
                self._account = self._account._replace(day=day_in(element))
            case "Bal":
                self._take_balance(element)
            case "FrToDt":
                self._see(day_in(child(element, "ToDtTm")))
                self._see(day_in(child(element, "ToDt")))
            case "Ntry":
                self._entries += 1
                place = f"entry {self._entries}"
                self._lines.extend(
                    lines_of(element, self._account, origin=self._origin, place=place)
                )
                check_count(len(self._lines))

    def _take_balance(self, element: Element) -> None:
        code = text_at(element, "Tp/CdOrPrtry/Cd")
        amount = signed_amount(element)
        day = day_in(child(element, "Dt"))
        if amount is None or day is None or code not in (*_OPENING, *_CLOSING):
            return
        if code in _CLOSING:
            self._account = self._account._replace(day=day)
        value, currency = amount
        self._balances.append(
            Balance(
                account=self._account.number,
                kind=BalanceKind.OPENING if code in _OPENING else BalanceKind.CLOSING,
                day=day,
                amount=in_currency_digits(value, currency),
                currency=currency,
            )
        )

    def _see(self, day: date | None) -> None:
        self._newest = max(filter(None, (self._newest, day)), default=None)


def _beginning(content: bytes) -> int:
    """Return where the XML begins; some systems put blanks or a header before it."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return 0
    return max(content.find(b"<"), 0)


def _is_wrongly_declared(content: bytes) -> bool:
    """Whether the bytes contradict the encoding of the XML declaration (UTF-8 without one)."""
    declared = re.search(rb"encoding=[\"']([A-Za-z0-9_.-]+)", content[:200])
    try:
        content.decode(declared[1].decode() if declared else "utf-8")
    except (UnicodeDecodeError, LookupError):
        return True
    return False


def _in_utf8(content: bytes) -> bytes:
    text = decode(content).text.lstrip("\ufeff").encode()
    return _DECLARATION.sub(b"", text)
