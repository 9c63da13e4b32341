"""The words and codes of banks for returned payments."""

from __future__ import annotations

import re
from typing import Final

# Words for the kind of a booking. They are never looked for in a payer's text.
_WORDS: Final = re.compile(
    r"r(?:ü|ue|u)ck(?:lastschrift|buchung|belastung|gabe|(?:ü|ue|u)berweisung)|r(?:ü|ue)cklastschr"
    r"|lastschr\w*\.? ?r(?:ü|ue)ck|\bretouren?\w*|\bretour\b|\bstorno\b|\bstornierung\b"
    r"|\breturn(?:ed)?\b|\breversal\b|\bchargeback\b|\bunpaid\b|\brejected\b|\bbounced\b"
    r"|\brejets?\b|\brejet[ée]e?\b|\bimpay[ée]e?s?\b|\bretour prlv|\bcontre[- ]?passation\b"
    r"|\bdevoluci[óo]n(?:es)?\b|\bdevuelt[oa]s?\b|\bimpagad[oa]s?\b|\breverso\b|\bretrocesi[óo]n\b"
    r"|\binsolut[oi]\b|\briaccredito\b"
    r"|\bterugboeking\b|\bstornering\b|\bstorneren\b|\bretourboeking\b"
    r"|\btilbagef(?:ø|oe)rsel\b|\breturn(?:erad|ert)\b",
    re.I,
)
# ISO 20022 external return reasons, and the extensions of German text keys from 901 on.
_REASON: Final = re.compile(
    r"(?<![A-Z0-9])(A[BCGM]\d\d|BE0\d|DT01|ED05|FF\d\d|MD\d\d|MS\d\d|RC\d\d|RR\d\d|SL\d\d|TM01"
    r"|ARDT|CNOR|CUST|CUTA|DNOR|DUPL|FOCR|FRAD|FRTR|LEGL|NOAS|NOCM|NOOR|SVNR|TECH|UPAY"
    r"|9(?:0[1-9]|1\d|3[0-9]))(?![A-Z0-9])"
)


def is_return_text(posting_text: str) -> bool:
    """Whether a bank's word for the kind of a booking is one of a return."""
    return bool(_WORDS.search(posting_text))


def return_reason_in(text: str) -> str | None:
    """Return the code of the reason, such as `AC04` or `914`, if a text has one."""
    found = _REASON.search(text)
    return found[1] if found else None
