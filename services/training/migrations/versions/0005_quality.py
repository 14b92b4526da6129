"""The register of quality: watch items, risks, improvement actions, complaints; histories that are only added to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from common.migrations import only_add_to

revision = "0005"
down_revision = "0004"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _watch_items()
    _risks()
    _actions()
    _complaints()
    _what_was_told()


def _watch_items() -> None:
    op.create_table(
        "improvement_watch_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("follows", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("exploited_on", sa.Date(), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_watch_item")),
        sa.CheckConstraint(
            "(status = 'open') = (exploited_on IS NULL)", name=op.f("ck_improvement_watch_item_exploited")
        ),
        sa.CheckConstraint("kind IN ('legal', 'jobs', 'teaching')", name=op.f("ck_improvement_watch_item_kind")),
        sa.CheckConstraint(
            "status <> 'set_aside' OR reason IS NOT NULL", name=op.f("ck_improvement_watch_item_set_aside")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'acted_on', 'set_aside')", name=op.f("ck_improvement_watch_item_status")
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_improvement_watch_item_reference")),
    )
    op.create_index("ix_improvement_watch_item_dated_on", "improvement_watch_item", ["dated_on", "id"])
    op.create_index("ix_improvement_watch_item_recorded_on", "improvement_watch_item", ["recorded_on", "kind"])


def _risks() -> None:
    op.create_table(
        "improvement_risk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("next_review_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_risk")),
        sa.CheckConstraint("level = likelihood * severity", name=op.f("ck_improvement_risk_level")),
        sa.CheckConstraint(
            "likelihood BETWEEN 1 AND 4 AND severity BETWEEN 1 AND 4", name=op.f("ck_improvement_risk_scale")
        ),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_improvement_risk_status")),
        sa.UniqueConstraint("reference", name=op.f("uq_improvement_risk_reference")),
    )
    op.create_index("ix_improvement_risk_level", "improvement_risk", ["level", "id"])
    op.create_index("ix_improvement_risk_next_review_on", "improvement_risk", ["next_review_on", "id"])
    op.create_table(
        "improvement_risk_entry",
        sa.Column("risk_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("next_review_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("risk_id", "number", name=op.f("pk_improvement_risk_entry")),
        sa.CheckConstraint("step IN ('opened', 'reviewed', 'closed')", name=op.f("ck_improvement_risk_entry_step")),
        sa.ForeignKeyConstraint(
            ["risk_id"], ["improvement_risk.id"], name=op.f("fk_improvement_risk_entry_risk_id_improvement_risk")
        ),
    )
    op.create_index("ix_improvement_risk_entry_on_day", "improvement_risk_entry", ["on_day"])
    only_add_to(op, "improvement_risk_entry")


def _actions() -> None:
    op.create_table(
        "improvement_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("indicators", ARRAY(sa.Integer()), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_action")),
        sa.CheckConstraint(
            "status IN ('planned', 'in_progress', 'done', 'effective', 'ineffective', 'abandoned')",
            name=op.f("ck_improvement_action_status"),
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_improvement_action_reference")),
    )
    op.create_index("ix_improvement_action_due_on", "improvement_action", ["due_on", "id"])
    op.create_index("ix_improvement_action_indicators", "improvement_action", ["indicators"], postgresql_using="gin")
    op.create_table(
        "improvement_cause",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("action_id", "kind", "reference", name=op.f("pk_improvement_cause")),
        sa.CheckConstraint(
            "kind IN ('complaint', 'report', 'risk', 'watch', 'action', 'audit')",
            name=op.f("ck_improvement_cause_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["action_id"], ["improvement_action.id"], name=op.f("fk_improvement_cause_action_id_improvement_action")
        ),
    )
    op.create_index("ix_improvement_cause_reference", "improvement_cause", ["kind", "reference"])
    op.create_table(
        "improvement_action_entry",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("action_id", "number", name=op.f("pk_improvement_action_entry")),
        sa.CheckConstraint(
            "step IN ('plan', 'start', 'reschedule', 'finish', 'find_effective', 'find_ineffective', 'abandon',"
            " 'link')",
            name=op.f("ck_improvement_action_entry_step"),
        ),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["improvement_action.id"],
            name=op.f("fk_improvement_action_entry_action_id_improvement_action"),
        ),
    )
    op.create_index("ix_improvement_action_entry_on_day", "improvement_action_entry", ["on_day", "step"])
    only_add_to(op, "improvement_action_entry")


def _complaints() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("session", sa.String(), nullable=True),
        sa.Column("programme", sa.String(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("acknowledge_due_on", sa.Date(), nullable=False),
        sa.Column("answer_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.CheckConstraint("(status = 'received') = (acknowledged_on IS NULL)", name=op.f("ck_complaint_acknowledged")),
        sa.CheckConstraint(
            "(status IN ('received', 'acknowledged')) = (answered_on IS NULL)", name=op.f("ck_complaint_answered")
        ),
        sa.CheckConstraint(
            "channel IN ('form', 'account', 'mail', 'phone', 'session')", name=op.f("ck_complaint_channel")
        ),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_complaint_closed")),
        sa.CheckConstraint("kind IN ('complaint', 'difficulty', 'hazard', 'report')", name=op.f("ck_complaint_kind")),
        sa.CheckConstraint(
            "status IN ('received', 'acknowledged', 'answered', 'closed', 'reopened')", name=op.f("ck_complaint_status")
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_complaint_reference")),
    )
    op.create_index("ix_complaint_due_on", "complaint", ["due_on", "id"])
    op.create_index("ix_complaint_member_id", "complaint", ["member_id", "received_on"])
    op.create_index("ix_complaint_received_on", "complaint", ["received_on", "id"])
    op.create_index(
        "ix_complaint_waiting",
        "complaint",
        ["due_on", "id"],
        postgresql_where=sa.text("status IN ('received', 'acknowledged', 'reopened')"),
    )
    op.create_table(
        "complaint_entry",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "number", name=op.f("pk_complaint_entry")),
        sa.CheckConstraint(
            "step IN ('receive', 'acknowledge', 'answer', 'close', 'reopen', 'erase')",
            name=op.f("ck_complaint_entry_step"),
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_entry_complaint_id_complaint")
        ),
    )
    op.create_index("ix_complaint_entry_on_day", "complaint_entry", ["on_day", "step"])
    only_add_to(op, "complaint_entry")


def _what_was_told() -> None:
    op.create_table(
        "complainant",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("mail_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complainant")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complainant_complaint_id_complaint")),
    )
    op.create_table(
        "complaint_link",
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_complaint_link")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_link_complaint_id_complaint")
        ),
    )
    op.create_index("ix_complaint_link_complaint_id", "complaint_link", ["complaint_id"])
    op.create_table(
        "complaint_text",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "number", "role", name=op.f("pk_complaint_text")),
        sa.CheckConstraint(
            "role IN ('statement', 'answer', 'dissatisfaction', 'cause', 'no_action')",
            name=op.f("ck_complaint_text_role"),
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_text_complaint_id_complaint")
        ),
    )
