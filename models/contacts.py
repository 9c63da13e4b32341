"""The messages that customers got and will get from a seller, for the limits on them (R9, R24)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.actions import REMINDING
from dunning.case.planning import next_notice_at
from dunning.case.state import DunningCase
from dunning.history import EventName
from dunning.notices import NoticeKind
from dunning.stages import AT_THE_PARTNER, ENDS, Stage
from models.debt_summaries import DebtSummaryRow
from models.tables import CaseRow, EventRow

_REMINDING: Final = sorted(REMINDING)
_GO_ON: Final = sorted(frozenset(Stage) - ENDS - AT_THE_PARTNER)
# An invoice notice collects nothing.
_COUNTS: Final = (
    col(EventRow.event) == EventName.NOTICE_SENT,
    col(EventRow.detail)["kind"].as_string() != NoticeKind.INVOICE_NOTICE,
)


@dataclass(frozen=True)
class Notices:
    """The moments of a customer's notices of R3 to R6: those sent, and the next of each case."""

    sent: list[datetime] = field(default_factory=list)
    planned: list[datetime] = field(default_factory=list)


async def last_messages(
    session: AsyncSession, seller_id: str, customer_id: str, *, count: int, except_case: str = ""
) -> tuple[datetime, ...]:
    """Return when the last messages to a customer were or may have been sent, the newest first.

    The invoice notice collects nothing and does not count. What the case `except_case` is just
    sending does not count either, so that it can be tried again.
    """
    of_customer = (CaseRow.seller_id == seller_id, CaseRow.customer_id == customer_id)
    sent = await session.exec(
        select(EventRow.at)
        .join(CaseRow, col(CaseRow.case_id) == EventRow.case_id)
        .where(*of_customer, *_COUNTS)
        .order_by(col(EventRow.at).desc())
        .limit(count)
    )
    summaries = await session.exec(
        select(DebtSummaryRow.sent_at)
        .where(DebtSummaryRow.seller_id == seller_id, DebtSummaryRow.customer_id == customer_id)
        .order_by(col(DebtSummaryRow.sent_at).desc())
        .limit(count)
    )
    leaving = await session.exec(
        select(col(CaseRow.state)["sending"]).where(*of_customer, CaseRow.case_id != except_case)
    )
    return tuple(sorted((*sent, *summaries, *_under_way(leaving)), reverse=True)[:count])


async def messages_since(
    session: AsyncSession, seller_id: str, customer_ids: Collection[str], *, since: datetime
) -> dict[str, list[datetime]]:
    """Return for each customer what `last_messages` does, from a moment on."""
    found: dict[str, list[datetime]] = {customer_id: [] for customer_id in customer_ids}
    of_customers = (CaseRow.seller_id == seller_id, col(CaseRow.customer_id).in_(customer_ids))
    notices = await session.exec(
        select(CaseRow.customer_id, EventRow.at)
        .join(EventRow, col(EventRow.case_id) == CaseRow.case_id)
        .where(*of_customers, *_COUNTS, col(EventRow.at) >= since)
    )
    summaries = await session.exec(
        select(DebtSummaryRow.customer_id, DebtSummaryRow.sent_at).where(
            DebtSummaryRow.seller_id == seller_id,
            col(DebtSummaryRow.customer_id).in_(customer_ids),
            col(DebtSummaryRow.sent_at) >= since,
        )
    )
    leaving = await session.exec(
        select(CaseRow.customer_id, col(CaseRow.state)["sending"]).where(*of_customers)
    )
    for customer_id, at in (*notices, *summaries):
        found[customer_id].append(at)
    for customer_id, sending in leaving:
        found[customer_id] += [at for at in _under_way([sending]) if at >= since]
    return found


def _under_way(leaving: Iterable[Any]) -> Iterator[datetime]:
    """Yield the moments of messages that may have been sent, and are not in the history yet."""
    for sending in leaving:
        counts = sending and sending["kind"] != NoticeKind.INVOICE_NOTICE
        if counts and not sending.get("is_counted"):
            yield datetime.fromisoformat(sending["at"])


async def notices_around(
    session: AsyncSession,
    seller_id: str,
    customer_ids: Collection[str],
    *,
    since: datetime,
    now: datetime,
) -> dict[str, Notices]:
    """Return the notices that customers got since a moment, and the next ones that are planned."""
    found = {customer_id: Notices() for customer_id in customer_ids}
    of_customers = (CaseRow.seller_id == seller_id, col(CaseRow.customer_id).in_(customer_ids))
    sent = await session.exec(
        select(CaseRow.customer_id, EventRow.at)
        .join(CaseRow, col(CaseRow.case_id) == EventRow.case_id)
        .where(
            *of_customers,
            EventRow.event == EventName.NOTICE_SENT,
            col(EventRow.at) >= since,
            col(EventRow.detail)["kind"].as_string().in_(_REMINDING),
        )
    )
    for customer_id, at in sent:
        found[customer_id].sent.append(at)
    going_on = await session.exec(
        select(CaseRow.customer_id, CaseRow.state).where(
            *of_customers, col(CaseRow.stage).in_(_GO_ON)
        )
    )
    for customer_id, state in going_on:
        next_at = next_notice_at(DunningCase.model_validate(state), now)
        if next_at is not None:
            found[customer_id].planned.append(next_at)
    return found
