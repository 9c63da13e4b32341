"""The ledger, the settings and the customer at one moment, as the rules need them for a case."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from dunning.days import Terms
from dunning.ladder import DunningOption
from dunning.movements import LedgerFacts


class CaseInputs(BaseModel, frozen=True):
    """What the rules need beside the case: the ledger, the seller's settings, the customer.

    `facts` may be without money if the ledger has nothing new. `option` and the two switches are
    the settings in force. `missing` are the parts that the customer's address lacks.
    `email_version` counts the changes of the customer's e-mail address. `statements_until` is the
    last day that a bank statement covers. `statement_mailed`: the seller has been told that this
    statement is old (R20).
    """

    facts: LedgerFacts = LedgerFacts()
    terms: Terms
    option: DunningOption = DunningOption.COURT
    auto_handoff: bool = True
    auto_chargeback_handoff: bool = True
    missing: tuple[str, ...] = ()
    email_version: int = 0
    statements_until: date | None = None
    statement_mailed: bool = False

    @property
    def address_complete(self) -> bool:
        return not self.missing
