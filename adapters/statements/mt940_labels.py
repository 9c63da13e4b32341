"""Field 86 with labels, in the form of several countries: `NAAM: Ada OMSCHRIJVING: …`."""

from __future__ import annotations

import re
from typing import Final

from adapters.statements.remittance import Details, structured_reference
from dunning.statements.ibans import compact_iban, ibans_in
from dunning.statements.lines import stated_id

# The meanings of labels, with their spellings (Dutch, German, French, Italian, Polish, English).
_SPELLINGS: Final = {
    "name": r"NAZWA NADAWCY|NAAM|NAME|AUFTRAGGEBER|DONNEUR D.ORDRE|EMETTEUR|MANDANTE|ORDINANTE|OD"
    r"|NADAWCA|ORDERING PARTY|PAYER|DEBTOR|ABSENDER|ZAHLUNGSPFLICHTIGER|EXPEDITEUR",
    "payee": r"NAZWA ODBIORCY|BEGUENSTIGTER|EMPFAENGER|EMPFÄNGER|BENEFICIAIRE|BENEFICIARIO|ODB"
    r"|BENEFICIARY|CREDITOR|DLA",
    "iban": r"IBAN (?:AUFTRAGGEBER|EMPF(?:AE|Ä)NGER)|RACHUNEK (?:NADAWCY|ODBIORCY)|KTO/IBAN|IBAN"
    r"|REK|REKENING|KONTO|COMPTE|CONTO|Z RACH\.|NA RACH\.|ACCOUNT",
    "text": r"ZAHLUNGSREFERENZ|TYTUŁ|BUCHUNGSTEXT|OMSCHRIJVING|MITTEILUNGEN|MITTEILUNG"
    r"|ZAHLUNGSGRUND|VERWENDUNGSZWECK|COMMUNICATIONS?|MOTIF|COMUNICAZIONI|CAUSALE|TYT\.|TYTULEM"
    r"|DETAILS|REMITTANCE|REMIT|CONCEPTO|BETREFF",
    "reference": r"BETALINGSKENM\.?|BETALINGSKENMERK|REFERENZEN|REFERENCE NO|NUMERO DE REFERENCE",
    "end_to_end_id": r"END-TO-END-REF\.|KENMERK|REFERENZ|REFERENCE",
    "other": r"BIC (?:AUFTRAGGEBER|EMPF(?:AE|Ä)NGER)|ADRES (?:NADAWCY|ODBIORCY)|BLZ/BIC|BIC"
    r"|MANDATSREF|GLÄUBIGER-ID|CORE|MACHTIGING|INCASSANT|TNR|PAS|ID IPH|VALUTADATUM"
    r"|TRANSACTIEDATUM|ADRES|ID DEBITEUR",
}
_LABEL: Final = re.compile(
    "|".join(
        rf"(?P<{meaning}>(?<![A-Za-z0-9])(?:{spellings}) ?:)"
        for meaning, spellings in _SPELLINGS.items()
    ),
    re.I,
)
_ADDRESS: Final = re.compile(
    r"\s(?:UL\.|\S*STR(?:ASSE|\.)|\d{1,4}[A-Z]? \d{4,5} ).*$|\s{2,}.*$", re.I
)


def begins_with_label(line: str) -> bool:
    return bool(_LABEL.match(line))


def labeled_details(text: str) -> Details | None:
    """Read the details; None unless there is a label for a name or a text."""
    values = _values(text)
    if not any(values.get(meaning) for meaning in ("name", "payee", "iban", "text")):
        return None
    if "text" not in values and "name" not in values and "payee" not in values:
        return None
    name = values.get("name") or values.get("payee") or ""
    said = values.get("text") or values.get("before", "")
    if not name:
        said = f"{values.get('before', '')} {values.get('text', '')}"
    iban = compact_iban(re.split(r"[/;,]", values.get("iban", ""))[0])
    if iban is None:
        iban = next((found for found, _, _ in ibans_in(text)), None)
    return Details(
        counterparty=" ".join(_ADDRESS.sub("", name).strip(" ;/,").split()) or None,
        counterparty_iban=iban,
        text=" ".join(said.strip(" ;").split()),
        reference=stated_id(values.get("reference")) or structured_reference(text),
        end_to_end_id=stated_id(values.get("end_to_end_id")),
    )


def _values(text: str) -> dict[str, str]:
    marks = list(_LABEL.finditer(text))
    values = {"before": text[: marks[0].start()] if marks else text}
    for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(text)], strict=False):
        values.setdefault(str(mark.lastgroup), text[mark.end() : end].strip())
    return values
