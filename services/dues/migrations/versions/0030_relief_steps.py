"""What may also be done with a solidarity request: a document taken away, a part of what the fund pays taken back."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_relief_step_kind"), "relief_step", type_="check")
    op.create_check_constraint(
        op.f("ck_relief_step_kind"),
        "relief_step",
        "kind IN ('submitted', 'advised', 'decided', 'withdrawn', 'revoked', 'revoked_in_part', 'detached')",
    )
