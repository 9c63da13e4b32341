"""Processes that end together: with their parent, and by name when one dies."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from runtime.process_group import ChildDied, ProcessGroup
from tests.child_processes import is_alive
from tests.patience import PATIENCE_SECONDS

PARENT = """
import asyncio, sys
from pathlib import Path
from runtime.process_group import ProcessGroup

async def main():
    group = ProcessGroup(Path(sys.argv[1]), {})
    child = await group.start("sleeper", ["sleep", "600"])
    print(child.process.pid, flush=True)
    await group.any_death()

asyncio.run(main())
"""


async def test_a_killed_parent_leaves_no_process_behind(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert is_alive(child)

    parent.kill()
    await parent.wait()

    async with asyncio.timeout(PATIENCE_SECONDS):
        while is_alive(child):  # noqa: ASYNC110 - another process's child cannot be waited for
            await asyncio.sleep(0.01)


async def test_a_death_is_reported_with_name_cause_and_last_words(tmp_path: Path) -> None:
    group = ProcessGroup(tmp_path, {})
    await group.start("sleeper", ["sleep", "600"])
    await group.start("worker", ["sh", "-c", "echo no way on; kill -9 $$"])

    with pytest.raises(ChildDied, match=r"(?s)worker ended by signal SIGKILL.*no way on"):
        await group.any_death()

    await group.end()
    assert [child.process.returncode for child in group.children] == [-15, -9]
