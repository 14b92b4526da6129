"""Loads and saves certifications; the only writer of their table."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.transaction import Tx
from membership.certifications.domain import (
    Certification,
    CertificationRecorded,
    Revocation,
    Verification,
    Withdrawal,
)
from membership.certifications.tables import CertificationRow


async def get_for_update(tx: Tx, certification_id: UUID) -> Certification:
    """Load a certification that was reached, and hold it until the end of the transaction."""
    query = select(CertificationRow).where(col(CertificationRow.id) == certification_id).with_for_update()
    return to_domain((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def add(tx: Tx, certification: Certification) -> None:
    """Insert a certification. Raises CertificationRecorded."""
    statement = upsert(CertificationRow).values(**_values(certification)).on_conflict_do_nothing()
    if (await tx.session.execute(statement.returning(col(CertificationRow.id)))).one_or_none() is None:
        raise CertificationRecorded("Ce label, obtenu ce jour-là, est déjà consigné pour cette structure.")


async def save(tx: Tx, certification: Certification) -> None:
    """Write a certification that was loaded for update."""
    statement = update(CertificationRow).where(col(CertificationRow.id) == certification.id)
    await tx.session.execute(statement.values(**_values(certification)))


def to_domain(row: CertificationRow) -> Certification:
    """Read a row as the rules know a certification."""
    withdrawal = None
    if row.withdrawn_at is not None:
        withdrawal = Withdrawal(row.withdrawn_at, row.withdrawn_by or "", row.withdrawn_reason or "")
    revocation = None
    if row.revoked_on is not None and row.revoked_at is not None:
        revocation = Revocation(row.revoked_on, row.revoked_at, row.revoked_by or "", row.revoked_reason or "")
    return Certification(
        id=row.id,
        member_id=row.member_id,
        label=row.label,
        level=row.level,
        certifier=row.certifier,
        obtained_on=row.obtained_on,
        valid_until=row.valid_until,
        evidence=row.evidence,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        title=row.title or None,
        verification=Verification(row.verified_at, row.verified_by or "") if row.verified_at else None,
        revocation=revocation,
        withdrawal=withdrawal,
        version=row.version,
    )


def _values(certification: Certification) -> dict[str, object]:
    withdrawal, revocation = certification.withdrawal, certification.revocation
    verification = certification.verification
    return {
        "id": certification.id,
        "member_id": certification.member_id,
        "label": certification.label,
        "level": certification.level,
        "certifier": certification.certifier,
        "obtained_on": certification.obtained_on,
        "valid_until": certification.valid_until,
        "evidence": certification.evidence,
        "recorded_at": certification.recorded_at,
        "recorded_by": certification.recorded_by,
        "title": certification.title or "",
        "verified_at": verification.at if verification else None,
        "verified_by": verification.by if verification else None,
        "revoked_on": revocation.on if revocation else None,
        "revoked_at": revocation.at if revocation else None,
        "revoked_by": revocation.by if revocation else None,
        "revoked_reason": revocation.reason if revocation else None,
        "withdrawn_at": withdrawal.at if withdrawal else None,
        "withdrawn_by": withdrawal.by if withdrawal else None,
        "withdrawn_reason": withdrawal.reason if withdrawal else None,
        "version": certification.version,
    }
