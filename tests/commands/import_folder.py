"""A folder with files to import, a database, and the command `dunning import`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from typer.testing import CliRunner, Result

from commands.main import app
from models.outbox import is_unsent_or_behind
from models.tables import (
    CaseRow,
    EventRow,
    OrderRow,
)
from runtime.database import Database
from tests.bodies import an_order
from tests.child_processes import DUNNING

HEAD = "seller_id,order_id,invoice_date,currency,total,customer.customer_id,customer.email,"
HEAD += "customer.last_name"


@dataclass(frozen=True)
class ImportFolder:
    """A folder, a database with one seller, and what a person types."""

    path: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"DUNNING_DATABASE_URL": self.url, "COLUMNS": "200", "TERM": "xterm"}

    def run(self, content: str | bytes, *options: str, name: str = "orders.csv") -> Result:
        (self.path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.types(name, *options)

    def types(self, *words: str, stdin: bytes | None = None) -> Result:
        with contextlib.chdir(self.path):
            ended = CliRunner(env=self.environment).invoke(app, ["import", *words], input=stdin)
        assert ended.exception is None or isinstance(ended.exception, SystemExit)
        return ended

    async def start(self, *words: str, **how: Any) -> asyncio.subprocess.Process:
        """A process of its own."""
        return await asyncio.create_subprocess_exec(
            *(DUNNING, "import", *words), cwd=self.path, env=self.environment, **how
        )

    def all(self, statement: Any) -> Sequence[Any]:
        return asyncio.run(self.all_now(statement))

    def count(self, table: type) -> int:
        return asyncio.run(self.count_now(table))

    async def all_now(self, statement: Any) -> Sequence[Any]:
        database = Database(self.url)
        async with database.reading() as session:
            found: Sequence[Any] = (await session.exec(statement)).all()
        await database.close()
        return found

    async def count_now(self, table: type) -> int:
        [number] = await self.all_now(select(func.count()).select_from(table))
        return int(number)

    def unsent(self) -> dict[str, int]:
        """The cases of which Temporal has still to hear, each with its version."""
        rows = self.all(select(CaseRow).where(is_unsent_or_behind()))
        return {row.case_id: row.version for row in rows}

    def history(self) -> list[str]:
        """What has happened to the cases, in the order in which it was written down."""
        return list(self.all(select(EventRow.event).order_by(col(EventRow.id))))

    def order_ids(self) -> list[str]:
        return sorted(self.all(select(OrderRow.order_id)))


def order(order_id: str, **other: Any) -> dict[str, Any]:
    customer = {"customer_id": f"c-{order_id}", "email": "a@example.org", "last_name": "Müller"}
    return an_order(order_id, customer=customer) | other


def row(order_id: str, *, sep: str = ",", total: str = "119.00", name: str = "Ito") -> str:
    cells = ("s-1", order_id, "2026-03-02", "EUR", total, f"c-{order_id}", "a@example.org", name)
    return sep.join(cells)


def table(*rows: str, head: str = HEAD, end: str = "\n") -> str:
    return "".join(line + end for line in (head, *rows))


def ndjson(documents: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)
