"""What stands outside of a case at a moment, and decides about it."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from dunning.days import Terms
from dunning.ladder import DunningOption
from dunning.movements import LedgerFacts


class Current(BaseModel, frozen=True):
    """The ledger, the seller's settings and the customer, as far as they matter to a case.

    `facts` may be without money if the ledger has nothing new. `option` and the two switches are
    the settings in force; `missing` are the parts that the customer's address lacks, and
    `email_version` counts the changes of the customer's e-mail address. `statements_until` is the
    newest day that a bank statement tells of, and `statement_told`: the seller has heard that it
    is old (R20).
    """

    facts: LedgerFacts = LedgerFacts()
    terms: Terms
    option: DunningOption = DunningOption.COURT
    auto_handoff: bool = True
    auto_chargeback_handoff: bool = True
    missing: tuple[str, ...] = ()
    email_version: int = 0
    statements_until: date | None = None
    statement_told: bool = False

    @property
    def address_complete(self) -> bool:
        return not self.missing
