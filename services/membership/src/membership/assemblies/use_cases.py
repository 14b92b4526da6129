"""What people do with an assembly: prepare, convene, open, take proxies and attendance, vote, elect, close.

Every act holds the assembly first: at the desk several take attendance at once, and a vote is counted in one room. One
that changes the assembly itself raises PreconditionMissing and PreconditionFailed besides.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from common.clock import beginning
from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.moments import whole_days
from common.rights import Grant, Scope
from common.transaction import Tx
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import AgendaStatus, Audience, Source, Told
from membership.assemblies import domain, queries, repository
from membership.assemblies.domain import Assembly, AssemblyStatus, Meeting
from membership.assemblies.queries import assembly_rules, meeting_of
from membership.assemblies.schemas import (
    ArrivalIn,
    AssemblyAgendaIn,
    AssemblyAmend,
    AssemblyIn,
    CandidacyIn,
    ConveningIn,
    LeavingIn,
    OpeningIn,
    PollIn,
    ProxyIn,
    ResolutionVoteIn,
)
from membership.board import use_cases as board
from membership.board.domain import Elected
from membership.board.queries import require_seatable, scope_names, seats_of
from membership.contacts.use_cases import hold_one_of
from membership.electoral_roll import use_cases as governance
from membership.members.queries import allowed_on, find
from membership.notices import use_cases as notices
from membership.rights import Act
from membership.territory.domain import NETWORK_ZONE

PRINT_MINUTES = "assemblies.print_minutes"
_BEFORE = (AssemblyStatus.PREPARED, AssemblyStatus.CONVENED)
_AT_THE_DESK = (AssemblyStatus.CONVENED, AssemblyStatus.OPEN)


async def prepare(tx: Tx, wanted: AssemblyIn) -> UUID:
    """Prepare an assembly, or the second convening of what one left unvoted, with its candidates; return its id.

    Raises AssemblyNotFound, NotSecond.
    """
    prepared = Assembly(id=new_id(), **wanted.model_dump())
    if wanted.second_of is None:
        await repository.add(tx, prepared)
        return prepared.id
    first = await repository.hold(tx, wanted.second_of)
    domain.require_second(first, prepared.kind, prepared.held_on, taken=await repository.has_second(tx, first.id))
    agenda = domain.unvoted(first, (await repository.results_of(tx, first.id)).keys())
    await repository.add(tx, replace(prepared, agenda=agenda))
    await repository.copy_candidacies(tx, first.id, prepared.id, {item.id for item in agenda})
    return prepared.id


async def amend(tx: Tx, assembly_id: UUID, if_match: str | None, wanted: AssemblyAmend) -> None:
    """Correct an assembly that is prepared, or the place of one that is convened.

    Raises AssemblyNotFound, AssemblyState, NotSecond.
    """
    amended = domain.amend(await _loaded(tx, assembly_id, if_match), wanted.fields())
    if amended.second_of is not None:
        first = await repository.get(tx, amended.second_of)
        domain.require_second(first, amended.kind, amended.held_on, taken=False)
    await repository.save(tx, amended)
    if amended.convened_on is not None:
        await agenda.tell(tx, [_shown(amended)])


async def set_agenda(tx: Tx, assembly_id: UUID, if_match: str | None, wanted: AssemblyAgendaIn) -> None:
    """Write the agenda; candidacies to an election that leaves it, or is now of other seats, go with it.

    Raises AssemblyNotFound, AssemblyState, SecondAgenda, ItemInconsistent, SeatsTwice, MajorityUnknown, RuleMissing.
    """
    assembly = await _loaded(tx, assembly_id, if_match)
    items = [domain.Item(**{**item.model_dump(), "id": item.id or new_id()}) for item in wanted.items]
    planned = domain.set_agenda(assembly, items, rule_on(assembly_rules(), assembly.held_on))
    for item in items:
        most = seats_of(item.scope, item.scope_code or "", assembly.held_on) if item.scope else 0
        domain.require_scope(item, scope_names(assembly.held_on), most)
    await repository.save(tx, planned)
    unchanged = domain.unchanged_elections(assembly, planned)
    await repository.keep_candidacies(tx, assembly.id, unchanged, "L'ordre du jour a changé.")


async def convene(tx: Tx, assembly_id: UUID, if_match: str | None, said: ConveningIn) -> None:
    """Record that the members were convened; the day of the roll is fixed.

    Raises AssemblyNotFound, AssemblyState, ConveningInconsistent, AssemblyAgendaEmpty, ConvenedTooLate, RuleMissing.
    """
    assembly = await _loaded(tx, assembly_id, if_match)
    rule, day = rule_on(assembly_rules(), assembly.held_on), said.convened_on or tx.today
    convened = domain.convene(assembly, rule, day, tx.today, said.proof)
    await repository.save(tx, convened)
    await agenda.tell(tx, [_shown(convened)])


async def cancel(tx: Tx, assembly_id: UUID, if_match: str | None, reason: str) -> None:
    """Cancel an assembly before it opens; a convocation that has not gone yet is taken back.

    Raises AssemblyNotFound, AssemblyState.
    """
    cancelled = domain.cancel(await _loaded(tx, assembly_id, if_match), reason)
    await repository.save(tx, cancelled)
    if cancelled.convened_on is not None:
        await agenda.tell(tx, [_shown(cancelled)])
        await notices.take_back(tx, domain.about(cancelled))


async def open_assembly(tx: Tx, assembly_id: UUID, if_match: str | None, said: OpeningIn) -> None:
    """Open an assembly on the roll frozen for its day, which changes no more; nobody is convened to it any more.

    Raises AssemblyNotFound, AssemblyState, AssemblyDayToCome, RollMissing, ContestOpen, ContestWindowOpen,
    RollNotFound, RuleMissing.
    """
    meeting = await meeting_of(tx, await _loaded(tx, assembly_id, if_match))
    opened = domain.open_on(meeting.assembly, meeting.rule, meeting.roll_id, tx.today, tx.now)
    if opened.roll_id is not None:
        await governance.seal(tx, opened.roll_id, waived=said.waiver is not None)
    await repository.save(tx, replace(opened, waiver=said.waiver))
    await notices.take_back(tx, domain.about(opened))


async def stand(tx: Tx, grant: Grant, assembly_id: UUID, item_id: UUID, wanted: CandidacyIn) -> None:
    """Receive a candidacy, until the assembly opens.

    Raises AssemblyNotFound, AssemblyState, ItemNotFound, ItemOfAnotherKind, MemberNotFound, NotEntitled,
    CandidateOutside, HoldsAnotherSeat, ContactNotFound, ContactOfAnother, CandidacyExists, CandidacyElsewhere,
    RuleMissing.
    """
    meeting = await hold_meeting(tx, assembly_id, *_BEFORE)
    item = domain.item_of(meeting.assembly, item_id, domain.ItemKind.ELECTION)
    member = await find(tx, grant, wanted.member_id)
    domain.require_candidate(item, meeting.elector(member.id, member.name))
    if item.scope and item.scope_code:
        await require_seatable(tx, item.scope, item.scope_code, member.id, member.name, meeting.assembly.held_on)
    await hold_one_of(tx, wanted.contact_id, member.id)
    await repository.add_candidacy(tx, assembly_id, item_id, member.id, wanted.contact_id)
    await _next_version(tx, meeting.assembly)


async def withdraw_candidacy(
    tx: Tx, grant: Grant, assembly_id: UUID, item_id: UUID, member_id: UUID, reason: str | None
) -> None:
    """Take a candidacy back, until the assembly opens.

    Raises AssemblyNotFound, AssemblyState, MemberNotFound, WithdrawalUnexplained, CandidacyNotFound, RuleMissing.
    """
    meeting = await hold_meeting(tx, assembly_id, *_BEFORE)
    member = await find(tx, grant, member_id)
    domain.require_explained(reason, by_itself=grant.scope is Scope.OWN)
    await repository.withdraw_candidacy(tx, assembly_id, item_id, member.id, reason)
    await _next_version(tx, meeting.assembly)


async def give_proxy(tx: Tx, grant: Grant, assembly_id: UUID, wanted: ProxyIn) -> None:
    """Record that a structure entrusts its votes to another, until the first vote.

    Raises AssemblyNotFound, AssemblyState, ProxyTooLate, MemberNotFound, NotEntitled, ProxyToOneself, ProxyGiven,
    ProxyChained, ProxyOutside, HolderUnavailable, TooManyProxies, RuleMissing.
    """
    meeting = await _before_votes(tx, assembly_id)
    giver = await find(tx, grant, wanted.giver_id)
    told = bool(await allowed_on(tx, Act.READ_ROLLS, [wanted.holder_id]))
    lines = meeting.elector(giver.id, giver.name), meeting.elector(wanted.holder_id, told=told)
    domain.require_proxy(*lines, meeting.standing, meeting.rule, told=told)
    given = domain.Proxy(new_id(), giver.id, wanted.holder_id, given_at=tx.now, given_by=tx.actor.subject)
    await repository.add_proxy(tx, assembly_id, given)
    await _next_version(tx, meeting.assembly)


async def revoke_proxy(tx: Tx, grant: Grant, assembly_id: UUID, giver_id: UUID, reason: str | None) -> None:
    """Take a proxy back, until the first vote.

    Raises AssemblyNotFound, AssemblyState, ProxyTooLate, MemberNotFound, WithdrawalUnexplained, ProxyNotFound,
    RuleMissing.
    """
    meeting = await _before_votes(tx, assembly_id)
    giver = await find(tx, grant, giver_id)
    domain.require_explained(reason, by_itself=grant.scope is Scope.OWN)
    standing = next((one for one in meeting.standing if one.giver_id == giver.id), None)
    if standing is None:
        raise domain.ProxyNotFound(f"{giver.name} n'a pas donné pouvoir.")
    await repository.revoke_proxy(tx, standing, reason)
    await _next_version(tx, meeting.assembly)


async def arrive(tx: Tx, grant: Grant, assembly_id: UUID, wanted: ArrivalIn) -> None:
    """Record that a structure is in the room, for every vote to come; one without a vote attends all the same.

    Raises AssemblyNotFound, AssemblyState, AssemblyDayToCome, MomentOutside, AlreadyPresent, MemberNotFound,
    ContactNotFound, ContactOfAnother, RuleMissing.
    """
    meeting = await hold_meeting(tx, assembly_id, *_AT_THE_DESK)
    member = await find(tx, grant, wanted.member_id)
    at = _moment(tx, meeting.assembly, wanted.at)
    if any(one.member_id == member.id and (one.left_at is None or at < one.left_at) for one in meeting.attending):
        raise domain.AlreadyPresent(
            f"{member.name} est consignée présente à cette heure : consignez d'abord son départ."
        )
    if wanted.contact_id is not None:
        await hold_one_of(tx, wanted.contact_id, member.id)
    stay = domain.Attending(new_id(), member.id, wanted.contact_id, wanted.name, arrived_at=at)
    await repository.add_attending(tx, assembly_id, stay)
    await _next_version(tx, meeting.assembly)


async def leave(tx: Tx, assembly_id: UUID, member_id: UUID, said: LeavingIn) -> None:
    """Record that a structure left the room.

    Raises AssemblyNotFound, AssemblyState, AssemblyDayToCome, MomentOutside, NotPresent, RuleMissing.
    """
    meeting = await hold_meeting(tx, assembly_id, *_AT_THE_DESK)
    there = next((one for one in meeting.attending if one.member_id == member_id and one.left_at is None), None)
    if there is None:
        raise domain.NotPresent("Cette structure n'est pas consignée présente.")
    at = _moment(tx, meeting.assembly, said.at)
    if at < there.arrived_at:
        raise domain.MomentOutside("Une structure part après être arrivée.")
    await repository.save_leaving(tx, replace(there, left_at=at))
    await _next_version(tx, meeting.assembly)


async def vote(tx: Tx, assembly_id: UUID, if_match: str | None, item_id: UUID, given: ResolutionVoteIn) -> None:
    """Record a vote on a resolution, in the room as it is; corrected with a reason, by the room it was voted in.

    Raises AssemblyNotFound, AssemblyState, ItemNotFound, ItemOfAnotherKind, ItemVoted, AssemblyWithoutQuorum,
    TallyInconsistent, MajorityUnknown, RuleMissing.
    """
    meeting = await _voting(tx, assembly_id, if_match)
    item = domain.item_of(meeting.assembly, item_id, domain.ItemKind.RESOLUTION)
    domain.require_recordable(item.title, meeting.results.get(item.id), given.reason)
    now = meeting.room_of(item.id)
    domain.require_quorum(now)
    if given.named is not None:
        tally, named = domain.tally_of({one.member_id: one.choice for one in given.named}, now.voices)
    else:
        tally, named = domain.Tally(given.votes_for or 0, given.votes_against or 0, given.abstentions or 0), []
    decided = domain.verdict(tally, meeting.rule.majority_of(meeting.assembly.kind, item.majority), now)
    result = domain.Result(item.id, domain.headcount(now), now.voices, tally=tally, named=tuple(named), verdict=decided)
    await _record(tx, meeting, result, given.reason)


async def record_poll(tx: Tx, assembly_id: UUID, if_match: str | None, item_id: UUID, counted: PollIn) -> None:
    """Record what the tellers counted of an election by secret ballot: totals, never who voted for whom.

    Raises AssemblyNotFound, AssemblyState, ItemNotFound, ItemOfAnotherKind, ItemVoted, AssemblyWithoutQuorum,
    CandidacyNotFound, TallyInconsistent, RuleMissing.
    """
    meeting = await _voting(tx, assembly_id, if_match)
    item = domain.item_of(meeting.assembly, item_id, domain.ItemKind.ELECTION)
    domain.require_recordable(item.title, meeting.results.get(item.id), counted.reason)
    now = meeting.room_of(item.id)
    domain.require_quorum(now)
    candidates = await _candidates(tx, meeting, item, {one.member_id: one.votes for one in counted.candidates})
    ballots = domain.Ballots(counted.cast, counted.blank, counted.void)
    electors, seats = meeting.electors(item, now.voices), item.seats or 0
    domain.require_ballots(ballots, candidates, seats, electors.votes)
    poll = domain.elect(candidates, seats, meeting.rule.tie)
    result = domain.Result(
        item.id,
        domain.headcount(now),
        now.voices,
        ballots=ballots,
        candidates=tuple(candidates),
        poll=poll,
        electors=electors,
    )
    await _record(tx, meeting, result, counted.reason)


async def withdraw_item(tx: Tx, assembly_id: UUID, if_match: str | None, item_id: UUID, reason: str) -> None:
    """Take a point that was not voted off the agenda of an open assembly.

    Raises AssemblyNotFound, AssemblyState, ItemNotFound, ItemVoted.
    """
    meeting = await _voting(tx, assembly_id, if_match)
    item = domain.require_item(meeting.assembly, item_id)
    domain.require_unvoted(item.title, meeting.results.get(item.id))
    await _record(tx, meeting, domain.Result(item.id, domain.headcount(meeting.room()), withdrawn=reason), reason)


async def close(tx: Tx, assembly_id: UUID, if_match: str | None) -> None:
    """Close an assembly: those elected take their seats, and what the minutes say is kept as it is then.

    Raises AssemblyNotFound, AssemblyState, ItemsUnvoted, TooManyElected, SeatFilledLater, HoldsAnotherSeat,
    RollNotFound, RuleMissing.
    """
    meeting = await meeting_of(tx, await _loaded(tx, assembly_id, if_match))
    closed = domain.close(meeting.assembly, meeting.results.keys(), has_quorum=meeting.room().has_quorum)
    for item in closed.agenda:
        poll = meeting.results[item.id].poll if item.id in meeting.results else None
        if poll and poll.elected and item.scope and item.scope_code:
            elected = [Elected(one.member_id, one.contact_id) for one in poll.elected]
            await board.confer(tx, item.scope, item.scope_code, elected, closed.held_on, closed.id)
    kept = await queries.written_minutes(tx, replace(meeting, assembly=closed))
    await repository.save(tx, closed, kept)
    await enqueue(tx, PRINT_MINUTES, subject_id=closed.id)


async def tell_again(tx: Tx) -> None:
    """Tell the agenda again what it shows: by night, what was done while it did not listen yet."""
    for assembly_id in await repository.ids_since(tx, dates.shown_since(tx)):
        await agenda.tell(tx, [_shown(await repository.hold(tx, assembly_id))])


def _shown(assembly: Assembly) -> Told:
    """Return what the agenda shows of an assembly, from its convening on: its day changes no more."""
    cancelled = assembly.status is AssemblyStatus.CANCELLED
    return Told(
        id=assembly.id,
        source=Source.ASSEMBLIES,
        kind="assembly",
        title=assembly.title,
        when=whole_days(assembly.held_on, assembly.held_on, NETWORK_ZONE),
        audience=Audience.MEMBERS,
        place=assembly.place,
        status=AgendaStatus.CANCELLED if cancelled else AgendaStatus.CONFIRMED,
        cancelled_reason=assembly.cancelled,
    )


async def _loaded(tx: Tx, assembly_id: UUID, if_match: str | None) -> Assembly:
    assembly = await repository.hold(tx, assembly_id)
    await check_version(if_match, assembly.version, partial(queries.find_assembly, tx, assembly_id))
    return assembly


async def hold_meeting(tx: Tx, assembly_id: UUID, *wanted: AssemblyStatus) -> Meeting:
    """Load an assembly at one of its moments, and hold it until the end of the transaction.

    Raises AssemblyNotFound, AssemblyState, RuleMissing.
    """
    assembly = queries.require_visible(tx, await repository.hold(tx, assembly_id))
    domain.require_status(assembly, *wanted)
    return await meeting_of(tx, assembly)


async def _before_votes(tx: Tx, assembly_id: UUID) -> Meeting:
    meeting = await hold_meeting(tx, assembly_id, *_AT_THE_DESK)
    if meeting.voted:
        raise domain.ProxyTooLate("Un vote a eu lieu : les pouvoirs ne changent plus.")
    return meeting


async def _voting(tx: Tx, assembly_id: UUID, if_match: str | None) -> Meeting:
    assembly = await _loaded(tx, assembly_id, if_match)
    domain.require_status(assembly, AssemblyStatus.OPEN)
    return await meeting_of(tx, assembly)


async def _record(tx: Tx, meeting: Meeting, result: domain.Result, reason: str | None) -> None:
    await repository.save_result(tx, meeting.assembly.id, result, reason)
    await _next_version(tx, meeting.assembly)


# A vote that arrives, leaves or is entrusted changes the room: whoever records a vote must have seen it.
async def _next_version(tx: Tx, assembly: Assembly) -> None:
    await repository.save(tx, replace(assembly, version=assembly.version + 1))


def _moment(tx: Tx, assembly: Assembly, at: datetime | None) -> datetime:
    """Return when somebody came or left. Raises AssemblyDayToCome, MomentOutside."""
    return domain.require_moment(assembly, at or tx.now, beginning(assembly.held_on), tx.now)


async def _candidates(tx: Tx, meeting: Meeting, item: domain.Item, votes: dict[UUID, int]) -> list[domain.Candidate]:
    """Return those who stand for some seats, with the votes each got. Raises CandidacyNotFound."""
    eligible = {member_id: line for member_id, line in meeting.roll.items() if line.entitled and item.takes(line)}
    rows = [
        row
        for row in await repository.candidacies_of(tx, meeting.assembly.id)
        if row.item_id == item.id and row.member_id in eligible
    ]
    domain.require_candidates(votes.keys(), [row.member_id for row in rows])
    return [
        domain.Candidate(row.member_id, row.contact_id, line.name, line.joined_on, votes.get(row.member_id, 0))
        for row, line in ((row, eligible[row.member_id]) for row in rows)
    ]
