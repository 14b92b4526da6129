"""What people do with the register: receive a structure, complete or correct what is known of it, from a day on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from common.errors import Refusal
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import ReceiptLine
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from membership.members import domain, repository
from membership.members.domain import (
    Admission,
    Departure,
    Entry,
    EntryNeeded,
    Member,
    NotInRegisterThen,
    Revision,
    Subject,
    Topic,
    Value,
    after_departure,
    amend,
    differences,
    in_force,
    is_answered_for,
    located,
    location,
    on_day,
    require_complete,
    to_withdraw,
    values_of,
    written,
)
from membership.members.queries import find, find_readable, require_not_merged, shown
from membership.members.schemas import (
    ActivityEntryIn,
    CorrespondenceEntryIn,
    DelegationEntryIn,
    EntryIn,
    GroupEntryIn,
    MemberAmend,
)
from membership.members.use_cases.recording import (
    Why,
    apart,
    bring_to_today,
    day_of,
    entries_for,
    instant_after,
    record,
    restored_by,
    withdrawals_of,
)
from membership.territory.queries import load_territory

__all__ = ["Why"]
_ENTITY = "federation"
_UNSAID = Why()


async def register(tx: Tx, candidates: Sequence[Member], day: date, why: Why = _UNSAID) -> list[Member]:
    """Enter new structures in the register as candidates from a day on, each with its readable reference."""
    references = await take_numbers(tx, Series(_ENTITY, "STR", tx.today.year), len(candidates))
    named = [replace(member, reference=number) for member, number in zip(candidates, references, strict=True)]
    entered = [(member, written(member)) for member in named]
    await repository.add(tx, entered, day)
    await repository.add_first_entries(
        tx, (entry for member, values in entered for entry in entries_for(tx, member, values, day, tx.now, why))
    )
    return named


def candidate(**fields: Any) -> Member:
    """Make a candidate not entered yet; its delegation is found from its postcode, or else its department.

    Raises SiretOfAnotherSiren.
    """
    where = location(load_territory(), fields.get("department"), fields.get("postcode"))
    return amend(Member(id=new_id(), reference="", name=""), {**fields, **where})


async def hold(tx: Tx, member_ids: Sequence[UUID], *, merged: bool = False) -> dict[UUID, Member]:
    """Load structures and hold them until the end of the transaction, for an act that decides on them.

    Records that were duplicates are refused, unless ``merged`` asks for them too. Raises MemberNotFound, MemberMerged.
    """
    held = await repository.get_many_for_update(tx, member_ids)
    for member in () if merged else held.values():
        await require_not_merged(tx, member)
    return held


async def hold_within(tx: Tx, grant: Grant, member_id: UUID) -> Member:
    """Load a structure within reach and hold it until the end of the transaction.

    Raises MemberNotFound, MemberMerged.
    """
    await find(tx, grant, member_id)
    member = await repository.get_for_update(tx, member_id)
    if not member.is_present:  # while this waited for it
        await find(tx, grant, member_id)  # says which record stays
    return member


async def hold_version(tx: Tx, grant: Grant, member_id: UUID, if_match: str | None) -> Member:
    """Do the same, in the version that the caller has read.

    Raises MemberNotFound, PreconditionMissing, PreconditionFailed.
    """
    member = await hold_within(tx, grant, member_id)
    await check_version(if_match, member.version, partial(shown, tx, member))
    return member


async def admit_member(tx: Tx, structure: Member, admission: Admission) -> Member:
    """Make a held structure a member from its legal day; the other services hear of it on that day.

    Raises AlreadyMember, FileIncomplete, StatusContradicted, SirenTaken.
    """
    require_complete(structure)
    why = Why(reason=f"séance {admission.minutes_reference}", source=f"sitting:{admission.sitting_id}")
    return await apply(tx, structure, lambda then: domain.admit(then, admission), admission.joined_on, why)


async def take_over(tx: Tx, structure: Member, admission: Admission, year: int) -> Member:
    """Make a held structure the member that it was before the register was kept here, renewed for ``year``.

    That it was entered as a candidate is taken back; what was known before shows it. Raises AlreadyMember,
    FileIncomplete, StatusContradicted, SirenTaken.
    """
    require_complete(structure)
    known = await repository.entries_of(tx, [structure.id])
    instant = instant_after(tx, known)
    why = Why(f"reprise, séance {admission.minutes_reference}", source=f"sitting:{admission.sitting_id}")
    stated = domain.taken_over(structure, known, admission, year, tx.today)
    entries = [entry for day, values in stated for entry in entries_for(tx, structure, values, day, instant, why)]
    moot = withdrawals_of(tx, structure, domain.candidacies_after(known, admission.joined_on), instant, why)
    return await record(tx, structure, known, [*entries, *moot])


async def apply(tx: Tx, member: Member, change: Callable[[Member], Member], day: date, why: Why) -> Member:
    """Change a held structure as it was on a day, from that day on; return it as it is today.

    Raises what ``change`` raises, NotInRegisterThen, LastActivity, StatusContradicted, SirenTaken.
    """
    known = await repository.entries_of(tx, [member.id])
    then = on_day(member, known, day)
    stated = differences(written(then), written(change(then)))
    entries = entries_for(tx, member, stated, day, instant_after(tx, known), why)
    return await record(tx, member, known, entries) if entries else member


async def depart(tx: Tx, member: Member, departure: Departure, why: Why) -> Member:
    """End a held structure's membership; what was entered of it for later days is taken back. Return it as today.

    Raises NotAMember, NotInRegisterThen, StatusContradicted, SirenTaken.
    """
    known = await repository.entries_of(tx, [member.id])
    then = on_day(member, known, departure.left_on)
    left = domain.leave(then, departure)
    instant = instant_after(tx, known)
    entries = entries_for(tx, member, differences(written(then), written(left)), departure.left_on, instant, why)
    moot = after_departure(known, departure, left.admission) if left.admission else []
    return await record(tx, member, known, [*entries, *withdrawals_of(tx, member, moot, instant, why)])


async def change_member(
    tx: Tx, member: Member, fields: Mapping[str, Any], effective_on: date | None = None, why: Why = _UNSAID
) -> Member:
    """Change what is known of a held structure from a day on, by default today; return it as it is today.

    A change that was announced for a later day stays. Raises SirenTaken, SiretOfAnotherSiren, DelegationUnknown,
    NotInRegisterThen.
    """

    moves = not fields.keys().isdisjoint({"postcode", "department"})

    def amended(then: Member) -> Member:
        became = amend(then, fields)
        return located(became, load_territory()) if moves else became

    return await apply(tx, member, amended, effective_on or day_of(tx, member), why)


async def state(
    tx: Tx, member: Member, stated: Mapping[Subject, Value | None], effective_on: date | None = None, why: Why = _UNSAID
) -> None:
    """Enter from a day on what another capability keeps in the register about a held structure, as its people."""
    day = effective_on or day_of(tx, member)
    known = await repository.entries_of(tx, [member.id])
    then = values_of(in_force(known, day))
    changed = {subject: value for subject, value in stated.items() if then.get(subject) != value}
    entries = entries_for(tx, member, changed, day, instant_after(tx, known), why)
    await repository.add_entries(tx, entries)
    if any(subject.topic is Topic.MANDATE for subject in changed):
        answered_for = is_answered_for([*known, *entries], day_of(tx, member))
        await repository.mark(tx, member.id, answered_for=answered_for)


async def merge_into(tx: Tx, duplicate: Member, stays: Member, why: Why) -> Member:
    """Enter of a held record that it was all along a duplicate of another; return it as it is today.

    It holds from the first day of the record on, as is known from now on: what was known before shows both.
    """
    known = await repository.entries_of(tx, [duplicate.id])
    first = min(entry.effective_on for entry in known)
    into = {Subject(Topic.MERGED): {"into": str(stays.id)}}
    return await record(tx, duplicate, known, entries_for(tx, duplicate, into, first, instant_after(tx, known), why))


async def retract(tx: Tx, since: Mapping[UUID, date], held: Mapping[UUID, Member], why: Why) -> None:
    """Enter of held structures that they were never to be in the register, each from its first day in it on.

    Only of those of whom nobody else was ever told. Who looks at what was known before finds them.
    """
    never: Mapping[Subject, Value] = {Subject(Topic.RETRACTED): {}}
    entries = [entry for id_, day in since.items() for entry in entries_for(tx, held[id_], never, day, tx.now, why)]
    await repository.add_entries(tx, entries)
    await repository.retract(tx, list(since))


async def next_version(tx: Tx, member: Member) -> Member:
    """Give a held structure a new version, for a change that its table does not show."""
    changed = replace(member, version=member.version + 1)
    await repository.mark(tx, changed.id, version=changed.version)
    return changed


async def note_applying(tx: Tx, member_id: UUID, *, applying: bool) -> None:
    """Keep with a structure whether an application of it is to be decided."""
    await repository.mark(tx, member_id, applying=applying)


async def forget_person(tx: Tx, contact_id: UUID, left: Value) -> None:
    """Let go of all that was ever entered about a person of a held structure, leaving ``left`` in its place."""
    await repository.forget_person(tx, contact_id, left)


async def amend_member(tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, amendment: MemberAmend) -> Member:
    """Complete or correct a structure within reach, as the version the caller has read; return what it became.

    Raises MemberNotFound, PreconditionMissing, PreconditionFailed, and what ``change_member`` raises.
    """
    member = await hold_version(tx, grant, member_id, if_match)
    why = Why(reason=amendment.reason)
    return await change_member(tx, member, amendment.fields(), amendment.effective_on, why)


async def enter(tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, entry: EntryIn) -> Member:
    """Enter one thing in the register from a day on; return the structure as it is today.

    Raises MemberNotFound, ActivityNotHeld, LastActivity, DelegationUnknown, NotAGroup, NotInGroup, NotInRegisterThen,
    SirenTaken, PreconditionMissing, PreconditionFailed.
    """
    member = await hold_version(tx, grant, member_id, if_match)
    change = await _change_entered(tx, entry)
    return await apply(tx, member, change, entry.effective_on or day_of(tx, member), Why(reason=entry.reason))


async def _change_entered(tx: Tx, entry: EntryIn) -> Callable[[Member], Member]:
    match entry:
        case ActivityEntryIn(ended=True):
            return lambda then: domain.give_up(then, entry.kind)
        case ActivityEntryIn():
            return lambda then: _pursued(then, entry)
        case DelegationEntryIn():
            return lambda then: domain.impose_delegation(then, entry.code, load_territory())
        case GroupEntryIn(ended=True):
            return lambda then: domain.leave_group(then, entry.group_id)
        case GroupEntryIn():
            group = await find_readable(tx, entry.group_id)
            return lambda then: domain.join_group(then, group)
        case CorrespondenceEntryIn():
            return lambda then: domain.write_to(then, entry.purpose, entry.written)


def _pursued(then: Member, entry: ActivityEntryIn) -> Member:
    pursued = domain.pursue(then, entry.kind, main=entry.main)
    return domain.agree(pursued, entry.kind, entry.agreement) if entry.names_convention else pursued


async def withdraw_entry(
    tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, entry_id: UUID, reason: str
) -> Member:
    """Take back an entry that was never so; what held before holds again. Return the structure as it is today.

    Raises MemberNotFound, EntryNotFound, EntrySuperseded, EntryOfADecision, EntryNeeded, LastActivity, SirenTaken,
    PreconditionMissing, PreconditionFailed.
    """
    member = await hold_version(tx, grant, member_id, if_match)
    entry = to_withdraw(await repository.entries_of(tx, [member.id]), entry_id)
    return await withdraw(tx, member, [entry], reason)


async def withdraw(tx: Tx, member: Member, entries: Sequence[Entry], reason: str) -> Member:
    """Take back entries of a held structure, and enter again what gave way to a departure among them, unless something
    else was entered for it since. Return the structure as it is today.

    Raises EntryNeeded, LastActivity, StatusContradicted, SirenTaken.
    """
    known = await repository.entries_of(tx, [member.id])
    instant = instant_after(tx, known)
    withdrawals = withdrawals_of(tx, member, entries, instant, Why(reason))
    for withdrawal in withdrawals:
        try:
            on_day(member, [*known, *withdrawals], withdrawal.effective_on)
        except NotInRegisterThen:
            raise EntryNeeded("Cette inscription est la première : corrigez-la au lieu de la retirer.") from None
    return await record(tx, member, known, [*withdrawals, *restored_by(tx, member, known, entries, instant)])


async def revise(tx: Tx, member: Member, revision: Revision, reason: str) -> Member:
    """Take back what was never so in the register of a held structure, and enter what takes its place, at one instant.

    Return the structure as it is today. Raises LastActivity, StatusContradicted, SirenTaken.
    """
    known = await repository.entries_of(tx, [member.id])
    instant = instant_after(tx, known)
    withdrawals = withdrawals_of(tx, member, revision.withdrawn, instant, Why(reason))
    entries = [
        entry
        for one in revision.stated
        for entry in entries_for(tx, member, {one.subject: one.value}, one.day, instant, Why(reason, one.source))
    ]
    return await record(tx, member, known, apart([*withdrawals, *entries]))


async def draw_again(tx: Tx, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Draw the days of the next structures of which something was entered without it; say of which they changed.

    A version of before the days were drawn enters and draws nothing, as long as it runs beside this one.
    """
    if after is None:
        await repository.answer_again(tx, tx.today)
    members = await repository.get_many_for_update(tx, await repository.behind(tx, after=after, limit=limit))
    changed = await repository.draw_again(tx, members)
    return [
        ReceiptLine(row, "changed" if id_ in changed else "unchanged", subject_id=id_, reference=member.reference)
        for row, (id_, member) in enumerate(sorted(members.items()), start=done + 1)
    ]


async def take_effect(tx: Tx, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Let announced changes take effect in the next structures whose day has come; say what became of each.

    One that cannot (its new SIREN was taken meanwhile) stays as it is, for a person to look at; the others go on.
    """
    members = await hold(tx, await repository.overdue(tx, after=after, limit=limit), merged=True)
    receipt = []
    for row, (member_id, member) in enumerate(sorted(members.items()), start=done + 1):
        line = ReceiptLine(row, "changed", subject_id=member_id, reference=member.reference)
        try:
            async with tx.savepoint():
                await require_not_merged(tx, member)
                await bring_to_today(tx, member, await repository.entries_of(tx, [member_id]))
        except Refusal as refusal:
            line = replace(line, outcome="refused", code=refusal.code, message=refusal.message)
        receipt.append(line)
    return receipt
