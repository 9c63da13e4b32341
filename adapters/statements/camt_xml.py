"""Access to elements of ISO 20022, by names without their namespace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element


def without_namespace(element: Element) -> str:
    """Remove the namespace from an element's name, and return it."""
    space, _, element.tag = element.tag.rpartition("}")
    return space


def children(element: Element | None, name: str) -> Iterator[Element]:
    return element.iterfind(name) if element is not None else iter(())


def child(element: Element | None, name: str) -> Element | None:
    return element.find(name) if element is not None else None


def at(element: Element | None, path: str) -> Element | None:
    """Return the first element at a path of names: `Id/IBAN`."""
    return element.find(path) if element is not None else None


def text_at(element: Element | None, path: str) -> str:
    """Return the text at a path, with single blanks within and none at its ends."""
    found = at(element, path)
    return " ".join((found.text or "").split()) if found is not None else ""


def texts_at(element: Element | None, path: str, name: str) -> list[str]:
    """Return the texts of all elements of a name at a path, without empty ones."""
    where = at(element, path) if path else element
    texts = (" ".join((inner.text or "").split()) for inner in children(where, name))
    return [text for text in texts if text]


def day_in(element: Element | None) -> date | None:
    """Return the day of a date or a moment: in `Dt`, `DtTm`, or the element's own text."""
    for text in (
        text_at(element, "Dt"),
        text_at(element, "DtTm"),
        (element.text or "").strip() if element is not None else "",
    ):
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            continue
    return None


def amount_in(element: Element | None) -> tuple[Decimal, str] | None:
    """Return an amount and its currency; None if there is none, or no number."""
    if element is None:
        return None
    try:
        amount = Decimal((element.text or "").strip())
    except InvalidOperation:
        return None
    return (amount, element.get("Ccy", "").strip()) if amount.is_finite() else None


def signed_amount(element: Element) -> tuple[Decimal, str] | None:
    """Return the `Amt` within an element, negative if `CdtDbtInd` says that it is a debit."""
    found = amount_in(child(element, "Amt"))
    if found is None:
        return None
    amount, currency = found
    return (-amount if text_at(element, "CdtDbtInd") == "DBIT" else amount), currency
