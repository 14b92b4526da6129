"""What people do with an assembly: prepare, convene, open, take proxies and attendance, vote, elect, close.

Every act holds the assembly first: at the desk several take attendance at once, and a vote is counted in one room. One
that changes the assembly itself raises PreconditionMissing and PreconditionFailed besides.
"""

from dataclasses import replace
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.rights import Grant
from common.transaction import Tx
from membership.agenda import use_cases as agenda
from membership.agenda.domain import Audience, Source, Told, whole_days
from membership.assemblies import domain, queries, repository
from membership.assemblies.domain import (
    Assembly,
    AssemblyStatus,
    Attending,
    Ballots,
    Candidate,
    Item,
    ItemKind,
    NotPresent,
    Proxy,
    ProxyNotFound,
    ProxyTooLate,
    Result,
    Tally,
    elect,
    entitled,
    headcount,
    item_of,
    require_ballots,
    require_candidate,
    require_proxy,
    require_quorum,
    require_scope,
    require_second,
    require_status,
    tally_of,
    verdict,
)
from membership.assemblies.queries import Meeting, assembly_rules, meeting_of
from membership.assemblies.schemas import (
    ArrivalIn,
    AssemblyAgendaIn,
    AssemblyAmend,
    AssemblyIn,
    CandidacyIn,
    PollIn,
    ProxyIn,
    ResolutionVoteIn,
)
from membership.board import use_cases as board
from membership.board.domain import Elected
from membership.board.queries import scope_names, seats_of
from membership.contacts.domain import ContactNotFound, ContactOfAnother
from membership.contacts.queries import people_of
from membership.governance import use_cases as governance
from membership.members.queries import find
from membership.territory.domain import NETWORK_ZONE

PRINT_MINUTES = "assemblies.print_minutes"
_BEFORE = (AssemblyStatus.PREPARED, AssemblyStatus.CONVENED)
_AT_THE_DESK = (AssemblyStatus.CONVENED, AssemblyStatus.OPEN)


async def prepare(tx: Tx, wanted: AssemblyIn) -> UUID:
    """Prepare an assembly, or its second convening; return its id. Raises AssemblyNotFound, NotSecond."""
    if wanted.second_of is not None:
        require_second(await repository.get(tx, wanted.second_of), wanted.kind)
    prepared = Assembly(id=new_id(), **wanted.model_dump())
    await repository.add(tx, prepared)
    return prepared.id


async def amend(tx: Tx, assembly_id: UUID, if_match: str | None, wanted: AssemblyAmend) -> None:
    """Correct an assembly that is prepared. Raises AssemblyNotFound, AssemblyState."""
    assembly = await _loaded(tx, assembly_id, if_match)
    await repository.save(tx, domain.amend(assembly, wanted.fields()))


async def set_agenda(tx: Tx, assembly_id: UUID, if_match: str | None, wanted: AssemblyAgendaIn) -> None:
    """Write the agenda; candidacies to an election that leaves it go with it.

    Raises AssemblyNotFound, AssemblyState, ItemInconsistent, MajorityUnknown, RuleMissing.
    """
    assembly = await _loaded(tx, assembly_id, if_match)
    items = [Item(**{**item.model_dump(), "id": item.id or new_id()}) for item in wanted.items]
    planned = domain.set_agenda(assembly, items, rule_on(assembly_rules(), assembly.held_on))
    for item in items:
        most = seats_of(item.scope, assembly.held_on) if item.scope else None
        require_scope(item, scope_names(assembly.held_on), most)
    await repository.save(tx, planned)
    await repository.drop_stray_candidacies(tx, planned)


async def convene(tx: Tx, assembly_id: UUID, if_match: str | None) -> None:
    """Convene the members; the day of the roll is fixed.

    Raises AssemblyNotFound, AssemblyState, AssemblyAgendaEmpty, ConvenedTooLate, RuleMissing.
    """
    assembly = await _loaded(tx, assembly_id, if_match)
    convened = domain.convene(assembly, rule_on(assembly_rules(), assembly.held_on), tx.today)
    await repository.save(tx, convened)
    await agenda.tell(tx, [_shown(convened)])


async def open_assembly(tx: Tx, assembly_id: UUID, if_match: str | None) -> None:
    """Open an assembly on the roll frozen for its day, which changes no more.

    Raises AssemblyNotFound, AssemblyState, AssemblyDayToCome, RollMissing, ContestOpen, RollNotFound, RuleMissing.
    """
    meeting = await meeting_of(tx, await _loaded(tx, assembly_id, if_match))
    opened = domain.open_on(meeting.assembly, meeting.rule, meeting.roll_id, tx.today)
    if opened.roll_id is not None:
        await governance.seal(tx, opened.roll_id)
    await repository.save(tx, opened)


async def stand(tx: Tx, grant: Grant, assembly_id: UUID, item_id: UUID, wanted: CandidacyIn) -> None:
    """Receive a candidacy, until the assembly opens.

    Raises AssemblyNotFound, AssemblyState, ItemNotFound, ItemOfAnotherKind, MemberNotFound, NotEntitled,
    CandidateOutside, ContactNotFound, ContactOfAnother, CandidacyExists, RuleMissing.
    """
    meeting = await _held(tx, assembly_id, *_BEFORE)
    item = item_of(meeting.assembly, item_id, ItemKind.ELECTION)
    member = await find(tx, grant, wanted.member_id)
    require_candidate(item, entitled(meeting.roll.get(member.id), member.name))
    await _require_person(tx, wanted.contact_id, member.id)
    await repository.add_candidacy(tx, assembly_id, item_id, member.id, wanted.contact_id)


async def withdraw_candidacy(tx: Tx, grant: Grant, assembly_id: UUID, item_id: UUID, member_id: UUID) -> None:
    """Take a candidacy back, until the assembly opens.

    Raises AssemblyNotFound, AssemblyState, MemberNotFound, CandidacyNotFound, RuleMissing.
    """
    await _held(tx, assembly_id, *_BEFORE)
    member = await find(tx, grant, member_id)
    await repository.remove_candidacy(tx, assembly_id, item_id, member.id)


async def give_proxy(tx: Tx, grant: Grant, assembly_id: UUID, wanted: ProxyIn) -> None:
    """Record that a structure entrusts its votes to another, until the first vote.

    Raises AssemblyNotFound, AssemblyState, ProxyTooLate, MemberNotFound, NotEntitled, ProxyToOneself, ProxyGiven,
    ProxyChained, ProxyOutside, TooManyProxies, RuleMissing.
    """
    meeting = await _before_votes(tx, assembly_id)
    giver = await find(tx, grant, wanted.giver_id)
    lines = entitled(meeting.roll.get(giver.id), giver.name), entitled(meeting.roll.get(wanted.holder_id))
    require_proxy(*lines, meeting.standing, meeting.rule)
    given = Proxy(new_id(), giver.id, wanted.holder_id, given_at=tx.now, given_by=tx.actor.subject)
    await repository.add_proxy(tx, assembly_id, given)


async def revoke_proxy(tx: Tx, grant: Grant, assembly_id: UUID, giver_id: UUID) -> None:
    """Take a proxy back, until the first vote.

    Raises AssemblyNotFound, AssemblyState, ProxyTooLate, MemberNotFound, ProxyNotFound, RuleMissing.
    """
    meeting = await _before_votes(tx, assembly_id)
    giver = await find(tx, grant, giver_id)
    standing = next((one for one in meeting.standing if one.giver_id == giver.id), None)
    if standing is None:
        raise ProxyNotFound(f"{giver.name} n'a pas donné pouvoir.")
    await repository.revoke_proxy(tx, standing)


async def arrive(tx: Tx, grant: Grant, assembly_id: UUID, wanted: ArrivalIn) -> None:
    """Record that a structure is in the room, from now on for every vote to come.

    Raises AssemblyNotFound, AssemblyState, MemberNotFound, NotEntitled, ContactNotFound, ContactOfAnother,
    RuleMissing.
    """
    meeting = await _held(tx, assembly_id, *_AT_THE_DESK)
    member = await find(tx, grant, wanted.member_id)
    entitled(meeting.roll.get(member.id), member.name)
    if wanted.contact_id is not None:
        await _require_person(tx, wanted.contact_id, member.id)
    await repository.save_attending(tx, assembly_id, Attending(**wanted.model_dump(), arrived_at=tx.now))


async def leave(tx: Tx, assembly_id: UUID, member_id: UUID) -> None:
    """Record that a structure left the room. Raises AssemblyNotFound, AssemblyState, NotPresent, RuleMissing."""
    meeting = await _held(tx, assembly_id, *_AT_THE_DESK)
    there = next((one for one in meeting.attending if one.member_id == member_id and one.left_at is None), None)
    if there is None:
        raise NotPresent("Cette structure n'est pas consignée présente.")
    await repository.save_attending(tx, assembly_id, replace(there, left_at=tx.now))


async def vote(tx: Tx, assembly_id: UUID, if_match: str | None, item_id: UUID, given: ResolutionVoteIn) -> None:
    """Record a vote on a resolution, in the room as it is; a vote recorded wrongly is recorded again.

    Raises AssemblyNotFound, AssemblyState, ItemNotFound, ItemOfAnotherKind, AssemblyWithoutQuorum,
    TallyInconsistent, MajorityUnknown, RuleMissing.
    """
    meeting = await _voting(tx, assembly_id, if_match)
    item = item_of(meeting.assembly, item_id, ItemKind.RESOLUTION)
    now = meeting.room()
    require_quorum(now)
    if given.named is not None:
        tally, named = tally_of({one.member_id: one.choice for one in given.named}, now.voices)
    else:
        tally, named = Tally(given.votes_for, given.votes_against, given.abstentions), []
    decided = verdict(tally, meeting.rule.majority_of(meeting.assembly.kind, item.majority), now)
    await _record(tx, meeting, Result(item.id, headcount(now), tally=tally, named=tuple(named), verdict=decided))


async def record_poll(tx: Tx, assembly_id: UUID, if_match: str | None, item_id: UUID, counted: PollIn) -> None:
    """Record what the tellers counted of an election by secret ballot: totals, never who voted for whom.

    Raises AssemblyNotFound, AssemblyState, ItemNotFound, ItemOfAnotherKind, AssemblyWithoutQuorum,
    CandidacyNotFound, TallyInconsistent, RuleMissing.
    """
    meeting = await _voting(tx, assembly_id, if_match)
    item = item_of(meeting.assembly, item_id, ItemKind.ELECTION)
    now = meeting.room()
    require_quorum(now)
    candidates = await _candidates(tx, meeting, item, {one.member_id: one.votes for one in counted.candidates})
    ballots = Ballots(counted.cast, counted.blank, counted.void)
    electors, seats = meeting.room(item), item.seats or 0
    require_ballots(ballots, candidates, seats, electors.votes)
    poll = elect(candidates, seats, meeting.rule.tie)
    result = Result(item.id, headcount(electors), ballots=ballots, candidates=tuple(candidates), poll=poll)
    await _record(tx, meeting, result)


async def withdraw_item(tx: Tx, assembly_id: UUID, if_match: str | None, item_id: UUID, reason: str) -> None:
    """Take a point off the agenda of an open assembly. Raises AssemblyNotFound, AssemblyState, ItemNotFound."""
    meeting = await _voting(tx, assembly_id, if_match)
    domain.require_item(meeting.assembly, item_id)
    await _record(tx, meeting, Result(item_id, headcount(meeting.room()), withdrawn=reason))


async def close(tx: Tx, assembly_id: UUID, if_match: str | None) -> None:
    """Close an assembly: those elected take their seats, and what the minutes say is kept as it is then.

    Raises AssemblyNotFound, AssemblyState, ItemsUnvoted, TooManyElected, RollNotFound, RuleMissing.
    """
    meeting = await meeting_of(tx, await _loaded(tx, assembly_id, if_match))
    closed = domain.close(meeting.assembly, list(meeting.results), has_quorum=meeting.room().has_quorum)
    for item in closed.agenda:
        poll = meeting.results[item.id].poll if item.id in meeting.results else None
        if poll and poll.elected and item.scope and item.scope_code and item.seats:
            elected = [Elected(one.member_id, one.contact_id) for one in poll.elected]
            await board.confer(tx, item.scope, item.scope_code, item.seats, elected, closed.held_on, closed.id)
    kept = await queries.written_minutes(tx, replace(meeting, assembly=closed))
    await repository.save(tx, closed, kept)
    await enqueue(tx, PRINT_MINUTES, subject_id=closed.id)


def _shown(convened: Assembly) -> Told:
    """Return what the agenda shows of an assembly, from its convening on: its day changes no more."""
    return Told(
        id=convened.id,
        source=Source.ASSEMBLIES,
        kind="assembly",
        title=convened.title,
        when=whole_days(convened.held_on, convened.held_on, NETWORK_ZONE),
        audience=Audience.MEMBERS,
        place=convened.place,
    )


async def _loaded(tx: Tx, assembly_id: UUID, if_match: str | None) -> Assembly:
    assembly = await repository.hold(tx, assembly_id)
    await check_version(if_match, assembly.version, partial(queries.find_assembly, tx, assembly_id))
    return assembly


async def _held(tx: Tx, assembly_id: UUID, *wanted: AssemblyStatus) -> Meeting:
    assembly = await repository.hold(tx, assembly_id)
    require_status(assembly, *wanted)
    return await meeting_of(tx, assembly)


async def _before_votes(tx: Tx, assembly_id: UUID) -> Meeting:
    meeting = await _held(tx, assembly_id, *_AT_THE_DESK)
    if meeting.results:
        raise ProxyTooLate("Un vote a eu lieu : les pouvoirs ne changent plus.")
    return meeting


async def _voting(tx: Tx, assembly_id: UUID, if_match: str | None) -> Meeting:
    assembly = await _loaded(tx, assembly_id, if_match)
    require_status(assembly, AssemblyStatus.OPEN)
    return await meeting_of(tx, assembly)


async def _record(tx: Tx, meeting: Meeting, result: Result) -> None:
    await repository.save_result(tx, meeting.assembly.id, result)
    await repository.save(tx, replace(meeting.assembly, version=meeting.assembly.version + 1))


async def _candidates(tx: Tx, meeting: Meeting, item: Item, votes: dict[UUID, int]) -> list[Candidate]:
    """Return those who stand for some seats, with the votes each got. Raises CandidacyNotFound."""
    eligible = {member_id: line for member_id, line in meeting.roll.items() if line.entitled and item.takes(line)}
    rows = [
        row
        for row in await repository.candidacies_of(tx, meeting.assembly.id)
        if row.item_id == item.id and row.member_id in eligible
    ]
    domain.require_candidates(votes.keys(), [row.member_id for row in rows])
    return [
        Candidate(row.member_id, row.contact_id, line.name, line.joined_on, votes.get(row.member_id, 0))
        for row, line in ((row, eligible[row.member_id]) for row in rows)
    ]


async def _require_person(tx: Tx, contact_id: UUID, member_id: UUID) -> None:
    """Let a structure be represented by one of its own people. Raises ContactNotFound, ContactOfAnother."""
    person = (await people_of(tx, [contact_id])).get(contact_id)
    if person is None or person.name is None:
        raise ContactNotFound("Cette personne n'existe pas.")
    if person.member_id != member_id:
        raise ContactOfAnother("Cette personne n'est pas de cette structure.")
