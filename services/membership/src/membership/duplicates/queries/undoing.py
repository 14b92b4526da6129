"""What keeps a merge from being undone: its time, and what was built on it since."""

from uuid import UUID

from common.blockers import blockers_extra
from common.errors import Refusal
from common.transaction import Read
from membership.contacts.queries import acquaintances
from membership.duplicates import repository
from membership.duplicates.domain import Merge, MergeBuiltUpon, MergeTooOld, Returning, undo_blockers
from membership.members.domain import Member
from membership.members.queries import entries_of
from membership.people.queries import traces_of


async def undo_obstacle(source: Read, merge: Merge, stays: Member, goes: Member) -> Refusal | None:
    """Return what keeps a merge from being undone today: ``MergeTooOld``, ``MergeBuiltUpon``."""
    if source.today > merge.undoable_until:
        return MergeTooOld(f"Cette réunion pouvait être annulée jusqu'au {merge.undoable_until:%d/%m/%Y}.")
    known = (await entries_of(source, [stays.id]))[stays.id]
    declared = await repository.was_declared_since(source, merge)
    returning = await _returning(source, merge)
    blockers = undo_blockers(merge, (stays, goes), known, returning, declared=declared, today=source.today)
    if not blockers:
        return None
    return MergeBuiltUpon(" ".join(one.message for one in blockers), extra={"blockers": blockers_extra(blockers)})


async def _returning(source: Read, merge: Merge) -> Returning:
    """Return what goes back to the record that was merged; everybody is looked at, carried or not."""
    noted = [row for row in await repository.carried_rows(source, merge.id) if "id" in row.row_key]
    rows = {(row.table_name, UUID(row.row_key["id"])) for row in noted if row.column_name == "member_id"}
    here = {one.contact_id for one in await acquaintances(source, merge.stays_id)}
    return Returning(
        people={row_id for table, row_id in rows if table == repository.CONTACTS},
        rows=rows,
        traces=await traces_of(source, here),
    )
