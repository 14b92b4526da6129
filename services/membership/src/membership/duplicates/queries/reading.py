"""Reads of duplicates: the pairs within reach, what their merge would do, and what stands against it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, and_, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY

from common.blockers import BlockerOut, blockers_out, possible
from common.dated import rule_on
from common.errors import Blocker, Refusal
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.contacts.domain import Acquaintance, Mandate, Seat, Union, unite
from membership.contacts.queries import acquaintances, mandates_of
from membership.declarations.queries import begun_forms
from membership.duplicates import repository
from membership.duplicates.domain import (
    CHOOSABLE,
    REFERENCES,
    Fate,
    FieldName,
    FormState,
    Hindrances,
    Pair,
    PairNotFound,
    PairState,
    Reason,
    Reference,
    UndoRule,
    YearForms,
    bore_the_other_s,
    default_choice,
    field_lines,
    fingerprint,
    form_state,
    forms_blockers,
    merge_blockers,
    other_of,
    settle_forms,
    staying,
    undoable_until,
    united,
)
from membership.duplicates.queries.undoing import undo_obstacle
from membership.duplicates.schemas import (
    DuplicateLine,
    DuplicateListParams,
    DuplicateOut,
    DuplicateReason,
    MergeChoices,
    MergeDeclaration,
    MergeField,
    MergeOut,
    MergePerson,
    MergePlan,
    MergePlanParams,
    MergeSeat,
    RecordOut,
    rows_out,
)
from membership.duplicates.tables import MergeRow, PairRow
from membership.members.domain import NOT_DUE, Entry, Member, Topic
from membership.members.queries import (
    calls_until,
    entries_of,
    in_delegations,
    is_named_like,
    parts_of,
    structures_of,
    upcoming,
    visible,
)
from membership.rights import RIGHTS, Act

_PAIR: Any = PairRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"score": _PAIR.c.score, "found_at": _PAIR.c.found_at}, default="-score,-found_at", unique=_PAIR.c.id
)


@cache
def undo_rules() -> tuple[UndoRule, ...]:
    """Return the dated rules of undoing a merge, or an import, shipped with the service."""
    return shipped_rules("membership.duplicates", "undo.toml", UndoRule)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A merge as it would be done now."""

    stays: Member
    goes: Member
    became: Member
    taken: frozenset[FieldName]
    people: Union
    forms: tuple[YearForms, ...]
    blockers: list[Blocker]


async def list_pairs(source: Read, grant: Grant, params: DuplicateListParams) -> Page[DuplicateLine]:
    """Return one page of pairs within reach, the likeliest first unless sorted otherwise."""
    query = _query(grant)
    if params.state:
        query = query.where(_PAIR.c.state.in_([state.value for state in params.state]))
    if params.reason:
        reasons = sql_cast([reason.value for reason in params.reason], ARRAY(String))
        query = query.where(_PAIR.c.reasons.op("&&")(reasons))
    if params.proposed is not None:
        query = query.where(_PAIR.c.proposed_at.is_not(None) == params.proposed)
    if params.member_id:
        query = query.where(or_(_PAIR.c.first_id == params.member_id, _PAIR.c.second_id == params.member_id))
    if params.delegation:
        query = query.where(_either(visible(grant, merged=True).where(in_delegations(params.delegation))))
    if params.q:
        query = query.where(_either(visible(grant, merged=True).where(is_named_like(params.q))))
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    found = list(rows)
    records = await structures_of(source, {record for row in found for record in (row.first_id, row.second_id)})
    return Page(items=[_line(source, row, records) for row in found], next_cursor=cursor, total=total)


async def find_pair(source: Read, grant: Grant, pair_id: UUID) -> DuplicateOut:
    """Return one pair within reach, with its last merge. Raises PairNotFound."""
    row = await _reached(source, grant, pair_id)
    records = await structures_of(source, [row.first_id, row.second_id])
    line = _line(source, row, records)
    last = (await repository.last_merges(source, [row.id])).get(row.id)
    acts: dict[str, Refusal | None] = {}
    if last is not None and last.undone_at is None and "undo" in line.allowed_actions:
        merge = repository.merge_of(last)
        acts["undo"] = await undo_obstacle(source, merge, records[last.stays_id], records[last.goes_id])
    allowed, blockers = possible({**dict.fromkeys(line.allowed_actions), **acts})
    if (refusal := acts.get("undo")) and "blockers" in refusal.extra:
        blockers["undo"] = [BlockerOut(**one) for one in refusal.extra["blockers"]]
    return DuplicateOut(
        **{**line.model_dump(), "allowed_actions": allowed},
        suggested_stays_id=staying(records[row.first_id], records[row.second_id]).id,
        merge=await _merge_out(source, last, records) if last else None,
        blockers=blockers,
    )


async def require_reached(source: Read, grant: Grant, pair_id: UUID) -> None:
    """Make sure that a pair is within reach. Raises PairNotFound."""
    await _reached(source, grant, pair_id)


async def show_plan(source: Read, grant: Grant, pair_id: UUID, params: MergePlanParams) -> MergePlan:
    """Return all that a merge would do now, and all that stands against it. Raises PairNotFound, NotOfThePair."""
    row = await _reached(source, grant, pair_id)
    records = await structures_of(source, [row.first_id, row.second_id])
    chosen = params.stays_id or staying(*records.values()).id
    goes = records[other_of(Pair(row.first_id, row.second_id), chosen)]
    return await plan_out(source, await draw(source, records[chosen], goes, params))


async def draw(source: Read, stays: Member, goes: Member, choices: MergeChoices) -> Drawn:
    """Draw up a merge: the same code for the plan and for the act."""
    taken = default_choice(stays, goes) if choices.chosen is None else frozenset(choices.chosen) & CHOOSABLE
    people = unite(
        await acquaintances(source, stays.id),
        await acquaintances(source, goes.id),
        await mandates_of(source, stays.id),
        await mandates_of(source, goes.id),
        choices.seats,
    )
    of_stays, of_goes = await begun_forms(source, stays.id), await begun_forms(source, goes.id)
    forms = settle_forms(_states(of_stays, of_goes), choices.declared)
    blockers = [*merge_blockers(stays, goes, await _hindrances(source, stays, goes)), *forms_blockers(forms)]
    return Drawn(stays, goes, united(stays, goes, taken), taken, people, forms, blockers)


def _states(
    of_stays: Mapping[int, tuple[bool, bool]], of_goes: Mapping[int, tuple[bool, bool]]
) -> dict[int, tuple[FormState, FormState]]:
    both = of_stays.keys() & of_goes.keys()
    return {year: (form_state(*of_stays[year]), form_state(*of_goes[year])) for year in both}


def _query(grant: Grant) -> Select[Any]:
    """Select the pairs of which both records are within reach, and none became part of another meanwhile."""
    ours, there = visible(grant, merged=True), visible(grant)
    reached = and_(_PAIR.c.first_id.in_(ours), _PAIR.c.second_id.in_(ours))
    present = and_(_PAIR.c.first_id.in_(there), _PAIR.c.second_id.in_(there))
    return select(PairRow).where(reached, or_(_PAIR.c.state == PairState.MERGED.value, present))


def _either(ids: Select[tuple[UUID]]) -> Any:
    return or_(_PAIR.c.first_id.in_(ids), _PAIR.c.second_id.in_(ids))


async def _reached(source: Read, grant: Grant, pair_id: UUID) -> PairRow:
    row = (await source.session.execute(_query(grant).where(_PAIR.c.id == pair_id))).scalar_one_or_none()
    if row is None:
        raise PairNotFound("Ce cas n'existe pas, ou n'est pas dans votre périmètre.")
    found: PairRow = row
    return found


async def _hindrances(source: Read, stays: Member, goes: Member) -> Hindrances:
    numbers = await entries_of(source, [stays.id, goes.id], (Topic.IDENTIFIERS,))
    return Hindrances(
        of_rows=await repository.conflicts(source, stays.id, goes.id),
        same_entity=bore_the_other_s(stays, goes, {record: _sirens(entries) for record, entries in numbers.items()}),
        announced=(await upcoming(source, [goes], tuple(Topic)))[goes.id],
        parts=await parts_of(source, goes.id),
        holds_merge=await repository.holds_merge(source, goes.id),
    )


def _sirens(entries: Sequence[Entry]) -> set[str]:
    return {entry.value["siren"] for entry in entries if entry.value is not None and entry.value["siren"]}


def _line(source: Read, row: PairRow, records: dict[UUID, Member]) -> DuplicateLine:
    state = PairState(row.state)
    return DuplicateLine(
        id=row.id,
        first=RecordOut.of(records[row.first_id]),
        second=RecordOut.of(records[row.second_id]),
        state=state,
        state_label=state.label,
        score=row.score,
        reasons=[DuplicateReason(code=Reason(code), label=Reason(code).label) for code in row.reasons],
        found_at=row.found_at,
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
        proposed_reason=row.proposed_reason,
        dismissed_at=row.dismissed_at,
        dismissed_by=row.dismissed_by,
        dismissed_reason=row.dismissed_reason,
        version=row.version,
        allowed_actions=_actions(source, state),
    )


_BY_STATE = {
    PairState.SUSPECTED: {
        "dismiss": Act.REVIEW_DUPLICATES,
        "propose": Act.REVIEW_DUPLICATES,
        "merge": Act.MERGE_DUPLICATES,
    },
    PairState.DISMISSED: {"reopen": Act.REVIEW_DUPLICATES},
    PairState.MERGED: {"undo": Act.MERGE_DUPLICATES},
}


def _actions(source: Read, state: PairState) -> list[str]:
    return [action for action, act in _BY_STATE[state].items() if grant_for(RIGHTS, act, source.actor)]


_MORE_LABELS = {
    (repository.CONTACTS, "merged_into"): "personnes connues des deux",
    (repository.DECLARATIONS, "draft"): "brouillons écartés",
    (repository.DECLARATIONS, "revisions"): "déclarations reprises en correction",
    ("department_meeting_invitation", "presence"): "présences reprises du doublon",
    ("accompaniment_booking", "free_year"): "accompagnements qui n'emploient plus leur année",
}


async def _merge_out(source: Read, row: MergeRow, records: Mapping[UUID, Member]) -> MergeOut:
    labels = {**{(one.table, one.column): one.label for one in REFERENCES}, **_MORE_LABELS}
    carried = [
        (one.table_name, labels[one.table_name, one.column_name], 1, "")
        for one in await repository.carried_rows(source, row.id)
    ]
    return MergeOut(
        id=row.id,
        stays_id=row.stays_id,
        goes_id=row.goes_id,
        reason=row.reason,
        done_at=row.done_at,
        done_by=row.done_by,
        undoable_until=row.undoable_until,
        undone_at=row.undone_at,
        undo_reason=row.undo_reason,
        carried=rows_out(carried),
        to_follow=[] if row.undone_at else await _to_follow(source, records[row.stays_id], records[row.goes_id]),
    )


async def plan_out(source: Read, drawn: Drawn) -> MergePlan:
    """Write a merge that was drawn up, with the fingerprint of all that it says."""
    stays, goes, people = drawn.stays, drawn.goes, drawn.people
    dropped = [one.year for one in drawn.forms if one.is_dropped]
    counted = await repository.count_rows(source, stays.id, goes.id, dropped)
    known = await acquaintances(source, goes.id)
    held, held_at_goes = await mandates_of(source, stays.id), await mandates_of(source, goes.id)
    rule = rule_on(undo_rules(), source.today)
    plan = MergePlan(
        plan="",
        stays=RecordOut.of(stays),
        goes=RecordOut.of(goes),
        fields=[
            MergeField(
                field=line.field,
                label=line.field.label,
                of_stays=line.of_stays,
                of_goes=line.of_goes,
                becomes=line.becomes,
                differs=line.differs,
                choosable=line.field in CHOOSABLE,
                taken=line.field in drawn.taken,
            )
            for line in field_lines(stays, goes, drawn.became)
        ],
        people=[_person_out(one, people) for one in known],
        seats=_seats_out(held, held_at_goes, people),
        declarations=[MergeDeclaration.model_validate(one) for one in drawn.forms],
        carried=rows_out([(one.table, one.label, carried, "") for one, (carried, _) in counted.items()]),
        left=rows_out([(one.table, one.label, left, _why_left(one)) for one, (_, left) in counted.items()]),
        blockers=blockers_out(drawn.blockers),
        to_follow=await _to_follow(source, stays, goes),
        undoable_until=undoable_until(source.today, rule),
    )
    return plan.model_copy(update={"plan": fingerprint(plan.model_dump(mode="json"))})


def _why_left(reference: Reference) -> str:
    if reference.fate is Fate.STAYS:
        return reference.why
    return "l'enregistrement qui reste a la sienne, ou elle n'a plus d'objet"


def _person_out(one: Acquaintance, people: Union) -> MergePerson:
    return MergePerson(
        contact_id=one.contact_id,
        name=one.details.name,
        email=one.details.email,
        same_as=people.twins.get(one.contact_id),
    )


def _seats_out(held: Sequence[Mandate], held_at_goes: Sequence[Mandate], people: Union) -> list[MergeSeat]:
    here = {mandate.seat: mandate.contact_id for mandate in held}
    there = {mandate.seat: mandate.contact_id for mandate in held_at_goes}
    return [
        MergeSeat(
            seat=seat,
            label=seat.label,
            of_stays=here.get(seat),
            of_goes=there.get(seat),
            becomes=people.seats.get(seat, here.get(seat)),
        )
        for seat in Seat
        if seat in here or seat in there
    ]


async def _to_follow(source: Read, stays: Member, goes: Member) -> list[BlockerOut]:
    """Say what a merge does not carry by itself, and who has to see to it."""
    accounts = (
        f"Les comptes rattachés à {goes.reference} sont à rattacher à {stays.reference} chez le fournisseur d'identité."
    )
    rolls = await repository.unsealed_rolls(source, stays.id, goes.id)
    found = [BlockerOut(code="accounts", message=accounts)]
    if rolls:
        twice = f"Les deux sont sur une liste figée ({', '.join(rolls)}) : radiez {goes.reference} par une correction."
        found.append(BlockerOut(code="rolls", message=twice))
    called: defaultdict[int, list[str]] = defaultdict(list)
    for call in await calls_until(source, source.today.year + 1, [stays.id, goes.id]):
        if call.status not in NOT_DUE:
            called[call.year].append(call.number)
    for year, numbers in ((year, numbers) for year, numbers in called.items() if len(numbers) > 1):
        twice = f"Appelée plusieurs fois pour {year} ({', '.join(numbers)}) : un seul de ces appels est dû."
        found.append(BlockerOut(code="called_twice", message=twice))
    return found
