"""The facts of a member as the other services receive them: the domain's state written in the contract's words."""

from collections.abc import Iterator

from common.contracts.membership import (
    ActivityState,
    Correspondence,
    MemberFact,
    MemberJoined,
    MemberLeft,
    MemberMerged,
    MemberReinstated,
    MemberRenewed,
    MemberState,
    MemberSuspended,
    MemberUnmerged,
    MemberUpdated,
    PostalAddress,
)
from membership.members.domain import Admission, Member, MemberStatus


def told(before: Member, after: Member) -> tuple[MemberFact, ...]:
    """Return what the other services must hear of a change, in order: where it stands, or what else changed; then each
    year newly renewed.
    """
    if after.admission is None:  # they do not know a candidate
        return ()
    state = _state(after)
    if before.merged_into != after.merged_into:
        return (
            MemberMerged(state=state, into_id=after.merged_into)
            if after.merged_into
            else MemberUnmerged(state=state, from_id=before.merged_into),
        )
    renewed = [
        MemberRenewed(state=state, year=year) for year in after.renewed_years if year not in before.renewed_years
    ]
    if before.status is not after.status:
        return (_moved(before, after, after.admission, state), *renewed)
    changed = tuple(_changed(before, after, state))
    return (*([MemberUpdated(state=state, changed=changed)] if changed else []), *renewed)


def _changed(before: Member, after: Member, state: MemberState) -> Iterator[str]:
    """Name the public fields that changed; a year newly renewed has its own fact, one taken back has none."""
    old = _state(before)
    for name in MemberState.model_fields:
        only_more_years = name == "renewed_years" and set(before.renewed_years) <= set(after.renewed_years)
        if getattr(old, name) != getattr(state, name) and not only_more_years:
            yield name


def _moved(before: Member, after: Member, admission: Admission, state: MemberState) -> MemberFact:
    if after.departure is not None:
        return MemberLeft(state=state)
    if after.status is MemberStatus.SUSPENDED:
        return MemberSuspended(state=state)
    if before.status is MemberStatus.SUSPENDED:
        return MemberReinstated(state=state)
    return MemberJoined(
        state=state,
        joined_on=admission.joined_on,
        sitting_id=admission.sitting_id,
        minutes_reference=admission.minutes_reference,
    )


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
        status="merged" if member.merged_into else member.status.value,
        activities=tuple(ActivityState(kind=k.value, main=i == 0) for i, k in enumerate(member.activities)),
        delegation=member.delegation,
        department=member.department,
        address=address,
        joined_on=member.joined_on,
        left_on=member.departure.left_on if member.departure else None,
        departure_cause=member.departure.cause.value if member.departure else None,
        successor_id=member.departure.successor if member.departure else None,
        siret=member.siret,
        category=member.category.value,
        renewed_years=member.renewed_years,
        merged_into=member.merged_into,
        correspondence=tuple(
            Correspondence(
                purpose=purpose.value,
                address=PostalAddress(street=known.street, postcode=known.postcode, city=known.city),
            )
            for purpose, known in sorted(member.correspondence.items())
        ),
    )
