"""What people do with the people of a structure: know them, seat them, let one succeed another, forget one.

The structure is held first, then the person: who is erased and who is seated at the same time must not miss each other.
"""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from common.blockers import blockers_extra
from common.etags import check_version
from common.idempotency import forget_answers
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.contacts import repository
from membership.contacts.domain import (
    ContactNotFound,
    ContactOfAnother,
    ContactSeated,
    ErasureGround,
    Union,
    amended,
    erased,
    person,
    require_leavable,
    require_no_change_to_come,
    seat_of,
    written,
)
from membership.contacts.queries import Traces, obstacles_to_erasure, require_reached, shown
from membership.contacts.schemas import AppointmentIn, ContactAmend, ContactIn, LeaveIn
from membership.contacts.tables import ContactRow
from membership.members import use_cases as members
from membership.members.domain import Member, Subject, Topic, Value, in_force
from membership.members.queries import entries_of
from membership.members.use_cases import Why


async def add_contact(tx: Tx, grant: Grant, member_id: UUID, contact: ContactIn) -> ContactRow:
    """Know one more person of a structure within reach. Raises MemberNotFound."""
    member = await members.hold_within(tx, grant, member_id)
    row = repository.add(tx, new_id(), member.id, contact.details())
    await members.state(tx, member, {person(row.id): written(contact.details())})
    return row


async def amend_contact(
    tx: Tx, grant: Grant, contact_id: UUID, if_match: str | None, amendment: ContactAmend, elsewhere: Traces
) -> ContactRow:
    """Change what is known of a person within reach, from a day that has come on.

    Raises ContactNotFound, ContactErased, ContactChangeToCome, MemberNotFound, PreconditionMissing, PreconditionFailed.
    """
    member, row = await _held(tx, grant, contact_id, if_match, elsewhere)
    today = max(tx.today, member.as_of or tx.today)
    day = amendment.effective_on or today
    require_no_change_to_come(day, today)
    before = repository.details_of(row)
    entries = (await entries_of(tx, [member.id], (Topic.CONTACT,)))[member.id]
    told = amended(entries, row.id, before, amendment.fields(), day)
    why = Why(reason=amendment.reason)
    for known in sorted(known for known in told if known >= day):
        await members.state(tx, member, {person(row.id): written(told[known])}, known, why)
    after = told[max(told)]
    if after != before:
        repository.save(row, after)
    return row


async def hold_people(tx: Tx, contact_ids: Collection[UUID]) -> None:
    """Hold people until the end of the transaction, for an act that decides on them."""
    await repository.hold_many(tx, contact_ids)


async def hold_one_of(tx: Tx, contact_id: UUID, member_id: UUID) -> None:
    """Hold one of a structure's own people, so that nobody forgets them meanwhile.

    Raises ContactNotFound, ContactOfAnother.
    """
    row = next(iter(await repository.hold_many(tx, [contact_id])), None)
    if row is None or row.erased_at is not None:
        raise ContactNotFound("Cette personne n'existe pas.")
    if row.member_id != member_id:
        raise ContactOfAnother("Cette personne n'est pas de cette structure.")


async def appoint(tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, appointment: AppointmentIn) -> Member:
    """Seat a person from a day on; whoever held the seat leaves it that day. Return the structure.

    Raises MemberNotFound, ContactNotFound, ContactErased, ContactOfAnother, PreconditionMissing, PreconditionFailed.
    """
    member = await members.hold_version(tx, grant, member_id, if_match)
    await require_reached(tx, grant, appointment.contact_id)
    row = await repository.get_for_update(tx, appointment.contact_id)
    if row.member_id != member.id:
        raise ContactOfAnother("Cette personne est connue d'une autre structure.")
    value = {"contact_id": str(row.id)}
    why = Why(reason=appointment.reason)
    await members.state(tx, member, {seat_of(appointment.seat): value}, appointment.effective_on, why)
    return await members.next_version(tx, member)


async def leave(tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, leaving: LeaveIn) -> Member:
    """Leave a seat empty from a day on. Return the structure.

    Raises MemberNotFound, SeatVacant, BillingSeatNeeded, PreconditionMissing, PreconditionFailed.
    """
    member = await members.hold_version(tx, grant, member_id, if_match)
    entries = (await entries_of(tx, [member.id], (Topic.MANDATE,)))[member.id]
    require_leavable(member, leaving.seat, in_force(entries, leaving.effective_on or tx.today))
    why = Why(reason=leaving.reason)
    await members.state(tx, member, {seat_of(leaving.seat): None}, leaving.effective_on, why)
    return await members.next_version(tx, member)


async def erase_contact(
    tx: Tx, grant: Grant, contact_id: UUID, if_match: str | None, ground: ErasureGround, elsewhere: Traces
) -> ContactRow:
    """Forget a person: what was ever known of them leaves the register and its history; the seats held stay, nameless.

    Raises ContactNotFound, ContactErased, ContactSeated, MemberNotFound, PreconditionMissing, PreconditionFailed.
    """
    _, row = await _held(tx, grant, contact_id, if_match, elsewhere)
    twins = await repository.hold_twins(tx, row.id)
    seats, blockers = (await obstacles_to_erasure(tx, [row], elsewhere))[row.id]
    if blockers:
        raise ContactSeated(
            " ".join(one.message for one in blockers),
            extra={"seats": [seat.value for seat in seats], "blockers": blockers_extra(blockers)},
        )
    for known in (row, *twins):
        repository.erase(tx, known)
        await members.forget_person(tx, known.id, erased(ground))
        await forget_answers(tx, str(known.id))
    return row


async def unite_people(tx: Tx, stays: Member, union: Union, why: Why) -> None:
    """Let the people of a held duplicate be those of the structure's record that stays, and seat them there.

    Somebody whom both know stays known as the record that stays knows them.
    """
    stated: dict[Subject, Value | None] = {
        seat_of(seat): {"contact_id": str(contact_id)} for seat, contact_id in union.seats.items()
    }
    for row in await repository.hold_many(tx, [*union.carried, *union.twins]):
        if row.id in union.twins:
            row.merged_into = union.twins[row.id]
        else:
            row.member_id = stays.id
            stated[person(row.id)] = written(repository.details_of(row))
    await members.state(tx, stays, stated, why=why)


async def separate_people(
    tx: Tx, goes: Member, stays: Member, carried: Collection[UUID], twins: Collection[UUID], why: Why
) -> None:
    """Give a duplicate's people back to it, as they are known now; somebody erased meanwhile stays erased."""
    for row in await repository.hold_many(tx, [*carried, *twins]):
        row.merged_into = None
        if row.id in carried:
            row.member_id = goes.id
            await members.state(tx, stays, {person(row.id): None}, why=why)
            if row.erased_at is None:
                await members.state(tx, goes, {person(row.id): written(repository.details_of(row))}, why=why)


async def _held(
    tx: Tx, grant: Grant, contact_id: UUID, if_match: str | None, elsewhere: Traces
) -> tuple[Member, ContactRow]:
    reached = await require_reached(tx, grant, contact_id)
    member = await members.hold_within(tx, grant, reached.member_id)
    row = await repository.get_for_update(tx, contact_id)
    await check_version(if_match, row.version, partial(shown, tx, row, elsewhere))
    return member, row
