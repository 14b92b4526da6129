"""What the agenda says in calendars: the words of a date, which ``common.calendars`` writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common import calendars
from common.calendars import WRITING, CalendarEvent, EventStatus, Publisher
from membership.agenda.domain import AgendaEntry, AgendaMode

UID_DOMAIN = "agenda.coorace.org"
"""Never changes: an event under another UID is another event, in every calendar that has it."""
_PRODUCT = "-//Coorace//Agenda du réseau//FR"


@dataclass(frozen=True, slots=True)
class Wording:
    """What entries are written with: the names of kinds and delegations, from whom they come, when to ask again."""

    kinds: Mapping[str, str]
    delegations: Mapping[str, str]
    organizer_name: str
    organizer_mail: str
    ask_again_hours: int = 1


def feed(name: str, entries: Sequence[AgendaEntry], wording: Wording) -> bytes:
    """Write a calendar that people subscribe to: all it holds, cancelled dates included."""
    events = [_event(entry, wording) for entry in entries]
    return calendars.feed(_publisher(wording), name, events, wording.ask_again_hours)


def writing(wording: Wording) -> str:
    """Return how dates are written: where it changes, so does every calendar."""
    words = sorted({**wording.kinds, **wording.delegations}.items())
    return f"{WRITING} {wording.organizer_name} {wording.organizer_mail} {wording.ask_again_hours} {words}"


def one(entry: AgendaEntry, wording: Wording) -> bytes:
    """Write one date, for a mail to carry: as it is, or taken back."""
    return calendars.one(_publisher(wording), _event(entry, wording))


def _publisher(wording: Wording) -> Publisher:
    return Publisher(_PRODUCT, wording.organizer_name, wording.organizer_mail)


def _event(entry: AgendaEntry, wording: Wording) -> CalendarEvent:
    told = entry.told
    said = [f"Annulé : {told.cancelled_reason}" if told.cancelled_reason else None, told.description]
    return CalendarEvent(
        uid=f"{told.id}@{UID_DOMAIN}",
        sequence=entry.sequence,
        status=EventStatus[told.status.name],
        created_at=entry.recorded_at,
        changed_at=entry.changed_at,
        title=told.title,
        when=told.when,
        categories=_categories(entry, wording),
        place=told.place or (AgendaMode.REMOTE.label.capitalize() if told.mode is AgendaMode.REMOTE else None),
        description="\n\n".join(filter(None, said)),
        url=told.url,
    )


def _categories(entry: AgendaEntry, wording: Wording) -> tuple[str, ...]:
    told = entry.told
    where = [wording.delegations.get(told.delegation, told.delegation)] if told.delegation else []
    return (wording.kinds.get(told.kind, told.kind), *where)
