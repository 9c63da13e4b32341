"""Which sentences the law of the customer's country asks for, or forbids.

Where the country is not known, the law of the language's own country is meant: who gets a letter
in German without an address is most likely in Germany.
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from dunning.contact_limits import may_name_courts_and_costs

_HOME_OF: Final = {"de": "DE", "fr": "FR"}


class Law(BaseModel, frozen=True):
    """What of a notice depends on the country.

    `tells_of_default`: §§ 286 ff. BGB, after how many days and by which notice a customer is in
    default. `is_mise_en_demeure`: art. 1344 of the Code civil. `names_court_and_costs`: whether a
    notice may speak of them.
    """

    tells_of_default: bool
    is_mise_en_demeure: bool
    names_court_and_costs: bool


def law_of(country: str | None, language: str) -> Law:
    """The law for a customer in a country (ISO 3166-1), None if it is not known."""
    known = (country or _HOME_OF.get(language, "")).upper()
    return Law(
        tells_of_default=known == "DE",
        is_mise_en_demeure=known == "FR",
        names_court_and_costs=may_name_courts_and_costs(known),
    )
