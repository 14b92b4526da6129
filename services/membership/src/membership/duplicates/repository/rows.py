"""Loads and saves pairs and merges, and carries from one record to another what other capabilities keep about it.

It writes one column of their tables, the one that names the record, and one more where two rows make room for both
(``_ROOM``), and nothing else of them: which, and where it may, stands in ``domain/references.py`` and here, so that it
can be read in one place.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from typing import cast as cast_type
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from common.errors import Blocker
from common.transaction import Read, Tx
from membership.base import Base
from membership.duplicates.domain import (
    CONFLICTS,
    REFERENCES,
    Fate,
    Merge,
    NotMerged,
    Reference,
)
from membership.duplicates.repository.calls import call_again
from membership.duplicates.tables import CarriedRow, MergeRow
from membership.sittings.queries import before_board

CONTACTS = "contact"
"""People are carried by the capability that keeps them: two records may know the same person."""
DIRECTORY = "directory_entry"
"""So is an entry of the directory: its consents are to what the structure has read."""
DECLARATIONS = "activity_declaration"
_APART = (CONTACTS, DIRECTORY)

# Rows that are left where they are although their table is carried, as the record that stays has its own.
_LEFT = {
    (DECLARATIONS, "member_id"): "EXISTS (SELECT FROM activity_declaration o WHERE o.member_id = :stays"
    " AND o.year = activity_declaration.year AND o.year <> ALL (CAST(:dropped AS integer[])))",
    (DIRECTORY, "member_id"): "EXISTS (SELECT FROM directory_entry o WHERE o.member_id = :stays)",
    ("declaration_exemption", "member_id"): "withdrawn_at IS NULL AND EXISTS (SELECT FROM declaration_exemption o"
    " WHERE o.member_id = :stays AND o.year = declaration_exemption.year AND o.withdrawn_at IS NULL)",
    ("renewal_exception", "member_id"): "withdrawn_at IS NULL AND EXISTS (SELECT FROM renewal_exception o"
    " WHERE o.member_id = :stays AND o.renewal_id = renewal_exception.renewal_id AND o.withdrawn_at IS NULL)",
    # An application of a structure that is a member, or has one open, has no object.
    ("application", "member_id"): "status = 'open' AND (EXISTS (SELECT FROM application o WHERE o.member_id = :stays"
    " AND o.status = 'open') OR EXISTS (SELECT FROM member m WHERE m.id = :stays"
    " AND m.status IN ('active', 'suspended')))",
    # A structure has one place in a slot.
    ("accompaniment_booking", "member_id"): "state <> 'cancelled' AND EXISTS (SELECT FROM accompaniment_booking o"
    " WHERE o.member_id = :stays AND o.state <> 'cancelled' AND o.slot_id = accompaniment_booking.slot_id)",
    ("interview", "member_id"): "state = 'planned' AND EXISTS (SELECT FROM interview o WHERE o.member_id = :stays"
    " AND o.state = 'planned' AND o.year = interview.year)",
    ("department_meeting_invitation", "member_id"): "EXISTS (SELECT FROM department_meeting_invitation o"
    " WHERE o.member_id = :stays AND o.meeting_id = department_meeting_invitation.meeting_id)",
    ("certification", "member_id"): "withdrawn_at IS NULL AND EXISTS (SELECT FROM certification o"
    " WHERE o.member_id = :stays AND o.withdrawn_at IS NULL AND o.label = certification.label"
    " AND o.title = certification.title AND o.obtained_on = certification.obtained_on)",
    # Nobody is a peer of their own structure.
    ("assessment_review", "peer_id"): "EXISTS (SELECT FROM assessment a WHERE a.id = assessment_id"
    " AND a.member_id IN (:stays, :goes))",
}

# What is written on a row to make room for both: of two presences at a meeting the stronger, and no free first level
# where both used that of a year. What the row said before is noted, and given back.
_STRONGER = (
    "SELECT k.meeting_id, k.member_id, k.presence, g.presence AS becomes FROM department_meeting_invitation k"
    " JOIN department_meeting_invitation g USING (meeting_id) WHERE k.member_id = :stays AND g.member_id = :goes"
    " AND array_position(ARRAY['present', 'excused', 'absent', 'invited'], g.presence)"
    " < array_position(ARRAY['present', 'excused', 'absent', 'invited'], k.presence) ORDER BY 1 FOR UPDATE OF k"
)
_BOTH_FREE = (
    "SELECT g.id, g.free_year, NULL AS becomes FROM accompaniment_booking g WHERE g.member_id = :goes"
    " AND g.free_year IS NOT NULL AND g.state IN ('booked', 'held') AND EXISTS (SELECT FROM accompaniment_booking k"
    " WHERE k.member_id = :stays AND k.kind = g.kind AND k.free_year = g.free_year AND k.state IN ('booked', 'held'))"
    " ORDER BY 1 FOR UPDATE OF g"
)
_ROOM = (("department_meeting_invitation", "presence", _STRONGER), ("accompaniment_booking", "free_year", _BOTH_FREE))
_WRITTEN = {column_name for _, column_name, _ in _ROOM}

_CONFLICTS = {
    "measure_open": "SELECT kind FROM measure WHERE member_id = :goes AND status = 'open'",
    "both_assessing": "SELECT g.family FROM assessment g JOIN assessment s USING (family)"
    " WHERE g.member_id = :goes AND s.member_id = :stays AND g.state = 'open' AND s.state = 'open'",
    # As uq_board_mandate_holder: a seat of the employees stands beside that of their structure.
    "both_on_board": "SELECT g.code FROM board_mandate g WHERE g.member_id = :goes AND g.ended_on IS NULL"
    " AND g.scope <> 'employees' AND EXISTS (SELECT FROM board_mandate s WHERE s.member_id = :stays"
    " AND s.ended_on IS NULL AND s.scope <> 'employees')",
    "assembly_open": "SELECT a.title FROM assembly a WHERE a.status NOT IN ('closed', 'cancelled') AND ("
    "EXISTS (SELECT FROM assembly_attending x WHERE x.assembly_id = a.id AND x.member_id = :goes)"
    " OR EXISTS (SELECT FROM assembly_proxy x WHERE x.assembly_id = a.id AND :goes IN (x.giver_id, x.holder_id)"
    " AND x.revoked_at IS NULL)"
    " OR EXISTS (SELECT FROM assembly_candidacy x WHERE x.assembly_id = a.id AND x.member_id = :goes"
    " AND x.withdrawn_at IS NULL))",
    "contest_open": "SELECT r.title FROM electoral_roll r JOIN electoral_roll_contest c ON c.roll_id = r.id"
    " WHERE c.member_id = :goes AND c.status = 'open'",
    "both_booked": "SELECT g.kind FROM accompaniment_booking g JOIN accompaniment_booking s ON s.member_id = :stays"
    " AND s.state <> 'cancelled' AND (s.slot_id = g.slot_id"
    " OR (s.state IN ('booked', 'held') AND s.kind = g.kind AND s.free_year = g.free_year))"
    " WHERE g.member_id = :goes AND g.state = 'booked'",
}


async def standing_merge(tx: Tx, pair_id: UUID) -> MergeRow:
    """Load the merge of a pair that was not undone. Raises NotMerged."""
    query = select(MergeRow).where(col(MergeRow.pair_id) == pair_id, col(MergeRow.undone_at).is_(None))
    row = (await tx.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NotMerged("Ces deux enregistrements ne sont pas réunis : il n'y a rien à annuler.")
    return row


async def last_merges(source: Read, pair_ids: Collection[UUID]) -> dict[UUID, MergeRow]:
    """Return the last merge of each pair that was ever merged."""
    query = select(MergeRow).where(col(MergeRow.pair_id).in_(pair_ids)).order_by(col(MergeRow.done_at))
    return {row.pair_id: row for row in (await source.session.execute(query)).scalars()}


async def recent_merges(tx: Tx) -> list[Merge]:
    """Return the merges that stand and can still be undone, and keep them from being undone meanwhile."""
    query = select(MergeRow).where(col(MergeRow.undone_at).is_(None), col(MergeRow.undoable_until) >= tx.today)
    return [merge_of(row) for row in (await tx.session.execute(query.with_for_update())).scalars()]


def merge_of(row: MergeRow) -> Merge:
    """Read a row as the rules know a merge."""
    return Merge(row.id, row.pair_id, row.stays_id, row.goes_id, row.reason, row.done_at, row.undoable_until)


async def add_merge(tx: Tx, merge: Merge) -> None:
    """Insert a merge."""
    tx.session.add(
        MergeRow(
            id=merge.id,
            pair_id=merge.pair_id,
            stays_id=merge.stays_id,
            goes_id=merge.goes_id,
            reason=merge.reason,
            done_at=merge.done_at,
            done_by=tx.actor.subject,
            undoable_until=merge.undoable_until,
            undone_at=None,
            undone_by=None,
            undo_reason=None,
        )
    )
    await tx.session.flush()


async def conflicts(source: Read, stays_id: UUID, goes_id: UUID) -> list[Blocker]:
    """Return what other capabilities keep of two records that stands against one of them going."""
    found = {}
    for code, query in _CONFLICTS.items():
        rows = await source.session.execute(text(query), {"stays": stays_id, "goes": goes_id})
        found[code] = sorted(set(rows.scalars()))
    # What a closed sitting adjourned goes to the record that stays.
    found["on_agenda"] = [one.minutes_reference for one in await before_board(source, [goes_id]) if one.is_open]
    return [Blocker(code, CONFLICTS[code].format(found=", ".join(values))) for code, values in found.items() if values]


async def count_rows(
    source: Read, stays_id: UUID, goes_id: UUID, dropped: Collection[int]
) -> dict[Reference, tuple[int, int]]:
    """Return, of each reference, how many rows name the record that goes: those to carry, and those to leave.

    ``dropped`` are the years of which what the record that stays has begun gives way.
    """
    counted = {}
    bound = {"stays": stays_id, "goes": goes_id, "dropped": sorted(dropped)}
    for reference in REFERENCES:
        column = _table(reference).c[reference.column]
        query = select(func.count(), func.count().filter(_moves(reference, bound))).where(column == goes_id)
        total, moving = (await source.session.execute(query)).one()
        carried = moving if reference.fate is Fate.CARRIED else 0
        counted[reference] = (carried, total - carried)
    return counted


async def drop_forms(tx: Tx, merge: Merge, years: Collection[int]) -> None:
    """Delete what the record that stays has begun for some years and told nobody, and keep it whole to give it back."""
    table = Base.metadata.tables[DECLARATIONS]
    of_years = (table.c.member_id == merge.stays_id, table.c.year.in_(years), table.c.revisions == 0)
    query = delete(table).where(*of_years).returning(func.to_jsonb(literal_column(DECLARATIONS)))
    for row in (await tx.session.execute(query)).scalars().all():
        await note_carried(tx, merge, DECLARATIONS, "draft", [{"id": row["id"]}], kept=row)


async def make_room(tx: Tx, merge: Merge) -> None:
    """Write what lets two rows stand side by side, once, in the act itself; note what each said, and what it says."""
    for table_name, column_name, query in _ROOM:
        await _make_room(tx, merge, table_name, column_name, query)


async def carry(tx: Tx, merge: Merge) -> None:
    """Let the rows of other capabilities about the record that goes be about the one that stays, and note each."""
    bound = {"stays": merge.stays_id, "goes": merge.goes_id, "dropped": []}
    for reference in REFERENCES:
        if reference.fate is Fate.CARRIED and reference.table not in _APART:
            table = _table(reference)
            column = table.c[reference.column]
            statement = update(table).where(column == merge.goes_id, _moves(reference, bound))
            keys = list(table.primary_key.columns)
            rows = await tx.session.execute(statement.values({column: merge.stays_id}).returning(*keys))
            await note_carried(tx, merge, reference.table, reference.column, [dict(row._mapping) for row in rows])
    await call_again(tx, merge)


async def _make_room(tx: Tx, merge: Merge, table_name: str, column_name: str, query: str) -> None:
    table = Base.metadata.tables[table_name]
    rows = await tx.session.execute(text(query), {"stays": merge.stays_id, "goes": merge.goes_id})
    for row in rows.mappings().all():
        said = {name: value for name, value in row.items() if name != "becomes"}
        key = and_(*(table.c[name] == value for name, value in said.items()))
        await tx.session.execute(update(table).where(key).values({table.c[column_name]: row["becomes"]}))
        await note_carried(tx, merge, table_name, column_name, [said], kept={"wrote": row["becomes"]})


async def note_carried(
    tx: Tx,
    merge: Merge,
    table_name: str,
    column_name: str,
    keys: Sequence[Mapping[str, Any]],
    kept: dict[str, Any] | None = None,
) -> None:
    """Note which rows a merge carried, so that its undoing gives back exactly these."""
    counted = select(func.count()).where(col(CarriedRow.merge_id) == merge.id)
    noted = (await tx.session.execute(counted)).scalar_one()
    for rank, key in enumerate(keys, start=noted + 1):
        written = {name: str(value) for name, value in key.items()}
        tx.session.add(
            CarriedRow(
                merge_id=merge.id,
                rank=rank,
                table_name=table_name,
                column_name=column_name,
                row_key=written,
                kept=kept,
            )
        )
    await tx.session.flush()


async def carried_rows(source: Read, merge_id: UUID) -> list[CarriedRow]:
    """Return all that a merge carried, in its order."""
    query = select(CarriedRow).where(col(CarriedRow.merge_id) == merge_id).order_by(col(CarriedRow.rank))
    return list((await source.session.execute(query)).scalars())


async def give_back(tx: Tx, merge: Merge) -> None:
    """Let every row that a merge carried be about the record it was about before; people and the directory aside.

    What was written since under one of them goes with it.
    """
    noted = await carried_rows(tx, merge.id)
    room = [row for row in noted if row.column_name in _WRITTEN]
    named = [row for row in noted if row.column_name not in _WRITTEN and row.table_name not in _APART]
    for row in (row for row in named if row.kept is None):
        table = Base.metadata.tables[row.table_name]
        key = and_(*(cast(table.c[name], String) == value for name, value in row.row_key.items()))
        await tx.session.execute(update(table).where(key).values({table.c[row.column_name]: merge.goes_id}))
    for row in room:
        await _give_room_back(tx, row)
    for reference in (one for one in REFERENCES if one.parent is not None):
        child, (parent, named_by) = _table(reference).c, _parent(reference)
        strays = (
            child[reference.column] == merge.stays_id,
            named_by == parent.c.id,
            parent.c.member_id == merge.goes_id,
        )
        statement = update(_table(reference)).where(*strays).values({reference.column: merge.goes_id})
        await tx.session.execute(statement)
    for row in (row for row in noted if row.table_name == DECLARATIONS and row.column_name == "draft"):
        inserted = text(f"INSERT INTO {DECLARATIONS} SELECT * FROM jsonb_populate_record(NULL::{DECLARATIONS}, :kept)")  # noqa: S608
        await tx.session.execute(inserted.bindparams(bindparam("kept", row.kept, type_=JSONB)))
    await call_again(tx, merge)


async def _give_room_back(tx: Tx, row: CarriedRow) -> None:
    table, key = Base.metadata.tables[row.table_name], dict(row.row_key)
    column, said = table.c[row.column_name], key.pop(row.column_name)
    as_written = cast(column, String).is_not_distinct_from((row.kept or {}).get("wrote"))
    # Told otherwise since, it says what was told.
    same = and_(as_written, *(cast(table.c[name], String) == value for name, value in key.items()))
    await tx.session.execute(update(table).where(same).values({column: cast(literal(said, String), column.type)}))


async def was_declared_since(source: Read, merge: Merge) -> bool:
    """Tell whether a declaration that a merge carried was declared or corrected since: others were told of it."""
    query = text(
        "SELECT 1 FROM duplicate_carried c JOIN duplicate_merge m ON m.id = c.merge_id"
        " JOIN activity_declaration d ON d.id::text = c.row_key ->> 'id'"
        " OR (d.member_id = m.stays_id AND d.year::text = c.kept ->> 'year')"
        " JOIN declaration_revision r ON r.declaration_id = d.id"
        " WHERE m.id = :merge AND c.table_name = 'activity_declaration' AND r.recorded_at > :done_at LIMIT 1"
    )
    found = await source.session.execute(query, {"merge": merge.id, "done_at": merge.done_at})
    return found.first() is not None


async def holds_merge(source: Read, member_id: UUID) -> bool:
    """Tell whether another record is merged into this one."""
    standing = and_(col(MergeRow.stays_id) == member_id, col(MergeRow.undone_at).is_(None))
    return (await source.session.execute(select(col(MergeRow.id)).where(standing))).first() is not None


async def unsealed_rolls(source: Read, stays_id: UUID, goes_id: UUID) -> list[str]:
    """Return the titles of the rolls that both stand on and that can still be corrected."""
    query = text(
        "SELECT r.title FROM electoral_roll r WHERE r.sealed_at IS NULL AND"
        " (SELECT count(*) FROM electoral_roll_line l WHERE l.roll_id = r.id AND l.member_id IN (:stays, :goes)) = 2"
        " ORDER BY r.as_of, r.title"
    )
    return list((await source.session.execute(query, {"stays": stays_id, "goes": goes_id})).scalars())


def _table(reference: Reference) -> Table:
    return Base.metadata.tables[reference.table]


def _parent(reference: Reference) -> tuple[Table, ColumnElement[UUID]]:
    """Return the table of what a row is a part of, and the column that names it."""
    name, column = cast_type("tuple[str, str]", reference.parent)
    return Base.metadata.tables[name], _table(reference).c[column]


def _moves(reference: Reference, bound: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return the condition that a row about the record that goes is carried: none is left without its parent."""
    if reference.parent is None:
        return _when("NOT ({})", reference, bound)
    parent, named_by = _parent(reference)
    [of_parent] = [one for one in REFERENCES if (one.table, one.column) == (parent.name, "member_id")]
    stayed = (parent.c.id == named_by, parent.c.member_id == bound["goes"], _when("({})", of_parent, bound))
    return ~exists().where(*stayed).correlate(_table(reference))


def _when(form: str, reference: Reference, bound: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return the condition, in the ``form`` given, that a row is left where it is."""
    left = _LEFT.get((reference.table, reference.column), "false")
    used = {name: value for name, value in bound.items() if f":{name}" in left}
    return cast_type("ColumnElement[bool]", text(form.format(left)).bindparams(**used))
