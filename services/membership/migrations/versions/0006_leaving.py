"""Leaving: suspension, exclusion and departures; a sitting decides on measures as on applications.

Like 0002, it precedes the first version in production.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _where_a_structure_stands()
    _measures()
    _matters_of_sittings()


def _where_a_structure_stands() -> None:
    op.add_column("member", sa.Column("left_on", sa.Date(), nullable=True))
    op.drop_constraint(op.f("ck_member_status"), "member", type_="check")
    op.create_check_constraint(
        op.f("ck_member_status"), "member", "status IN ('candidate', 'active', 'suspended', 'left')"
    )
    op.create_check_constraint(op.f("ck_member_left"), "member", "(status = 'left') = (left_on IS NOT NULL)")


def _measures() -> None:
    op.create_table(
        "measure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("grounds", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("hearing_days", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("notifications", JSONB(), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_measure_member_id_member")),
        sa.CheckConstraint("kind IN ('suspension', 'reinstatement', 'exclusion')", name=op.f("ck_measure_kind")),
        sa.CheckConstraint("status IN ('open', 'pronounced', 'refused', 'abandoned')", name=op.f("ck_measure_status")),
        sa.CheckConstraint(
            "(status IN ('pronounced', 'refused')) = (decided_on IS NOT NULL)", name=op.f("ck_measure_decided")
        ),
        sa.CheckConstraint("(status = 'pronounced') = (effective_on IS NOT NULL)", name=op.f("ck_measure_effective")),
        sa.CheckConstraint("(notified_on IS NULL) = (notifications = '[]')", name=op.f("ck_measure_notified")),
    )
    op.create_index(
        "uq_measure_open", "measure", ["member_id"], unique=True, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index("ix_measure_status", "measure", ["status", "opened_on", "id"])
    op.create_index("ix_measure_member", "measure", ["member_id", "opened_on"])


def _matters_of_sittings() -> None:
    """A vote bears on an application or on a measure: one column for both, without a key to either table."""
    op.drop_constraint(op.f("fk_sitting_decision_application_id_application"), "sitting_decision", type_="foreignkey")
    op.alter_column("sitting_decision", "application_id", new_column_name="matter_id")
    op.add_column("sitting_decision", sa.Column("kind", sa.String(), nullable=False, server_default="application"))
    op.alter_column("sitting_decision", "kind", server_default=None)
    op.drop_constraint(op.f("ck_sitting_decision_outcome"), "sitting_decision", type_="check")
    op.create_check_constraint(
        op.f("ck_sitting_decision_outcome"),
        "sitting_decision",
        "outcome IN ('admitted', 'pronounced', 'refused', 'adjourned')",
    )
    op.create_check_constraint(
        op.f("ck_sitting_decision_kind"),
        "sitting_decision",
        "kind IN ('application', 'suspension', 'reinstatement', 'exclusion')",
    )
    op.execute("UPDATE sitting SET agenda = replace(agenda::text, '\"application_id\":', '\"matter_id\":')::jsonb")
