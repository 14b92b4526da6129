"""What people do with certifications: record one, verify it, tell that it was taken away, take a wrong one back."""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.certifications import domain, queries, repository
from membership.certifications.domain import (
    Certification,
    Revocation,
    Verification,
    Withdrawal,
    require_recordable,
)
from membership.certifications.schemas import CertificationIn, RevocationIn
from membership.members import use_cases as members
from membership.members.domain import require_member
from membership.members.queries import allowed_on
from membership.rights import Act


async def record(tx: Tx, grant: Grant, recorded: CertificationIn) -> UUID:
    """Record a label that a structure within reach obtained; return the record's id.

    Raises MemberNotFound, NotAMember, LabelUnknown, ObtainedAnotherDay, CertificationRecorded.
    """
    structure = await members.hold_within(tx, grant, recorded.member_id)
    require_member(structure)
    certification = Certification(
        id=new_id(),
        member_id=structure.id,
        label=recorded.label,
        level=recorded.level,
        certifier=recorded.certifier,
        obtained_on=recorded.obtained_on,
        valid_until=recorded.valid_until,
        evidence=recorded.evidence,
        recorded_at=tx.now,
        recorded_by=tx.actor.subject,
        title=recorded.title,
    )
    require_recordable(queries.labels().values(), certification, tx.today)
    await repository.add(tx, certification)
    return certification.id


async def verify(tx: Tx, grant: Grant, certification_id: UUID, if_match: str | None) -> None:
    """Write down that one has seen the certificate of another structure.

    Raises CertificationNotFound, OwnCertification, CertificationWithdrawn, CertificationVerified, PreconditionMissing,
    PreconditionFailed.
    """
    certification = await _held(tx, grant, certification_id, if_match)
    verification = Verification(tx.now, tx.actor.subject)
    await repository.save(tx, domain.verify(certification, verification, tx.actor.member_id))


async def revoke(tx: Tx, grant: Grant, certification_id: UUID, if_match: str | None, revoked: RevocationIn) -> None:
    """Write down that the certifier took the label away.

    Raises CertificationNotFound, CertificationWithdrawn, CertificationRevoked, RevokedAnotherDay, PreconditionMissing,
    PreconditionFailed.
    """
    certification = await _held(tx, grant, certification_id, if_match)
    revocation = Revocation(revoked.revoked_on, tx.now, tx.actor.subject, revoked.reason)
    await repository.save(tx, domain.revoke(certification, revocation, tx.today))


async def withdraw(tx: Tx, grant: Grant, certification_id: UUID, if_match: str | None, reason: str) -> None:
    """Take back what was recorded by mistake.

    Raises CertificationNotFound, CertificationWithdrawn, CertificationRevoked, PreconditionMissing, PreconditionFailed.
    """
    certification = await _held(tx, grant, certification_id, if_match)
    checks = await allowed_on(tx, Act.VERIFY_CERTIFICATIONS, [certification.member_id])
    verifies = bool(checks) and certification.member_id != tx.actor.member_id
    withdrawal = Withdrawal(tx.now, tx.actor.subject, reason)
    await repository.save(tx, domain.withdraw(certification, withdrawal, verifies=verifies))


async def _held(tx: Tx, grant: Grant, certification_id: UUID, if_match: str | None) -> Certification:
    await queries.find_certification(tx, grant, certification_id)
    certification = await repository.get_for_update(tx, certification_id)
    current = partial(queries.find_certification, tx, grant, certification_id)
    await check_version(if_match, certification.version, current)
    return certification
