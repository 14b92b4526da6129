"""What a line of the ledger is about: the call or the sum of money whose lines settle each other."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_KEPT = "id, entry_id, position, account, account_label, auxiliary, auxiliary_name, about, debit, credit"


def upgrade() -> None:
    op.add_column("ledger_line", sa.Column("about", sa.String(), nullable=True))
    op.create_index(
        "ix_ledger_line_about", "ledger_line", ["about", "account"], postgresql_where=sa.text("about IS NOT NULL")
    )
    op.execute("DROP TRIGGER ledger_line_kept ON ledger_line")
    op.execute(
        f"CREATE TRIGGER ledger_line_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF {_KEPT} ON ledger_line"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
    )
