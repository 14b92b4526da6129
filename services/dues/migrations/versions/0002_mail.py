"""The outbox of mails."""

from alembic import op

from common.migrations import apply_platform_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    apply_platform_script(op, 2)
