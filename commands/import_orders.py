"""`dunning import`: writes orders or payments from a file directly into the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.imports.cells import Conventions, DayOrder, DecimalSign
from commands.imports.kinds import IMPORTABLE, Kind
from commands.imports.looking import shown_first
from commands.imports.reading import Format, Reading, read
from commands.imports.report import NoReport, Tally, Tell, faults_of, reported
from commands.imports.source import Source, UnreadableFile, opened
from commands.imports.stopping import Stopping
from models.changes import change_case
from runtime.clock import Clock, SystemClock
from runtime.database import Database
from runtime.settings import Settings
from starter.input.ndjson import InputLine
from starter.intake.batch_writes import Accepted, write_lines
from starter.refusals import Problem

Result = TypeVar("Result")
_SOME_BAD, _UNREADABLE, _INTERRUPTED = 1, 2, 130


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, or JSON a line; - for standard input.")],
    kind: Annotated[
        Kind | None, typer.Option(help="What it holds; else told from its fields.")
    ] = None,
    format: Annotated[
        Format | None, typer.Option(help="How it is written; else told from its name and text.")
    ] = None,
    decimal: Annotated[
        DecimalSign | None, typer.Option(help="How a table writes amounts: 1.234,50 or 1,234.50.")
    ] = None,
    dates: Annotated[
        DayOrder | None, typer.Option(help="How a table writes days, if not as 2026-03-02.")
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--map", help='A column of another name: "Bestellnummer=order_id"; "X=" out.'),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", help='What every row has in a field: "currency=EUR".'),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write what is wrong with which line here; a table if it ends in .csv."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look at every line, and write nothing.")
    ] = False,
) -> None:
    """Import orders or payments; what is already there is left as it is."""
    conventions = Conventions(
        decimal=decimal,
        days=dates,
        names=_pairs(names, "--map"),
        values=_pairs(values, "--set"),
    )
    try:
        with opened(file) as source:
            reading = read(source, kind=kind, format=format, conventions=conventions)
            first, reading = shown_first(reading, conventions)
            sys.stdout.write(first)
            sys.stdout.flush()
            ended = _import(source, reading, report, dry_run=dry_run)
    except UnreadableFile as error:
        _say(f"{file}: {error}")
        raise typer.Exit(_UNREADABLE) from error
    except NoReport as error:
        _say(str(error))
        raise typer.Exit(_UNREADABLE) from error
    raise typer.Exit(ended)


def _pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """Parse the values of an option, each of the form `NAME=VALUE`."""
    pairs: dict[str, str] = {}
    for one in given or ():
        name, sign, what = one.rpartition("=") if option == "--map" else one.partition("=")
        if not sign or not name.strip():
            raise typer.BadParameter(f'{one}: must be "NAME=…"', param_hint=option)
        pairs[name.strip()] = what.strip()
    return pairs


def _import(source: Source, reading: Reading, report: Path | None, *, dry_run: bool) -> int:
    """Import with a progress bar and a report; return the exit code."""
    if report is not None and report.exists() and report.resolve() == Path(source.name).resolve():
        raise NoReport(f"{report}: is the file to import, too; give another one")
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    tell_console = partial(console.print, markup=False)
    with (
        reported(report, lambda fault: tell_console(str(fault))) as tell,
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[lines]:,} lines"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as progress,
    ):
        bar = progress.add_task(str(reading.kind), total=source.size, lines=0)

        def show(lines: int) -> None:
            progress.update(bar, completed=source.bytes_read, lines=lines)

        run = Import(reading, tell=tell, show=show, is_rehearsal=dry_run)
        asyncio.run(run.all(Settings().database_url, SystemClock()))
    for line in run.summary(source.name, report):
        sys.stdout.write(f"{line}\n")
    if run.is_stopped or run.failure:
        _say(run.how_to_go_on())
    if run.is_stopped:
        return _INTERRUPTED
    return _SOME_BAD if run.tally.bad or run.failure else 0


@dataclass
class Import:
    """An import that writes the lines of a file into the database, a few in each transaction."""

    reading: Reading
    tell: Tell
    show: Callable[[int], None]
    is_rehearsal: bool = False
    tally: Tally = field(default_factory=Tally)
    stopping: Stopping = field(default_factory=Stopping)
    is_stopped: bool = False
    failure: str | None = None

    async def all(self, database_url: str, clock: Clock) -> None:
        """Import all lines; stop on Ctrl-C or when the database fails."""
        database = Database(database_url)
        try:
            with self.stopping.on_ctrl_c():
                for lines in self._chunks():
                    await self._write(database, lines, clock)
        except KeyboardInterrupt:
            self.is_stopped = True
        except SQLAlchemyError as error:
            self.failure = type(error).__name__
        finally:
            await database.close()

    def _chunks(self) -> Iterator[list[InputLine[Any]]]:
        at_once = IMPORTABLE[self.reading.kind].at_once
        while True:
            if self.stopping.is_wanted:
                raise KeyboardInterrupt
            with self.stopping.breaking_off():
                lines = list(islice(self.reading.lines, at_once))
            if not lines:
                return
            yield lines

    async def _write(
        self, database: Database, lines: Sequence[InputLine[Any]], clock: Clock
    ) -> None:
        what = IMPORTABLE[self.reading.kind]
        write = partial(_rehearse, database) if self.is_rehearsal else database.in_transaction
        outcomes = await write_lines(write, what.change, lines, now=clock.now())
        for line, outcome in zip(lines, outcomes, strict=True):
            self.tally.count(line, outcome)
            if isinstance(outcome, Problem):
                for fault in faults_of(line, outcome, what):
                    self.tell(fault)
        # Each case is brought up in its own small transaction, so that other writers wait briefly.
        accepted = (outcome for outcome in outcomes if isinstance(outcome, Accepted))
        if self.reading.kind is Kind.PAYMENTS and not self.is_rehearsal:
            for case_id in sorted({case.case_id for one in accepted for case in one.unsent}):
                async with database.writing() as session:
                    await change_case(session, case_id, at=clock.now())
        self.show(self.tally.lines)

    def summary(self, name: str, report: Path | None) -> Iterator[str]:
        """Return the counts, and what happens next."""
        tally = self.tally
        yield f"{name}: {tally.lines:,} {self.reading.kind}"
        yield f"{tally.new:>10,} new"
        yield f"{tally.known:>10,} already there"
        yield f"{tally.bad:>10,} bad" + (f", see {report}" if tally.bad and report else "")
        if self.is_rehearsal:
            yield "Nothing was written: run it without --dry-run."
        elif tally.new:
            yield _WHAT_HAPPENS_NEXT[self.reading.kind]

    def how_to_go_on(self) -> str:
        why, hint = "Ended", ""
        if self.failure:
            why = f"The database took no more ({self.failure})"
            hint = "What is missing, and what to do: dunning doctor\n"
        if self.is_rehearsal:
            return f"{why} after line {self.tally.last:,}.\n{hint}Nothing was written."
        return (
            f"{why} after line {self.tally.last:,}; all up to there is written down.\n{hint}"
            f"To go on, run the same command again: what is there is found quickly."
        )


async def _rehearse(
    database: Database, change: Callable[[AsyncSession], Awaitable[Result]]
) -> Result:
    """Run a change and roll it back."""
    async with database.writing() as session:
        outcomes = await change(session)
        await session.rollback()
        return outcomes


_WHAT_HAPPENS_NEXT: Final = {
    Kind.ORDERS: "The running system begins their cases by itself; many thousands take minutes.",
    Kind.PAYMENTS: "Their cases are up to date; the running system tells Temporal by itself.",
}


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
