"""Reads of general assemblies: where each stands, who is in the room, what its minutes say."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope
from common.transaction import Read
from membership.assemblies import repository
from membership.assemblies.documents import minutes
from membership.assemblies.domain import Attending, Meeting
from membership.assemblies.queries.loading import load, meeting_of, require_visible, runs
from membership.assemblies.queries.showing import line_of, show
from membership.assemblies.repository import ASSEMBLY
from membership.assemblies.schemas import (
    AssemblyLine,
    AssemblyListParams,
    AssemblyOut,
    ParticipantListParams,
    ParticipantOut,
    StayOut,
    VoterListParams,
    VoterOut,
)
from membership.board.queries import board_rules
from membership.contacts.domain import Person
from membership.contacts.queries import people_of
from membership.electoral_roll.domain import RollLine
from membership.electoral_roll.queries import cut_page, frozen_rule
from membership.members.domain import normalise
from membership.members.queries import allowed_on, names_of
from membership.rights import Act

_ORDER = Order(columns={"held_on": ASSEMBLY.c.held_on}, default="-held_on", unique=ASSEMBLY.c.id)


async def list_assemblies(source: Read, params: AssemblyListParams) -> Page[AssemblyLine]:
    """Return one page of assemblies, the latest first unless sorted otherwise."""
    query = repository.assemblies(params.status, params.kind, params.year, prepared=runs(source))
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    items = [line_of(repository.to_domain(row)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def find_assembly(source: Read, assembly_id: UUID) -> AssemblyOut:
    """Return one assembly. Raises AssemblyNotFound, RuleMissing."""
    return await show(source, await load(source, assembly_id))


async def list_voters(source: Read, assembly_id: UUID, params: VoterListParams) -> Page[VoterOut]:
    """Return one page of the structures that vote, by name alone: whoever gives a proxy must find whom to.

    Raises AssemblyNotFound, RuleMissing.
    """
    meeting = await load(source, assembly_id)
    words = normalise(params.q or "")
    found = [line for line in meeting.voting if words in normalise(line.name)]

    def place(line: RollLine) -> tuple[str, str]:
        return line.name, str(line.member_id)

    return cut_page(found, params, place, lambda line: VoterOut(member_id=line.member_id, name=line.name))


async def list_participants(source: Read, assembly_id: UUID, params: ParticipantListParams) -> Page[ParticipantOut]:
    """Return one page of those who came or gave a proxy, within reach. Raises AssemblyNotFound, RuleMissing."""
    meeting = await load(source, assembly_id)
    shown = await participants(source, meeting)
    within = await allowed_on(source, Act.READ_ASSEMBLIES, [one.member_id for one in shown])
    found = [one for one in shown if one.member_id in within and params.present in (None, one.present)]
    return cut_page(found, params, lambda one: (one.name, str(one.member_id)), lambda one: one)


async def participants(source: Read, meeting: Meeting) -> list[ParticipantOut]:
    """Write who came, gave or holds a proxy, by name; who came for them only for whoever runs the assembly."""
    there: dict[UUID, list[Attending]] = {}
    for one in meeting.attending:
        there.setdefault(one.member_id, []).append(one)
    given = {one.giver_id: one for one in meeting.standing}
    everybody = {*there, *given, *(one.holder_id for one in given.values())}
    names = await names_of(source, list(everybody))
    people = await people_of(source, [one.contact_id for one in meeting.attending if one.contact_id])
    in_full, lapsed = runs(source), meeting.lapsed
    shown = []
    for member_id in sorted(everybody, key=lambda one: (names[one], one)):
        stays, proxy, line = there.get(member_id, []), given.get(member_id), meeting.roll.get(member_id)
        shown.append(
            ParticipantOut(
                member_id=member_id,
                name=names[member_id],
                votes=line.votes if line else 0,
                present=member_id in meeting.present,
                stays=[
                    StayOut(
                        person=_person(one, people) if in_full else None, arrived_at=one.arrived_at, left_at=one.left_at
                    )
                    for one in stays
                ],
                proxy_to=proxy.holder_id if proxy else None,
                proxy_to_name=names[proxy.holder_id] if proxy else None,
                proxy_given_at=proxy.given_at if proxy else None,
                proxy_lapsed=lapsed.get(member_id),
                holds=sum(one.holder_id == member_id and one.giver_id not in lapsed for one in meeting.standing),
                held_from=sorted(names[one.giver_id] for one in meeting.standing if one.holder_id == member_id),
            )
        )
    return shown


async def written_minutes(source: Read, meeting: Meeting) -> dict[str, Any]:
    """Write the minutes of a loaded assembly."""
    shown = await show(source, meeting)
    assumed = [("Assemblée", meeting.rule.status, meeting.rule.source)]
    if meeting.roll_id:
        roll = await frozen_rule(source, meeting.roll_id)
        assumed.append(("Liste électorale", roll.status, roll.source))
    if shown.mandates:
        board = rule_on(board_rules(), meeting.assembly.held_on)
        assumed.append(("Mandats", board.status, board.source))
    reservations = [f"{name} : {source}" for name, status, source in assumed if status != "published"]
    return minutes(shown, await participants(source, meeting), reservations)


async def draft_minutes(source: Read, assembly_id: UUID) -> dict[str, Any]:
    """Return what the minutes of an assembly say: as it was closed, or as they would be written now.

    Raises AssemblyNotFound, RollNotFound, RuleMissing.
    """
    kept = await repository.minutes_of(source, assembly_id)
    if kept is not None:
        return kept
    return await written_minutes(source, await meeting_of(source, await repository.get(source, assembly_id)))


async def find_minutes(source: Read, grant: Grant, assembly_id: UUID) -> str:
    """Return where the minutes of an assembly are kept, once printed; with their annex for who may read all of it.

    Raises AssemblyNotFound.
    """
    require_visible(source, await repository.get(source, assembly_id))
    return repository.minutes_path(assembly_id, in_full=grant.scope is Scope.ALL)


def _person(came: Attending, people: Mapping[UUID, Person]) -> str | None:
    if came.contact_id is None:
        return came.name
    return people[came.contact_id].name
