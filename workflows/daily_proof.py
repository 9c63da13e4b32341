"""The daily proof, started by a Temporal Schedule."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.daily_proof import ProofActivities
    from models.payloads import DailyProof, ProofFound
    from workflows import options


@workflow.defn(name="DailyProof")
class DailyProofWorkflow:
    """The workflow that compares every open claim at the partner with ours and shows the result."""

    @workflow.run
    async def run(self, task: DailyProof) -> ProofFound:
        found: ProofFound = await workflow.execute_activity_method(
            ProofActivities.compare_claims, task, **options.PROOF
        )
        lines = "\n".join(f"* {difference}" for difference in found.differences)
        workflow.set_current_details(f"compared: {found.compared}\n\n{lines or 'no news'}")
        return found
