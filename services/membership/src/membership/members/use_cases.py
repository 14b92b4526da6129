"""What people do with the register: receive a structure, complete or correct what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from membership.members import events, repository
from membership.members.domain import Member, MemberStatus, admit, amend, identified, require_complete
from membership.members.queries import find_member, shown
from membership.members.schemas import MemberAmend
from membership.territory.queries import load_territory

_ENTITY = "federation"


async def register(tx: Tx, candidates: Sequence[Member]) -> list[Member]:
    """Enter new structures in the register as candidates, each with its readable reference."""
    references = await take_numbers(tx, Series(_ENTITY, "STR", tx.today.year), len(candidates))
    entered = [replace(member, reference=number) for member, number in zip(candidates, references, strict=True)]
    await repository.add(tx, entered)
    return entered


def candidate(**fields: Any) -> Member:
    """Make a candidate not entered yet; its delegation is found from its postcode, or else its department.

    Raises SiretOfAnotherSiren.
    """
    return _located(identified(Member(id=new_id(), reference="", status=MemberStatus.CANDIDATE, **fields)))


async def hold(tx: Tx, member_ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Load structures and hold them until the end of the transaction, for an act that decides on them."""
    return await repository.get_many_for_update(tx, member_ids)


async def admit_member(
    tx: Tx, structure: Member, effective_on: date, *, sitting_id: UUID, minutes_reference: str
) -> None:
    """Make a held structure a member and tell the other services. Raises AlreadyMember, FileIncomplete."""
    require_complete(structure)
    member = admit(structure, effective_on)
    await repository.save(tx, member)
    fact = events.joined(member, sitting_id=sitting_id, minutes_reference=minutes_reference)
    tx.publish(fact, reason=f"séance {minutes_reference}")


async def change_member(tx: Tx, member: Member, fields: Mapping[str, Any]) -> Member:
    """Change what is known of a held structure, tell the other services if it is a member; return what it became.

    Raises SirenTaken, SiretOfAnotherSiren.
    """
    found = _located(identified(replace(member, **fields)))
    follows = {"siren": found.siren, "department": found.department, "delegation": found.delegation}
    changed_member, changed = amend(member, **{**fields, **follows})
    if changed:
        await repository.save(tx, changed_member)
        if changed_member.status is MemberStatus.ACTIVE:
            tx.publish(events.updated(changed_member, changed))
    return changed_member


async def amend_member(tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, amendment: MemberAmend) -> Member:
    """Complete or correct a structure within reach, as the version the caller has read; return what it became.

    Raises MemberNotFound, PreconditionMissing, PreconditionFailed, SirenTaken, SiretOfAnotherSiren.
    """
    await find_member(tx, grant, member_id)
    member = await repository.get_for_update(tx, member_id)
    check_version(if_match, member.version, (await shown(tx, member)).model_dump(mode="json"))
    return await change_member(tx, member, amendment.fields())


def _located(member: Member) -> Member:
    """Find the delegation from the postcode, or else from the department; a department not given is the postcode's."""
    map_of_france = load_territory()
    located = map_of_france.department_of(member.postcode) if member.postcode else None
    delegation = map_of_france.delegation_of(member.department, member.postcode)
    return replace(
        member,
        department=member.department or located,
        delegation=delegation.code if delegation else None,
    )
