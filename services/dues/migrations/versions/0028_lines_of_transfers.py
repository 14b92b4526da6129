"""What a bank line is of what is paid on: a batch of transfers, one that came back, a charge of the bank."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_STATES = "state IN ('unmatched', 'matched', 'set_aside', 'outgoing', 'charged')"
_ACTS = "act IN ('match', 'return', 'recognise', 'set_aside', 'charge', 'reopen')"
_ECHO = "num_nonnulls(run_id, collection_id, transfer_batch_id, transfer_id) <= 1"


def upgrade() -> None:
    for column, table in (("transfer_batch_id", "transfer_batch"), ("transfer_id", "transfer_line")):
        op.add_column("bank_line", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_bank_line_{column}_{table}"), "bank_line", table, [column], ["id"])
    op.create_index(
        "ix_bank_line_transfer_batch",
        "bank_line",
        ["transfer_batch_id"],
        postgresql_where=sa.text("transfer_batch_id IS NOT NULL"),
    )
    op.create_index("uq_bank_line_transfer", "bank_line", ["transfer_id"], unique=True)
    op.drop_constraint(op.f("ck_bank_line_collected"), "bank_line")
    op.create_check_constraint(op.f("ck_bank_line_echo"), "bank_line", _ECHO)
    op.drop_constraint(op.f("ck_bank_line_state"), "bank_line")
    op.create_check_constraint(op.f("ck_bank_line_state"), "bank_line", _STATES)
    op.create_check_constraint(
        op.f("ck_bank_line_charged"), "bank_line", "state <> 'charged' OR amount < 0 AND note IS NOT NULL"
    )
    op.drop_constraint(op.f("ck_bank_line_act_act"), "bank_line_act")
    op.create_check_constraint(op.f("ck_bank_line_act_act"), "bank_line_act", _ACTS)
    # A line kept before waits as one kept now: it names a batch of transfers, or the bank says that it is a charge.
    op.execute(
        r"""
        UPDATE bank_line SET state = 'unmatched' WHERE state = 'outgoing' AND amount < 0 AND (
            split_part(bank_code, '/', 3) IN ('CHRG', 'COME', 'COMI', 'COMM', 'COMT', 'FEES')
            OR concat_ws(' ', batch, end_to_end, text) ~* '\mVIR(\W|_)?20\d\d(\W|_)?\d{5}((\W|_)?\d{2,3})?(?!\d)'
        )
        """
    )
