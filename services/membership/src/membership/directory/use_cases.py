"""What people do with the directory: fill an entry in, consent to a field, take a consent back.

The structure is held first: two who change one entry at once do not miss each other.
"""

from collections.abc import Collection
from datetime import timedelta
from functools import partial
from uuid import UUID

from common.clock import beginning
from common.contracts.roles import Role
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.directory import domain, queries, repository
from membership.directory.domain import (
    Consent,
    DirectoryField,
    Written,
    require_known,
    require_signed,
    require_signed_since,
)
from membership.directory.schemas import DirectoryAmend
from membership.members import use_cases as members
from membership.members.domain import Member, require_member
from membership.territory.queries import load_territory


async def fill_in(tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, amendment: DirectoryAmend) -> None:
    """Change what is filled in for a member within reach.

    Raises MemberNotFound, NotAMember, SectorUnknown, DepartmentUnknown, PreconditionMissing, PreconditionFailed.
    """
    structure = await _held(tx, grant, member_id)
    before = await _read(tx, grant, structure, if_match)
    after = domain.change(
        before,
        amendment.fields(),
        by=tx.actor.subject,
        at=tx.now,
        by_itself=Role.MEMBER in tx.actor.roles and tx.actor.member_id == member_id,
    )
    require_known(after.filled, queries.sectors(), load_territory().departments)
    await repository.save(tx, before, after)


async def consent(
    tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, fields: Collection[DirectoryField]
) -> None:
    """Let some fields of a member be public by its own word, in the version that it has read.

    Raises MemberNotFound, NotAMember, PreconditionMissing, PreconditionFailed.
    """
    structure = await _held(tx, grant, member_id)
    await _give(tx, await _read(tx, grant, structure, if_match), fields, None)


async def record_consent(
    tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, fields: Collection[DirectoryField], written: Written
) -> None:
    """Do the same by what the member signed.

    Raises SignedInFuture, SignedBeforeTheEnd, MemberNotFound, NotAMember, PreconditionMissing, PreconditionFailed.
    """
    require_signed(written, tx.today)
    structure = await _held(tx, grant, member_id)
    before = await _read(tx, grant, structure, if_match)
    require_signed_since(before, fields, beginning(written.signed_on + timedelta(days=1)))
    await _give(tx, before, fields, written)


async def withdraw_consent(tx: Tx, grant: Grant, member_id: UUID, fields: Collection[DirectoryField]) -> None:
    """End the consent to some fields, at once, whatever happened to the entry meanwhile. Raises MemberNotFound."""
    await members.hold_within(tx, grant, member_id)
    before = await repository.entry_of(tx, member_id)
    await repository.save(tx, before, domain.withdraw(before, fields, by=tx.actor.subject, at=tx.now))


async def hand_on(tx: Tx, stays_id: UUID, goes_id: UUID) -> bool:
    """Let the entry of a held duplicate be that of the record that stays, unless it has its own; tell whether it is."""
    original, own = await repository.entry_of(tx, goes_id), await repository.entry_of(tx, stays_id)
    if not original.version or own.version:
        return False
    await repository.save(tx, own, domain.handed_on(original, stays_id, new_id))
    return True


async def take_back(tx: Tx, stays_id: UUID, goes_id: UUID) -> None:
    """Take an entry back that was handed on: the duplicate's is shown with no more consent than it had."""
    original, later = await repository.entry_of(tx, goes_id), await repository.entry_of(tx, stays_id)
    await repository.save(tx, original, domain.taken_back(original, later))
    left = domain.left_over(original, later, by=tx.actor.subject, at=tx.now)
    if left is None:
        await repository.remove(tx, stays_id)
    else:
        await repository.save(tx, later, left)


async def _give(
    tx: Tx, before: domain.DirectoryEntry, fields: Collection[DirectoryField], written: Written | None
) -> None:
    given = [Consent(new_id(), field, tx.now, tx.actor.subject, written) for field in dict.fromkeys(fields)]
    await repository.save(tx, before, domain.consent(before, given))


async def _held(tx: Tx, grant: Grant, member_id: UUID) -> Member:
    structure = await members.hold_within(tx, grant, member_id)
    require_member(structure)
    return structure


async def _read(tx: Tx, grant: Grant, structure: Member, if_match: str | None) -> domain.DirectoryEntry:
    entry = await repository.entry_of(tx, structure.id)
    await check_version(if_match, entry.version, partial(queries.find_entry, tx, grant, structure.id))
    return entry
