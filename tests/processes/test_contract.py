"""The API does what its documentation says, with a key of each kind: asked by a machine."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.bodies import a_seller
from tests.examples import IS_THOROUGH, many
from tests.patience import eventually
from tests.processes.deployment import Deployment, answers, order

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
HOOKS = str(Path(__file__).with_name("lines_as_bodies.py"))
# Whatever the documentation allows need not be possible: an order may be unknown, a day past.
# Each value of each field by itself takes most of the time: on purpose only.
PHASES = "examples,coverage,fuzzing" if IS_THOROUGH else "examples,fuzzing"
UNSAID = "positive_data_acceptance"


async def _asked_by_a_machine(deployment: Deployment, key: str, phases: str = PHASES) -> None:
    """Every call with documented, odd and wrong values: no 5xx, nothing outside the schema."""
    process = await asyncio.create_subprocess_exec(
        *(SCHEMATHESIS, "run", str(deployment.api.base_url.join("/openapi.json")), "--no-color"),
        *("--header", f"Authorization: Bearer {key}"),
        *("--phases", phases, "--max-examples", str(many(2)), "--seed", "1"),
        *("--generation-deterministic", "--no-shrink", "--exclude-checks", UNSAID),
        *("--request-timeout", "60", "--suppress-health-check", "all"),
        cwd=deployment.folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": HOOKS},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


@pytest.mark.one_database
async def test_with_a_key_of_each_kind_nothing_is_outside_the_documentation(
    deployment: Deployment,
) -> None:
    await deployment.prepare()
    async with deployment.temporal():
        await deployment.start("api")
        await eventually(lambda: answers(deployment.api))
        await _asked_with_a_key_of_each_kind(deployment)


async def _asked_with_a_key_of_each_kind(deployment: Deployment) -> None:
    profile = a_seller(time_zone="UTC")
    (await deployment.api.put("/v1/sellers/s-100", json=profile)).raise_for_status()
    theirs = order("A-1") | {"seller_id": "s-100"}
    (await deployment.api.post("/v1/orders", json=theirs)).raise_for_status()
    backend_key = deployment.api.headers["Authorization"].removeprefix("Bearer ")

    await _asked_by_a_machine(deployment, backend_key)
    # For a seller's key other seller ids are refused; the values are checked as for a backend's.
    sellers_phases = PHASES if IS_THOROUGH else "examples"
    sellers_key = await deployment.new_key(seller_id="s-100")
    await _asked_by_a_machine(deployment, sellers_key, sellers_phases)
