"""The mutual fund: what goes out of it, its calls for regional projects, the applications and what they are paid."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"

_EURO = sa.Numeric(12, 2)
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _movements()
    _calls()
    _applications()
    _instalments()
    _attachments()
    op.execute(
        "CREATE TRIGGER fund_movement_only_added_to BEFORE UPDATE OR DELETE ON fund_movement"
        " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    )


def _movements() -> None:
    op.create_table(
        "fund_movement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("amount", _EURO, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("piece", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("bank_reference", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_movement")),
        *_checks(
            "fund_movement",
            kind="kind IN ('committed', 'paid', 'released', 'returned')",
            source_kind="source_kind IN ('award', 'relief')",
            amount="amount > 0",
            reason="kind <> 'released' OR reason IS NOT NULL",
            happened_on="(kind IN ('paid', 'returned')) = (happened_on IS NOT NULL)",
        ),
    )
    op.create_index("ix_fund_movement_day", "fund_movement", ["day", "id"])
    op.create_index("ix_fund_movement_source", "fund_movement", ["source_id", "source_kind"])
    op.create_index(
        "uq_fund_movement_committed",
        "fund_movement",
        ["source_kind", "source_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'committed'"),
    )


def _calls() -> None:
    op.create_table(
        "fund_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("criteria", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("envelope", _EURO, nullable=False),
        sa.Column("max_award", _EURO, nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("opened_by", sa.String(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_call")),
        *_checks(
            "fund_call",
            envelope="envelope > 0",
            max_award="max_award > 0 AND max_award <= envelope",
            dates="opens_on <= closes_on",
            decided="decided_on IS NULL OR opened_on IS NOT NULL",
        ),
    )
    op.create_index("ix_fund_call_closes_on", "fund_call", ["closes_on", "id"])


def _applications() -> None:
    op.create_table(
        "fund_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("asked", _EURO, nullable=False),
        sa.Column("costs", JSONB(), nullable=False),
        sa.Column("funding", JSONB(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.String(), nullable=True),
        sa.Column("sitting_on", sa.Date(), nullable=True),
        sa.Column("awarded", _EURO, nullable=True),
        sa.Column("conditions", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("letter", JSONB(none_as_null=True), nullable=True),
        sa.Column("letter_on", sa.Date(), nullable=True),
        sa.Column("report_received_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_application")),
        sa.ForeignKeyConstraint(["call_id"], ["fund_call.id"], name=op.f("fk_fund_application_call_id_fund_call")),
        sa.UniqueConstraint("reference", name=op.f("uq_fund_application_reference")),
        *_checks(
            "fund_application",
            status="status IN ('draft', 'submitted', 'withdrawn', 'awarded', 'refused')",
            asked="asked >= 0",
            submitted="(submitted_on IS NULL) = (reference IS NULL)",
            waiting="status IN ('draft', 'withdrawn') OR submitted_on IS NOT NULL",
            decided="(status IN ('awarded', 'refused')) = (sitting_on IS NOT NULL)",
            awarded="(status = 'awarded') = (awarded IS NOT NULL AND letter IS NOT NULL)",
            award="awarded > 0 AND awarded <= asked",
        ),
    )
    op.create_index("ix_fund_application_call", "fund_application", ["call_id", "id"])
    op.create_index("ix_fund_application_delegation", "fund_application", ["delegation", "created_at"])
    op.create_index("ix_fund_application_created_at", "fund_application", ["created_at", "id"])


def _instalments() -> None:
    op.create_table(
        "fund_instalment",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("amount", _EURO, nullable=False),
        sa.Column("needs_report", sa.Boolean(), nullable=False),
        sa.Column("paid", _EURO, nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("pk_fund_instalment")),
        _of_an_application("fund_instalment"),
        *_checks(
            "fund_instalment",
            amount="amount > 0",
            paid="paid > 0 AND paid <= amount",
            paid_on="(paid IS NULL) = (paid_on IS NULL)",
        ),
    )


def _attachments() -> None:
    op.create_table(
        "fund_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_attachment")),
        _of_an_application("fund_attachment"),
        *_checks("fund_attachment", kind="kind IN ('support', 'report')"),
    )
    op.create_index("ix_fund_attachment_application", "fund_attachment", ["application_id", "id"])


def _of_an_application(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_application_id_fund_application")
    return sa.ForeignKeyConstraint(["application_id"], ["fund_application.id"], name=name)


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}")) for name, condition in conditions.items()]
