"""SEPA mandates: each as it was signed, what was amended, what was done to it, and its signed documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

_TEXTS = postgresql.ARRAY(sa.String())


def upgrade() -> None:
    _create_mandate()
    op.create_table(
        "mandate_amendment",
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("debtor_name", "iban", "bic")),
        *(sa.Column(f"creditor_{name}", sa.String(), nullable=True) for name in ("code", "name", "ics")),
        sa.Column("creditor_address", _TEXTS, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("bank_confirmed_on", sa.Date(), nullable=True),
        sa.Column("presented_on", sa.Date(), nullable=True),
        *_recorded(),
        sa.PrimaryKeyConstraint("mandate_id", "number", name=op.f("pk_mandate_amendment")),
        _of_mandate("mandate_amendment"),
        _check("mandate_amendment", "kind", "(iban IS NULL) <> (creditor_ics IS NULL)"),
        _check("mandate_amendment", "account", "(iban IS NULL) = (debtor_name IS NULL)"),
        _check(
            "mandate_amendment",
            "creditor",
            "(creditor_ics IS NULL) = (creditor_name IS NULL) AND (creditor_ics IS NULL) = (creditor_code IS NULL)",
        ),
    )
    op.create_table(
        "mandate_step",
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        *_recorded(),
        sa.PrimaryKeyConstraint("mandate_id", "number", name=op.f("pk_mandate_step")),
        _of_mandate("mandate_step"),
    )
    op.create_table(
        "mandate_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("filename", "media_type", "sha256", "path")),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate_document")),
        _of_mandate("mandate_document"),
    )
    op.create_index("ix_mandate_document_mandate", "mandate_document", ["mandate_id", "id"])


def _create_mandate() -> None:
    op.create_table(
        "mandate",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "member_id")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("rum", "kind", "scheme", "state", "iban")),
        sa.Column("debtor_name", sa.String(), nullable=False),
        sa.Column("bic", sa.String(), nullable=True),
        *(sa.Column(f"creditor_{name}", sa.String(), nullable=False) for name in ("code", "name", "ics")),
        *(sa.Column(f"{party}_address", _TEXTS, nullable=False) for party in ("debtor", "creditor")),
        sa.Column("prepared_on", sa.Date(), nullable=False),
        *(sa.Column(f"{act}_on", sa.Date(), nullable=True) for act in ("signed", "bank_confirmed", "last_presented")),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("signed_place", "signed_how", "ended_by")),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.UniqueConstraint("creditor_code", "rum", name=op.f("uq_mandate_creditor_code_rum")),
        *(_check("mandate", name, condition) for name, condition in _MANDATE.items()),
    )
    op.create_index("ix_mandate_member", "mandate", ["member_id", "prepared_on"])
    op.create_index("ix_mandate_prepared_on", "mandate", ["prepared_on", "id"])
    op.create_index(
        "uq_mandate_prepared", "mandate", ["member_id"], unique=True, postgresql_where=sa.text("state = 'prepared'")
    )
    op.create_index(
        "uq_mandate_live",
        "mandate",
        ["member_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('active', 'suspended')"),
    )


_MANDATE = {
    "state": "state IN ('prepared', 'active', 'suspended', 'revoked', 'superseded', 'used', 'lapsed')",
    "kind": "kind IN ('recurrent', 'one_off')",
    "scheme": "scheme IN ('core', 'b2b')",
    "signed_how": "signed_how IN ('paper', 'electronic')",
    "ended_by": "ended_by IN ('debtor', 'creditor')",
    "rum": "length(rum) BETWEEN 1 AND 35",
    "signing": "(signed_on IS NULL) = (signed_place IS NULL) AND (signed_on IS NULL) = (signed_how IS NULL)",
    "signed": "state IN ('prepared', 'revoked') OR signed_on IS NOT NULL",
    "document": "signed_on IS NULL OR document_id IS NOT NULL",
    "bank": "scheme = 'core' OR signed_on IS NULL OR bank_confirmed_on IS NOT NULL",
    "ended": "(state IN ('prepared', 'active', 'suspended')) = (ended_on IS NULL)",
    "revoked": "(state = 'revoked') = (ended_by IS NOT NULL)",
}


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _of_mandate(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f(f"fk_{table}_mandate_id_mandate"))


def _recorded() -> tuple[sa.Column[object], sa.Column[object]]:
    return (
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
    )
