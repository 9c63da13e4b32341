"""The API does what its documentation says, with a key of each kind: asked by a machine."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.processes.site import DUNNING, Site, answers, eventually, order

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
HOOKS = str(Path(__file__).with_name("lines_as_bodies.py"))
# Whatever the documentation allows need not be possible: an order may be unknown, a day past.
UNSAID = "positive_data_acceptance"


async def _asked_by_a_machine(site: Site, key: str, phases: str) -> None:
    """Every call with documented, odd and wrong values: no 5xx, nothing outside the schema."""
    process = await asyncio.create_subprocess_exec(
        *(SCHEMATHESIS, "run", str(site.api.base_url.join("/openapi.json")), "--no-color"),
        *("--header", f"Authorization: Bearer {key}"),
        *("--phases", phases, "--max-examples", "6", "--seed", "1"),
        *("--generation-deterministic", "--no-shrink", "--exclude-checks", UNSAID),
        *("--request-timeout", "60", "--suppress-health-check", "all"),
        cwd=site.folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": HOOKS},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


@pytest.mark.parametrize(
    ("kind", "phases"),
    [
        ("backend", "examples,coverage,fuzzing"),
        pytest.param("seller", "examples,fuzzing", marks=pytest.mark.one_database),
    ],
)
async def test_with_a_key_of_each_kind_nothing_is_outside_the_documentation(
    site: Site, kind: str, phases: str
) -> None:
    await site.prepare()
    await site.start("api")
    await site.start("worker")
    await eventually(lambda: answers(site))
    profile = {"company_name": "Kurse GmbH", "email": "seller@example.org"}
    (await site.api.put("/v1/sellers/s-100", json=profile)).raise_for_status()
    (await site.api.post("/v1/orders", json=order("A-1"))) if kind == "backend" else None
    key = site.api.headers["Authorization"].removeprefix("Bearer ")
    if kind == "seller":
        key = await _seller_key(site)

    await _asked_by_a_machine(site, key, phases)


async def _seller_key(site: Site) -> str:
    process = await asyncio.create_subprocess_exec(
        *(DUNNING, "keys", "create", "--seller", "s-100"),
        cwd=site.folder,
        env=os.environ | site.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return said.decode().strip()
