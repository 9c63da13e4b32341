"""Record rows of cases as this version writes them: `python -m tests.rows.record`.

Done on purpose, before a version is released. What was recorded stays: rows like these are in
databases already, and the next version has to read them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlmodel import select

from models.tables import CaseRow
from simulation.building import open_world
from simulation.play import Player, end_of
from simulation.scenario import read_scenario

FOLDER: Final = Path(__file__).parent
SCENARIO: Final = Path("simulation/samples/forty_orders.jsonl")
DAYS: Final = (date(2026, 3, 20), date(2026, 4, 15), date(2026, 6, 30))


async def _rows_on(day: date) -> list[CaseRow]:
    async with open_world(keep_mail=None) as world:
        calls = read_scenario(SCENARIO)
        await Player(world, calls, end=end_of(calls, day)).play(lambda _done, _all: None)
        async with world.database.reading() as session:
            return list((await session.exec(select(CaseRow))).all())


def _kind(row: CaseRow) -> tuple[Any, ...]:
    """Rows that fill the same fields, in the same stage, show the same."""
    filled = tuple(name for name, value in sorted(row.state.items()) if value)
    actions = tuple(action["kind"] for action in row.plan["actions"])
    return row.stage, row.plan["blocked_by"], actions, filled


async def record(name: str) -> None:
    found: dict[tuple[Any, ...], CaseRow] = {}
    for day in DAYS:
        for row in await _rows_on(day):
            found.setdefault(_kind(row), row)
    with (FOLDER / f"{name}.jsonl").open("w", encoding="utf-8") as file:
        for _, row in sorted(found.items(), key=str):
            file.write(json.dumps({"state": row.state, "plan": row.plan}, sort_keys=True) + "\n")
    sys.stdout.write(f"{len(found)} rows\n")


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)  # see commands.main: Temporal's client may crash a process that ends
