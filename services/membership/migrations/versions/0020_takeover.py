"""Taking over what there was before: since when structures are members, who takes note of it, the board in office."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("application", sa.Column("member_since", sa.Date(), nullable=True))
    op.create_check_constraint(op.f("ck_application_member_since"), "application", "member_since >= '1901-01-01'")
    # With a default: the version before opens sittings without knowing it.
    op.add_column("sitting", sa.Column("takes_over", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("board_mandate", sa.Column("source", sa.String(), nullable=True))
    op.alter_column("board_mandate", "assembly_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_board_mandate_origin"), "board_mandate", "(assembly_id IS NULL) <> (source IS NULL)"
    )
