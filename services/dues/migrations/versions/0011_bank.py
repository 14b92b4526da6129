"""The bank: files as they came, statements, lines, and what is said of each line."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_MONEY = sa.Numeric(17, 2)
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _files()
    _statements()
    _lines()
    _what_is_said()


def _files() -> None:
    op.create_table(
        "bank_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("not_booked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file")),
    )
    op.create_index("ix_bank_file_received", "bank_file", ["received_at", "id"])


def _statements() -> None:
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("opening", _MONEY, nullable=False),
        sa.Column("closing", _MONEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.ForeignKeyConstraint(["file_id"], ["bank_file.id"], name=op.f("fk_bank_statement_file_id_bank_file")),
        sa.UniqueConstraint(
            "account", "reference", "closed_on", name=op.f("uq_bank_statement_account_reference_closed_on")
        ),
        sa.CheckConstraint("opened_on <= closed_on", name=op.f("ck_bank_statement_days")),
    )
    op.create_index("ix_bank_statement_closed", "bank_statement", ["closed_on", "id"])


def _lines() -> None:
    texts = ("reference", "end_to_end", "structured", "party", "party_iban", "return_code", "bank_code")
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("reversal", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in texts),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("other_money", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_line_statement_id_bank_statement")
        ),
        sa.UniqueConstraint("account", "key", name=op.f("uq_bank_line_account_key")),
        sa.CheckConstraint(
            "state IN ('unmatched', 'matched', 'set_aside', 'outgoing')", name=op.f("ck_bank_line_state")
        ),
        sa.CheckConstraint("(state = 'set_aside') = (other_money IS NOT NULL)", name=op.f("ck_bank_line_other_money")),
        sa.CheckConstraint("amount <> 0 OR state = 'outgoing'", name=op.f("ck_bank_line_amount")),
    )
    op.create_index("ix_bank_line_booked", "bank_line", ["booked_on", "id"])
    op.create_index("ix_bank_line_amount", "bank_line", ["amount", "id"])
    op.create_index(
        "ix_bank_line_unmatched", "bank_line", ["booked_on", "id"], postgresql_where=sa.text("state = 'unmatched'")
    )
    op.create_index("ix_bank_line_statement", "bank_line", ["statement_id", "state"])


def _what_is_said() -> None:
    op.create_table(
        "bank_file_line",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "row", name=op.f("pk_bank_file_line")),
        sa.ForeignKeyConstraint(["file_id"], ["bank_file.id"], name=op.f("fk_bank_file_line_file_id_bank_file")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_file_line_statement_id_bank_statement")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("fk_bank_file_line_line_id_bank_line")),
        sa.CheckConstraint("outcome IN ('added', 'known')", name=op.f("ck_bank_file_line_outcome")),
    )
    op.create_index("ix_bank_file_line_line", "bank_file_line", ["line_id"])
    op.create_table(
        "bank_line_act",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("other_money", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("done_at", _INSTANT, nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "number", name=op.f("pk_bank_line_act")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("fk_bank_line_act_line_id_bank_line")),
        sa.CheckConstraint("act IN ('match', 'return', 'set_aside', 'reopen')", name=op.f("ck_bank_line_act_act")),
    )
    op.create_table(
        "bank_payer",
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("iban", "member_id", "line_id", name=op.f("pk_bank_payer")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("fk_bank_payer_line_id_bank_line")),
    )
    op.create_table(
        "bank_line_receipt",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "receipt_id", name=op.f("pk_bank_line_receipt")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("fk_bank_line_receipt_line_id_bank_line")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_bank_line_receipt_receipt_id_receipt")),
    )
