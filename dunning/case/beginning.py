"""A new case, from a receivable, the seller's terms and the notices that the customer had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel

from dunning.actions import NEED_ADDRESS
from dunning.case.planning import ladder_action
from dunning.case.state import DunningCase, SellerMailDue
from dunning.days import DAY, Terms
from dunning.history import EventName
from dunning.ladder import ADVANCE_DAYS, LADDER, DunningOption, StepKind, StepTaken
from dunning.notices import NoticeKind, SellerMailKind
from dunning.receivables import Receivable


class NoticeHad(BaseModel, frozen=True):
    """A notice that the customer got from another system (R22)."""

    kind: NoticeKind
    sent_on: date


def new_case(
    receivable: Receivable,
    *,
    terms: Terms,
    at: datetime,
    sends_invoice_notice: bool = False,
    invoice_notice_on: date | None = None,
    missing: Sequence[str] = (),
    tells_of_address: bool = False,
    had: Sequence[NoticeHad] = (),
    option: DunningOption | None = None,
) -> DunningCase:
    """Return a new case with the first entries of its history.

    `missing` are the parts that the customer's address lacks. With `tells_of_address` the case
    mails the seller about them at once (R14); only one case of an order does so. `had` are the
    notices that the customer got before (R22). If a final notice is among them, `option` is what it
    announced.
    """
    today = terms.day_of(at)
    steps = steps_taken(had)
    had_advance_notice = any(notice.kind is NoticeKind.ADVANCE_NOTICE for notice in had)
    is_due_later = receivable.due_date - today > ADVANCE_DAYS * DAY
    case = DunningCase(
        receivable=receivable,
        terms=terms,
        opened_on=today,
        invoice_notice_due=sends_invoice_notice,
        invoice_notice_on=invoice_notice_on,
        advance_notice_due=is_due_later and not had_advance_notice and not steps,
        steps=steps,
        option=option if any(step.kind is StepKind.FINAL_NOTICE for step in steps) else None,
    ).noting(EventName.CASE_OPENED, at, key="opened")
    if not missing:
        return case
    case = case.noting(
        EventName.ADDRESS_INCOMPLETE, at, {"missing": list(missing)}, key="opened/address"
    )
    if not tells_of_address or _is_blocked_at_once(case, at):
        return case
    about = SellerMailKind.ADDRESS_INCOMPLETE
    return case.with_seller_mail(
        SellerMailDue(about=about, key=f"{about}/opened", is_waiting=False)
    )


def _is_blocked_at_once(case: DunningCase, at: datetime) -> bool:
    """Whether a step that needs the address is due now: the seller gets a mail about that (R14)."""
    action = ladder_action(case, at)
    return action is not None and action.at <= at and action.kind in NEED_ADDRESS


def steps_taken(had: Sequence[NoticeHad]) -> tuple[StepTaken, ...]:
    """R22: return the steps up to the latest notice; steps without a notice count as taken, too."""
    sent_on = {n.kind.value: n.sent_on for n in sorted(had, key=lambda n: n.sent_on)}
    known = [number for number, step in enumerate(LADDER) if step.kind in sent_on]
    if not known:
        return ()
    latest = LADDER[known[-1]]
    return tuple(
        StepTaken(kind=step.kind, on=sent_on.get(step.kind, sent_on[latest.kind]))
        for step in LADDER[: known[-1] + 1]
    )
