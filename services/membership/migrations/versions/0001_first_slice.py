"""The mechanism's tables, and the first slice of the service."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.migrations import apply_platform_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    apply_platform_script(op, 1)
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "dues_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("total", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues_call")),
    )
    op.create_index("ix_dues_call_member", "dues_call", ["member_id", "year"], unique=False)
    op.create_table(
        "import_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("findings", JSONB(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("register_mark", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('previewing', 'previewed', 'preview_failed', 'applying', 'applied')",
            name=op.f("ck_import_file_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    op.create_index(
        "uq_import_file_applying",
        "import_file",
        [sa.literal_column("(status)")],
        unique=True,
        postgresql_where=sa.text("status = 'applying'"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("normalized_name", sa.String(), nullable=False),
        sa.Column("siren", sa.String(), nullable=True),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("activities", ARRAY(sa.String()), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("street", sa.String(), nullable=True),
        sa.Column("postcode", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'candidate') = (joined_on IS NULL)", name=op.f("ck_member_joined_when_active")),
        sa.CheckConstraint("siren ~ '^[0-9]{9}$'", name=op.f("ck_member_siren")),
        sa.CheckConstraint("siret ~ '^[0-9]{14}$' AND left(siret, 9) = siren", name=op.f("ck_member_siret")),
        sa.CheckConstraint("status IN ('candidate', 'active')", name=op.f("ck_member_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("reference", name=op.f("uq_member_reference")),
    )
    op.create_index("ix_member_activities", "member", ["activities"], postgresql_using="gin")
    op.create_index("ix_member_created_at", "member", ["created_at", "id"])
    op.create_index("ix_member_delegation", "member", ["delegation", "name", "id"])
    op.create_index("ix_member_department", "member", ["department", "name", "id"])
    op.create_index("ix_member_joined_on", "member", ["joined_on"], postgresql_where=sa.text("joined_on IS NOT NULL"))
    op.create_index("ix_member_name", "member", ["name", "id"])
    op.create_index(
        "ix_member_normalized_name",
        "member",
        ["normalized_name"],
        postgresql_using="gin",
        postgresql_ops={"normalized_name": "gin_trgm_ops"},
    )
    op.create_index("ix_member_status_name", "member", ["status", "name", "id"])
    op.create_index("uq_member_siren", "member", ["siren"], unique=True, postgresql_where=sa.text("siren IS NOT NULL"))
    op.create_table(
        "sitting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("in_office", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("represented", sa.Integer(), nullable=False),
        sa.Column("minutes_reference", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_sitting_status")),
        sa.CheckConstraint("present + represented <= in_office", name=op.f("ck_sitting_attendance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
        sa.UniqueConstraint("minutes_reference", name=op.f("uq_sitting_minutes_reference")),
    )
    op.create_index("ix_sitting_held_on", "sitting", ["held_on", "id"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(status = 'open') = (decided_on IS NULL)", name=op.f("ck_application_decided")),
        sa.CheckConstraint("status IN ('open', 'admitted', 'refused')", name=op.f("ck_application_status")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_application_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    op.create_index("ix_application_status", "application", ["status", "received_on", "id"], unique=False)
    op.create_index(
        "uq_application_open", "application", ["member_id"], unique=True, postgresql_where=sa.text("status = 'open'")
    )
    op.create_table(
        "import_line",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("cells", JSONB(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("findings", JSONB(), nullable=False),
        sa.Column("resembles_rows", JSONB(), nullable=False),
        sa.Column("resembles_members", JSONB(), nullable=False),
        sa.CheckConstraint(
            "decision IS NULL OR (outcome = 'suspected_duplicate' AND decision IN ('create', 'skip'))",
            name=op.f("ck_import_line_decision"),
        ),
        sa.CheckConstraint(
            "outcome IN ('created', 'changed', 'unchanged', 'suspected_duplicate', 'error')",
            name=op.f("ck_import_line_outcome"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["import_file.id"], name=op.f("fk_import_line_import_id_import_file")),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_import_line")),
    )
    op.create_index("ix_import_line_outcome", "import_line", ["import_id", "outcome", "row"], unique=False)
    op.create_table(
        "sitting_decision",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("abstentions", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.CheckConstraint("outcome IN ('admitted', 'refused', 'adjourned')", name=op.f("ck_sitting_decision_outcome")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_sitting_decision_application_id_application")
        ),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_sitting_decision_sitting_id_sitting")),
        sa.PrimaryKeyConstraint("sitting_id", "application_id", name=op.f("pk_sitting_decision")),
    )
