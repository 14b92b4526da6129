"""Reads of general assemblies: where each stands, who is in the room, what was voted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from common.blockers import BlockerOut
from common.dated import rule_on
from common.errors import Blocker
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped import shipped
from common.transaction import Read
from membership.assemblies import repository
from membership.assemblies.documents import minutes
from membership.assemblies.domain import (
    Assembly,
    AssemblyDayToCome,
    AssemblyNotFound,
    AssemblyRule,
    AssemblyState,
    AssemblyStatus,
    Attending,
    Headcount,
    ItemKind,
    Meeting,
    Replaced,
    Result,
    RollMissing,
    Room,
    closing_blockers,
    headcount,
    open_on,
    quorum_blockers,
)
from membership.assemblies.repository import ASSEMBLY
from membership.assemblies.repository import candidacies_naming as candidacies_naming
from membership.assemblies.repository import stays_naming as stays_naming
from membership.assemblies.schemas import (
    AssemblyLine,
    AssemblyListParams,
    AssemblyOut,
    CandidateOut,
    ElectorsOut,
    HeadcountOut,
    ItemOut,
    ItemResultOut,
    NamedVoteOut,
    ParticipantListParams,
    ParticipantOut,
    ReplacedResultOut,
    StayOut,
    VoterListParams,
    VoterOut,
)
from membership.assemblies.tables import CandidacyRow
from membership.board.queries import board_rules, conferred, scope_names
from membership.contacts.domain import Person
from membership.contacts.queries import people_of
from membership.governance.domain import RollLine
from membership.governance.queries import (
    cut_page,
    frozen_rule,
    live_roll,
    roll_frozen_for,
    sealed_roll,
    sealing_blockers,
)
from membership.governance.schemas import Moment
from membership.members.domain import normalise
from membership.members.queries import allowed_on, names_of
from membership.rights import RIGHTS, Act

_ORDER = Order(columns={"held_on": ASSEMBLY.c.held_on}, default="-held_on", unique=ASSEMBLY.c.id)


@cache
def assembly_rules() -> tuple[AssemblyRule, ...]:
    """Return the dated rules of assemblies shipped with the service."""
    rules = shipped("membership.assemblies", "assembly.toml")["rules"]
    return TypeAdapter(tuple[AssemblyRule, ...]).validate_python(rules)


async def meeting_of(source: Read, assembly: Assembly) -> Meeting:
    """Load all that the rules look at. Until a roll is frozen it is the live one of its day. Raises RuleMissing."""
    roll_id = assembly.roll_id
    day = assembly.roll_day or assembly.held_on
    if roll_id is None:
        frozen = await roll_frozen_for(source, day)
        roll_id = frozen.id if frozen else None
    if roll_id is not None:
        roll = await sealed_roll(source, roll_id)
    else:
        live = await live_roll(source, Grant(source.actor, Scope.ALL), Moment(as_of=day, known_at=None))
        roll = {line.member_id: line for line in live.lines}
    return Meeting(
        assembly=assembly,
        rule=assembly.rule or rule_on(assembly_rules(), assembly.held_on),
        roll_id=roll_id,
        roll=roll,
        attending=await repository.attending_of(source, assembly.id),
        proxies=await repository.proxies_of(source, assembly.id),
        results=await repository.results_of(source, assembly.id),
    )


def require_visible(source: Read, assembly: Assembly) -> Assembly:
    """Let an assembly in preparation be known only to those who run assemblies. Raises AssemblyNotFound."""
    if assembly.status is AssemblyStatus.PREPARED and not _runs(source):
        raise AssemblyNotFound("Cette assemblée n'existe pas.")
    return assembly


def _runs(source: Read) -> bool:
    return grant_for(RIGHTS, Act.RUN_ASSEMBLIES, source.actor) is not None


async def _meeting(source: Read, assembly_id: UUID) -> Meeting:
    return await meeting_of(source, require_visible(source, await repository.get(source, assembly_id)))


async def list_assemblies(source: Read, params: AssemblyListParams) -> Page[AssemblyLine]:
    """Return one page of assemblies, the latest first unless sorted otherwise."""
    query = repository.assemblies(params.status, params.kind, params.year, prepared=_runs(source))
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    items = [_line(repository.to_domain(row)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def find_assembly(source: Read, assembly_id: UUID) -> AssemblyOut:
    """Return one assembly. Raises AssemblyNotFound, RuleMissing."""
    return await _out(source, await _meeting(source, assembly_id))


async def list_voters(source: Read, assembly_id: UUID, params: VoterListParams) -> Page[VoterOut]:
    """Return one page of the structures that vote, by name alone: whoever gives a proxy must find whom to.

    Raises AssemblyNotFound, RuleMissing.
    """
    meeting = await _meeting(source, assembly_id)
    words = normalise(params.q or "")
    found = [line for line in meeting.voting if words in normalise(line.name)]

    def place(line: RollLine) -> tuple[str, str]:
        return line.name, str(line.member_id)

    return cut_page(found, params, place, lambda line: VoterOut(member_id=line.member_id, name=line.name))


async def list_participants(source: Read, assembly_id: UUID, params: ParticipantListParams) -> Page[ParticipantOut]:
    """Return one page of those who came or gave a proxy, within reach. Raises AssemblyNotFound, RuleMissing."""
    meeting = await _meeting(source, assembly_id)
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
    runs, lapsed = _runs(source), meeting.lapsed
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
                        person=_person(one, people) if runs else None, arrived_at=one.arrived_at, left_at=one.left_at
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
    shown = await _out(source, meeting)
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


async def find_minutes(source: Read, assembly_id: UUID) -> str:
    """Return where the minutes of an assembly are kept, once printed. Raises AssemblyNotFound."""
    require_visible(source, await repository.get(source, assembly_id))
    return repository.minutes_path(assembly_id)


def _person(came: Attending, people: Mapping[UUID, Person]) -> str | None:
    if came.contact_id is None:
        return came.name
    return people[came.contact_id].name


async def _out(source: Read, meeting: Meeting) -> AssemblyOut:
    assembly = meeting.assembly
    now = meeting.room()
    actions, blockers = await _actions(source, meeting, now) if _runs(source) else ([], {})
    return AssemblyOut(
        **_line(assembly).model_dump(),
        roll_id=meeting.roll_id if assembly.roll_day else None,
        agenda=await _agenda(source, meeting),
        room=_headcount_out(headcount(now)) if meeting.roll_id and assembly.roll_day else None,
        opened_at=assembly.opened_at,
        waiver=assembly.waiver,
        opening=_headcount_out(headcount(meeting.room(assembly.opened_at))) if assembly.opened_at else None,
        mandates=await conferred(source, assembly.id),
        most_proxies=meeting.rule.most_proxies,
        rule_status=meeting.rule.status,
        rule_source=meeting.rule.source,
        allowed_actions=actions,
        blockers=blockers,
    )


def _line(assembly: Assembly) -> AssemblyLine:
    return AssemblyLine(
        id=assembly.id,
        kind=assembly.kind,
        kind_label=assembly.kind.label,
        title=assembly.title,
        held_on=assembly.held_on,
        place=assembly.place,
        status=assembly.status,
        status_label=assembly.status.label,
        second_of=assembly.second_of,
        quorum_failed=assembly.quorum_failed,
        convened_on=assembly.convened_on,
        convened_by=assembly.convened_by,
        cancelled=assembly.cancelled,
        roll_day=assembly.roll_day,
        version=assembly.version,
    )


_POSSIBLE = {
    AssemblyStatus.PREPARED: ("amend", "set_agenda", "add_candidacy", "convene", "cancel"),
    AssemblyStatus.CONVENED: ("amend", "add_candidacy", "give_proxy", "arrive", "open", "cancel"),
    AssemblyStatus.OPEN: ("give_proxy", "arrive", "vote", "withdraw_item", "close"),
    AssemblyStatus.CLOSED: (),
    AssemblyStatus.CANCELLED: (),
}


async def _actions(source: Read, meeting: Meeting, now: Room) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    blocked = {
        "open": await _opening_blockers(source, meeting),
        "vote": quorum_blockers(now),
        "close": closing_blockers(meeting.assembly, meeting.results.keys(), has_quorum=now.has_quorum),
    }
    possible = _POSSIBLE[meeting.assembly.status]
    return (
        [action for action in possible if not blocked.get(action)],
        {
            action: [BlockerOut(code=one.code, message=one.message) for one in found]
            for action, found in blocked.items()
            if action in possible and found
        },
    )


async def _opening_blockers(source: Read, meeting: Meeting) -> tuple[Blocker, ...]:
    try:
        open_on(meeting.assembly, meeting.rule, meeting.roll_id, source.today, source.now)
    except (AssemblyState, AssemblyDayToCome, RollMissing) as refusal:
        return (Blocker(refusal.code, refusal.message),)
    return await sealing_blockers(source, meeting.assembly.roll_day) if meeting.assembly.roll_day else ()


async def _agenda(source: Read, meeting: Meeting) -> list[ItemOut]:
    candidacies = await repository.candidacies_of(source, meeting.assembly.id)
    names = await names_of(source, [one.member_id for one in candidacies])
    people = await people_of(source, [one.contact_id for one in candidacies])
    reached = await allowed_on(source, Act.READ_ROLLS, [one.member_id for one in candidacies])
    voters = {vote.member_id for result in meeting.results.values() for vote in result.named}
    within = await names_of(source, list(await allowed_on(source, Act.READ_ASSEMBLIES, voters)))
    replaced = await repository.replaced_of(source, meeting.assembly.id)
    scopes = scope_names(meeting.assembly.held_on)
    shown = []
    for item in meeting.assembly.agenda:
        result = meeting.results.get(item.id)
        majority = meeting.rule.majority_of(meeting.assembly.kind, item.majority)
        shown.append(
            ItemOut(
                id=item.id,
                kind=item.kind,
                kind_label=item.kind.label,
                title=item.title,
                text=item.text,
                majority=majority.name if item.kind is ItemKind.RESOLUTION else None,
                scope=item.scope,
                scope_code=item.scope_code,
                scope_name=scopes[item.scope].get(item.scope_code or "", item.scope_code) if item.scope else None,
                seats=item.seats,
                candidates=[
                    _candidate(one, names, people, result).model_copy(
                        update={"reservation": meeting.reservation(item, one.member_id, told=one.member_id in reached)}
                    )
                    for one in candidacies
                    if one.item_id == item.id
                ],
                result=_result(result, within, [one for one in replaced if one.result.item_id == item.id])
                if result
                else None,
                without_quorum=result is None and meeting.assembly.quorum_failed,
            )
        )
    return shown


def _candidate(
    one: CandidacyRow, names: Mapping[UUID, str], people: Mapping[UUID, Person], result: Result | None
) -> CandidateOut:
    votes = {candidate.member_id: candidate.votes for candidate in result.candidates} if result else {}
    elected = {candidate.member_id for candidate in result.poll.elected} if result and result.poll else set()
    return CandidateOut(
        member_id=one.member_id,
        member_name=names[one.member_id],
        contact_id=one.contact_id,
        person=people[one.contact_id].name,
        votes=votes.get(one.member_id),
        elected=one.member_id in elected,
        reservation=None,
    )


def _result(result: Result, within: Mapping[UUID, str], replaced: Sequence[Replaced]) -> ItemResultOut:
    tally, verdict, ballots, poll = result.tally, result.verdict, result.ballots, result.poll
    cast = verdict.cast if verdict else ballots.cast if ballots else None
    return ItemResultOut(
        explanation=result.explanation,
        adopted=verdict.adopted if verdict else None,
        votes_for=tally.votes_for if tally else None,
        votes_against=tally.votes_against if tally else None,
        abstentions=tally.abstentions if tally else None,
        named=[
            NamedVoteOut(member_id=one.member_id, name=within[one.member_id], choice=one.choice, votes=one.votes)
            for one in result.named
            if one.member_id in within
        ],
        cast=cast,
        blank=ballots.blank if ballots else None,
        void=ballots.void if ballots else None,
        vacant=poll.vacant if poll else None,
        withdrawn=result.withdrawn,
        room=_headcount_out(result.room),
        electors=ElectorsOut.model_validate(result.electors) if result.electors else None,
        replaced=[
            ReplacedResultOut(explanation=one.result.explanation, replaced_at=one.at, reason=one.reason)
            for one in replaced
        ],
    )


def _headcount_out(count: Headcount) -> HeadcountOut:
    reached = count.votes >= max(1, count.needed)
    return HeadcountOut(**asdict(count), votes=count.votes, reached=reached)
