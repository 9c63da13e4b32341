"""Field 86 of MT940: party, account and purpose, in the forms of different banks.

- Subfields, in Germany, Austria and Poland: `166?00GUTSCHRIFT?20EREF+…?32Ada Muster`. The sign
  before the two digits is `?`, or `>`, `<`, `^`, `~`; in Bulgaria `+`.
- Code words between slashes, in the Netherlands, Belgium, France and at large banks everywhere:
  `/EREF/…/ORDP//NAME/Ada Muster/REMI/…`.
- Labels, in the Netherlands, Switzerland and Poland: `NAAM: … OMSCHRIJVING: …`.
- Free text, in Spain, Italy, Scandinavia and at small banks: all of it is the text.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import Final

from adapters.statements.bank_phrases import details_of_phrase
from adapters.statements.mt940_entry import read_amount
from adapters.statements.mt940_labels import begins_with_label, labeled_details
from adapters.statements.mt940_slashes import count_words, is_slashed, slashed_details
from adapters.statements.remittance import Details, structured_reference
from adapters.statements.sepa_text import sepa_parts
from dunning.statements.ibans import compact_iban, ibans_in
from dunning.statements.lines import stated_id

_SUBFIELDS: Final = re.compile(r"\s*(\d{3}|[A-Z]{3}(?=\+00))?((?<=[A-Z])\+|[?<>^~@|])(\d\d)")
# A plus sign before other numbers is part of the payer's text, such as a telephone number.
_NUMBERS: Final = frozenset((0, *range(20, 34)))
_CODE: Final = re.compile(r"^\s*\d{3}(?=[A-Z])")
# UBS puts question marks between the parts of its texts.
_QUESTION_MARKS: Final = re.compile(r"(?<=\S)\?(?=\S)")
# A full line or subfield continues in the next one without a blank.
_FULL_LINE: Final = 61
_FULL_SUBFIELD: Final = 27
_TEXT_FIELDS: Final = (*range(20, 30), *range(60, 64))


def read_details(lines: list[str]) -> Details:
    """Read field 86 from its lines."""
    joined = "".join(lines)
    if found := _SUBFIELDS.match(joined):
        return _from_subfields(joined, code=found[1] or "", separator=found[2])
    text = join_lines(lines)
    if is_slashed(text):
        # some banks break lines within a code word
        return slashed_details(max(text, joined, key=count_words))
    text = _QUESTION_MARKS.sub(" ", text)
    labeled = labeled_details(text)
    if labeled and labeled.counterparty:
        return labeled
    text = _CODE.sub("", text)
    return details_of_phrase(_squeezed(text)) or labeled or _from_free_text(text)


def join_lines(lines: list[str]) -> str:
    """Join lines: a full line may be cut within a word, a shorter one ends with a word."""
    text = lines[0] if lines else ""
    for before, line in pairwise(lines):
        goes_on = len(before) >= _FULL_LINE and not begins_with_label(line)
        text += line if goes_on else f" {line}"
    return text


def _from_subfields(joined: str, *, code: str, separator: str) -> Details:
    fields: dict[int, str] = {}
    for part in joined.split(separator)[1:]:
        if part[:2].isdigit() and (separator != "+" or int(part[:2]) in _NUMBERS):
            number = int(part[:2])
            fields[number] = fields.get(number, "") + part[2:]
        elif fields:
            # the separator is part of the payer's text
            fields[next(reversed(fields))] += separator + part
    pieces = [fields[number] for number in _TEXT_FIELDS if number in fields]
    iban = compact_iban(fields.get(38)) or compact_iban(fields.get(31))
    if iban is None and (found := next(filter(compact_iban, pieces[:2]), None)):
        # Triodos: bank and account before the text
        iban, pieces = compact_iban(found), pieces[pieces.index(found) + 1 :]
    said = sepa_parts(_join_pieces(pieces))
    posting_text = fields.get(0, "").strip()
    text = " ".join(filter(None, (said[""], said.get("SVWZ") or said.get("MTLG"))))
    name = _squeezed(_join_pieces([fields.get(32, ""), fields.get(33, "")]))
    original, charges = _amount_in(said.get("OAMT")), _amount_in(said.get("COAM"))
    reason = fields.get(34, "").strip()
    return Details(
        counterparty=name or None,
        counterparty_iban=iban or compact_iban(said.get("IBAN")),
        on_behalf_of=_squeezed(said.get("ABWA", "")) or None,
        text=_squeezed(text),
        posting_text=posting_text,
        reference=structured_reference(text),
        end_to_end_id=stated_id(said.get("EREF")),
        code=code,
        code_extension=reason,
        original_amount=original,
        charges=charges,
    )


def _join_pieces(pieces: list[str]) -> str:
    text = ""
    for before, piece in pairwise(["", *pieces]):
        is_full = len(before) >= _FULL_SUBFIELD or not text
        text += piece if is_full else f" {piece}"
    return text


def _amount_in(text: str | None) -> Decimal | None:
    found = re.search(r"\d[\d.,]*", text or "")
    return read_amount(found[0]) if found else None


def _from_free_text(text: str) -> Details:
    """Take all of it as the text; an IBAN in it is the other side's."""
    said = sepa_parts(text)
    iban = next((iban for iban, _, _ in ibans_in(text)), None)
    text = " ".join(filter(None, (said[""], said.get("SVWZ"))))
    return Details(
        counterparty_iban=iban or compact_iban(said.get("IBAN")),
        on_behalf_of=said.get("ABWA"),
        text=_squeezed(text),
        reference=structured_reference(text),
        end_to_end_id=stated_id(said.get("EREF")),
    )


def _squeezed(text: str) -> str:
    return " ".join(text.split())
