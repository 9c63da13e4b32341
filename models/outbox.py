"""The outbox: plans and questions that Temporal does not have yet, as rows mark them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.locks import LOCKED
from models.tables import CaseRow, SellerRow

# An action begins within seconds of its moment, in a rush within minutes.
LATE: Final = timedelta(minutes=2)


class CaseRef(NamedTuple):
    """A case and its seller: enough to lock it, bring it up to date, or send its plan."""

    seller_id: str
    case_id: str


def is_unsent_or_behind() -> ColumnElement[bool]:
    return or_(col(CaseRow.sent_version) < col(CaseRow.version), col(CaseRow.is_behind))


async def unsent_cases(
    session: AsyncSession, *, before: datetime, except_cases: Collection[str] = (), limit: int
) -> list[str]:
    """Return cases whose plan Temporal lacks since before a moment, or that are behind.

    Sellers take turns, so that many cases of one do not keep those of another waiting.
    """
    waiting = (
        select(
            CaseRow.case_id,
            CaseRow.updated_at,
            func.row_number()
            .over(partition_by=col(CaseRow.seller_id), order_by=col(CaseRow.updated_at))
            .label("turn"),
        )
        .where(
            is_unsent_or_behind(),
            CaseRow.updated_at < before,
            col(CaseRow.case_id).not_in(except_cases),
        )
        .subquery()
    )
    query = select(waiting.c.case_id).order_by(waiting.c.turn, waiting.c.updated_at).limit(limit)
    return list(await session.exec(query))


class Waiting(NamedTuple):
    """The number of cases whose plans Temporal lacks, and since when the oldest has waited."""

    cases: int
    since: datetime | None


async def count_unsent(session: AsyncSession, *, before: datetime | None = None) -> Waiting:
    """Count the unsent cases, or those that have waited since before a moment."""
    query = select(func.count(), func.min(CaseRow.updated_at)).where(is_unsent_or_behind())
    if before is not None:
        query = query.where(CaseRow.updated_at < before)
    return Waiting(*(await session.exec(query)).one())


def is_late(since: datetime) -> ColumnElement[bool]:
    """Whether a case should have acted before a moment and has not.

    A case that has ended may have to act, too: a mail to its seller may be due.
    """
    return (col(CaseRow.sent_version) > 0) & (col(CaseRow.wakes_at) < since)


async def count_late(session: AsyncSession, since: datetime) -> int:
    query = select(func.count()).select_from(CaseRow).where(is_late(since))
    return (await session.exec(query)).one()


async def rows_of(session: AsyncSession, case_ids: Collection[str]) -> list[CaseRow]:
    """Return the rows of cases, in the order of the ids given."""
    query = select(CaseRow).where(col(CaseRow.case_id).in_(case_ids))
    rows = {row.case_id: row for row in await session.exec(query)}
    return [rows[case_id] for case_id in case_ids if case_id in rows]


async def mark_sent(session: AsyncSession, versions: Mapping[str, int]) -> None:
    """Note for these cases the version of the plan that Temporal has got."""
    for case_id, version in sorted(versions.items()):
        await session.exec(
            update(CaseRow)
            .where(col(CaseRow.case_id) == case_id, col(CaseRow.sent_version) < version)
            .values(sent_version=version)
        )


async def mark_behind(session: AsyncSession, case_ids: Iterable[str]) -> None:
    """Mark cases whose ledger or customer has changed. Call it before `bring_up_cases`.

    A case reads its payments again only if it is marked, or if its open amount differs (see
    `snapshot._ledger_if_new`). What is not brought up in this transaction, the sender or the sweep
    brings up.
    """
    ids = sorted(set(case_ids))
    if not ids:
        return
    in_order = (
        select(CaseRow.case_id)
        .where(col(CaseRow.case_id).in_(ids))
        .order_by(col(CaseRow.case_id))
        .with_for_update(**LOCKED)
    )
    await session.exec(
        update(CaseRow).where(col(CaseRow.case_id).in_(in_order)).values(is_behind=True)
    )


async def sellers_to_ask(
    session: AsyncSession, *, of: Collection[str] | None = None, limit: int = 100
) -> list[SellerRow]:
    """Return sellers whose question for the settings Temporal does not have yet (R21)."""
    query = select(SellerRow).where(
        col(SellerRow.settings_asked_at).is_not(None), ~col(SellerRow.settings_question_sent)
    )
    if of is not None:
        query = query.where(col(SellerRow.seller_id).in_(of))
    return list(await session.exec(query.order_by(col(SellerRow.seller_id)).limit(limit)))


async def forget_sent_questions(session: AsyncSession) -> None:
    """Have all summaries and questions sent to Temporal again, after it has lost everything."""
    await session.exec(
        update(SellerRow)
        .where(col(SellerRow.summary_schedule).is_not(None))
        .values(summary_schedule=None)
    )
    await session.exec(
        update(SellerRow)
        .where(col(SellerRow.settings_answered_at).is_(None))
        .values(settings_question_sent=False)
    )


async def mark_question_sent(session: AsyncSession, seller_id: str) -> None:
    await session.exec(
        update(SellerRow)
        .where(col(SellerRow.seller_id) == seller_id)
        .values(settings_question_sent=True)
    )
