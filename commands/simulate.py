"""`dunning simulate`: plays months of a scenario in seconds."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.progress import progress_of
from runtime.embedded import ServerDied
from simulation.building import open_world
from simulation.play import Player, end_of
from simulation.proof import prove
from simulation.report import all_events, summary, timeline, write_events
from simulation.scenario import Line, UnreadableScenario, read_scenario
from simulation.world import Stuck

_UNREADABLE, _API_FAILED, _STUCK = 2, 1, 1


def simulate(
    scenario: Annotated[Path, typer.Argument(help="JSONL: one call of the API a line.")],
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day (UTC); else 120 days more."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the events to this file.")] = None,
    mail: Annotated[Path | None, typer.Option(help="Keep each message here.")] = None,
    show_timeline: Annotated[
        bool, typer.Option("--timeline", help="Show what happened, case by case.")
    ] = False,
) -> None:
    """Run a scenario through the whole system on a fast clock."""
    try:
        calls = read_scenario(scenario)
    except UnreadableScenario as error:
        sys.stderr.write(f"{scenario}: {error}\n")
        raise typer.Exit(_UNREADABLE) from error
    last_day = until.date() if until else None
    # A scenario that stops halfway closes connections in use; the pool would log that at length.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    try:
        failed = asyncio.run(_run(calls, last_day, out=out, mail=mail, show_timeline=show_timeline))
    except (ServerDied, Stuck) as stuck:
        sys.stderr.write(f"The scenario cannot go on: {stuck}.\n")
        raise typer.Exit(_STUCK) from stuck
    raise typer.Exit(_API_FAILED if failed else 0)


async def _run(
    calls: Sequence[Line],
    until: date | None,
    *,
    out: Path | None,
    mail: Path | None,
    show_timeline: bool,
) -> bool:
    """Play the calls and report; return whether the API failed on any of them."""
    async with open_world(keep_mail=mail) as world:
        end = end_of(calls, until)
        player = Player(world, calls, end=end)
        with progress_of("calls") as show:
            await player.play(show)
        proof = await prove(world, end)
        async with world.database.reading() as session:
            events = await all_events(session, player.refused, player.sellers)
            lines = list(await summary(session, events))
    lines.append(f"Claims compared: {proof.compared}, different: {len(proof.differences)}")
    if out is not None:
        with out.open("w", encoding="utf-8") as file:
            write_events(events, file)
    for line in [*(timeline(events) if show_timeline else ()), "", *lines]:
        sys.stdout.write(f"{line}\n")
    for refused in player.refused:
        sys.stderr.write(f"line {refused.call.line}: {refused.status} {refused.reason}\n")
    return any(refused.status >= 500 for refused in player.refused)
