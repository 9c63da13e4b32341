"""What becomes of claims, and what the partner has told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("canceled_for_claim", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    # So far an order with a claim was canceled for its sake, if its option was `cancellation`.
    op.execute(
        "UPDATE orders SET canceled_for_claim = true WHERE canceled_at IS NOT NULL AND EXISTS ("
        "SELECT 1 FROM cases JOIN claims ON claims.case_id = cases.case_id"
        " WHERE cases.seller_id = orders.seller_id AND cases.order_id = orders.order_id"
        " AND cases.dunning_option = 'cancellation')"
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.alter_column("partner_id", existing_type=sa.String(), nullable=True)
        batch_op.add_column(sa.Column("close_code", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column("collected", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_claims_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "partner_events",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["claims.reference"]),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "claim_differences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("ours", sa.String(), nullable=False),
        sa.Column("theirs", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["reference"], ["claims.reference"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("claim_differences", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_claim_differences_reference"), ["reference"], unique=False
        )


def downgrade() -> None:
    op.drop_table("claim_differences")
    op.drop_table("partner_events")
    op.execute("DELETE FROM claims WHERE partner_id IS NULL")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claims_partner_id"))
        for column in ("updated_at", "collected", "reason", "close_code"):
            batch_op.drop_column(column)
        batch_op.alter_column("partner_id", existing_type=sa.String(), nullable=False)
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("canceled_for_claim")
