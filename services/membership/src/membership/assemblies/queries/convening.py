"""Reads of who was convened to an assembly: those who vote, and what was sent to each."""

from collections import defaultdict
from uuid import UUID

from common.transaction import Read
from membership.assemblies import domain
from membership.assemblies.domain import Convocation, Meeting
from membership.members.domain import Member
from membership.members.queries import structures_of
from membership.notices.domain import Notice, reach_of
from membership.notices.queries import notices_of, reachable


async def convocations_of(source: Read, meeting: Meeting) -> list[Convocation]:
    """Return those who vote, or were convened when they did, in the order of their names, whoever asks.

    A frozen roll names a record also once it was merged into another, and what was sent to it is then that one's.
    """
    assembly, last_day = meeting.assembly, domain.last_convening_day(meeting.assembly, meeting.rule)
    notices: defaultdict[UUID, list[Notice]] = defaultdict(list)
    for sent in await notices_of(source, domain.about(assembly)):
        notices[sent.member_id].append(sent)
    voting = {line.member_id: line for line in meeting.voting}
    ids = {*voting, *notices}
    people = await reachable(source, domain.about(assembly), list(ids))
    found = []
    for member_id, member in (await structures_of(source, ids)).items():
        line = voting.get(member_id)
        elsewhere = line is not None and domain.convened_elsewhere(assembly, line.joined_on)
        known = [one for record in records_of(member) for one in notices.get(record, [])]
        state, notice = domain.convocation_state(known, elsewhere=elsewhere)
        reach = reach_of(member, people.get(member_id))
        found.append(Convocation(member, line is not None, state, notice, reach, last_day))
    return sorted(found, key=lambda one: (one.member.name, one.member.id))


def records_of(member: Member) -> list[UUID]:
    """Return under which records what was sent to a structure is found."""
    return [member.id, *([member.merged_into] if member.merged_into else [])]
