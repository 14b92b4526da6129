"""The ledger: entries in double entry, closed months, and triggers that keep what is written as it was written."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_REFUSE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is never rewritten: reverse the entry' USING ERRCODE = 'restrict_violation';
END
$$
"""
_KEPT = {
    "ledger_entry": "UPDATE",
    "ledger_line": "UPDATE OF id, entry_id, position, account, account_label, auxiliary, auxiliary_name, debit, credit",
    "ledger_period_act": "UPDATE",
}


def upgrade() -> None:
    op.create_table(
        "ledger_book",
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("closed_through", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("entity", name=op.f("pk_ledger_book")),
    )
    op.create_table(
        "ledger_period_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acted_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("act IN ('closed', 'reopened')", name=op.f("ck_ledger_period_act_act")),
        sa.CheckConstraint("(act = 'reopened') = (reason IS NOT NULL)", name=op.f("ck_ledger_period_act_reason")),
        sa.ForeignKeyConstraint(
            ["entity"], ["ledger_book.entity"], name=op.f("fk_ledger_period_act_entity_ledger_book")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_period_act")),
    )
    op.create_index("ix_ledger_period_act_entity", "ledger_period_act", ["entity", "id"])
    _create_entries()
    op.execute(_REFUSE)
    for table, change in _KEPT.items():
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE OR TRUNCATE OR {change} ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
        )


def _create_entries() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("journal", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("piece", sa.String(), nullable=False),
        sa.Column("piece_on", sa.Date(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("total", sa.Numeric(18, 2), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_by", sa.String(), nullable=False),
        sa.CheckConstraint("journal IN ('VE', 'BQ', 'OD', 'AN')", name=op.f("ck_ledger_entry_journal")),
        sa.CheckConstraint("total > 0", name=op.f("ck_ledger_entry_total")),
        sa.CheckConstraint("year = EXTRACT(year FROM day)", name=op.f("ck_ledger_entry_year")),
        sa.CheckConstraint("day <= posted_on", name=op.f("ck_ledger_entry_come")),
        sa.CheckConstraint(
            "(source_kind = 'reversal') = (reverses IS NOT NULL)", name=op.f("ck_ledger_entry_reversal")
        ),
        sa.ForeignKeyConstraint(["entity"], ["ledger_book.entity"], name=op.f("fk_ledger_entry_entity_ledger_book")),
        sa.ForeignKeyConstraint(["reverses"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_ledger_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint(
            "entity", "source_kind", "source_id", name=op.f("uq_ledger_entry_entity_source_kind_source_id")
        ),
        sa.UniqueConstraint("entity", "year", "rank", name=op.f("uq_ledger_entry_entity_year_rank")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_entry_reverses")),
    )
    op.create_index("ix_ledger_entry_day", "ledger_entry", ["entity", "day", "id"])
    op.create_table(
        "ledger_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("account_label", sa.String(), nullable=False),
        sa.Column("auxiliary", sa.String(), nullable=True),
        sa.Column("auxiliary_name", sa.String(), nullable=True),
        sa.Column("debit", sa.Numeric(14, 2), nullable=False),
        sa.Column("credit", sa.Numeric(14, 2), nullable=False),
        sa.Column("letter", sa.String(), nullable=True),
        sa.Column("lettered_on", sa.Date(), nullable=True),
        sa.CheckConstraint("least(debit, credit) = 0 AND debit + credit > 0", name=op.f("ck_ledger_line_side")),
        sa.CheckConstraint("(auxiliary IS NULL) = (auxiliary_name IS NULL)", name=op.f("ck_ledger_line_auxiliary")),
        sa.CheckConstraint("(letter IS NULL) = (lettered_on IS NULL)", name=op.f("ck_ledger_line_letter")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_line_entry_id_ledger_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
        sa.UniqueConstraint("entry_id", "position", name=op.f("uq_ledger_line_entry_id_position")),
    )
    op.create_index("ix_ledger_line_account", "ledger_line", ["account", "auxiliary"])
