"""A new case, from a receivable, the seller's terms and the notices that the customer had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel

from dunning.actions import NEED_ADDRESS
from dunning.case.planning import ladder_action
from dunning.case.state import DunningCase, SellerMailDue
from dunning.days import DAY, Terms
from dunning.history import EventName
from dunning.ladder import ADVANCE_DAYS, LADDER, DunningOption, StepKind, StepTaken
from dunning.notices import NoticeKind, SellerMailKind
from dunning.receivables import Receivable


class EarlierNotice(BaseModel, frozen=True):
    """A notice that the customer got from another system (R22)."""

    kind: NoticeKind
    sent_on: date


class EarlierNotices(NamedTuple):
    """What the customer got before, and the option that a final notice among that announced."""

    notices: Sequence[EarlierNotice] = ()
    option: DunningOption | None = None


class InvoiceNotice(NamedTuple):
    """Whether a case has an invoice notice to send, and the day of that of its order (R2)."""

    is_due: bool = False
    on: date | None = None


def new_case(
    receivable: Receivable,
    *,
    terms: Terms,
    at: datetime,
    invoice_notice: InvoiceNotice = InvoiceNotice(),
    earlier: EarlierNotices = EarlierNotices(),
    missing: Sequence[str] = (),
    mails_seller_about_address: bool = False,
) -> DunningCase:
    """Return a new case with the first entries of its history.

    `missing` is what the customer's address lacks; one case of an order tells the seller of that,
    so that it hears early (R14).
    """
    today = terms.day_of(at)
    steps = steps_taken(earlier.notices)
    had_advance_notice = any(notice.kind is NoticeKind.ADVANCE_NOTICE for notice in earlier.notices)
    is_due_later = receivable.due_date - today > ADVANCE_DAYS * DAY
    case = DunningCase(
        receivable=receivable,
        terms=terms,
        opened_on=today,
        invoice_notice_due=invoice_notice.is_due,
        invoice_notice_on=invoice_notice.on,
        advance_notice_due=is_due_later and not had_advance_notice and not steps,
        steps=steps,
        option=earlier.option
        if any(step.kind is StepKind.FINAL_NOTICE for step in steps)
        else None,
    ).noting(EventName.CASE_OPENED, at, key="opened")
    if not missing:
        return case
    case = case.noting(
        EventName.ADDRESS_INCOMPLETE, at, {"missing": list(missing)}, key="opened/address"
    )
    if not mails_seller_about_address or _is_blocked_at_once(case, at):
        return case
    about = SellerMailKind.ADDRESS_INCOMPLETE
    return case.with_seller_mail(
        SellerMailDue(about=about, key=f"{about}/opened", is_waiting=False)
    )


def _is_blocked_at_once(case: DunningCase, at: datetime) -> bool:
    """Whether a step that needs the address is due now: the seller gets a mail about that (R14)."""
    action = ladder_action(case, at)
    return action is not None and action.at <= at and action.kind in NEED_ADDRESS


def steps_taken(earlier: Sequence[EarlierNotice]) -> tuple[StepTaken, ...]:
    """R22: the latest kind counts, earlier ones as taken."""
    sent_on = {n.kind.value: n.sent_on for n in sorted(earlier, key=lambda n: n.sent_on)}
    known = [number for number, step in enumerate(LADDER) if step.kind in sent_on]
    if not known:
        return ()
    latest = LADDER[known[-1]]
    return tuple(
        StepTaken(kind=step.kind, on=sent_on.get(step.kind, sent_on[latest.kind]))
        for step in LADDER[: known[-1] + 1]
    )
