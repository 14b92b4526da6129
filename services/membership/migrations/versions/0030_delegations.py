"""Delegations: the agenda of one structure alone; files of deliverables; people at meetings; the board.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_agenda_entry_audience"), "agenda_entry", type_="check")
    op.create_check_constraint(
        op.f("ck_agenda_entry_audience"),
        "agenda_entry",
        "audience IN ('public', 'members', 'participants', 'board', 'structure')",
    )
    op.add_column(
        "accompaniment_deliverable", sa.Column("by_file", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.drop_constraint(op.f("ck_accompaniment_deliverable_content"), "accompaniment_deliverable", type_="check")
    op.create_check_constraint(
        op.f("ck_accompaniment_deliverable_content"),
        "accompaniment_deliverable",
        "link IS NOT NULL OR summary IS NOT NULL OR by_file",
    )
    op.create_table(
        "deliverable_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deliverable_id"],
            ["accompaniment_deliverable.id"],
            name=op.f("fk_deliverable_file_deliverable_id_accompaniment_deliverable"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable_file")),
    )
    op.create_index(
        "ix_deliverable_file_deliverable",
        "deliverable_file",
        ["deliverable_id", "sent_at"],
    )
    op.create_table(
        "department_meeting_attendee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("function", sa.String(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(contact_id IS NULL) <> (function IS NULL)", name=op.f("ck_department_meeting_attendee_who")
        ),
        sa.CheckConstraint(
            "contact_id IS NULL OR (member_id IS NOT NULL AND people = 1)",
            name=op.f("ck_department_meeting_attendee_named"),
        ),
        sa.CheckConstraint("people > 0", name=op.f("ck_department_meeting_attendee_people")),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["department_meeting.id"],
            name=op.f("fk_department_meeting_attendee_meeting_id_department_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_department_meeting_attendee_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_department_meeting_attendee_contact_id_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_meeting_attendee")),
    )
    for column in ("member_id", "contact_id"):
        name = f"ix_department_meeting_attendee_{column.removesuffix('_id')}"
        op.create_index(name, "department_meeting_attendee", [column])
    op.create_index("ix_department_meeting_attendee_meeting", "department_meeting_attendee", ["meeting_id", "rank"])
    op.drop_constraint(op.f("ck_board_mandate_scope"), "board_mandate", type_="check")
    op.create_check_constraint(
        op.f("ck_board_mandate_scope"), "board_mandate", "scope IN ('region', 'college', 'employees')"
    )
    op.drop_index("uq_board_mandate_holder", "board_mandate")
    for name, column, whose in (
        ("uq_board_mandate_holder", "member_id", "<>"),
        ("uq_board_mandate_employee", "contact_id", "="),
    ):
        where = sa.text(f"ended_on IS NULL AND scope {whose} 'employees'")
        op.create_index(name, "board_mandate", [column], unique=True, postgresql_where=where)
    op.create_table(
        "bureau_term",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ended_on >= since", name=op.f("ck_bureau_term_ended")),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["board_mandate.id"], name=op.f("fk_bureau_term_mandate_id_board_mandate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_term")),
    )
    op.create_index("ix_bureau_term_function", "bureau_term", ["function", "since"])
    op.create_index("ix_bureau_term_mandate", "bureau_term", ["mandate_id"])
