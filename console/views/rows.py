"""Cases as rows: the stage of each, what it waits for, and the possible requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from console.wording import Words
from dunning.case.forecast import refusals
from dunning.case.inputs import CaseInputs
from dunning.case.state import DunningCase
from dunning.case.waiting import Wait, WaitsFor, what_it_waits_for
from dunning.requests import RefusalReason, Verb
from models.customers import person_of

Document = dict[str, Any]

# These have a button in the row; the others need a day, a reason or a second look.
AT_ONCE: Final = frozenset({Verb.STOP, Verb.START, Verb.RESUME})
# If these are not possible now, the row tells why; the others are left out silently.
_EXPECTED: Final = (Verb.STOP, Verb.HOLD, Verb.ESCALATE)
_SAYS_NOTHING: Final = frozenset({RefusalReason.ENDED})


@dataclass(frozen=True)
class Row:
    """A case on the board."""

    document: Document
    name: str
    waits: Wait | None
    verbs: Mapping[Verb, RefusalReason | None]

    @property
    def case_id(self) -> str:
        return str(self.document["case_id"])

    @property
    def possible(self) -> list[Verb]:
        return [verb for verb in Verb if verb in self.verbs and self.verbs[verb] is None]

    @property
    def refused(self) -> dict[RefusalReason, list[Verb]]:
        """The requests that are not possible now, by their reason."""
        found: dict[RefusalReason, list[Verb]] = {}
        for verb in _EXPECTED:
            reason = self.verbs.get(verb)
            if reason is not None and reason not in _SAYS_NOTHING:
                found.setdefault(reason, []).append(verb)
        return found

    @property
    def waits_for(self) -> WaitsFor | None:
        return self.waits.waits_for if self.waits else None


def rows_of(
    documents: Iterable[Document], cases: Mapping[str, DunningCase], *, now: datetime
) -> list[Row]:
    return [row_of(document, cases[document["case_id"]], now=now) for document in documents]


def row_of(document: Document, case: DunningCase, *, now: datetime) -> Row:
    inputs = CaseInputs(terms=case.terms, missing=tuple(document["missing"]))
    return Row(
        document=document,
        name=name_of(document["customer"]),
        waits=what_it_waits_for(case, now),
        verbs=refusals(case, inputs, now),
    )


def name_of(customer: Mapping[str, Any]) -> str:
    """Return the names of the person and the company, else the e-mail address."""
    person = person_of(customer["first_name"], customer["last_name"])
    return ", ".join(part for part in (person, customer["company"]) if part) or customer["email"]


def plan_in_words(document: Document, words: Words) -> str:
    """Return how the order is paid: at once, or which installment this is."""
    number = document["installment"]
    if number is None:
        return words("row.at_once")
    parts = document["payment_plan"].rpartition(" ")[2]
    return words("row.installment", number=number, parts=parts)


def waits_in_words(row: Row, words: Words) -> str | None:
    """Return what a case waits for; None if it only waits for its next day."""
    waits = row.waits
    if waits is None:
        return None
    return words(
        f"waits.{waits.waits_for}",
        since=words.day(waits.since_day),
        first_day=words.day(waits.first_day),
        until=words.day(waits.until),
    )
