"""`dunning statements`: writes bank statements from files directly into the database (R20)."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from adapters.statements import MAX_SIZE
from models.outbox import CaseRef
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.settings import Settings
from runtime.temporal import connect
from starter.delivery.client import CaseClient
from starter.intake.statements import seller_actions
from starter.intake.statements.files import Uploaded
from starter.refusals import Problem
from starter.services import Services

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Bank statements.")
_REFUSED, _UNREADABLE = 1, 2
_BY: Final = "command"
_SHOWN: Final = 200


@app.callback()
def statements() -> None:
    """Bank statements."""


@app.command("import")
def import_statement(
    file: Annotated[Path, typer.Argument(help="CAMT, MT940, CSV, a cartola, or a ZIP of these.")],
    seller: Annotated[str, typer.Option(help="Whose account it is of.")],
    book: Annotated[bool, typer.Option(help="Book all that is certain.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what it says, and keep nothing.")] = False,
) -> None:
    """Import a bank statement; transactions that are already there stay as they are."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_SIZE + 1)
    except OSError as error:
        _say(f"{file}: {error.strerror}")
        raise typer.Exit(_UNREADABLE) from error
    try:
        lines = asyncio.run(
            _import(seller, Uploaded(content, file.name), book=book, dry_run=dry_run)
        )
    except Problem as problem:
        for words in [wrong.message for wrong in problem.errors] or [problem.detail]:
            _say(f"{file}: {words}")
        raise typer.Exit(_REFUSED) from problem
    _show(file.name, lines)


async def _import(
    seller_id: str, uploaded: Uploaded, *, book: bool, dry_run: bool
) -> Sequence[dict[str, Any]]:
    """Do what was asked; return the lines with their verdicts."""
    database, clock = Database(Settings().database_url), SystemClock()
    try:
        services = Services(
            database=database,
            cases=CaseClient(await connect(lazy=True), clock),
            send_plans_soon=_leave_to_the_system,
            clock=clock,
        )
        if dry_run:
            return _lines(await seller_actions.preview_file(services, seller_id, uploaded))
        taken = await seller_actions.import_with_lines(services, seller_id, uploaded, by=_BY)
        if not book:
            return _lines(taken.answer)
        statement_id = taken.answer["statement_id"]
        return _lines(await seller_actions.book_certain(services, seller_id, statement_id, by=_BY))
    finally:
        await database.close()


async def _leave_to_the_system(_unsent: Sequence[CaseRef]) -> None:
    """Do nothing: the cases have changed in SQL, and the running system sends their plans."""


def _lines(statement: dict[str, Any]) -> Sequence[dict[str, Any]]:
    lines: Sequence[dict[str, Any]] = statement["lines"]
    return lines


def _show(name: str, lines: Sequence[dict[str, Any]]) -> None:
    """Print a table of the lines, and how many there are of each verdict."""
    table = Table("day", "amount", "", "from or to", "verdict", "may pay", box=None)
    for line in lines[:_SHOWN]:
        table.add_row(
            line["booked_on"],
            line["amount"],
            line["currency"],
            line["counterparty"] or "",
            line["verdict"],
            ", ".join(dict.fromkeys(match["order_id"] for match in line["matches"])),
        )
    console = Console(highlight=False, markup=False)
    console.print(table)
    if len(lines) > _SHOWN:
        console.print(f"… and {len(lines) - _SHOWN} more")
    counts = Counter(line["verdict"] for line in lines)
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    console.print(f"{name}: {len(lines)} lines" + (f": {told}" if told else ""))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
