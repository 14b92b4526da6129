"""Reads of people and seats: what each person may see of them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, cast, select

from common.blockers import BlockerOut
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from membership.contacts.domain import (
    Acquaintance,
    Addressee,
    ContactNotFound,
    ContactSeated,
    Mandate,
    Person,
    Seat,
    answerable_for_invoices,
    leading,
    mandates,
    to_come,
)
from membership.contacts.repository import details_of, of_structure, twins_of
from membership.contacts.schemas import (
    BillingOut,
    ContactListParams,
    ContactOut,
    MandateOut,
    PersonalData,
    SeatOut,
    SeatsOut,
    VacantOut,
)
from membership.contacts.tables import ContactRow
from membership.members import queries as members
from membership.members.domain import Entry, Member, Purpose, Topic, address_for, counting, normalise
from membership.members.schemas import NOW, CorrespondenceAddressOut, EntryOut, Then
from membership.rights import Act

_CONTACT: Any = ContactRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"name": _CONTACT.c.normalized_name, "structure": members.MEMBER_NAME},
    default="structure,name",
    unique=_CONTACT.c.id,
)


async def list_contacts(source: Read, grant: Grant, params: ContactListParams) -> Page[ContactOut]:
    """Return one page of people within reach; those who were erased are not among them."""
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
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    return Page(items=await _shown(source, [row[0] for row in rows]), next_cursor=cursor, total=total)


async def find_contact(source: Read, grant: Grant, contact_id: UUID) -> ContactOut:
    """Return one person within reach. Raises ContactNotFound."""
    [shown] = await _shown(source, [await require_reached(source, grant, contact_id)])
    return shown


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
    held = mandates(await _seat_entries(source, member.id), then.as_of or source.today, then.known_at)
    taken = {mandate.seat for mandate in held}
    announced = [] if members.is_past(then) else await _announced(source, member)
    return SeatsOut(
        mandates=await _mandates_out(source, held),
        vacant=[VacantOut(seat=seat, label=seat.label) for seat in Seat if seat not in taken],
        upcoming=await _mandates_out(source, announced),
        version=member.version,
    )


async def find_billing(source: Read, grant: Grant, member_id: UUID) -> BillingOut:
    """Return where the invoices of a structure within reach go. Raises MemberNotFound."""
    member = await members.find(source, grant, member_id)
    answerable = answerable_for_invoices(mandates(await _seat_entries(source, member.id), source.today))
    contact = await _mandates_out(source, [answerable]) if answerable else []
    return BillingOut(contact=contact[0] if contact else None, address=_billing_address(member))


async def personal_data(source: Read, grant: Grant, contact_id: UUID) -> PersonalData:
    """Return all that is and was known of a person within reach, also under records that were merged since.

    Raises ContactNotFound.
    """
    row = await require_reached(source, grant, contact_id)
    [shown] = await _shown(source, [row])
    about = await members.entries_about(source, [row.id, *await twins_of(source, row.id)])
    entries = await members.entries_of(
        source, list({entry.member_id for entry in about}), (Topic.CONTACT, Topic.MANDATE)
    )
    counts = {entry.id for known in entries.values() for entry in counting(known)}
    written = [EntryOut.of(entry, counts=entry.id in counts) for entry in about]
    return PersonalData(
        contact=shown,
        known=[entry for entry in written if entry.topic is Topic.CONTACT],
        mandates=[entry for entry in written if entry.topic is Topic.MANDATE],
    )


async def acquaintances(source: Read, member_id: UUID) -> list[Acquaintance]:
    """Return the people of a structure with all that is known of them, whoever asks; those who were erased aside."""
    return [Acquaintance(row.id, details_of(row)) for row in await of_structure(source, member_id)]


async def mandates_of(source: Read, member_id: UUID) -> list[Mandate]:
    """Return who holds which seat of a structure today, whoever asks."""
    return mandates(await _seat_entries(source, member_id), source.today)


async def seats_held(source: Read, member_id: UUID) -> list[Seat]:
    """Return which seats of a structure somebody holds today."""
    return [mandate.seat for mandate in await mandates_of(source, member_id)]


async def seats_held_or_to_come(source: Read, row: ContactRow) -> list[Seat]:
    """Return the seats a person holds today or is to hold, as far as is recorded."""
    entries = await _seat_entries(source, row.member_id)
    coming = [entry for entry in counting(entries) if entry.effective_on > source.today]
    theirs = [
        mandate for mandate in (*mandates(entries, source.today), *to_come(coming)) if mandate.contact_id == row.id
    ]
    return [seat for seat in Seat if seat in {mandate.seat for mandate in theirs}]


async def shown(source: Read, row: ContactRow) -> ContactOut:
    """Write a loaded person as the API shows it to the one who asks."""
    [written] = await _shown(source, [row])
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
    return {row.id: Person(row.id, row.member_id, None if row.erased_at else details_of(row).name) for row in rows}


def _reached(grant: Grant) -> Select[Any]:
    return members.joined_with_member(select(ContactRow), _CONTACT.c.member_id, grant)


async def _seat_entries(source: Read, member_id: UUID) -> list[Entry]:
    return (await members.entries_of(source, [member_id], (Topic.MANDATE,)))[member_id]


async def _announced(source: Read, member: Member) -> list[Mandate]:
    announced = await members.upcoming(source, [member], (Topic.MANDATE,))
    return to_come([entry for entry in announced[member.id] if entry.effective_on > source.today])


async def _mandates_out(source: Read, held: Sequence[Mandate]) -> list[MandateOut]:
    query = select(ContactRow).where(_CONTACT.c.id.in_([mandate.contact_id for mandate in held]))
    people = {row.id: row for row in (await source.session.execute(query)).scalars()}
    return [_mandate_out(mandate, people[mandate.contact_id]) for mandate in held]


def _mandate_out(mandate: Mandate, row: ContactRow) -> MandateOut:
    return MandateOut(
        seat=mandate.seat,
        label=mandate.seat.label,
        since=mandate.since,
        contact_id=mandate.contact_id,
        name=None if row.erased_at else details_of(row).name,
        email=row.email,
        phone=row.phone,
    )


def _billing_address(member: Member) -> CorrespondenceAddressOut | None:
    address = address_for(member, Purpose.DUES)
    return CorrespondenceAddressOut(**asdict(address)) if address else None


async def _shown(source: Read, rows: Sequence[ContactRow]) -> list[ContactOut]:
    structures = await members.names_of(source, list({row.member_id for row in rows}))
    entries = await members.entries_of(source, list(structures), (Topic.MANDATE,))
    held = {member_id: mandates(known, source.today) for member_id, known in entries.items()}
    allowed = {
        action: await members.allowed_on(source, act, structures)
        for action, act in (("amend", Act.EDIT_CONTACTS), ("erase", Act.ERASE_CONTACTS))
    }
    written = []
    for row in rows:
        seats = [mandate for mandate in held[row.member_id] if mandate.contact_id == row.id]
        actions = [action for action, within in allowed.items() if row.member_id in within and not row.erased_at]
        written.append(_contact_out(row, structures[row.member_id], seats, actions))
    return written


def _contact_out(row: ContactRow, structure: str, seats: Sequence[Mandate], actions: Sequence[str]) -> ContactOut:
    blocked = seats and "erase" in actions
    seated = BlockerOut(code=ContactSeated.code, message="Cette personne occupe un siège : transmettez-le d'abord.")
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
        allowed_actions=[action for action in actions if not (blocked and action == "erase")],
        blockers={"erase": [seated]} if blocked else {},
    )
