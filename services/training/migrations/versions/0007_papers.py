"""Papers: what each says, for ever; where each stands; the copies that were signed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from common.migrations import only_add_to

revision = "0007"
down_revision = "0006"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _papers()
    _states()
    _copies()


def _papers() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("terms", JSONB(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("issued_at", _INSTANT, nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('convention', 'contract', 'programme', 'convocation', 'rules', 'attendance_sheet')",
            name=op.f("ck_paper_kind"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_paper_member_id_member")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_paper_session_id_session")),
        sa.ForeignKeyConstraint(["replaces"], ["paper.id"], name=op.f("fk_paper_replaces_paper")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_number")),
    )
    op.create_index("ix_paper_issued", "paper", ["issued_at", "id"])
    op.create_index("ix_paper_member", "paper", ["member_id", "issued_at", "id"])
    op.create_index("ix_paper_session", "paper", ["session_id", "issued_at", "id"])
    only_add_to(op, "paper")


def _states() -> None:
    op.create_table(
        "paper_state",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("sent_how", sa.String(), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("voided_at", _INSTANT, nullable=True),
        sa.Column("void_reason", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.CheckConstraint("status IN ('issued', 'sent', 'signed', 'voided')", name=op.f("ck_paper_state_status")),
        sa.CheckConstraint("sent_how IN ('mail', 'hand')", name=op.f("ck_paper_state_sent_how")),
        sa.CheckConstraint("(sent_at IS NULL) = (sent_how IS NULL)", name=op.f("ck_paper_state_sent")),
        sa.CheckConstraint("(status = 'voided') = (voided_at IS NOT NULL)", name=op.f("ck_paper_state_voided")),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name=op.f("ck_paper_state_void_reason")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_state_paper_id_paper")),
        sa.ForeignKeyConstraint(["replaced_by"], ["paper.id"], name=op.f("fk_paper_state_replaced_by_paper")),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_paper_state")),
    )
    live = sa.text("status <> 'voided'")
    op.create_index("uq_paper_state_live", "paper_state", ["kind", "about"], unique=True, postgresql_where=live)


def _copies() -> None:
    op.create_table(
        "paper_signed_copy",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signatory", sa.String(), nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_signed_copy_paper_id_paper")),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_paper_signed_copy")),
        sa.UniqueConstraint("id", name=op.f("uq_paper_signed_copy_id")),
    )
    only_add_to(op, "paper_signed_copy")
