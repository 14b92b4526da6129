"""Reads of restructurings, with all that each carries, and what it leaves to follow."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from common.blockers import BlockerOut, blockers_out
from common.errors import Refusal
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.contacts.queries import seats_held
from membership.measures.queries import is_open_about
from membership.members.domain import Entry, Member, counting
from membership.members.queries import (
    allowed_on,
    calls_to_settle,
    entries_of,
    is_reached,
    parts_of,
    structures_of,
)
from membership.members.schemas import EntryOut
from membership.restructurings import domain, repository
from membership.restructurings.domain import (
    Restructuring,
    RestructuringKind,
    RestructuringNotFound,
    Surroundings,
    UndoRule,
    carried,
    to_follow,
)
from membership.restructurings.schemas import (
    CarriedOut,
    RestructuringLine,
    RestructuringListParams,
    RestructuringOut,
)
from membership.restructurings.tables import RestructuringRow
from membership.rights import RIGHTS, Act

_TABLE: Any = RestructuringRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"done_at": _TABLE.c.done_at}, default="-done_at", unique=_TABLE.c.id)


@cache
def undo_rules() -> tuple[UndoRule, ...]:
    """Return the dated rules of undoing shipped with the service."""
    return shipped_rules("membership.restructurings", "undo.toml", UndoRule)


async def find_restructuring(source: Read, grant: Grant, restructuring_id: UUID) -> RestructuringOut:
    """Return one act about a structure within reach, on either side, line by line. Raises RestructuringNotFound."""
    query = _query(grant).where(_TABLE.c.id == restructuring_id)
    row = (await source.session.execute(query)).one_or_none()
    if row is None:
        raise RestructuringNotFound("Cette opération n'existe pas, ou n'est pas dans votre périmètre.")
    return await _shown(source, repository.to_domain(row[0]))


async def list_restructurings(source: Read, grant: Grant, params: RestructuringListParams) -> Page[RestructuringLine]:
    """Return one page of acts about structures within reach, the latest first unless sorted otherwise."""
    query = _query(grant)
    if params.member_id:
        query = query.where(or_(_TABLE.c.member_id == params.member_id, _TABLE.c.other_id == params.member_id))
    if params.kind:
        query = query.where(_TABLE.c.kind.in_([kind.value for kind in params.kind]))
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    items = [RestructuringLine(**_line(repository.to_domain(row))) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def undo_obstacle(
    source: Read, act: Restructuring, known: Sequence[Entry], structures: Mapping[UUID, Member]
) -> Refusal | None:
    """Return what keeps an act from being undone today, from what the register holds of its structures."""
    born = structures[act.other_id] if act.kind is RestructuringKind.SPLIT and act.other_id else None
    followed = await repository.is_followed(source, act)
    return domain.undo_obstacle(act, known, source.today, followed=followed, born=born)


def _query(grant: Grant) -> Select[Any]:
    """Select the acts that either structure reads: the one that changes, and the one that absorbs it or comes of it."""
    return select(RestructuringRow).where(is_reached(grant, _TABLE.c.member_id, _TABLE.c.other_id))


async def known_of(source: Read, act: Restructuring) -> list[Entry]:
    """Return all that the register holds of the structures of an act, one structure after the other."""
    by_structure = await entries_of(source, act.involved)
    return [entry for member_id in act.involved for entry in by_structure[member_id]]


async def _shown(source: Read, act: Restructuring) -> RestructuringOut:
    structures = await structures_of(source, act.involved)
    known = await known_of(source, act)
    counts = {entry.id for entry in counting(known)}
    void = {entry.withdraws for entry in known}
    obstacle = await undo_obstacle(source, act, known, structures)
    may_undo = grant_for(RIGHTS, Act.RESTRUCTURE, source.actor) is not None
    return RestructuringOut(
        **_line(act),
        carried=[
            CarriedOut(
                member_id=line.entry.member_id,
                name=structures[line.entry.member_id].name,
                before=dict(line.before) if line.before is not None else None,
                entry=EntryOut.of(line.entry, counts=line.entry.id in counts, withdrawn=line.entry.id in void),
            )
            for line in carried(act, known)
        ],
        to_follow=await _left_to_follow(source, act, structures, known),
        allowed_actions=["undo"] if may_undo and obstacle is None else [],
        blockers={"undo": blockers_out([obstacle])} if may_undo and obstacle else {},
    )


async def _left_to_follow(
    source: Read, act: Restructuring, structures: Mapping[UUID, Member], known: Sequence[Entry]
) -> list[BlockerOut]:
    """Return what is left to see to: for who reads the structure that changes, of which it tells more than the act."""
    if not await allowed_on(source, Act.READ_RESTRUCTURINGS, [act.member_id]):
        return []
    around = Surroundings(
        seats=[seat.label for seat in await seats_held(source, act.member_id)],
        calls=await calls_to_settle(source, act.member_id),
        parts=await parts_of(source, act.member_id),
        measure_open=await is_open_about(source, act.member_id),
        known=known,
    )
    return blockers_out(to_follow(act, structures, around))


def _line(act: Restructuring) -> dict[str, Any]:
    return {
        "id": act.id,
        "kind": act.kind,
        "kind_label": act.kind.label,
        "member_id": act.member_id,
        "other_id": act.other_id,
        "effective_on": act.effective_on,
        "reason": act.reason,
        "done_at": act.done_at,
        "undoable_until": act.undoable_until,
        "undone_at": act.undone_at,
        "undo_reason": act.undo_reason,
    }
