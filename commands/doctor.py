"""`dunning doctor`: checks all that a deployment needs, and says what to do if it is missing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final

import typer

from commands.checks import database, lost, machine, outside
from commands.checks.findings import Finding, State, within_limit
from commands.checks.temporal import temporal
from runtime.clock import Clock, SystemClock

_COLORS: Final = {State.OK: "green", State.WARNING: "yellow", State.PROBLEM: "red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Check everything that the system needs, and say how to mend what is missing."""
    findings = asyncio.run(examine(SystemClock()))
    ill = any(finding.state is State.PROBLEM for finding in findings)
    if as_json:
        report = {"ok": not ill, "findings": [asdict(finding) for finding in findings]}
        sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    else:
        _print(findings)
    raise typer.Exit(int(ill))


async def examine(clock: Clock) -> list[Finding]:
    """Run all checks, side by side, each with its time limit."""
    settings, found = machine.settings()
    found = [machine.python(), machine.time_zones(), *found]
    if settings is None:
        looks = [temporal(clock)]
    else:
        found.append(outside.sender(settings))
        url = settings.database_url
        looks = [
            within_limit("database", database.look_at(url, clock), database.UNREACHABLE),
            temporal(clock, one_machine=url.startswith("sqlite")),
            within_limit("lost cases", lost.lost_cases(url, clock), lost.SLOW),
            within_limit("mail", outside.mail(settings), outside.MAIL_UNREACHABLE),
            within_limit("partner", outside.partner(settings, clock), outside.PARTNER_UNREACHABLE),
        ]
    more = await asyncio.gather(*looks)
    return [*found, *(finding for findings in more for finding in findings)]


def _print(findings: Sequence[Finding]) -> None:
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        state = typer.style(f"{finding.state:<8}", fg=_COLORS[finding.state])
        remedy = f"; {finding.remedy}" if finding.remedy else ""
        typer.echo(f"{state} {finding.check:<{width}}  {finding.says}{remedy}")
