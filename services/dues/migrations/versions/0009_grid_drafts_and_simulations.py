"""Whether a member is an associate, in our copy; grids being prepared, and what members would owe under them.

Members known before are taken for active ones, as membership's contract does of a fact that does not say; a replay of
``membership.member`` tells of the others.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # The default stays: the version still running does not name this column.
    op.add_column("member", sa.Column("category", sa.String(), nullable=False, server_default="active"))
    _drafts()
    _simulations()
    _lines()


def _drafts() -> None:
    op.create_table(
        "grid_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("plan", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("simulated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_draft")),
    )
    op.create_index("ix_grid_draft_changed_at", "grid_draft", ["changed_at", "id"])


def _simulations() -> None:
    op.create_table(
        "simulation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("draft_label", sa.String(), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("scenario", JSONB(), nullable=False),
        sa.Column("summary", JSONB(none_as_null=True), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation")),
        sa.ForeignKeyConstraint(["draft_id"], ["grid_draft.id"], name=op.f("fk_simulation_draft_id_grid_draft")),
        sa.CheckConstraint("status IN ('running', 'done', 'stopped')", name=op.f("ck_simulation_status")),
        sa.CheckConstraint(
            "(status = 'done') = (summary IS NOT NULL AND pdf_sha256 IS NOT NULL)", name=op.f("ck_simulation_done")
        ),
    )
    op.create_index("ix_simulation_created_at", "simulation", ["created_at", "id"])
    op.create_index("ix_simulation_draft", "simulation", ["draft_id"])


def _lines() -> None:
    op.create_table(
        "simulation_line",
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        *_due("reference"),
        *_due("draft"),
        sa.Column("difference", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("blockers", JSONB(), nullable=False),
        sa.Column("member", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("simulation_id", "member_id", name=op.f("pk_simulation_line")),
        sa.ForeignKeyConstraint(
            ["simulation_id"], ["simulation.id"], name=op.f("fk_simulation_line_simulation_id_simulation")
        ),
        sa.CheckConstraint(
            "outcome IN ('winner', 'loser', 'same', 'blocked')", name=op.f("ck_simulation_line_outcome")
        ),
        sa.CheckConstraint("difference = draft_total - reference_total", name=op.f("ck_simulation_line_difference")),
        sa.CheckConstraint("(outcome = 'blocked') = (difference IS NULL)", name=op.f("ck_simulation_line_blocked")),
    )
    op.create_index("ix_simulation_line_name", "simulation_line", ["simulation_id", "name", "member_id"])


def _due(grid: str) -> list[sa.Column[object]]:
    amounts = [
        sa.Column(f"{grid}_{name}", sa.Numeric(precision=14, scale=2), nullable=True)
        for name in ("fixed", "variable", "total")
    ]
    return [*amounts, sa.Column(f"{grid}_capped", sa.Boolean(), nullable=True)]
