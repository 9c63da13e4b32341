"""Field 86 with code words between slashes: `/EREF/…/ORDP//NAME/Ada Muster/REMI/…`.

The words are those of SWIFT (EREF, ORDP, BENM, REMI, …), of the Dutch banks (NAME, IBAN, CNTP,
TRTP, …) and of French and Belgian ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from adapters.statements.mt940_entry import read_amount
from adapters.statements.remittance import Details, structured_reference
from dunning.statements.ibans import compact_iban, ibans_in
from dunning.statements.lines import stated_id

_WORDS: Final = frozenset(
    str.split(
        """
        TRTP IBAN BIC BIC1 BIC2 NAME NAM1 REMI EREF IREF KREF TREF PREF BREF RREF CREF MREF MARF
        CSID ORDP BENM BENF DEBT CRED ORDR ADDR ISDT CNTP CDTRREFTP CDTRREF ULTC ULTD ULTB UDTR UCRD
        UBEN RTRN PURP SVCL OCMT CHGS EXCH ACCW ID IDTP TXT TXTP DACC ORDC BNF ORD OBK INFO SUBJ ACC
        ACCT BKCD PTY PT PY OGB VA FT OSDR RFB NBTR POD TYPE REF VALD DATE BN BA BO BI DTLS DETL
        PDET NARR SCOR TRCD
        """
    )
)
_MARK: Final = re.compile(rf"/({'|'.join(sorted(_WORDS, key=len, reverse=True))})/")
# Words that say whose name, account or reference comes next.
_PAYER: Final = ("ORDP", "ORDR", "DEBT", "ORD", "ORDC", "BO")
_PAYEE: Final = ("BENM", "BENF", "CRED", "BNF", "BN")
_BEHIND: Final = ("ULTD", "UDTR", "ULTC", "UCRD", "ULTB", "UBEN")
_TEXTS: Final = ("REMI", "TXT", "INFO", "SUBJ", "DTLS", "DETL", "PDET", "NARR", "PY")
_UNSTRUCTURED: Final = re.compile(r"^(?:USTD|INV|UNSTRUCTURED)(?://?|$)")
_STRUCTURED: Final = re.compile(r"^(?:STRD|SCOR)/(?:[A-Z]{3,8}/)?(?:[A-Z]{3}/)?([A-Z0-9 -]{4,35})")
_NUMBER: Final = re.compile(r"[A-Z]{0,2}[0-9 ]{6,}[0-9A-Z ]*")
_ORIGINAL: Final = re.compile(r"[A-Z]{3}([\d.,]+)/?\s*(.*)", re.S)
_ISSUED: Final = re.compile(r"ISSUER: ?\w+\s+REF: ?([A-Z0-9]+(?: [A-Z0-9]+)*)")


def is_slashed(text: str) -> bool:
    """Whether a text begins with a code word, or has two of them."""
    marks = _MARK.findall(text)
    return len(marks) >= 2 or (bool(marks) and text.lstrip().startswith("/"))


def count_words(text: str) -> int:
    return len(_marks(text))


def slashed_details(text: str) -> Details:
    values = _values(text)
    name, iban = _party(values)
    remittance = _first(values, _TEXTS)
    reference = _first(values, ("CDTRREF", "SCOR")) or _structured_part(remittance)
    is_all = remittance == "STRD" or _STRUCTURED.match(remittance)
    plain = "" if reference and is_all else _plain(remittance)
    if not plain and not reference:
        plain = _rest_of_party(_first(values, (*_PAYER, *_PAYEE)))
    original, charges = (_ORIGINAL.match(_first(values, (word,))) for word in ("OCMT", "CHGS"))
    behind_amount = original[2] if original else ""
    before = values["BEFORE"][0]
    return Details(
        counterparty=name,
        counterparty_iban=iban,
        on_behalf_of=_behind(values),
        text=" ".join(f"{before} {behind_amount} {plain}".split()),
        posting_text=_first(values, ("TRTP", "TYPE")),
        reference=stated_id(reference) or structured_reference(remittance),
        end_to_end_id=stated_id(_first(values, ("EREF",))),
        return_reason=_first(values, ("RTRN",)).strip("/") or None,
        original_amount=read_amount(original[1]) if original else None,
        charges=read_amount(charges[1]) if charges else None,
    )


def _values(text: str) -> dict[str, list[str]]:
    """Return the values after each code word; those of a party also under the party's word."""
    values: dict[str, list[str]] = defaultdict(list)
    marks = _marks(text)
    first = marks[0].start() if marks else len(text)
    values["BEFORE"].append(text[:first].strip(" /"))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    party = ""
    for mark, end in zip(marks, ends, strict=True):
        word, value = mark[1], text[mark.end() : end].strip().strip("/").strip()
        values[word].append(value)
        if word in (*_PAYER, *_PAYEE, *_BEHIND):
            party = word
        elif word in ("NAME", "IBAN", "ID") and party:
            values[f"{party}.{word}"].append(value)
        else:
            party = ""
    return values


def _marks(text: str) -> list[re.Match[str]]:
    """Find the code words; one slash may end a value and begin the next word."""
    marks: list[re.Match[str]] = []
    at = 0
    while found := _MARK.search(text, at):
        marks.append(found)
        at = found.end() - 1
    return marks


def _first(values: dict[str, list[str]], words: tuple[str, ...]) -> str:
    """Return the first value of these words that is not empty."""
    return next((value for word in words for value in values.get(word, ()) if value.strip()), "")


def _party(values: dict[str, list[str]]) -> tuple[str | None, str | None]:
    if contra := _first(values, ("CNTP",)):
        iban, _, rest = contra.partition("/")
        parts = rest.split("/")
        name = parts[1] if len(parts) > 1 else ""
        return _squeezed(name), compact_iban(iban)
    sides = (*_PAYER, *_PAYEE)
    name = _first(values, tuple(f"{side}.NAME" for side in sides)) or _first(
        values, ("NAME", "NAM1")
    )
    iban = _first(values, tuple(f"{side}.IBAN" for side in sides)) or _first(
        values, ("IBAN", "ACCW")
    )
    if not name:
        name = _account_and_name(_first(values, sides))
    known = compact_iban(iban) or next(
        (found for found, _, _ in ibans_in(_first(values, sides))), None
    )
    return _squeezed(name), known


def _account_and_name(value: str) -> str:
    """Return the name from a party's account, name and address, which slashes separate."""
    parts = [part.strip() for part in value.split("/") if part.strip()]
    if len(parts) > 1 and (compact_iban(parts[0]) or _NUMBER.fullmatch(parts[0])):
        return parts[1]
    return parts[0] if parts else ""


def _rest_of_party(value: str) -> str:
    """Return the purpose that some banks put after account and name."""
    parts = [part.strip() for part in value.split("/") if part.strip()]
    return " ".join(parts[2:]) if len(parts) > 2 and parts[0].replace(" ", "").isdigit() else ""


def _behind(values: dict[str, list[str]]) -> str | None:
    named = _first(values, tuple(f"{side}.NAME" for side in _BEHIND))
    return _squeezed(named or _first(values, _BEHIND))


def _structured_part(remittance: str) -> str:
    found = _STRUCTURED.match(remittance) or _ISSUED.search(remittance)
    return found[1] if found else ""


def _plain(remittance: str) -> str:
    return _UNSTRUCTURED.sub("", remittance.strip()).strip().strip("/").strip()


def _squeezed(text: str) -> str | None:
    return " ".join(text.replace("//", " ").split()).strip("/ ") or None
