"""An import that was applied can be undone: what it entered that nothing was built upon is retracted.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("retracted", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("uq_member_siren", "ix_member_name"):
        op.drop_index(name, "member")
    op.create_index(
        "uq_member_siren",
        "member",
        ["siren"],
        unique=True,
        postgresql_where=sa.text("siren IS NOT NULL AND merged_into IS NULL AND NOT retracted"),
    )
    op.create_index(
        "ix_member_name",
        "member",
        ["name", "id"],
        postgresql_where=sa.text("merged_into IS NULL AND NOT retracted"),
    )
    op.add_column("import_line", sa.Column("undone", sa.String(), nullable=True))
    op.create_check_constraint(op.f("ck_import_line_undone"), "import_line", "undone IN ('retracted', 'returned')")
    op.add_column("import_file", sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import_file", sa.Column("undoable_until", sa.Date(), nullable=True))
    op.add_column("import_file", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import_file", sa.Column("undone_by", sa.String(), nullable=True))
    op.add_column("import_file", sa.Column("undo_reason", sa.String(), nullable=True))
    op.drop_constraint(op.f("ck_import_file_status"), "import_file")
    op.create_check_constraint(
        op.f("ck_import_file_status"),
        "import_file",
        "status IN ('previewing', 'previewed', 'preview_failed', 'applying', 'applied', 'undoing', 'undone')",
    )
    op.create_check_constraint(
        op.f("ck_import_file_undone"),
        "import_file",
        "(status = 'undone') = (undone_at IS NOT NULL) AND (undone_at IS NULL) = (undo_reason IS NULL)"
        " AND (undone_at IS NULL) = (undone_by IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_import_file_applied"), "import_file", "(applied_at IS NULL) = (undoable_until IS NULL)"
    )
    op.drop_index("uq_import_file_applying", "import_file")
    op.create_index(
        "uq_import_file_applying",
        "import_file",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("status IN ('applying', 'undoing')"),
    )
