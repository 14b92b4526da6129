"""What people do with certifications: record one, take it back."""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.certifications import domain, queries, repository
from membership.certifications.domain import Certification, Withdrawal, require_recordable
from membership.certifications.schemas import CertificationIn
from membership.members import use_cases as members


async def record(tx: Tx, grant: Grant, recorded: CertificationIn) -> UUID:
    """Record a label that a structure within reach obtained; return the record's id.

    Raises MemberNotFound, LabelUnknown, ObtainedAnotherDay.
    """
    structure = await members.hold_within(tx, grant, recorded.member_id)
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
    )
    require_recordable(queries.labels().values(), certification, tx.today)
    await repository.add(tx, certification)
    return certification.id


async def withdraw(tx: Tx, grant: Grant, certification_id: UUID, if_match: str | None, reason: str) -> None:
    """Take a record back.

    Raises CertificationNotFound, CertificationWithdrawn, PreconditionMissing, PreconditionFailed.
    """
    await queries.find_certification(tx, grant, certification_id)
    certification = await repository.get_for_update(tx, certification_id)
    current = partial(queries.find_certification, tx, grant, certification_id)
    await check_version(if_match, certification.version, current)
    await repository.save(tx, domain.withdraw(certification, Withdrawal(tx.now, tx.actor.subject, reason)))
