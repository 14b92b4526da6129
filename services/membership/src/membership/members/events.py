"""The facts of a member as the other services receive them: the domain's state written in the contract's words."""

from uuid import UUID

from common.contracts.membership import (
    ActivityState,
    MemberJoined,
    MemberState,
    MemberUpdated,
    PostalAddress,
)
from membership.members.domain import Member


def joined(member: Member, *, sitting_id: UUID, minutes_reference: str) -> MemberJoined:
    """A sitting admitted the structure."""
    state = _state(member)
    return MemberJoined(
        state=state, joined_on=state.joined_on, sitting_id=sitting_id, minutes_reference=minutes_reference
    )


def updated(member: Member, changed: tuple[str, ...]) -> MemberUpdated:
    """Something public about the member changed."""
    return MemberUpdated(state=_state(member), changed=changed)


def _state(member: Member) -> MemberState:
    if member.joined_on is None:
        raise ValueError(f"{member.id} is a candidate: the other services do not know it")
    address = None
    if member.street and member.postcode and member.city:
        address = PostalAddress(street=member.street, postcode=member.postcode, city=member.city)
    return MemberState(
        id=member.id,
        reference=member.reference,
        name=member.name,
        siren=member.siren,
        status="active",
        activities=tuple(ActivityState(kind=k.value, main=i == 0) for i, k in enumerate(member.activities)),
        delegation=member.delegation,
        department=member.department,
        address=address,
        joined_on=member.joined_on,
    )
