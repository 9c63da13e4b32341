"""R15: at its end a scenario compares all claims, as a Schedule has it done every day."""

from __future__ import annotations

from datetime import datetime

from models.payloads import DailyProof, ProofFound
from simulation.world import World
from workflows import CASES_QUEUE
from workflows.daily_proof import DailyProofWorkflow


async def prove(world: World, moment: datetime) -> ProofFound:
    """Compare the partner's claims with ours as they are at a moment."""
    return await world.temporal.execute_workflow(
        DailyProofWorkflow.run,
        DailyProof(clock_shift=world.clock.shift(moment)),
        id=f"daily-proof/{moment.isoformat()}",
        task_queue=CASES_QUEUE,
    )
