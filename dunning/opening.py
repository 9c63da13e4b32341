"""A case as it begins: from a receivable, the seller's terms and what the customer had before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel

from dunning.case import DunningCase
from dunning.days import DAY, Terms
from dunning.history import Event, EventName
from dunning.notices import NoticeKind
from dunning.plan import ADVANCE_DAYS, LADDER, DunningOption, StepKind, StepTaken
from dunning.receivables import Receivable
from dunning.state import Opening


class NoticeHad(BaseModel, frozen=True):
    """A notice that the customer got from another system (R22)."""

    kind: NoticeKind
    sent_on: date


def open_case(
    receivable: Receivable,
    *,
    terms: Terms,
    at: datetime,
    opening: Opening,
    invoice_notice_on: date | None,
    missing: Sequence[str] = (),
    had: Sequence[NoticeHad] = (),
    option: DunningOption | None = None,
) -> DunningCase:
    """A case with the first entries of its history.

    `opening` is what it does at once, `missing` what its customer's address lacks (R14), `had`
    what the customer got before (R22), `option` what a final notice among that announced.
    """
    today = terms.day_of(at)
    steps = steps_taken(had)
    had_advance = any(notice.kind is NoticeKind.ADVANCE_NOTICE for notice in had)
    announced = any(step.kind is StepKind.FINAL_NOTICE for step in steps)
    journal = [Event(key="opened", at=at, name=EventName.CASE_OPENED)]
    if missing:
        lacks = {"missing": list(missing)}
        journal.append(
            Event(key="opened/address", at=at, name=EventName.ADDRESS_INCOMPLETE, detail=lacks)
        )
    return DunningCase(
        receivable=receivable,
        terms=terms,
        opened_on=today,
        opening=opening if opening != Opening() else None,
        invoice_notice_on=invoice_notice_on,
        advance_wanted=(
            receivable.due_date - today > ADVANCE_DAYS * DAY and not had_advance and not steps
        ),
        steps=steps,
        option=option if announced else None,
        journal=tuple(journal),
    )


def steps_taken(had: Sequence[NoticeHad]) -> tuple[StepTaken, ...]:
    """R22: the latest kind counts, earlier ones as taken."""
    sent_on = {n.kind.value: n.sent_on for n in sorted(had, key=lambda n: n.sent_on)}
    known = [number for number, step in enumerate(LADDER) if step.kind in sent_on]
    if not known:
        return ()
    latest = LADDER[known[-1]]
    return tuple(
        StepTaken(kind=step.kind, on=sent_on.get(step.kind, sent_on[latest.kind]))
        for step in LADDER[: known[-1] + 1]
    )
