"""Headers of a mail."""

from alembic import op

from common.migrations import apply_platform_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    apply_platform_script(op, 3)
