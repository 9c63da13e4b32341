"""The doctor on cases that should run in Temporal and do not."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from commands.checks.findings import Finding, State
from commands.checks.lost import lost_cases
from runtime.clock import SystemClock
from runtime.ports import free_port
from tests.commands.system import System

pytestmark = pytest.mark.one_database


async def look(url: str) -> list[Finding]:
    return await lost_cases(url, SystemClock())


async def test_all_is_well_while_all_that_should_run_do(system: System) -> None:
    await system.send(await system.open("A-1", "A-2"))

    [finding] = await look(system.url)

    assert (finding.check, finding.state) == ("lost cases", State.OK)


async def test_r28_cases_that_were_ended_by_force_are_a_warning_with_the_command(
    system: System,
) -> None:
    first, second, third = await system.open("A-1", "A-2", "A-3")
    await system.send([first, second, third])
    await system.terminate(first, third, others=[second])

    [finding] = await look(system.url)

    assert (finding.state, finding.says) == (State.WARNING, "Temporal has lost 2 cases")
    assert "dunning cases revive" in (finding.remedy or "")
    assert await system.running([first, second, third]) == [False, True, False]  # it only looks


async def test_a_case_is_counted_once_whatever_tells_of_it(system: System) -> None:
    """This one was ended by force, it does not run, and its moment has passed."""
    cases = await system.open("A-1", ago=timedelta(minutes=10))
    await system.send(cases)
    await system.terminate(*cases)

    [finding] = await look(system.url)

    assert finding.says == "Temporal has lost 1 cases"


async def test_cases_of_which_temporal_has_not_heard_are_not_lost(system: System) -> None:
    """The check of the books says how many those are."""
    await system.open("A-1")

    [finding] = await look(system.url)

    assert finding.state is State.OK


async def test_where_temporal_is_away_others_say_so(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")

    assert await look(system.url) == []


async def test_where_the_database_is_away_others_say_so_and_none_is_made(
    system: System, tmp_path: Path
) -> None:
    before = os.listdir(tmp_path)

    assert await look(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}") == []
    assert await look(f"postgresql+psycopg://u@127.0.0.1:{free_port()}/d") == []

    assert os.listdir(tmp_path) == before


async def test_where_the_database_has_no_tables_others_say_so(
    system: System, tmp_path: Path
) -> None:
    (tmp_path / "new.db").touch()

    assert await look(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}") == []
