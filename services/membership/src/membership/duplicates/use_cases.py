"""What people do with duplicates: look for them, report one, tell that two are not, merge two, undo it."""

import asyncio
from collections.abc import Sequence
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from common.blockers import blockers_extra
from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.rights import Grant
from common.transaction import Tx
from membership.applications import use_cases as applications
from membership.contacts import use_cases as contacts
from membership.contacts.domain import Union
from membership.declarations import use_cases as declarations
from membership.directory import use_cases as directory
from membership.duplicates import queries, repository
from membership.duplicates.domain import (
    Merge,
    MergeBlocked,
    Pair,
    PairState,
    YearForms,
    other_of,
    pair_of,
    require_dismissed,
    require_same_plan,
    require_two,
    require_undecided,
    suspect,
    to_be_withdrawn,
    undoable_until,
    united,
)
from membership.duplicates.schemas import DuplicateReportIn, MergeIn
from membership.duplicates.tables import PairRow
from membership.members import use_cases as members
from membership.members.domain import Member
from membership.members.queries import entries_of, find, identities
from membership.members.use_cases import Why
from membership.restructurings.domain import require_shown

SEARCH = "duplicates.search"
_TAKEN_OVER = "déclarée sous un autre enregistrement de la même structure"

log = structlog.get_logger(__name__)


async def ask_to_search(tx: Tx) -> UUID:
    """Ask for the register to be searched now; a job does it every day."""
    return await enqueue(tx, SEARCH)


async def search(tx: Tx) -> int:
    """Search the whole register for records of one structure; return how many pairs there is ground to suspect."""
    await _carry_stragglers(tx)
    records = await identities(tx)
    found = await asyncio.to_thread(suspect, records)
    await repository.save_found(tx, found)
    return len(found)


async def _carry_stragglers(tx: Tx) -> None:
    """Carry what was written about a duplicate by whoever had begun before its merge and waited for it.

    What cannot be carried, as both have one, is left where it is and said.
    """
    for merge in await repository.recent_merges(tx):
        try:
            async with tx.savepoint():
                await _carry(tx, merge)
        except IntegrityError:
            log.warning("left_on_merged_record", merge_id=str(merge.id))


async def _carry(tx: Tx, merge: Merge) -> None:
    await repository.carry(tx, merge)
    await applications.note_carried(tx, [merge.stays_id, merge.goes_id])


async def report(tx: Tx, grant: Grant, reported: DuplicateReportIn) -> UUID:
    """Report two records within reach as one structure's; return the pair's id. Raises PairOfOne, MemberNotFound."""
    require_two(reported.first_id, reported.second_id)
    pair = pair_of(reported.first_id, reported.second_id)
    for record in pair:
        await find(tx, grant, record)
    return await repository.report(tx, pair)


async def dismiss(tx: Tx, grant: Grant, pair_id: UUID, if_match: str | None, reason: str) -> None:
    """Decide that two records are two structures: the pair is not shown again, until somebody reopens it.

    Raises PairNotFound, PairDecided, PreconditionMissing, PreconditionFailed.
    """
    row = await _hold_version(tx, grant, pair_id, if_match)
    require_undecided(repository.to_domain(row))
    row.state = PairState.DISMISSED.value
    row.dismissed_at, row.dismissed_by, row.dismissed_reason = tx.now, tx.actor.subject, reason
    row.version += 1


async def reopen(tx: Tx, grant: Grant, pair_id: UUID, if_match: str | None) -> None:
    """Take back that two records are two structures.

    Raises PairNotFound, PairNotDismissed, PreconditionMissing, PreconditionFailed.
    """
    row = await _hold_version(tx, grant, pair_id, if_match)
    require_dismissed(repository.to_domain(row))
    row.state = PairState.SUSPECTED.value
    row.dismissed_at = row.dismissed_by = row.dismissed_reason = None
    row.version += 1


async def propose(tx: Tx, grant: Grant, pair_id: UUID, if_match: str | None, reason: str) -> None:
    """Propose to whoever may that two records be merged.

    Raises PairNotFound, PairDecided, PreconditionMissing, PreconditionFailed.
    """
    row = await _hold_version(tx, grant, pair_id, if_match)
    require_undecided(repository.to_domain(row))
    row.proposed_at, row.proposed_by, row.proposed_reason = tx.now, tx.actor.subject, reason
    row.version += 1


async def merge(tx: Tx, grant: Grant, pair_id: UUID, asked: MergeIn) -> None:
    """Make one of two records the structure's only one, with what the other held.

    Raises PairNotFound, PairDecided, NotOfThePair, MemberMerged, StructureChanged, MergeBlocked, MergePlanChanged,
    LastActivity, SirenTaken, RuleMissing.
    """
    await queries.require_reached(tx, grant, pair_id)
    row = await repository.hold(tx, pair_id)
    pair = repository.to_domain(row)
    require_undecided(pair)
    stays, goes = await _hold_shown(tx, pair.pair, asked)
    drawn = await queries.draw(tx, stays, goes, asked)
    if drawn.blockers:
        sentence = " ".join(one.message for one in drawn.blockers)
        raise MergeBlocked(sentence, extra={"blockers": blockers_extra(drawn.blockers)})
    require_same_plan(asked.plan, (await queries.plan_out(tx, drawn)).plan)
    merge = Merge(
        id=new_id(),
        pair_id=pair.id,
        stays_id=stays.id,
        goes_id=goes.id,
        reason=asked.reason,
        done_at=tx.now,
        undoable_until=undoable_until(tx.today, rule_on(queries.undo_rules(), tx.today)),
    )
    await repository.add_merge(tx, merge)
    why = Why(asked.reason, merge.origin)
    # The duplicate first: from then on its SIREN is free for the record that stays.
    await members.merge_into(tx, goes, stays, why)
    day = max(tx.today, stays.as_of or tx.today)
    changed = await members.apply(tx, stays, lambda then: united(then, goes, drawn.taken), day, why)
    await _unite_people(tx, changed, merge, drawn.people, why)
    await _unite_declarations(tx, merge, drawn.forms)
    if await directory.hand_on(tx, merge.stays_id, merge.goes_id):
        await repository.note_carried(tx, merge, repository.DIRECTORY, "member_id", [{"member_id": merge.goes_id}])
    await repository.make_room(tx, merge)
    await _carry(tx, merge)
    if changed.version == stays.version:
        await members.next_version(tx, changed)
    row.state = PairState.MERGED.value
    row.version += 1


async def undo(tx: Tx, grant: Grant, pair_id: UUID, if_match: str | None, reason: str) -> None:
    """Undo a merge: both records are what they were, and all that was carried is about the one it was about.

    Raises PairNotFound, NotMerged, MergeTooOld, MergeBuiltUpon, SirenTaken, LastActivity.
    """
    await queries.require_reached(tx, grant, pair_id)
    row = await repository.hold(tx, pair_id)
    merge_row = await repository.standing_merge(tx, pair_id)
    await check_version(if_match, row.version)
    merge = repository.merge_of(merge_row)
    held = await members.hold(tx, [merge.stays_id, merge.goes_id], merged=True)
    stays, goes = held[merge.stays_id], held[merge.goes_id]
    carried, twins = await _people_of(tx, merge)
    await contacts.hold_people(tx, [*carried, *twins])  # so that nobody gives them a seat meanwhile
    obstacle = await queries.undo_obstacle(tx, merge, stays, goes)
    if obstacle is not None:
        raise obstacle
    known = await entries_of(tx, [stays.id, goes.id])
    # The record that stays first: what it took over, its SIREN too, is the other's again.
    stays = await members.withdraw(tx, stays, to_be_withdrawn(merge, known[stays.id]), reason)
    goes = await members.withdraw(tx, goes, to_be_withdrawn(merge, known[goes.id]), reason)
    await repository.give_back(tx, merge)
    await applications.note_carried(tx, [stays.id, goes.id])
    await _give_back_apart(tx, merge, reason)
    await contacts.separate_people(tx, goes, stays, carried, twins, Why(reason))
    merge_row.undone_at, merge_row.undone_by, merge_row.undo_reason = tx.now, tx.actor.subject, reason
    row.state = PairState.SUSPECTED.value
    row.version += 1


async def _hold_version(tx: Tx, grant: Grant, pair_id: UUID, if_match: str | None) -> PairRow:
    await queries.require_reached(tx, grant, pair_id)
    row = await repository.hold(tx, pair_id)
    await check_version(if_match, row.version, partial(queries.find_pair, tx, grant, pair_id))
    return row


async def _hold_shown(tx: Tx, pair: Pair, asked: MergeIn) -> tuple[Member, Member]:
    """Hold both records in the versions that the author of the merge was shown. Raises StructureChanged."""
    goes_id = other_of(pair, asked.stays_id)
    held = await members.hold(tx, list(pair))
    stays, goes = held[asked.stays_id], held[goes_id]
    require_shown(stays, asked.stays_version)
    require_shown(goes, asked.goes_version)
    return stays, goes


async def _unite_people(tx: Tx, stays: Member, merge: Merge, people: Union, why: Why) -> None:
    await contacts.unite_people(tx, stays, people, why)
    table = repository.CONTACTS
    await repository.note_carried(tx, merge, table, "member_id", [{"id": one} for one in people.carried])
    await repository.note_carried(tx, merge, table, "merged_into", [{"id": one} for one in people.twins])


async def _unite_declarations(tx: Tx, merge: Merge, forms: Sequence[YearForms]) -> None:
    """Let the declaration of each year be the one that stands.

    What the record that stays has only begun is dropped, and kept to be given back. What it declared is corrected by
    what the other declared: whoever was told of the one is told of the other.
    """
    await repository.drop_forms(tx, merge, [one.year for one in forms if one.is_dropped])
    for year in (one.year for one in forms if one.is_taken_over):
        number = await declarations.take_over(tx, year, merge.stays_id, merge.goes_id, _TAKEN_OVER)
        if number is not None:
            key, kept = {"member_id": merge.stays_id, "year": year}, {"year": year, "number": number}
            await repository.note_carried(tx, merge, repository.DECLARATIONS, "revisions", [key], kept=kept)


async def _give_back_apart(tx: Tx, merge: Merge, reason: str) -> None:
    """Give back what other capabilities carried themselves, people aside."""
    for row in await repository.carried_rows(tx, merge.id):
        if row.table_name == repository.DIRECTORY:
            await directory.take_back(tx, merge.stays_id, merge.goes_id)
        if row.column_name == "revisions" and row.kept is not None:
            await declarations.take_back(tx, row.kept["year"], merge.stays_id, row.kept["number"], reason)


async def _people_of(tx: Tx, merge: Merge) -> tuple[set[UUID], set[UUID]]:
    """Return the people that a merge carried, and those whom both records knew."""
    rows = [row for row in await repository.carried_rows(tx, merge.id) if row.table_name == repository.CONTACTS]
    carried = {UUID(row.row_key["id"]) for row in rows if row.column_name == "member_id"}
    return carried, {UUID(row.row_key["id"]) for row in rows if row.column_name == "merged_into"}
