"""What lists are filtered by stands in their indexes; names are casefolded"""

from __future__ import annotations

import unicodedata
from typing import Final

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LONGEST: Final = 600
_PLACE: Final = ["due_date", "case_id"]
_CUSTOMERS: Final = sa.table(
    "customers",
    *(
        sa.column(name, sa.String())
        for name in ("seller_id", "customer_id", "first_name", "last_name", "company", "search")
    ),
)


def upgrade() -> None:
    # Without a database at hand names stay as SQL can lower them.
    if not context.is_offline_mode():
        _casefold_names(op.get_bind())
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_customers_search", ["seller_id", "customer_id", "search"], unique=False
        )
    with op.batch_alter_table("receivables", schema=None) as batch_op:
        columns = [*_PLACE, "open_amount", "order_id"]
        batch_op.create_index("ix_receivables_due", columns, unique=False)
        batch_op.create_index("ix_receivables_seller_due", ["seller_id", *columns], unique=False)
    with op.batch_alter_table("cases", schema=None) as batch_op:
        for name in ("ix_cases_stage", "ix_cases_due", "ix_cases_seller_due", "ix_cases_customer"):
            batch_op.drop_index(name)
        columns = [*_PLACE, "stage", "order_id"]
        batch_op.create_index("ix_cases_due", [*columns, "seller_id", "customer_id"], unique=False)
        batch_op.create_index(
            "ix_cases_seller_due", ["seller_id", *columns, "customer_id"], unique=False
        )
        batch_op.create_index(
            "ix_cases_customer", ["seller_id", "customer_id", *_PLACE, "stage"], unique=False
        )


def _casefold_names(connection: sa.Connection) -> None:
    """SQLite lowers ASCII only, and no database knows that STRASSE is straße."""
    names = (_CUSTOMERS.c.first_name, _CUSTOMERS.c.last_name, _CUSTOMERS.c.company)
    rows = connection.execute(sa.select(_CUSTOMERS.c.seller_id, _CUSTOMERS.c.customer_id, *names))
    found = [
        {"of_seller": seller_id, "of_customer": customer_id, "search": _searchable(*texts)}
        for seller_id, customer_id, *texts in rows
    ]
    if found:
        change = (
            sa.update(_CUSTOMERS)
            .where(_CUSTOMERS.c.seller_id == sa.bindparam("of_seller"))
            .where(_CUSTOMERS.c.customer_id == sa.bindparam("of_customer"))
        )
        connection.execute(change, found)


def _searchable(*texts: str | None) -> str:
    text = " ".join(filter(None, texts))
    return unicodedata.normalize("NFC", text.casefold())[:_LONGEST]


def downgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        for name in ("ix_cases_customer", "ix_cases_seller_due", "ix_cases_due"):
            batch_op.drop_index(name)
        batch_op.create_index("ix_cases_due", _PLACE, unique=False)
        batch_op.create_index("ix_cases_seller_due", ["seller_id", *_PLACE], unique=False)
        batch_op.create_index("ix_cases_customer", ["seller_id", "customer_id"], unique=False)
        batch_op.create_index("ix_cases_stage", ["seller_id", "stage"], unique=False)
    with op.batch_alter_table("receivables", schema=None) as batch_op:
        batch_op.drop_index("ix_receivables_seller_due")
        batch_op.drop_index("ix_receivables_due")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index("ix_customers_search")
