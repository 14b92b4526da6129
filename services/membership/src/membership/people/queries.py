"""Reads of people beyond their structure: all that any capability keeps that names them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from common.rights import Grant
from common.transaction import Read
from membership.assemblies.domain import CANDIDACIES, STAYS
from membership.assemblies.queries import candidacies_naming, stays_naming
from membership.board.domain import MANDATES
from membership.board.queries import mandates_naming
from membership.contacts import queries as contacts
from membership.contacts.domain import Keeping, Trace
from membership.contacts.queries import Traces
from membership.interviews.domain import PARTICIPATIONS
from membership.interviews.queries import participations_of
from membership.meetings.domain import ATTENDANCES
from membership.meetings.queries import attendances_of
from membership.members.domain import Topic, counting
from membership.members.queries import entries_about, entries_of, names_of
from membership.members.schemas import EntryOut
from membership.notices.domain import NOTICES
from membership.notices.queries import notices_naming
from membership.people.schemas import ErasedOut, KeptOut, PersonalData, TraceOut
from membership.sittings.domain import ATTENDEES
from membership.sittings.queries import attendances_naming

_ENGAGING: Final[Mapping[Keeping, Traces]] = MappingProxyType(
    {
        MANDATES: mandates_naming,
        STAYS: stays_naming,
        CANDIDACIES: candidacies_naming,
        ATTENDEES: attendances_naming,
    }
)
PARTS: Final[Mapping[Keeping, Traces]] = MappingProxyType(
    {**_ENGAGING, PARTICIPATIONS: participations_of, ATTENDANCES: attendances_of, NOTICES: notices_naming}
)
"""What is kept of people beside the register, and who tells it. A test holds it to the tables."""

BY_HAND: Final = (
    "Un nom saisi à la main ne dit pas de qui il est : à l'accueil d'une assemblée, à une séance du conseil sans son"
    " mandat, pour un lien d'auto-évaluation. Il n'est ni lu ni effacé ici. Avant la clôture, corrigez la présence ; le"
    " procès-verbal le garde ensuite : c'est une preuve. La structure efface le nom donné avec un lien."
)
"""What neither the list of what is kept nor an erasure reaches, as it is told to whoever asks for them."""


async def traces_of(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Return all that names some people, whoever asks."""
    return await _told(source, contact_ids, PARTS)


async def engagements_of(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Return what names some people and may engage them, whoever asks."""
    return await _told(source, contact_ids, _ENGAGING)


async def personal_data(source: Read, grant: Grant, contact_id: UUID) -> PersonalData:
    """Return all that is and was known of a person within reach, also under records that were merged since.

    Raises ContactNotFound.
    """
    contact = await contacts.find_contact(source, grant, contact_id, engagements_of)
    ids = await contacts.known_as(source, contact_id)
    about = await entries_about(source, ids)
    entries = await entries_of(source, list({entry.member_id for entry in about}), (Topic.CONTACT, Topic.MANDATE))
    counts = {entry.id for known in entries.values() for entry in counting(known)}
    written = [EntryOut.of(entry, counts=entry.id in counts) for entry in about]
    return PersonalData(
        contact=contact,
        known=[entry for entry in written if entry.topic is Topic.CONTACT],
        mandates=[entry for entry in written if entry.topic is Topic.MANDATE],
        kept=await _kept(source, await traces_of(source, ids)),
        by_hand=BY_HAND,
    )


async def what_stays(source: Read, grant: Grant, contact_id: UUID) -> ErasedOut:
    """Return a person who was just erased, with what stays of them, and why. Raises ContactNotFound."""
    erased = await contacts.find_contact(source, grant, contact_id, engagements_of)
    kept = await _kept(source, await traces_of(source, await contacts.known_as(source, contact_id)))
    return ErasedOut(**erased.model_dump(), kept=kept, by_hand=BY_HAND)


async def _told(source: Read, contact_ids: Collection[UUID], parts: Mapping[Keeping, Traces]) -> list[Trace]:
    return [trace for part in parts.values() for trace in await part(source, contact_ids)]


async def _kept(source: Read, traces: Collection[Trace]) -> list[KeptOut]:
    names = await names_of(source, list({trace.member_id for trace in traces}))
    by_keeping: defaultdict[Keeping, list[TraceOut]] = defaultdict(list)
    for trace in traces:
        by_keeping[trace.keeping].append(TraceOut.of(trace, names[trace.member_id]))
    return [
        KeptOut(table=keeping.table, label=keeping.label, on_erasure=keeping.on_erasure, records=records)
        for keeping, records in by_keeping.items()
    ]
