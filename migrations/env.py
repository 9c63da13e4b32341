"""How alembic reaches the database; called by `runtime.migrate`, never by hand."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from models.console.access import ConsoleActRow
from models.debt_summaries import DebtSummaryRow
from models.tables import ApiKeyRow, PartnerEventRow, StatementRow
from models.tables.columns import ExactAmount, UtcDateTime

# Each of these modules has tables of its own.
TABLES = (ApiKeyRow, ConsoleActRow, DebtSummaryRow, PartnerEventRow, StatementRow)
METADATA = TABLES[0].metadata
_PLAIN = {
    "AutoString": "sa.String()",
    ExactAmount.__name__: "sa.BigInteger()",
    UtcDateTime.__name__: "sa.DateTime(timezone=True)",
}


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration names the database's types, not ours: those may change."""
    return _PLAIN.get(type(item).__name__, False) if kind == "type" else False


def run() -> None:
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        context.configure(
            url=context.config.get_main_option("sqlalchemy.url"),
            target_metadata=METADATA,
            literal_binds=True,
            dialect_opts={"paramstyle": "named"},
            render_as_batch=True,
        )
    else:
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=True,
            render_item=_render,
        )
    with context.begin_transaction():
        context.run_migrations()


run()
