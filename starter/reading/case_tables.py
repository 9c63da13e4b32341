"""Which cases are wanted, and a table of them as CSV (R26)."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, Field

from dunning.stages import Stage
from models.csv_formats import PLAIN, CsvFormat, UnknownLocale, csv_format_of
from models.csv_safety import BYTE_ORDER_MARK, defused
from models.exports import COLUMNS, Cells, exported
from models.lists import ACTIVE, Filter
from starter.input.caller import Caller
from starter.input.fields import Amount, Day, Id, Language, Strict
from starter.input.texts import OptionalLine
from starter.refusals import NotFound, wrong
from starter.services import Services

_LARGEST_AMOUNT: Final = Decimal(10) ** 14
_DIGITS: Final = Decimal("0.0001")
_STAGES: Final = frozenset({*Stage, ACTIVE})
_CSV: Final = "text/csv; charset=utf-8; header=present"
# Columns with texts that people typed; the others hold numbers, days and our own words.
_TYPED: Final = tuple(
    place
    for place, name in enumerate(COLUMNS)
    if name.startswith("customer_")
    or name in ("seller_id", "order_id", "hold_reason", "claim_reason")
)
# Columns with amounts, written in the format of the reader's spreadsheet.
_AMOUNTS: Final = tuple(
    COLUMNS.index(name)
    for name in (
        *("amount", "order_amount", "open_amount", "paid"),
        *("credit", "fees", "cancellation_costs"),
    )
)


def _stage(value: str) -> str:
    if value not in _STAGES:
        raise ValueError("must be a stage, or active")
    return value


def _comparable(value: Decimal) -> Decimal:
    if abs(value) >= _LARGEST_AMOUNT:
        raise ValueError("is too large")
    if value != value.quantize(_DIGITS):
        raise ValueError("has more digits than any currency")
    return value


_Comparable = Annotated[Amount, AfterValidator(_comparable)]


class CaseFilter(Strict):
    """Which cases are wanted."""

    seller_id: Id | None = None
    stage: list[Annotated[str, AfterValidator(_stage)]] = Field(default=[], max_length=20)
    period_from: Day | None = None
    period_to: Day | None = None
    amount_min: _Comparable | None = None
    amount_max: _Comparable | None = None
    q: OptionalLine = Field(
        default=None,
        description="Words in any order, each in the first or last name or the company; one that "
        "stands alone or has a digit may be in the order id. Case and accents say nothing.",
    )

    def of(self, caller: Caller) -> Filter:
        """Return the filter for this caller; a seller gets only its own cases.

        Raises `NotFound` for the id of another seller.
        """
        if self.seller_id is not None and not caller.may_see(self.seller_id):
            raise NotFound("seller")
        return Filter(
            seller_id=caller.seller_id or self.seller_id,
            stages=self.stage,
            due_from=self.period_from,
            due_to=self.period_to,
            amount_min=self.amount_min,
            amount_max=self.amount_max,
            words=self.q.strip() if self.q else None,
        )


class CaseTable(CaseFilter):
    locale: Language | None = Field(
        default=None,
        description="As spreadsheets of this language and country read it: `de` has decimal "
        "commas, and semicolons between the cells. Without it as programs do (RFC 4180).",
    )

    def format(self) -> CsvFormat:
        try:
            return csv_format_of(self.locale) if self.locale else PLAIN
        except UnknownLocale:
            raise wrong("locale", "is no language that is known, as de or es-CL are") from None


def case_table(asked: CaseTable, caller: Caller, services: Services) -> StreamingResponse:
    """Return all cases of the filters as a table; streamed, however many there are."""
    headers = {"Content-Disposition": 'attachment; filename="cases.csv"'}
    lines = _lines(services, asked.of(caller), asked.format())
    return StreamingResponse(lines, media_type=_CSV, headers=headers)


async def _lines(services: Services, wanted: Filter, format: CsvFormat) -> AsyncIterator[str]:
    """Yield the table as text, some rows at a time."""
    yield BYTE_ORDER_MARK + _written([COLUMNS], format)
    async with services.database.reading() as session:
        async for rows in exported(session, wanted, now=services.clock.now()):
            yield _written([_cells(row, format) for row in rows], format)


def _written(rows: list[Cells], format: CsvFormat) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=format.separator).writerows(rows)
    return text.getvalue()


def _cells(row: Cells, format: CsvFormat) -> Cells:
    """Return the cells as text; cells that a spreadsheet would run as a formula are defused."""
    changed: dict[int, Any] = {
        place: text
        for place in _TYPED
        if (cell := row[place]) and (text := defused(cell)) is not cell
    }
    if format is not PLAIN:
        changed |= {place: format.amount(row[place]) for place in _AMOUNTS}
    return tuple(changed.get(place, cell) for place, cell in enumerate(row)) if changed else row
