"""`dunning cases`: commands for operators about many cases at once."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from runtime.clock import SystemClock
from runtime.database import Database
from runtime.settings import Settings
from runtime.temporal import connect
from starter.delivery.client import CaseClient
from starter.delivery.revive import Reviver
from starter.delivery.sender import PlanSender

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def cases() -> None:
    """Cases in Temporal."""


@app.command("revive")
def revive(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many are lost; change nothing.")
    ] = False,
) -> None:
    """Start the cases that Temporal has lost, and send it the plans that it does not have.

    The Schedule does both every half minute, but looks at all cases only if fewer run than should.

    For use after workflows were canceled or terminated, or Temporal's database was lost or
    restored.
    """
    count = asyncio.run(_revive(dry_run=dry_run))
    sys.stdout.write(f"{count} {'are lost' if dry_run else 'were started or told their plan'}\n")


async def _revive(*, dry_run: bool) -> int:
    database, clock = Database(Settings().database_url), SystemClock()
    cases = CaseClient(await connect(), clock)
    reviver, now = Reviver(database, cases), clock.now()
    try:
        if dry_run:
            lost = [case_id async for some in reviver.lost(now, thorough=True) for case_id in some]
            return len(set(lost))
        sent = [count async for count in PlanSender(database, cases, clock).send_unsent(now)]
        return sum(sent) + sum([count async for count in reviver.revive(now, thorough=True)])
    finally:
        await database.close()
