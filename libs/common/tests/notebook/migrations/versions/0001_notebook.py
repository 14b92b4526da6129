import sqlalchemy as sa
from alembic import op

from common.migrations import apply_platform_script

revision = "0001"
down_revision = None

# Ways for a commit to fail after everything before it went well.
_DOOM = """
CREATE FUNCTION doom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.title = 'doomed' THEN RAISE EXCEPTION 'refused at commit'; END IF;
    IF NEW.title = 'severed' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
    RETURN NULL;
END $$
"""
# The database gives a transaction up as many times as the sequence stands below 1; a rollback does not turn it back.
_SACRIFICE = """
CREATE FUNCTION sacrifice() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('sacrifices') < 1 THEN RAISE EXCEPTION 'given up' USING ERRCODE = 'deadlock_detected'; END IF;
END $$
"""
_DOOMED = """
CREATE CONSTRAINT TRIGGER doomed AFTER INSERT OR UPDATE ON note
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION doom()
"""


def upgrade() -> None:
    apply_platform_script(op, 1)
    apply_platform_script(op, 2)
    apply_platform_script(op, 3)
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("title", name=op.f("uq_note_title"), deferrable=True, initially="DEFERRED"),
    )
    op.create_table(
        "note_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_copy")),
        sa.UniqueConstraint("title", name=op.f("uq_note_copy_title")),
    )
    op.create_table(
        "effect",
        sa.Column("place", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_effect")),
    )
    op.execute("CREATE SEQUENCE sacrifices MINVALUE -100 START 1")
    op.execute(_SACRIFICE)
    op.execute(_DOOM)
    op.execute(_DOOMED)
