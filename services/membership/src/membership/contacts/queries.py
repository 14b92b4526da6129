"""Reads of people and seats: what each person may see of them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, Uuid, cast, func, select, tuple_

from common.blockers import blockers_out, tried
from common.errors import Blocker
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from membership.contacts.documents import export_line
from membership.contacts.domain import (
    Acquaintance,
    Addressee,
    ContactNotFound,
    Details,
    Mandate,
    Person,
    Seat,
    Trace,
    answerable_for_invoices,
    erasure_blockers,
    held_or_to_come,
    known_then,
    leading,
    mandates,
    require_leavable,
    to_come,
)
from membership.contacts.repository import details_of, of_structure, twins_of
from membership.contacts.schemas import (
    BillingOut,
    ContactExportParams,
    ContactFilters,
    ContactListParams,
    ContactOut,
    HeldOut,
    MandateOut,
    SeatOut,
    SeatsOut,
    VacantOut,
)
from membership.contacts.tables import ContactRow
from membership.members import queries as members
from membership.members.domain import Entry, Member, Purpose, Subject, Topic, address_for, in_force, normalise
from membership.members.schemas import NOW, CorrespondenceAddressOut, Then
from membership.rights import Act

Traces = Callable[[Read, Collection[UUID]], Awaitable[Sequence[Trace]]]
"""What other capabilities keep that names some people: told by whoever may know them all, and given to what is here."""

_NO_ACT: dict[str, Any] = {"allowed_actions": [], "blockers": {}}
_CONTACT: Any = ContactRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"name": _CONTACT.c.normalized_name, "structure": members.MEMBER_NAME},
    default="structure,name",
    unique=_CONTACT.c.id,
)


async def list_contacts(source: Read, grant: Grant, params: ContactListParams, elsewhere: Traces) -> Page[ContactOut]:
    """Return one page of people within reach; those who were erased are not among them."""
    rows, cursor, total = await paginate(source, _selected(source, grant, params), _ORDER, params)
    return Page(items=await _shown(source, [row[0] for row in rows], elsewhere), next_cursor=cursor, total=total)


async def export_rows(source: Read, grant: Grant, params: ContactExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same people as the list with the same filters."""
    people = _selected(source, grant, params)
    ordered = people.order_by(members.MEMBER_NAME, _CONTACT.c.normalized_name, _CONTACT.c.id)
    rows = (await source.session.execute(ordered)).all()
    held = members.held_on(source.today, Topic.MANDATE, list(Seat))
    holder = cast(held.c.value["contact_id"].astext, Uuid)
    of_them = people.with_only_columns(_CONTACT.c.id, _CONTACT.c.member_id)
    seated = select(held.c.key, held.c.member_id, holder).where(tuple_(holder, held.c.member_id).in_(of_them))
    seats: defaultdict[tuple[UUID, UUID], set[Seat]] = defaultdict(set)
    for key, member_id, contact_id in await source.session.execute(seated):
        seats[contact_id, member_id].add(Seat(key))
    return (
        export_line(
            members.member_of(row),
            details_of(row[0]),
            [seat for seat in Seat if seat in seats[row[0].id, row[0].member_id]],
        )
        for row in rows
    )


def _selected(source: Read, grant: Grant, params: ContactFilters) -> Select[Any]:
    query = _reached(grant).where(_CONTACT.c.erased_at.is_(None))
    if params.q:
        query = query.where(_CONTACT.c.normalized_name.contains(normalise(params.q), autoescape=True))
    if params.member_id:
        query = query.where(_CONTACT.c.member_id.in_(params.member_id))
    if params.delegation:
        query = query.where(members.in_delegations(params.delegation))
    if params.seat:
        seated = members.held_on(source.today, Topic.MANDATE, [seat.value for seat in params.seat])
        query = query.where(cast(_CONTACT.c.id, String).in_(select(seated.c.value["contact_id"].astext)))
    return query


async def find_contact(source: Read, grant: Grant, contact_id: UUID, elsewhere: Traces) -> ContactOut:
    """Return one person within reach. Raises ContactNotFound."""
    return await shown(source, await require_reached(source, grant, contact_id), elsewhere)


async def require_reached(source: Read, grant: Grant, contact_id: UUID) -> ContactRow:
    """Return the row of a person within reach. Raises ContactNotFound."""
    row = (await source.session.execute(_reached(grant).where(_CONTACT.c.id == contact_id))).one_or_none()
    if row is None:
        raise ContactNotFound("Cette personne n'existe pas, ou n'est pas dans votre périmètre.")
    found: ContactRow = row[0]
    return found


async def find_seats(source: Read, grant: Grant, member_id: UUID, then: Then) -> SeatsOut:
    """Return who holds the seats of a structure within reach, as of a day. Raises MemberNotFound."""
    return await seats_out(source, await members.find(source, grant, member_id), then)


async def seats_out(source: Read, member: Member, then: Then = NOW) -> SeatsOut:
    """Write the seats of a loaded structure as the API shows them."""
    entries = await _entries(source, member.id, Topic.MANDATE, Topic.CONTACT)
    day = then.as_of or source.today
    held = mandates(entries, day, then.known_at)
    taken = {mandate.seat for mandate in held}
    announced = [] if members.is_past(then) else await _announced(source, member)
    written = (
        [_mandate_out(one, known_then(entries, one.contact_id, day, then.known_at)) for one in held]
        if members.is_past(then)
        else await _mandates_out(source, held)
    )
    editable = set() if members.is_past(then) else await members.allowed_on(source, Act.EDIT_CONTACTS, [member.id])
    acts = {seat: _acts_on(member, seat, in_force(entries, day)) if editable else _NO_ACT for seat in Seat}
    return SeatsOut(
        mandates=[HeldOut(**dict(one), **acts[one.seat]) for one in written],
        vacant=[VacantOut(seat=seat, label=seat.label, **acts[seat]) for seat in Seat if seat not in taken],
        upcoming=await _mandates_out(source, announced),
        version=member.version,
    )


def _acts_on(member: Member, seat: Seat, held: Mapping[Subject, Entry]) -> dict[str, Any]:
    """Return what can be done about a seat, whoever holds it or nobody: another is always seated."""
    actions, blockers = tried({"leave": partial(require_leavable, member, seat, held)})
    return {"allowed_actions": ["appoint", *actions], "blockers": blockers}


async def find_billing(source: Read, grant: Grant, member_id: UUID) -> BillingOut:
    """Return where the invoices of a structure within reach go. Raises MemberNotFound."""
    member = await members.find(source, grant, member_id)
    answerable = answerable_for_invoices(mandates(await _seat_entries(source, member.id), source.today))
    contact = await _mandates_out(source, [answerable]) if answerable else []
    return BillingOut(contact=contact[0] if contact else None, address=_billing_address(member))


async def known_as(source: Read, contact_id: UUID) -> list[UUID]:
    """Return the ids under which one person is known: theirs, and those of records that were merged."""
    return [contact_id, *await twins_of(source, [contact_id])]


async def acquaintances(source: Read, member_id: UUID) -> list[Acquaintance]:
    """Return the people of a structure with all that is known of them, whoever asks; those who were erased aside."""
    return [Acquaintance(row.id, details_of(row)) for row in await of_structure(source, member_id)]


async def mandates_of(source: Read, member_id: UUID) -> list[Mandate]:
    """Return who holds which seat of a structure today, whoever asks."""
    return mandates(await _seat_entries(source, member_id), source.today)


async def seats_held(source: Read, member_id: UUID) -> list[Seat]:
    """Return which seats of a structure somebody holds today."""
    return [mandate.seat for mandate in await mandates_of(source, member_id)]


async def obstacles_to_erasure(
    source: Read, rows: Collection[ContactRow], elsewhere: Traces
) -> dict[UUID, tuple[list[Seat], list[Blocker]]]:
    """Return the seats that each person holds or is to hold, and all that keeps them from being erased.

    What names the same person as a record that was merged knew them is among it.
    """
    entries = await members.entries_of(source, list({row.member_id for row in rows}), (Topic.MANDATE,))
    twins = await twins_of(source, [row.id for row in rows])
    traces: defaultdict[UUID, list[Trace]] = defaultdict(list)
    for trace in await elsewhere(source, [*(row.id for row in rows), *twins]):
        traces[twins.get(trace.contact_id, trace.contact_id)].append(trace)
    found = {}
    for row in rows:
        held = {one.seat for one in held_or_to_come(entries[row.member_id], source.today) if one.contact_id == row.id}
        seats = [seat for seat in Seat if seat in held]
        found[row.id] = seats, erasure_blockers(seats, traces[row.id])
    return found


async def shown(source: Read, row: ContactRow, elsewhere: Traces) -> ContactOut:
    """Write a loaded person as the API shows it to the one who asks."""
    [written] = await _shown(source, [row], elsewhere)
    return written


async def addressees(
    source: Read, member_ids: Sequence[UUID], failed: Collection[tuple[UUID, str]]
) -> dict[UUID, Addressee]:
    """Return whom to write to about the membership of some structures; one where nobody leads has none.

    It is the first of those who lead it with an e-mail address that has not ``failed`` for that structure, or else the
    first of them, without an address.
    """
    entries = await members.entries_of(source, member_ids, (Topic.MANDATE,))
    leaders = {member_id: leading(mandates(known, source.today)) for member_id, known in entries.items()}
    query = select(ContactRow).where(_CONTACT.c.id.in_([one.contact_id for held in leaders.values() for one in held]))
    people = {row.id: row for row in (await source.session.execute(query)).scalars()}
    chosen = {}
    for member_id, held in leaders.items():
        rows = [people[mandate.contact_id] for mandate in held]
        reached = next((row for row in rows if row.email and (row.member_id, row.email) not in failed), None)
        row = reached or next(iter(rows), None)
        if row is not None:
            chosen[member_id] = Addressee(row.id, details_of(row).name, reached.email if reached else None)
    return chosen


async def people_of(source: Read, contact_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Return some people by name, whoever asks."""
    query = select(ContactRow).where(_CONTACT.c.id.in_(contact_ids))
    rows = (await source.session.execute(query)).scalars()
    return {row.id: _person(row) for row in rows}


async def people_now(source: Read, contact_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Return some people, whoever asks, each as the record that stays of their structure knows them."""
    asked = _CONTACT.alias()
    stays = func.coalesce(asked.c.merged_into, asked.c.id)
    query: Select[Any] = select(ContactRow, asked.c.id).join(asked, _CONTACT.c.id == stays)
    rows = await source.session.execute(query.where(asked.c.id.in_(contact_ids)))
    return {contact_id: _person(row) for row, contact_id in rows}


async def people_then(source: Read, contact_ids: Collection[UUID], day: date) -> dict[UUID, Person]:
    """Return some people by the name under which they were known on a day; an erased one has none, on any day."""
    people = await people_of(source, contact_ids)
    if day >= source.today:
        return people
    entries = await members.entries_about(source, contact_ids)
    then = {one: known_then(entries, one, day, None) for one, person in people.items() if person.name is not None}
    named = {one: replace(people[one], name=details.name) for one, details in then.items() if details is not None}
    return {**people, **named}


def _person(row: ContactRow) -> Person:
    return Person(row.id, row.member_id, None if row.erased_at else details_of(row).name)


def _reached(grant: Grant) -> Select[Any]:
    return members.joined_with_member(select(ContactRow), _CONTACT.c.member_id, grant)


async def _seat_entries(source: Read, member_id: UUID) -> list[Entry]:
    return await _entries(source, member_id, Topic.MANDATE)


async def _entries(source: Read, member_id: UUID, *topics: Topic) -> list[Entry]:
    return (await members.entries_of(source, [member_id], topics))[member_id]


async def _announced(source: Read, member: Member) -> list[Mandate]:
    announced = await members.upcoming(source, [member], (Topic.MANDATE,))
    return to_come([entry for entry in announced[member.id] if entry.effective_on > source.today])


async def _mandates_out(source: Read, held: Sequence[Mandate]) -> list[MandateOut]:
    query = select(ContactRow).where(_CONTACT.c.id.in_([mandate.contact_id for mandate in held]))
    people = {row.id: row for row in (await source.session.execute(query)).scalars()}
    known = {row.id: None if row.erased_at else details_of(row) for row in people.values()}
    return [_mandate_out(mandate, known[mandate.contact_id]) for mandate in held]


def _mandate_out(mandate: Mandate, known: Details | None) -> MandateOut:
    return MandateOut(
        seat=mandate.seat,
        label=mandate.seat.label,
        since=mandate.since,
        contact_id=mandate.contact_id,
        name=known and known.name,
        email=known and known.email,
        phone=known and known.phone,
    )


def _billing_address(member: Member) -> CorrespondenceAddressOut | None:
    address = address_for(member, Purpose.DUES)
    return CorrespondenceAddressOut(**asdict(address)) if address else None


async def _shown(source: Read, rows: Sequence[ContactRow], elsewhere: Traces) -> list[ContactOut]:
    structures = await members.names_of(source, list({row.member_id for row in rows}))
    entries = await members.entries_of(source, list(structures), (Topic.MANDATE,))
    held = {member_id: mandates(known, source.today) for member_id, known in entries.items()}
    amendable = await members.allowed_on(source, Act.EDIT_CONTACTS, structures)
    erasable = await members.allowed_on(source, Act.ERASE_CONTACTS, structures)
    engaged = await obstacles_to_erasure(
        source, [row for row in rows if row.member_id in erasable and not row.erased_at], elsewhere
    )
    written = []
    for row in rows:
        seats = [mandate for mandate in held[row.member_id] if mandate.contact_id == row.id]
        _, blockers = engaged.get(row.id, ([], []))
        acts = {"amend": row.member_id in amendable, "erase": row.member_id in erasable and not blockers}
        actions = [act for act, may in acts.items() if may and not row.erased_at]
        written.append(_contact_out(row, structures[row.member_id], seats, actions, blockers))
    return written


def _contact_out(
    row: ContactRow, structure: str, seats: Sequence[Mandate], actions: list[str], blockers: Sequence[Blocker]
) -> ContactOut:
    standing = blockers_out(blockers)
    return ContactOut(
        id=row.id,
        member_id=row.member_id,
        structure=structure,
        given_name=row.given_name,
        family_name=row.family_name,
        function=row.function,
        email=row.email,
        phone=row.phone,
        seats=[SeatOut(seat=mandate.seat, label=mandate.seat.label, since=mandate.since) for mandate in seats],
        erased_at=row.erased_at,
        version=row.version,
        allowed_actions=actions,
        blockers={"erase": standing} if standing else {},
    )
