"""The file of an application: documents asked for and sent, the delegations' opinions.

Like 0002, it precedes the first version in production.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Of what came before, nothing was asked.
    op.add_column("application", sa.Column("documents_asked", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("application", sa.Column("reservations", JSONB(), nullable=False, server_default="[]"))
    op.alter_column("application", "reservations", server_default=None)
    op.add_column("application", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("application", "documents_asked", server_default=None)
    op.alter_column("application", "version", server_default=None)
    op.create_table(
        "application_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('received', 'accepted', 'refused')", name=op.f("ck_application_document_state")),
        sa.CheckConstraint("(state = 'received') = (checked_at IS NULL)", name=op.f("ck_application_document_checked")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_document_application_id_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_document")),
    )
    op.create_index(
        "ix_application_document_file", "application_document", ["application_id", "item", "sent_at"], unique=False
    )
    op.create_table(
        "application_opinion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "advice IN ('favourable', 'reserved', 'unfavourable')", name=op.f("ck_application_opinion_advice")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_opinion_application_id_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_opinion")),
    )
    op.create_index("ix_application_opinion_file", "application_opinion", ["application_id", "given_at"], unique=False)
