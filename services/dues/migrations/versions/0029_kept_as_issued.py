"""What was issued and what was entered stays as it was, and members say where letters about dues go."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"

_WRITTEN = "document, einvoice, einvoice_defects"
# What changes of each, and when, is not named here: of a call, what became of it; of a receipt, where it went.
_ISSUED = {
    "invoice": "id, number, campaign_id, member_id, kind, rank, year, member_name, delegation, activity, fixed,"
    " variable, total, issued_on, due_on, terms_id, particulars",
    "receipt": "id, number, entity, method, amount, received_on, recorded_at, recorded_by",
}


def upgrade() -> None:
    op.add_column(
        "member",
        sa.Column("correspondence", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    for table, columns in _ISSUED.items():
        _refuse(f"{table}_kept", f"BEFORE DELETE OR TRUNCATE OR UPDATE OF {columns} ON {table} FOR EACH STATEMENT")
    for table in ("invoice_share", "invoice_terms"):
        _refuse(f"{table}_kept", f"BEFORE DELETE OR TRUNCATE OR UPDATE ON {table} FOR EACH STATEMENT")
    written = f"BEFORE UPDATE OF explanation, {_WRITTEN} ON invoice FOR EACH ROW WHEN (OLD.document IS NOT NULL)"
    _refuse("invoice_written_once", written)
    issued = "FOR EACH ROW WHEN (OLD.status = 'issued')"
    columns = "id, reference, invoice_id, status, fixed, variable, total, reason, note, voids, issued_on, issued_by"
    _refuse(
        "credit_kept", f"BEFORE DELETE OR UPDATE OF {columns}, document, einvoice, einvoice_defects ON credit {issued}"
    )


def _refuse(name: str, when: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION refuse_rewriting()")
