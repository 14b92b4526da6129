"""Interviews, departmental meetings, what they leave to do; requests for support and their plans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _interviews()
    _meetings()
    _next_steps()
    _support()


def _interviews() -> None:
    op.create_table(
        "interview",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("first_planned_on", sa.Date(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("led_by", sa.String(), nullable=True),
        sa.Column("led_by_label", sa.String(), nullable=True),
        sa.Column("participants", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("cancelled_reason", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_interview_member_id_member")),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled')", name=op.f("ck_interview_state")),
        sa.CheckConstraint("mode IN ('visit', 'remote', 'phone')", name=op.f("ck_interview_mode")),
        sa.CheckConstraint("(state = 'held') = (held_on IS NOT NULL)", name=op.f("ck_interview_held")),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_reason IS NOT NULL)", name=op.f("ck_interview_cancelled")
        ),
        sa.CheckConstraint("year = extract(year FROM coalesce(held_on, planned_on))", name=op.f("ck_interview_year")),
    )
    op.create_index(
        "uq_interview_planned",
        "interview",
        ["member_id", "year"],
        unique=True,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index("ix_interview_member", "interview", ["member_id", "planned_on"])
    op.create_index("ix_interview_year", "interview", ["year", "state", "member_id"])


def _meetings() -> None:
    op.create_table(
        "department_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=False),
        sa.Column("departments", ARRAY(sa.String()), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("ends_at", sa.Time(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("attendance_recorded_on", sa.Date(), nullable=True),
        sa.Column("attendance_recorded_by", sa.String(), nullable=True),
        sa.Column("cancelled_reason", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_meeting")),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled')", name=op.f("ck_department_meeting_state")),
        sa.CheckConstraint("cardinality(departments) > 0", name=op.f("ck_department_meeting_departments")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_department_meeting_hours")),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_reason IS NOT NULL)", name=op.f("ck_department_meeting_cancelled")
        ),
        sa.CheckConstraint(
            "state <> 'held' OR attendance_recorded_on IS NOT NULL", name=op.f("ck_department_meeting_held")
        ),
        sa.CheckConstraint(
            "(attendance_recorded_on IS NULL) = (attendance_recorded_by IS NULL)",
            name=op.f("ck_department_meeting_attendance"),
        ),
    )
    op.create_index("ix_department_meeting_delegation", "department_meeting", ["delegation", "day"])
    op.create_index("ix_department_meeting_day", "department_meeting", ["day", "id"])
    op.create_table(
        "department_meeting_invitation",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("presence", sa.String(), nullable=False),
        sa.Column("called", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "member_id", name=op.f("pk_department_meeting_invitation")),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["department_meeting.id"],
            name=op.f("fk_department_meeting_invitation_meeting_id_department_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_department_meeting_invitation_member_id_member")
        ),
        sa.CheckConstraint(
            "presence IN ('invited', 'present', 'excused', 'absent')",
            name=op.f("ck_department_meeting_invitation_presence"),
        ),
        sa.CheckConstraint("called OR presence <> 'invited'", name=op.f("ck_department_meeting_invitation_called")),
    )
    op.create_index(
        "ix_department_meeting_invitation_member", "department_meeting_invitation", ["member_id", "presence"]
    )


def _next_steps() -> None:
    op.create_table(
        "next_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interview_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_subject", sa.String(), nullable=True),
        sa.Column("owner_label", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("dropped_reason", sa.String(), nullable=True),
        sa.Column("reopenings", JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_next_step")),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_next_step_interview_id_interview")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["department_meeting.id"], name=op.f("fk_next_step_meeting_id_department_meeting")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_next_step_member_id_member")),
        sa.CheckConstraint("num_nonnulls(interview_id, meeting_id) = 1", name=op.f("ck_next_step_follows_one")),
        sa.CheckConstraint("interview_id IS NULL OR member_id IS NOT NULL", name=op.f("ck_next_step_interviewed")),
        sa.CheckConstraint("owner IN ('federation', 'structure')", name=op.f("ck_next_step_owner")),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name=op.f("ck_next_step_state")),
        sa.CheckConstraint("(state = 'open') = (settled_on IS NULL)", name=op.f("ck_next_step_settled")),
        sa.CheckConstraint("(state = 'dropped') = (dropped_reason IS NOT NULL)", name=op.f("ck_next_step_dropped")),
    )
    op.create_index("ix_next_step_open", "next_step", ["due_on", "id"], postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_next_step_member", "next_step", ["member_id", "due_on"])
    op.create_index("ix_next_step_interview", "next_step", ["interview_id"])
    op.create_index("ix_next_step_meeting", "next_step", ["meeting_id"])


def _support() -> None:
    op.create_table(
        "support_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("told_member_id", sa.Uuid(), nullable=True),
        sa.Column("fg2i_id", sa.Uuid(), nullable=True),
        sa.Column("file_reference", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("taken_up_on", sa.Date(), nullable=True),
        sa.Column("taken_up_by", sa.String(), nullable=True),
        sa.Column("taken_up_label", sa.String(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("settled_text", sa.String(), nullable=True),
        sa.Column("reopenings", JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_request")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_support_request_member_id_member")),
        sa.CheckConstraint(
            "origin IN ('fg2i', 'network', 'delegation', 'member')", name=op.f("ck_support_request_origin")
        ),
        sa.CheckConstraint(
            "status IN ('asked', 'taken_up', 'planned', 'closed', 'declined')", name=op.f("ck_support_request_status")
        ),
        sa.CheckConstraint("(origin = 'fg2i') = (fg2i_id IS NOT NULL)", name=op.f("ck_support_request_fg2i")),
        sa.CheckConstraint("(fg2i_id IS NULL) = (told_member_id IS NULL)", name=op.f("ck_support_request_told")),
        sa.CheckConstraint(
            "member_id IS NOT NULL OR status IN ('asked', 'declined')", name=op.f("ck_support_request_placed")
        ),
        sa.CheckConstraint(
            "(status IN ('taken_up', 'planned', 'closed')) = (taken_up_on IS NOT NULL)",
            name=op.f("ck_support_request_taken_up"),
        ),
        sa.CheckConstraint(
            "(status IN ('closed', 'declined')) = (settled_text IS NOT NULL)", name=op.f("ck_support_request_settled")
        ),
        sa.CheckConstraint(
            "(status IN ('closed', 'declined')) = (settled_on IS NOT NULL)", name=op.f("ck_support_request_settled_on")
        ),
        sa.CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_support_request_outcome")),
    )
    op.create_index(
        "uq_support_request_fg2i",
        "support_request",
        ["fg2i_id"],
        unique=True,
        postgresql_where=sa.text("fg2i_id IS NOT NULL"),
    )
    op.create_index("ix_support_request_member", "support_request", ["member_id", "asked_on"])
    op.create_index("ix_support_request_asked", "support_request", ["asked_on", "id"])
    op.create_index(
        "ix_support_request_due", "support_request", ["due_on", "id"], postgresql_where=sa.text("status = 'asked'")
    )
    op.create_table(
        "support_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("dropped_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_action")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["support_request.id"], name=op.f("fk_support_action_request_id_support_request")
        ),
        sa.CheckConstraint("state IN ('todo', 'done', 'dropped')", name=op.f("ck_support_action_state")),
        sa.CheckConstraint("(state = 'todo') = (settled_on IS NULL)", name=op.f("ck_support_action_settled")),
        sa.CheckConstraint(
            "(state = 'dropped') = (dropped_reason IS NOT NULL)", name=op.f("ck_support_action_dropped")
        ),
    )
    op.create_index("ix_support_action_request", "support_action", ["request_id", "due_on"])
