"""The details in the text of a row, of banks that put everything into one column."""

from __future__ import annotations

import re
from typing import Final

from adapters.statements.bank_phrases import details_of_phrase
from adapters.statements.mt940_labels import begins_with_label, labeled_details
from adapters.statements.mt940_slashes import is_slashed, slashed_details
from adapters.statements.remittance import Details, structured_reference
from adapters.statements.sepa_text import sepa_parts
from dunning.statements.ibans import compact_iban
from dunning.statements.lines import stated_id

_COMMERZBANK: Final = re.compile(r"(?P<text>.*?)\s*End-to-End-Ref\.:\s*(?P<id>\S+).*")


def text_details(raw: str, *, is_all_there_is: bool) -> Details:
    """Read the details in a text.

    With `is_all_there_is` no column has the parties, so names are looked for in the text.
    """
    text = " ".join(raw.split())
    said = sepa_parts(text)
    if len(said) > 1:
        purpose = " ".join(filter(None, (said[""], said.get("SVWZ"))))
        return Details(
            counterparty_iban=compact_iban(said.get("IBAN")),
            on_behalf_of=stated_id(said.get("ABWA")),
            text=purpose,
            reference=structured_reference(purpose),
            end_to_end_id=stated_id(said.get("EREF")),
        )
    if not is_all_there_is and begins_with_label(text):
        labeled = labeled_details(text)
        if labeled and labeled.text:
            return labeled
    if is_all_there_is:
        if found := _COMMERZBANK.fullmatch(text):
            text, end_to_end_id = found["text"], stated_id(found["id"])
            return Details(
                text=text, reference=structured_reference(text), end_to_end_id=end_to_end_id
            )
        if is_slashed(text):
            return slashed_details(text)
        if details := details_of_phrase(text) or labeled_details(text):
            return details
    return Details(text=text, reference=structured_reference(text))
