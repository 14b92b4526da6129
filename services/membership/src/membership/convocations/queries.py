"""Reads of the convocations to an assembly: who was convened, who is to be, and the proof of it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from common.pagination import Page
from common.rights import grant_for
from common.transaction import Read
from membership.assemblies.domain import (
    Assembly,
    AssemblyStatus,
    Convocation,
    ConvocationState,
    Meeting,
    about,
)
from membership.assemblies.queries import convocations_of, load, records_of, show
from membership.convocations import documents
from membership.convocations.documents import export_line
from membership.convocations.domain import ConvocationNotFound, ConvocationNotNeeded
from membership.convocations.schemas import (
    ConvocationDetail,
    ConvocationExportParams,
    ConvocationFilters,
    ConvocationListParams,
    ConvocationOut,
)
from membership.electoral_roll.queries import cut_page
from membership.members.domain import normalise
from membership.members.queries import allowed_on
from membership.notices import queries as notices
from membership.notices.domain import require_postable
from membership.notices.queries import Write, federation_on
from membership.rights import RIGHTS, Act


async def list_convocations(source: Read, assembly_id: UUID, params: ConvocationListParams) -> Page[ConvocationOut]:
    """Return one page of the convocations within reach, by name. Raises AssemblyNotFound, RuleMissing."""
    found = _filtered(await _within(source, await load(source, assembly_id)), params)
    return cut_page(found, params, lambda one: (one.member.name, str(one.member.id)), ConvocationOut.of)


async def export_rows(source: Read, assembly_id: UUID, params: ConvocationExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list. Raises AssemblyNotFound, RuleMissing."""
    found = _filtered(await _within(source, await load(source, assembly_id)), params)
    return (export_line(ConvocationOut.of(one)) for one in found)


async def find_convocation(source: Read, assembly_id: UUID, member_id: UUID) -> ConvocationDetail:
    """Return all that was sent to one structure, and what would be. Raises AssemblyNotFound, ConvocationNotFound,
    RuleMissing.
    """
    meeting = await load(source, assembly_id)
    [one] = select(await _within(source, meeting), [member_id])
    sent = await notices.readable_notices(source, about(meeting.assembly), records_of(one.member))
    may_run = grant_for(RIGHTS, Act.RUN_ASSEMBLIES, source.actor) is not None
    to_send = None
    if one.may_be_sent and _may_still_leave(source, meeting.assembly):
        write = await writer(source, meeting, source.today)
        to_send = await notices.to_send(source, about(meeting.assembly), one.member, write)
    return ConvocationDetail(
        **ConvocationOut.of(one).model_dump(),
        notices=notices.notices_out(sent, may_record=may_run),
        to_send=to_send,
    )


def select(found: Collection[Convocation], member_ids: Collection[UUID]) -> list[Convocation]:
    """Return the convocations of some structures, all of them among those found. Raises ConvocationNotFound."""
    chosen = [one for one in found if one.member.id in set(member_ids)]
    if len(chosen) < len(set(member_ids)):
        raise ConvocationNotFound("Une structure ne vote pas à cette assemblée, ou n'est pas dans votre périmètre.")
    return chosen


async def writer(source: Read, meeting: Meeting, day: date) -> Write:
    """Return what words the convocations that leave on a day, as the assembly is known now. Raises RuleMissing."""
    assembly = await show(source, meeting)
    roll_day = assembly.roll_day or assembly.held_on
    return partial(documents.convocation, assembly, roll_day, federation_on(day))


async def print_letters(source: Read, assembly_id: UUID, member_ids: Sequence[UUID]) -> bytes:
    """Return the convocations to post, one a page: to some structures, or to all that a letter only can reach.

    Raises AssemblyNotFound, ConvocationNotFound, ConvocationNotNeeded, NoPostalAddress, RuleMissing.
    """
    meeting = await load(source, assembly_id)
    found = await convocations_of(source, meeting) if _may_still_leave(source, meeting.assembly) else []
    waiting = to_convene(found, elsewhere=bool(member_ids))
    chosen = [one.member for one in (select(waiting, member_ids) if member_ids else waiting)]
    if member_ids:
        require_postable(chosen)
    people = await notices.reachable(source, about(meeting.assembly), [member.id for member in chosen])
    letters = notices.letters_to(chosen, people, await writer(source, meeting, source.today), member_ids)
    if not letters:
        raise ConvocationNotNeeded(
            "Aucun courrier à imprimer : toutes sont convoquées, joignables par courriel, ou sans adresse postale."
        )
    title = f"Convocations : {meeting.assembly.title}"
    return await notices.print_letters(title, letters, federation_on(source.today), source.today)


def to_convene(found: Collection[Convocation], *, elsewhere: bool) -> list[Convocation]:
    """Return those that vote and were not convened yet; with ``elsewhere``, those too that were, but not from here."""
    return [one for one in found if one.may_be_sent and (elsewhere or one.state is ConvocationState.TO_CONVENE)]


async def print_proof(source: Read, assembly_id: UUID) -> bytes:
    """Return the paper that says who was convened, when, at which address, and who was not and why.

    Raises AssemblyNotFound, RuleMissing.
    """
    meeting = await load(source, assembly_id)
    found = await _within(source, meeting)
    sent = await notices.readable_notices(source, about(meeting.assembly), [one.member.id for one in found])
    lines = [(ConvocationOut.of(one), [each for each in sent if each.member_id == one.member.id]) for one in found]
    return await documents.print_proof(await show(source, meeting), lines, federation_on(source.today), source.today)


async def _within(source: Read, meeting: Meeting) -> list[Convocation]:
    """Return the convocations that the one who asks may read, addresses hidden where they are a person's."""
    found = await convocations_of(source, meeting)
    ids = [one.member.id for one in found]
    within = await allowed_on(source, Act.READ_ASSEMBLIES, ids)
    readable = await allowed_on(source, Act.READ_CONTACTS, ids)
    return [
        one
        if one.member.id in readable or one.notice is None
        else replace(one, notice=notices.without_addresses(one.notice))
        for one in found
        if one.member.id in within
    ]


def _filtered(found: Sequence[Convocation], filters: ConvocationFilters) -> list[Convocation]:
    words = normalise(filters.q or "")
    return [
        one
        for one in found
        if (not filters.state or one.state in filters.state)
        and filters.unreached in (None, one.is_unreached)
        and words in normalise(one.member.name)
    ]


def _may_still_leave(source: Read, assembly: Assembly) -> bool:
    return assembly.status is AssemblyStatus.CONVENED and source.today <= assembly.held_on
