"""What is shown of an assembly: its agenda, who stands, what was voted, what may be done now."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from uuid import UUID

from common.blockers import BlockerOut, blockers_out
from common.errors import Blocker, obstacle
from common.rights import grant_for
from common.transaction import Read
from membership.assemblies import repository
from membership.assemblies.domain import (
    Assembly,
    AssemblyDayToCome,
    AssemblyState,
    AssemblyStatus,
    Headcount,
    ItemKind,
    Meeting,
    Replaced,
    Result,
    RollMissing,
    Room,
    closing_blockers,
    count_convocations,
    headcount,
    last_convening_day,
    late_reason_on,
    open_on,
    quorum_blockers,
)
from membership.assemblies.queries.convening import convocations_of
from membership.assemblies.queries.loading import runs
from membership.assemblies.schemas import (
    AssemblyLine,
    AssemblyOut,
    CandidateOut,
    ConvocationCountOut,
    ElectorsOut,
    HeadcountOut,
    ItemOut,
    ItemResultOut,
    NamedVoteOut,
    ReplacedResultOut,
    TakenBackOut,
)
from membership.assemblies.tables import CandidacyRow
from membership.board.queries import conferred, scope_names
from membership.contacts.domain import Person
from membership.contacts.queries import people_of
from membership.electoral_roll.queries import sealing_blockers
from membership.members.queries import allowed_on, names_of
from membership.rights import RIGHTS, Act


async def show(source: Read, meeting: Meeting) -> AssemblyOut:
    """Show a loaded assembly, as far as the reader reaches."""
    assembly = meeting.assembly
    now = meeting.room()
    in_full = runs(source)
    actions, blockers = await _actions(source, meeting, now) if in_full else ([], {})
    return AssemblyOut(
        **line_of(assembly).model_dump(),
        roll_id=meeting.roll_id if assembly.roll_day else None,
        agenda=await _agenda(source, meeting),
        room=_headcount_out(headcount(now)) if meeting.roll_id and assembly.roll_day else None,
        opened_at=assembly.opened_at,
        convocations=await _convocations(source, meeting) if in_full and assembly.convened_on else None,
        waiver=assembly.waiver,
        opening=_headcount_out(headcount(meeting.room(assembly.opened_at))) if assembly.opened_at else None,
        mandates=await conferred(source, assembly.id),
        withdrawals=await _withdrawals(source, meeting) if in_full else [],
        most_proxies=meeting.rule.most_proxies,
        rule_status=meeting.rule.status,
        rule_source=meeting.rule.source,
        allowed_actions=actions,
        blockers=blockers,
    )


async def _convocations(source: Read, meeting: Meeting) -> ConvocationCountOut:
    counted = count_convocations(await convocations_of(source, meeting))
    return ConvocationCountOut(**asdict(counted), last_day=last_convening_day(meeting.assembly, meeting.rule))


async def _withdrawals(source: Read, meeting: Meeting) -> list[TakenBackOut]:
    """Show what was taken back, the first first: who stood and does not any more, who had given a proxy."""
    candidacies = await repository.withdrawn_of(source, meeting.assembly.id)
    proxies = [one for one in meeting.proxies if one.revoked_at]
    names = await names_of(source, [*(one.member_id for one in candidacies), *(one.giver_id for one in proxies)])
    stood = [
        TakenBackOut(
            kind="candidacy",
            member_id=one.member_id,
            member_name=names[one.member_id],
            item_id=one.item_id,
            holder_id=None,
            given_at=one.received_at,
            given_by=one.received_by,
            withdrawn_at=one.withdrawn_at,
            withdrawn_by=one.withdrawn_by,
            reason=one.withdrawn_reason,
        )
        for one in candidacies
        if one.withdrawn_at and one.withdrawn_by
    ]
    gave = [
        TakenBackOut(
            kind="proxy",
            member_id=one.giver_id,
            member_name=names[one.giver_id],
            item_id=None,
            holder_id=one.holder_id,
            given_at=one.given_at,
            given_by=one.given_by,
            withdrawn_at=one.revoked_at,
            withdrawn_by=one.revoked_by,
            reason=one.revoked_reason,
        )
        for one in proxies
        if one.revoked_at and one.revoked_by
    ]
    return sorted([*stood, *gave], key=lambda one: (one.withdrawn_at, one.member_name))


def line_of(assembly: Assembly) -> AssemblyLine:
    """Show an assembly as the list does."""
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
    AssemblyStatus.CONVENED: ("send_convocations", "amend", "add_candidacy", "give_proxy", "arrive", "open", "cancel"),
    AssemblyStatus.OPEN: ("give_proxy", "arrive", "vote", "withdraw_item", "close"),
    AssemblyStatus.CLOSED: (),
    AssemblyStatus.CANCELLED: (),
}

_TAKING_PART = ("add_candidacy", "give_proxy")


async def _actions(source: Read, meeting: Meeting, now: Room) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    late = obstacle(partial(late_reason_on, meeting.assembly, meeting.rule, source.today, None))
    blocked = {
        "send_convocations": (Blocker(late.code, late.message),) if late else (),
        "open": await _opening_blockers(source, meeting),
        "vote": quorum_blockers(now),
        "close": closing_blockers(meeting.assembly, meeting.results.keys(), has_quorum=now.has_quorum),
    }
    takes_part = grant_for(RIGHTS, Act.TAKE_PART, source.actor) is not None
    possible = [one for one in _POSSIBLE[meeting.assembly.status] if takes_part or one not in _TAKING_PART]
    return (
        [action for action in possible if not blocked.get(action)],
        {action: blockers_out(found) for action, found in blocked.items() if action in possible and found},
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
