"""Reads of who was convened to an assembly: those who vote, and what was sent to each."""

from collections import defaultdict
from uuid import UUID

from common.transaction import Read
from membership.assemblies import domain
from membership.assemblies.domain import Convocation, Meeting
from membership.members.queries import structures_of
from membership.notices.domain import Notice, reach_of
from membership.notices.queries import notices_of, reachable


async def convocations_of(source: Read, meeting: Meeting) -> list[Convocation]:
    """Return those who vote, or were convened when they did, in the order of their names, whoever asks."""
    notices: defaultdict[UUID, list[Notice]] = defaultdict(list)
    for sent in await notices_of(source, domain.about(meeting.assembly)):
        notices[sent.member_id].append(sent)
    voting = {line.member_id for line in meeting.voting}
    ids = {*voting, *notices}
    people = await reachable(source, domain.about(meeting.assembly), list(ids))
    found = []
    for member_id, member in (await structures_of(source, ids)).items():
        state, notice = domain.convocation_state(notices[member_id])
        reach = reach_of(member, people.get(member_id))
        found.append(Convocation(member, member_id in voting, state, notice, reach))
    return sorted(found, key=lambda one: (one.member.name, one.member.id))
