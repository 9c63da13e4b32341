"""The filter, order and page of the board, read from the URL and written back into it.

The names are those of the API's query, and a page can be bookmarked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from console.form_values import page_number
from models.console.board import Sort
from models.lists import Filter
from starter.input.caller import Caller
from starter.reading.case_tables import CaseFilter

_SINGLE: Final = ("period_from", "period_to", "amount_min", "amount_max", "q")


@dataclass(frozen=True)
class BoardQuery:
    """One view of the board.

    `given` is what was typed; `errors` names the fields that could not be understood.
    """

    given: Mapping[str, str]
    stages: tuple[str, ...]
    sort: Sort
    cursor: str | None
    page: int
    asked: CaseFilter
    errors: frozenset[str]

    @classmethod
    def of(cls, query: QueryParams) -> BoardQuery:
        given = {name: query.get(name, "").strip() for name in _SINGLE}
        stages = tuple(stage for stage in query.getlist("stage") if stage)
        filled = {name: value for name, value in given.items() if value}
        asked, errors = _read({**filled, **({"stage": list(stages)} if stages else {})})
        known = query.get("sort", Sort.DUE)
        return cls(
            given=given,
            stages=stages,
            sort=Sort(known) if known in set(Sort) else Sort.DUE,
            cursor=query.get("cursor"),
            page=page_number(query.get("page", "1")),
            asked=asked,
            errors=errors,
        )

    def filter(self, caller: Caller) -> Filter:
        return self.asked.of(caller)

    @property
    def is_filtered(self) -> bool:
        return bool(self.stages) or any(self.given.values())

    def query(self, **changes: str | None) -> str:
        """Return the view as a query; the cursor and the page number are left out unless given."""
        pairs = [(name, value) for name, value in self.given.items() if value]
        pairs += [("stage", stage) for stage in self.stages]
        if self.sort is not Sort.DUE:
            pairs.append(("sort", self.sort))
        pairs = [(name, value) for name, value in pairs if name not in changes]
        pairs += [(name, value) for name, value in changes.items() if value]
        return urlencode(pairs)

    def api_query(self) -> str:
        """Return the query that gives the same rows in the API."""
        return BoardQuery.query(self, sort=None)


def _read(given: dict[str, Any]) -> tuple[CaseFilter, frozenset[str]]:
    """Return the filter, and the names of the fields that are invalid and left out."""
    try:
        return CaseFilter.model_validate(given), frozenset()
    except ValidationError as error:
        wrong = frozenset(str(entry["loc"][0]) for entry in error.errors())
        rest = {name: value for name, value in given.items() if name not in wrong}
        return CaseFilter.model_validate(rest), wrong
