"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_AHEAD = ("ahead_on", "ahead_kind", "dunning_option", "currency", "owed")


def upgrade() -> None:
    op.create_table(
        "sellers",
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("settings_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settings_asked_for", sa.String(), nullable=True),
        sa.Column(
            "settings_question_sent", sa.Boolean(), server_default=sa.false(), nullable=False
        ),
        sa.Column("settings_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settings_token", sa.String(), nullable=True),
        sa.Column("option_changed_on", sa.Date(), nullable=True),
        sa.Column("summary_wanted", sa.String(), nullable=True),
        sa.Column("summary_schedule", sa.String(), nullable=True),
        sa.Column("statements_until", sa.Date(), nullable=True),
        sa.Column("statement_mail", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("seller_id"),
    )
    with op.batch_alter_table("sellers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sellers_settings_token"), ["settings_token"], unique=True
        )

    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["seller_id"],
            ["sellers.seller_id"],
        ),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "customers",
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("company", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("tax_id", sa.String(), nullable=True),
        sa.Column("registration_number", sa.String(), nullable=True),
        sa.Column("address", sa.JSON(), nullable=True),
        sa.Column("payment_term_days", sa.Integer(), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("search", sa.String(), server_default="", nullable=False),
        sa.Column("email_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("address_mail", sa.JSON(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("is_incomplete", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seller_id"],
            ["sellers.seller_id"],
        ),
        sa.PrimaryKeyConstraint("seller_id", "customer_id"),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_customers_country",
            ["seller_id", "country", "is_incomplete", "customer_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_customers_search", ["seller_id", "customer_id", "search"], unique=False
        )

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
    op.create_table(
        "orders",
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("invoice_number", sa.String(), nullable=True),
        sa.Column("invoice_date", sa.Date(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("cancellation_costs", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_for_claim", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("canceled_by", sa.String(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("cancellation_teller", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["seller_id", "customer_id"],
            ["customers.seller_id", "customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("seller_id", "order_id"),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_answer", sa.String(), nullable=True),
        sa.Column("last_answer_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["api_keys.key_id"],
        ),
        sa.PrimaryKeyConstraint("endpoint_id"),
    )
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_endpoints_key_id"), ["key_id"], unique=False)

    op.create_table(
        "payments",
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("installment", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.String(), server_default="backend", nullable=False),
        sa.Column("line_id", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["seller_id", "order_id"],
            ["orders.seller_id", "orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("payment_id"),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index("ix_payments_order", ["seller_id", "order_id"], unique=False)
        batch_op.create_index("ix_payments_line", ["line_id"], unique=False)

    _receivables()
    op.create_table(
        "allocations",
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["receivables.case_id"],
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.payment_id"],
        ),
        sa.PrimaryKeyConstraint("payment_id", "case_id"),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("installment", sa.Integer(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("blocked_by", sa.String(), nullable=True),
        sa.Column("dunning_option", sa.String(), nullable=True),
        sa.Column("hold_since", sa.Date(), nullable=True),
        sa.Column("hold_until", sa.Date(), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("claim_reference", sa.String(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("escalate_from", sa.Date(), nullable=True),
        sa.Column("open_again_on", sa.Date(), nullable=True),
        sa.Column("next_kind", sa.String(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wakes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("sent_version", sa.Integer(), nullable=False),
        sa.Column("is_behind", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("waits_for_statement", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("ahead_on", sa.Date(), nullable=True),
        sa.Column("ahead_kind", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), server_default="", nullable=False),
        sa.Column("owed", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["receivables.case_id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cases_customer",
            ["seller_id", "customer_id", "due_date", "case_id", "stage", *_AHEAD],
            unique=False,
        )
        batch_op.create_index(
            "ix_cases_ahead", ["seller_id", *_AHEAD, "due_date", "case_id"], unique=False
        )
        batch_op.create_index(
            "ix_cases_next", ["seller_id", "next_at", "case_id", "next_kind"], unique=False
        )
        batch_op.create_index(
            "ix_cases_updated", ["seller_id", "updated_at", "case_id"], unique=False
        )
        batch_op.create_index(
            "ix_cases_needs",
            ["seller_id", "due_date", "case_id"],
            unique=False,
            sqlite_where=sa.text("stage IN ('awaiting_approval', 'blocked')"),
            postgresql_where=sa.text("stage IN ('awaiting_approval', 'blocked')"),
        )
        batch_op.create_index(
            "ix_cases_statement",
            ["seller_id", "due_date", "case_id"],
            unique=False,
            sqlite_where=sa.text("waits_for_statement"),
            postgresql_where=sa.text("waits_for_statement"),
        )
        batch_op.create_index(
            "ix_cases_due",
            ["due_date", "case_id", "stage", "order_id", "seller_id", "customer_id"],
            unique=False,
        )
        batch_op.create_index("ix_cases_order", ["seller_id", "order_id"], unique=False)
        batch_op.create_index(
            "ix_cases_seller_due",
            ["seller_id", "due_date", "case_id", "stage", "order_id", "customer_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_cases_unsent",
            ["seller_id", "updated_at"],
            unique=False,
            sqlite_where=sa.text("sent_version < version OR is_behind"),
            postgresql_where=sa.text("sent_version < version OR is_behind"),
        )
        batch_op.create_index("ix_cases_wakes", ["wakes_at"], unique=False)

    op.create_table(
        "chargebacks",
        sa.Column("chargeback_id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.payment_id"],
        ),
        sa.PrimaryKeyConstraint("chargeback_id"),
    )
    with op.batch_alter_table("chargebacks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chargebacks_payment_id"), ["payment_id"], unique=False)

    op.create_table(
        "fees",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["receivables.case_id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "key"),
    )
    op.create_table(
        "claims",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("close_code", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("collected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("reference"),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claims_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claims_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "key", name="uq_events_key"),
    )
    op.create_table(
        "messages",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("open_amount", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messages_case_id"), ["case_id"], unique=False)

    op.create_table(
        "requests",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "request_id"),
    )
    op.create_table(
        "reversals",
        sa.Column("chargeback_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["receivables.case_id"],
        ),
        sa.ForeignKeyConstraint(
            ["chargeback_id"],
            ["chargebacks.chargeback_id"],
        ),
        sa.PrimaryKeyConstraint("chargeback_id", "case_id"),
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
        sa.ForeignKeyConstraint(
            ["reference"],
            ["claims.reference"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("claim_differences", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_claim_differences_reference"), ["reference"], unique=False
        )

    op.create_table(
        "partner_events",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"],
            ["claims.reference"],
        ),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoints.endpoint_id"],
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("endpoint_id", "event_id", name="uq_webhook_messages_event"),
    )
    with op.batch_alter_table("webhook_messages", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_messages_due", ["endpoint_id", "due_at"], unique=False)
    _statement_tables()


def _receivables() -> None:
    op.create_table(
        "receivables",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("installment", sa.Integer(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fees", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("open_amount", sa.BigInteger(), nullable=False),
        sa.Column("has_case", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seller_id", "order_id"],
            ["orders.seller_id", "orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    with op.batch_alter_table("receivables", schema=None) as batch_op:
        batch_op.create_index(
            "ix_receivables_due", ["due_date", "case_id", "open_amount", "order_id"], unique=False
        )
        batch_op.create_index(
            "ix_receivables_open", ["seller_id", "open_amount", "case_id"], unique=False
        )
        batch_op.create_index("ix_receivables_order", ["seller_id", "order_id"], unique=False)
        batch_op.create_index(
            "ix_receivables_seller_due",
            ["seller_id", "due_date", "case_id", "open_amount", "order_id"],
            unique=False,
        )


def _statement_tables() -> None:
    op.create_table(
        "waivers",
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["receivables.case_id"]),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.payment_id"]),
        sa.PrimaryKeyConstraint("payment_id", "case_id"),
    )
    op.create_table(
        "statements",
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=True),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("covers_until", sa.Date(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.seller_id"]),
        sa.PrimaryKeyConstraint("statement_id"),
        sa.UniqueConstraint("seller_id", "digest", name="uq_statements_digest"),
    )
    op.create_table(
        "statement_lines",
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("counterparty_iban", sa.String(), nullable=True),
        sa.Column("is_return", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("bookings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.seller_id"]),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.statement_id"]),
        sa.PrimaryKeyConstraint("line_id"),
        sa.UniqueConstraint("seller_id", "key", name="uq_statement_lines_key"),
    )
    with op.batch_alter_table("statement_lines", schema=None) as batch_op:
        batch_op.create_index("ix_statement_lines_day", ["seller_id", "booked_on"], unique=False)
        batch_op.create_index("ix_statement_lines_state", ["seller_id", "state"], unique=False)

    op.create_table(
        "statement_entries",
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["statement_lines.line_id"]),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.statement_id"]),
        sa.PrimaryKeyConstraint("statement_id", "position"),
    )
    with op.batch_alter_table("statement_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_entries_line_id"), ["line_id"], unique=False)

    op.create_table(
        "statement_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["statement_lines.line_id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("statement_decisions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_statement_decisions_line_id"), ["line_id"], unique=False
        )

    op.create_table(
        "table_readings",
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("header_digest", sa.String(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.seller_id"]),
        sa.PrimaryKeyConstraint("seller_id", "header_digest"),
    )

    op.create_table(
        "sign_in_links",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.seller_id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "console_sessions",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.seller_id"]),
        sa.PrimaryKeyConstraint("session_id"),
        sa.UniqueConstraint("digest"),
    )
    with op.batch_alter_table("console_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_console_sessions_seller_id"), ["seller_id"], unique=False
        )

    op.create_table(
        "console_acts",
        sa.Column("act_id", sa.String(), nullable=False),
        sa.Column("seller_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.seller_id"]),
        sa.ForeignKeyConstraint(["session_id"], ["console_sessions.session_id"]),
        sa.PrimaryKeyConstraint("act_id"),
    )
    with op.batch_alter_table("console_acts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_console_acts_session_id"), ["session_id"], unique=False
        )


def downgrade() -> None:
    _drop_statement_tables()
    op.drop_table("console_acts")
    op.drop_table("console_sessions")
    op.drop_table("sign_in_links")
    with op.batch_alter_table("webhook_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_messages_due")

    op.drop_table("webhook_messages")
    op.drop_table("partner_events")
    with op.batch_alter_table("claim_differences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_differences_reference"))

    op.drop_table("claim_differences")
    op.drop_table("reversals")
    op.drop_table("requests")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messages_case_id"))

    op.drop_table("messages")
    op.drop_table("events")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claims_partner_id"))
        batch_op.drop_index(batch_op.f("ix_claims_case_id"))

    op.drop_table("claims")
    op.drop_table("fees")
    with op.batch_alter_table("chargebacks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chargebacks_payment_id"))

    op.drop_table("chargebacks")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_wakes")
        batch_op.drop_index("ix_cases_updated")
        batch_op.drop_index(
            "ix_cases_statement",
            sqlite_where=sa.text("waits_for_statement"),
            postgresql_where=sa.text("waits_for_statement"),
        )
        batch_op.drop_index(
            "ix_cases_unsent",
            sqlite_where=sa.text("sent_version < version OR is_behind"),
            postgresql_where=sa.text("sent_version < version OR is_behind"),
        )
        batch_op.drop_index("ix_cases_seller_due")
        batch_op.drop_index("ix_cases_order")
        batch_op.drop_index("ix_cases_next")
        batch_op.drop_index(
            "ix_cases_needs",
            sqlite_where=sa.text("stage IN ('awaiting_approval', 'blocked')"),
            postgresql_where=sa.text("stage IN ('awaiting_approval', 'blocked')"),
        )
        batch_op.drop_index("ix_cases_due")
        batch_op.drop_index("ix_cases_customer")
        batch_op.drop_index("ix_cases_ahead")

    op.drop_table("cases")
    op.drop_table("allocations")
    _drop_receivables()
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index("ix_payments_line")
        batch_op.drop_index("ix_payments_order")

    op.drop_table("payments")
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_endpoints_key_id"))

    op.drop_table("webhook_endpoints")
    op.drop_table("orders")
    op.drop_table("debt_summaries")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index("ix_customers_search")
        batch_op.drop_index("ix_customers_country")

    op.drop_table("customers")
    op.drop_table("api_keys")
    with op.batch_alter_table("sellers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sellers_settings_token"))

    op.drop_table("sellers")


def _drop_receivables() -> None:
    with op.batch_alter_table("receivables", schema=None) as batch_op:
        batch_op.drop_index("ix_receivables_seller_due")
        batch_op.drop_index("ix_receivables_order")
        batch_op.drop_index("ix_receivables_open")
        batch_op.drop_index("ix_receivables_due")

    op.drop_table("receivables")


def _drop_statement_tables() -> None:
    op.drop_table("table_readings")
    with op.batch_alter_table("statement_decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_decisions_line_id"))

    op.drop_table("statement_decisions")
    with op.batch_alter_table("statement_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_entries_line_id"))

    op.drop_table("statement_entries")
    with op.batch_alter_table("statement_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_statement_lines_state")
        batch_op.drop_index("ix_statement_lines_day")

    op.drop_table("statement_lines")
    op.drop_table("statements")
    op.drop_table("waivers")
