"""A document of a solidarity request may be taken away: the request's journal says so."""

from alembic import op

revision = "0029"
down_revision = "0027"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_relief_step_kind"), "relief_step", type_="check")
    op.create_check_constraint(
        op.f("ck_relief_step_kind"),
        "relief_step",
        "kind IN ('submitted', 'advised', 'decided', 'withdrawn', 'revoked', 'detached')",
    )
