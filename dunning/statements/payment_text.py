"""Finds numbers in a payment's text that are no references: days, amounts, postcodes (R20)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from dunning.money import CURRENCY_DIGITS
from dunning.statements.ibans import iban_like_in


class NumberKind(StrEnum):
    DAY = "day"
    YEAR = "year"
    AMOUNT = "amount"
    IBAN = "iban"
    POSTCODE = "postcode"


class OtherNumber(NamedTuple):
    """The place of a number in a text that is no reference."""

    start: int
    end: int
    kind: NumberKind


_MONTH: Final = (
    r"(?:jan|feb|f[ée]v|m[aä]r|mrz|maerz|mar|apr|abr|avr|ma[iyj]|mag|jun|juin|giu|jul|juil|lug|aug|ao[uû]t"
    r"|ago|sept?|set|o[ck]t|out|ott|nov|de[czs]|d[ée]c|ene|gen|dic)[a-zéû]*\.?"
)
_DAYS: Final = re.compile(
    r"(?<![\w])\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:\d{4}|\d{2})(?![\d])"
    r"|(?<![\w])(?:19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}(?!\d)"
    r"|(?<![\w.,])\d{1,2}\.\d{1,2}\.(?!\d)"
    rf"|(?<![\w])\d{{1,2}}\.?\s?(?:de\s)?{_MONTH}\s?(?:de\s|del\s|')?(?:(?:19|20)\d{{2}}|\d{{2}})?(?!\w)"
    rf"|\b{_MONTH}\s?(?:de\s|del\s|[-/'])?\s?(?:(?:19|20)\d{{2}}|\d{{2}})(?!\w)"
    r"|(?<![\w])(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:19|20)\d{2}(?![\w])"
    r"|(?<![\w])(?:19|20)\d{2}\s?[/.-]\s?(?:0[1-9]|1[0-2])(?![\w-])"
    r"|(?<![\w])\d{1,2}:\d{2}(?::\d{2})?(?!\d)",
    re.I,
)
_COMPACT_DAY: Final = re.compile(r"(?<![\w])(\d{8}|\d{6})(?![\w])")
_YEAR: Final = re.compile(r"(?<![\w])(?:19|20)\d{2}(?![\w])")
_CURRENCY: Final = rf"(?:{'|'.join(sorted(CURRENCY_DIGITS))}|[€$£¥]|CHF|Fr\.|kr\.?|zł)"
_AMOUNTS: Final = re.compile(
    rf"{_CURRENCY}\s?[-+]?\d[\d.,' ]*(?:[.,]-+)?(?<=[\d-])"
    rf"|(?<![\w.,])[-+]?(?!0\d)\d(?:[\d.,']| (?=\d{{3}}))*(?:[.,]-+)?\s?{_CURRENCY}"
    r"(?![A-Za-z]|\s?\d)"
    r"|(?<![\w.,])\d{1,3}(?:[.' ]\d{3})*,\d{2}(?![\d.,]*\d)"
    r"|(?<![\w.,])\d{1,3}(?:[,' ]\d{3})*\.\d{2}(?![\d.,]*\d)"
    r"|(?<![\w.,])\d+[.,]\d{2}(?![\d.,]*\d)"
    r"|(?<![\w.,])\d+[.,]-+"
)
_WHOLE: Final = re.compile(r"(?<![\w.,/-])\d+(?![\w.,/-]*\d|\w)")
# Words that introduce a reference: the number after them is no postcode, year or amount.
_NAMES_A_REFERENCE: Final = re.compile(
    r"(?:rechnung(?:en|s)?|rech|rechn|rg|re|rnr|invoices?|inv|order|orders|bestellung|bestell|best"
    r"|auftrag|auftr|facturas?|factures?|fact|fra|fac|fc|commande|cmd|pedido|ped|orden|ordre|ordine"
    r"|fattura|fatt|ft|factuur|fact|faktura|fakt|zamowienie|bestelling|ref|referenz|reference"
    r"|referencia|r[ée]f|beleg|boleta|vorgang|buchung|kauf|compra|achat|kunden|kd|id|kenmerk)"
    r"[-\s.:#/]*(?:nummer|number|numero|n[uú]m|nr|no|n[°º]|id)?[-\s.:#/]*$"
    r"|(?:nummer|number|n[uú]mero|n[uú]m|nr|no|n[°º]|#)[-\s.:#/]*$",
    re.I,
)
_POSTCODES: Final = re.compile(
    r"(?<![\w.-])(?P<plain>\d{4,5})[ ,]+(?P<city>[^\W\d_]{3,})"
    r"|(?<![\w.-])(?P<prefixed>(?:AT|BE|CH|CZ|DE|DK|ES|FI|FR|HR|HU|IT|LT|LU|LV|NL|NO|PL|PT|SE|SI|SK"
    r"|A|B|D|E|F|H|I|L|N|P|S)-\d{3,5})[ ,]+(?P<town>[A-ZÄÖÜÉÅØ][^\W\d_]{2,})"
    r"|(?<![\w.-])(?P<dutch>\d{4} ?[A-Z]{2})\s+[A-Z][^\W\d_]{2,}"
    r"|(?<![\w.-])(?P<british>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})(?!\w)"
    r"|(?<![\w.-])(?P<parted>\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2})\s+[^\W\d_]{3,}"
    r"|(?<![\w.-])(?P<american>[A-Z]{2} \d{5}(?:-\d{4})?)(?!\w)"
    r"|\b(?:PLZ|CP|C\.P\.|ZIP|CAP|postcode|postal)[ .:]*(?P<marked>[A-Z]{0,2}-?\d{3,5})(?!\w)"
)
_HOUSE_NUMBER: Final = re.compile(r"(?:,|(?<!\w)\d{1,4}[a-zA-Z]?)\s*$")
# Words after a number that are no towns.
_NO_TOWN: Final = frozenset(
    str.split(
        """
        danke dank vielen thanks thank you gracias merci grazie vom von fur fuer für und and from
        for rechnung rechnungen invoice factura facture order bestellung auftrag kurs kurse course
        curso betrag amount importe montant eur euro euros chf usd per date datum fecha date kunde
        kundennummer kundennr kdnr nummer rate raten teil part installment anzahlung restzahlung
        rest zahlung payment pago paiement bezahlung uberweisung ueberweisung überweisung ref
        referenz mit with con avec bitte please lieferung miete name familie herr frau abzgl
        abzuglich skonto inkl incl der die das den dem des the del los las les pour por para par
        """
    )
)


def other_numbers(
    text: str, *, day: date, amount: Decimal, is_name: Callable[[str], bool]
) -> list[OtherNumber]:
    """Return the places of days, years, amounts, IBANs and postcodes in the text of a payment.

    `day` and `amount` are the payment's: a short number is a day only if it is near that day, and a
    whole number is an amount only if it is that amount. `is_name` knows the words of customers'
    names: a number before one is no postcode.
    """
    if not any(map(str.isdigit, text)):
        return []
    found = [
        *(OtherNumber(start, end, NumberKind.IBAN) for start, end in iban_like_in(text)),
        *_all(_DAYS, text, NumberKind.DAY),
        *_compact_days(text, day),
        *_all(_AMOUNTS, text, NumberKind.AMOUNT),
        *_whole_amounts(text, amount),
        *_postcodes(text, is_name),
        *(
            OtherNumber(*year.span(), NumberKind.YEAR)
            for year in _YEAR.finditer(text)
            if not is_named_reference(text, year.start())
        ),
    ]
    return sorted(found)


def is_named_reference(text: str, start: int) -> bool:
    """Whether a word such as `Rechnung` or `Order No.` comes directly before a place."""
    before = text[max(0, start - 30) : start]
    found = _NAMES_A_REFERENCE.search(before)
    return found is not None and not before[: found.start()][-1:].isalnum()


def _all(pattern: re.Pattern[str], text: str, kind: NumberKind) -> Iterator[OtherNumber]:
    for found in pattern.finditer(text):
        if any(sign.isdigit() for sign in found[0]):
            yield OtherNumber(*found.span(), kind)


def _compact_days(text: str, near: date) -> Iterator[OtherNumber]:
    """Yield days near the payment in six or eight digits: `20261127`, `27112026`, `271126`."""
    for found in _COMPACT_DAY.finditer(text):
        digits = found[1]
        if is_named_reference(text, found.start()):
            continue
        if len(digits) == 8:
            orders = ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2]))
        else:
            orders = (
                (f"20{digits[:2]}", digits[2:4], digits[4:]),
                (f"20{digits[4:]}", digits[2:4], digits[:2]),
            )
        if any(_is_day_near(*parts, near=near) for parts in orders):
            yield OtherNumber(*found.span(), NumberKind.DAY)


def _is_day_near(year: str, month: str, day: str, *, near: date) -> bool:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return False
    return abs(found.year - near.year) <= 2


def _whole_amounts(text: str, amount: Decimal) -> Iterator[OtherNumber]:
    for found in _WHOLE.finditer(text):
        if Decimal(found[0]) == abs(amount) and not is_named_reference(text, found.start()):
            yield OtherNumber(*found.span(), NumberKind.AMOUNT)


def _postcodes(text: str, is_name: Callable[[str], bool]) -> Iterator[OtherNumber]:
    for found in _POSTCODES.finditer(text):
        kind = str(found.lastgroup)
        kind = {"city": "plain", "town": "prefixed"}.get(kind, kind)
        start, end = found.span(kind)
        town = (found["city"] or found["town"] or "").casefold()
        if town and (town in _NO_TOWN or is_name(town)):
            continue
        if kind == "prefixed" and not _is_in_address(text, start):
            continue
        digits = start + 3 if kind == "american" else start
        if kind != "marked" and is_named_reference(text, digits):
            continue
        yield OtherNumber(start, end, NumberKind.POSTCODE)


def _is_in_address(text: str, start: int) -> bool:
    """Whether `L-1001` may be a postcode, and not a number that the seller gave.

    With `D` or a long prefix it is one; with another prefix only after a comma or a house number.
    """
    prefix = text[start:].partition("-")[0]
    return prefix == "D" or len(prefix) > 1 or bool(_HOUSE_NUMBER.search(text[:start]))
