"""Figures as charts, each with a table of the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from console.preferences import language_of
from console.rendering import page
from console.views.charts import Chart, chart
from console.visitor import VisitorDep
from console.wording import Words, words_in
from dunning.days import DAY
from dunning.stages import ENDS, Stage
from models.console.figures import (
    currencies,
    open_by_due_date,
    outcomes,
    paid_after,
    recovered_from,
)
from starter.services import ServicesDep

router = APIRouter()

_YEAR: Final = 365 * DAY
_WEEKS: Final = 6
# The last day of each group, in days after the due date; the last group has none.
_AGES: Final = ((0, "not_due"), (30, "to_30"), (60, "to_60"), (90, "to_90"), (None, "over_90"))
_DAYS: Final = (
    (0, "in_time"),
    (5, "to_5"),
    (10, "to_10"),
    (20, "to_20"),
    (30, "to_30"),
    (None, "over_30"),
)
_RUNNING: Final = tuple(stage for stage in Stage if stage not in ENDS)

Part = tuple[int | None, str]


@router.get("/figures")
async def figures(request: Request, visitor: VisitorDep, services: ServicesDep) -> HTMLResponse:
    """Show the figures of one currency; amounts of different currencies are never added."""
    now = services.clock.now()
    today, since = now.astimezone(visitor.zone).date(), now - _YEAR
    words = words_in(language_of(request, visitor.profile.language[:2]))
    async with services.database.reading() as session:
        known = await currencies(session, visitor.seller_id)
        wanted = request.query_params.get("currency", "")
        currency = wanted if wanted in known else (known[0] if known else "EUR")
        whose = (session, visitor.seller_id, currency)
        open_amounts = await open_by_due_date(*whose)
        ended = await outcomes(*whose)
        paid = await paid_after(*whose, since=since)
        recovered = await recovered_from(*whose, since=since)
    drawn = _Drawing(words, currency)
    took = [((at.astimezone(visitor.zone).date() - due).days, amount) for due, at, amount in paid]
    return page(
        request,
        "figures.html.j2",
        visitor=visitor,
        currencies=known,
        currency=currency,
        charts=[
            drawn.in_parts("ageing", _AGES, [((today - due).days, a) for due, a in open_amounts]),
            drawn.named("recovered", _RUNNING, recovered),
            drawn.in_parts("days", _DAYS, took),
            drawn.named("outcomes", sorted(ENDS), ended),
            drawn.of_weeks("expected", open_amounts, today),
        ],
    )


class _Drawing:
    """Charts with labels in the visitor's language."""

    def __init__(self, words: Words, currency: str) -> None:
        self._words = words
        self._currency = currency

    def in_parts(
        self, name: str, parts: Sequence[Part], amounts: Iterable[tuple[int, Decimal]]
    ) -> Chart:
        found = {part: Decimal(0) for _, part in parts}
        for days, amount in amounts:
            found[_part(days, parts)] += amount
        return chart(name, [self._row(f"part_of.{name}.{part}", found[part]) for _, part in parts])

    def named(self, name: str, stages: Iterable[str], amounts: Mapping[str, Decimal]) -> Chart:
        rows = [self._row(f"stage.{stage}", amounts.get(stage, Decimal(0))) for stage in stages]
        return chart(name, [row for row in rows if row[1]])

    def of_weeks(self, name: str, amounts: Iterable[tuple[date, Decimal]], today: date) -> Chart:
        """Chart the amounts that fall due in each of the next weeks, from today on."""
        weeks = [Decimal(0)] * _WEEKS
        for due, amount in amounts:
            week = (due - today).days // 7
            if due >= today and week < _WEEKS:
                weeks[week] += amount
        rows = []
        for number, amount in enumerate(weeks):
            first = today + number * 7 * DAY
            label = self._words.days(first, first + 6 * DAY)
            rows.append((label, amount, self._shown(amount)))
        return chart(name, rows)

    def _row(self, label: str, amount: Decimal) -> tuple[str, Decimal, str]:
        return self._words(label), amount, self._shown(amount)

    def _shown(self, amount: Decimal) -> str:
        return self._words.money(amount, self._currency)


def _part(days: int, parts: Sequence[Part]) -> str:
    return next(name for last, name in parts if last is None or days <= last)
