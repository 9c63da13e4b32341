"""Summaries of debts, and the Schedules that look for them"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SELLERS: Final = sa.table(
    "sellers",
    sa.column("seller_id", sa.String()),
    sa.column("profile", sa.JSON()),
    sa.column("settings", sa.JSON()),
    sa.column("summary_wanted", sa.String()),
)


def upgrade() -> None:
    op.create_table(
        "debt_summaries",
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seller_id", "customer_id"],
            ["customers.seller_id", "customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("seller_id", "customer_id", "period"),
    )
    with op.batch_alter_table("sellers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("summary_wanted", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("summary_schedule", sa.String(), nullable=True))
    if not context.is_offline_mode():
        _want_what_was_set(op.get_bind())


def _want_what_was_set(connection: sa.Connection) -> None:
    """Sellers could ask for summaries before there were any."""
    columns = (_SELLERS.c.seller_id, _SELLERS.c.profile, _SELLERS.c.settings)
    for seller_id, profile, settings in connection.execute(sa.select(*columns)).all():
        if settings.get("debt_summary", "off") == "off":
            continue
        opens = settings.get("sending_window", {}).get("opens", "09:00:00")[:5]
        wanted = f"{opens} {profile.get('time_zone', 'UTC')}"
        row = _SELLERS.c.seller_id == seller_id
        connection.execute(_SELLERS.update().where(row).values(summary_wanted=wanted))


def downgrade() -> None:
    with op.batch_alter_table("sellers", schema=None) as batch_op:
        batch_op.drop_column("summary_schedule")
        batch_op.drop_column("summary_wanted")
    op.drop_table("debt_summaries")
