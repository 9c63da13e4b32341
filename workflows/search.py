"""By what operators find cases in the Temporal Web UI (R28); no person's data."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Final

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from dunning.case import DunningCase

SELLER: Final = SearchAttributeKey.for_keyword("DunningSeller")
ORDER: Final = SearchAttributeKey.for_keyword("DunningOrder")
STAGE: Final = SearchAttributeKey.for_keyword("DunningStage")
DUE: Final = SearchAttributeKey.for_datetime("DunningDue")
SEARCH_ATTRIBUTES: Final = (SELLER, ORDER, STAGE, DUE)


def attributes_of(case: DunningCase) -> TypedSearchAttributes:
    receivable = case.receivable
    due = datetime.combine(receivable.due_date, time(0), UTC)
    return TypedSearchAttributes(
        [
            SearchAttributePair(SELLER, receivable.seller_id),
            SearchAttributePair(ORDER, receivable.order_id),
            SearchAttributePair(STAGE, case.stage),
            SearchAttributePair(DUE, due),
        ]
    )


def summary_of(case: DunningCase) -> str:
    """What a case is, in the list of workflows."""
    receivable = case.receivable
    part = "" if receivable.installment is None else f" installment {receivable.installment}"
    return f"{receivable.seller_id} order {receivable.order_id}{part} due {receivable.due_date}"


def details_of(case: DunningCase, now: datetime) -> str:
    """What a case waits for, in words."""
    deed = case.next_deed(now)
    waits = f"next: {deed.kind} at {deed.at:%Y-%m-%d %H:%M} UTC" if deed else "waits for somebody"
    return f"stage: {case.stage}\n\nopen: {case.open_amount} {case.open_amount.currency}\n\n{waits}"
