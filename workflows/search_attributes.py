"""The search attributes by which operators find cases (R28); no personal data."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from dunning.case.plan import Plan

SELLER: Final = SearchAttributeKey.for_keyword("DunningSeller")
ORDER: Final = SearchAttributeKey.for_keyword("DunningOrder")
STAGE: Final = SearchAttributeKey.for_keyword("DunningStage")
BLOCKED_BY: Final = SearchAttributeKey.for_keyword("DunningBlockedBy")
DUE: Final = SearchAttributeKey.for_datetime("DunningDue")
SEARCH_ATTRIBUTES: Final = (SELLER, ORDER, STAGE, BLOCKED_BY, DUE)


def attributes_of_case(
    plan: Plan, *, seller_id: str, order_id: str, due_date: date
) -> TypedSearchAttributes:
    """Return the search attributes with which the workflow of a case starts."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(SELLER, seller_id),
        SearchAttributePair(ORDER, order_id),
        SearchAttributePair(STAGE, plan.stage),
        SearchAttributePair(DUE, datetime.combine(due_date, time(0), UTC)),
    ]
    if plan.blocked_by is not None:
        pairs.append(SearchAttributePair(BLOCKED_BY, plan.blocked_by))
    return TypedSearchAttributes(pairs)


def changed_attributes(before: Plan, now: Plan) -> list[SearchAttributeUpdate[Any]]:
    """Return the search attributes that have changed: the stage, and what blocks the case."""
    changed: list[SearchAttributeUpdate[Any]] = []
    if now.stage is not before.stage:
        changed.append(STAGE.value_set(now.stage))
    if now.blocked_by is not before.blocked_by:
        changed.append(
            BLOCKED_BY.value_unset()
            if now.blocked_by is None
            else BLOCKED_BY.value_set(now.blocked_by)
        )
    return changed


def summary_of(*, seller_id: str, order_id: str, installment: int | None, due_date: date) -> str:
    """Return the words for a case in the list of workflows."""
    part = "" if installment is None else f" installment {installment}"
    return f"{seller_id} order {order_id}{part} due {due_date}"
