"""Rows of cases that earlier versions have written are read as they were meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dunning.case.plan import Plan, plan_of
from dunning.case.state import DunningCase

FOLDER = Path(__file__).parent
AFTER = datetime(2026, 7, 1, tzinfo=UTC)
ROWS = [
    pytest.param(json.loads(line), id=f"{path.stem}-{number}")
    for path in sorted(FOLDER.glob("*.jsonl"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_an_earlier_version_is_read_as_it_was_written(row: dict[str, Any]) -> None:
    case = DunningCase.model_validate(row["state"])
    plan = Plan.model_validate(row["plan"])

    assert _says_all_of(case.model_dump(mode="json"), row["state"])
    assert _says_all_of(plan.model_dump(mode="json"), row["plan"])
    assert plan_of(case, plan.version, AFTER).stage == plan.stage


def test_rows_of_every_outcome_are_recorded() -> None:
    stages = {DunningCase.model_validate(row.values[0]["state"]).stage for row in ROWS}

    assert {"scheduled", "final_notice", "paid", "canceled", "stopped"} <= stages


def _says_all_of(new: Any, old: Any) -> bool:
    """Whether what is read has every value of what was written; it may have more fields."""
    if isinstance(old, dict):
        return all(name in new and _says_all_of(new[name], value) for name, value in old.items())
    if isinstance(old, list):
        return len(new) == len(old) and all(map(_says_all_of, new, old))
    return bool(new == old)
