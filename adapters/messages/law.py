"""The sentences that the law of the customer's country requires or forbids.

If the country is not known, the law of the language's own country counts: somebody who gets a
message in German and has no address is most likely in Germany.
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from dunning.contact_limits import may_name_courts_and_costs

_HOME_OF: Final = {"de": "DE", "fr": "FR"}


class Law(BaseModel, frozen=True):
    """The parts of a notice that depend on the country.

    `tells_of_default`: it says after how many days and by which notice a customer is in default
    (§§ 286 ff. BGB). `is_mise_en_demeure`: the final notice is one (art. 1344 of the Code civil).
    `names_court_and_costs`: it may speak of court and costs.
    """

    tells_of_default: bool
    is_mise_en_demeure: bool
    names_court_and_costs: bool


def law_of(country: str | None, language: str) -> Law:
    """Return the law for a customer; the country (ISO 3166-1) is None if it is not known."""
    known = (country or _HOME_OF.get(language, "")).upper()
    return Law(
        tells_of_default=known == "DE",
        is_mise_en_demeure=known == "FR",
        names_court_and_costs=may_name_courts_and_costs(known),
    )
