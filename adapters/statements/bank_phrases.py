"""Sentences by which banks of several countries say who sends money and for what."""

from __future__ import annotations

import re
from typing import Final

from adapters.statements.remittance import Details, structured_reference
from dunning.statements.ibans import ibans_in

_PHRASES: Final = tuple(
    re.compile(phrase, re.I)
    for phrase in (
        # banks with an app only
        r"(?:payment from|received money from|transfer from|sent money to|transfer to|to|from)\s+"
        r"(?P<name>\S.{1,68}?)\s+with reference\s+(?P<text>.*)",
        r"(?:payment from|received money from|transfer from|sent money to|transfer to|to|from)\s+"
        r"(?P<name>\S.{1,68})",
        # France: VIR SEPA RECU /DE ADA MUSTER /MOTIF L-1001 /REF 12
        r"(?P<before>VIR\S*(?: \S+){0,4}?) ?/?\b(?:DE|FRM|EMETTEUR)\b ?:? ?(?P<name>[^/:]{2,70}?)"
        r" ?/?\b(?:MOTIF|MOT|LIB)\b ?:? ?(?P<text>.*?)(?: ?/?\bREF\b ?:? ?(?P<id>.*))?",
        # Spain: Transferencia de Ada Muster, concepto L-1001
        r"(?:transferencia|traspaso|transf\.?|bizum)(?: recibida| inmediata)? (?:de|a favor de) "
        r"(?P<name>[^,]{2,70}?),? concepto:? (?P<text>.*)",
        # Belgium: OVERSCHRIJVING VAN BE71… ADA MUSTER MEDEDELING: L-1001
        r".*\b(?:overschrijving van|virement de) (?P<iban>[A-Z]{2}\d{2}[A-Z0-9]{8,30}) "
        r"(?P<name>\S.{1,68}?) (?:mededeling|communication) ?: ?(?P<text>.*)",
        # Chile: TRASPASO DE:ADA MUSTER
        r"(?:transferencia|traspaso|transf\.?|abono transferencia)(?: recibida)? "
        r"(?:de|desde)(?::| ) ?(?P<name>\S.{1,68})",
        # Italy: BONIFICO A VOSTRO FAVORE DA ADA MUSTER PER L-1001
        r"(?:bonifico|bon\.?)\b.*?\b(?:da|ord(?:inante)?\.?:?) (?P<name>.{2,70}?) "
        r"(?:per|causale:?|caus\.?:?) (?P<text>.*)",
        # Penta and others: SEPA_CREDIT_TRANSFER:Rechnung 7983:Ada Muster:DE…
        r"[A-Z]+(?:_[A-Z]+)*:(?P<text>.*):(?P<name>[^:]+):(?P<iban>[A-Z]{2}\d{2}[A-Z0-9]{8,30})"
        r"(?::.*)?",
        # ING in the Netherlands until 2014: IBAN, BIC, name, text
        r"(?P<iban>[A-Z]{2}\d{2}[A-Z]{4}[0-9A-Z]{6,24}) [A-Z]{6}[A-Z0-9]{2,5} "
        r"(?:(?P<name>.{3,70}?) NOTPROVIDED )?(?P<text>.*)",
    )
)


def details_of_phrase(text: str) -> Details | None:
    """Read name, IBAN and purpose from a known sentence; None for any other text."""
    found = next(filter(None, (phrase.fullmatch(text) for phrase in _PHRASES)), None)
    if found is None:
        return None
    parts = found.groupdict()
    return Details(
        counterparty=" ".join((parts.get("name") or "").split()).strip(" /,") or None,
        counterparty_iban=parts.get("iban") or next((iban for iban, *_ in ibans_in(text)), None),
        text=" ".join((parts.get("text") or text).split()),
        reference=structured_reference(text),
    )
