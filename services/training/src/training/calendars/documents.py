"""What calendars say: the words of a half-day, which ``common.calendars`` writes, and the mail that bears an address.

Nobody is named: an address may be passed on, and a calendar is read over a shoulder.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from common import calendars
from common.calendars import CalendarEvent, EventStatus, Publisher
from common.mail import Mail
from common.moments import When, whole_days
from common.wording import write_day
from training.calendars.domain import (
    CalendarAddress,
    CalendarRule,
    Reader,
    Said,
    SlotStatus,
    Told,
    notice_from,
)
from training.rooms.domain import Room
from training.sessions.domain import METROPOLE
from training.sessions.queries.half_days import AnnouncedSlot

UID_DOMAIN = "sessions.coorace.org"
"""Never changes: an event under another UID is another event, in every calendar that has it."""
_PRODUCT = "-//Coorace Formation//Sessions//FR"
_CATEGORY = "Formation"
_NAMES = {
    Reader.TRAINER: "Coorace Formation : mes demi-journées de formateur",
    Reader.TRAINEE: "Coorace Formation : mes formations",
    Reader.STRUCTURE: "Coorace Formation : les formations de notre structure",
}
_REMOTE = "À distance"


@dataclass(frozen=True, slots=True)
class Sender:
    """From whom calendars come, and how long they are asked to wait between two readings."""

    name: str
    mail: str
    ask_again_hours: int


def said(slot: AnnouncedSlot, room: Room | None, reader: Reader, count: int) -> Said:
    """Return what a reader's calendars say of a half-day.

    ``count``: how many have a seat, for who teaches; how many of theirs, for a structure. The remote address is shown
    to who teaches and to who learns: a structure's calendar may be shared with all its staff.
    """
    url = slot.remote_url if slot.remote and reader is not Reader.STRUCTURE else None
    lines = [
        f"Session {slot.reference}.",
        None if slot.confirmed else "Session annoncée, à confirmer.",
        _counted(reader, count),
        f"À distance : {url}" if url else None,
    ]
    return Said(
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        zone=slot.zone,
        status=SlotStatus.CONFIRMED if slot.confirmed else SlotStatus.TENTATIVE,
        title=slot.title,
        place=_place(slot, room),
        description="\n".join(filter(None, lines)),
        url=url,
    )


def feed(address: CalendarAddress, told: Sequence[Told], rule: CalendarRule, sender: Sender, *, ends: bool) -> bytes:
    """Write the calendar of an address; ``ends``: it says that its address stops serving."""
    events = [_event(one) for one in told]
    if ends:
        events.append(_end(address, rule))
    publisher = Publisher(_PRODUCT, sender.name, sender.mail)
    return calendars.feed(publisher, _NAMES[address.reader], events, sender.ask_again_hours)


def writing(address: CalendarAddress, told: Sequence[Told], sender: Sender, *, ends: bool) -> bytes:
    """Return in brief what ``feed`` would write: another one where any of it changes."""
    parts = [f"{one.slot_id} {one.sequence} {one.changed_at.isoformat()}" for one in told]
    last = address.expires_on if ends else ""
    return f"{calendars.WRITING} {address.reader} {address.id} {sender} {last} {parts}".encode()


def address_given(recipient: str, path: str, public_url: str, address: CalendarAddress, rule: CalendarRule) -> Mail:
    """Write to somebody at which address a calendar reads their sessions."""
    text = (
        "Bonjour,\n\n"
        "Voici l'adresse à laquelle votre calendrier peut suivre vos formations chez Coorace Formation :\n\n"
        f"{public_url}{path}\n\n"
        "Dans Outlook, Google Agenda ou Calendrier d'Apple, choisissez de vous abonner à un calendrier par son"
        " adresse, et collez-la. Vos demi-journées y viennent d'elles-mêmes, et y changent avec elles.\n\n"
        f"Gardez-la pour vous : qui la connaît lit ce calendrier. Elle sert jusqu'au {write_day(address.expires_on)}.\n"
        "\nCoorace Formation\n"
    )
    return Mail(
        recipient=recipient, subject="Vos formations dans votre calendrier", text=text, kept_days=rule.mail_kept_days
    )


def _counted(reader: Reader, count: int) -> str | None:
    return {
        Reader.TRAINER: f"Places prises : {count}.",
        Reader.STRUCTURE: f"Places de votre structure : {count}.",
    }.get(reader)


def _place(slot: AnnouncedSlot, room: Room | None) -> str | None:
    if room is None:
        return _REMOTE if slot.remote else None
    where = room.description
    at = f"{where.name}, {where.street}, {where.postcode} {where.city}"
    return f"{at} ; ou à distance" if slot.remote else at


def _event(told: Told) -> CalendarEvent:
    one = told.said
    return CalendarEvent(
        uid=f"{told.slot_id}@{UID_DOMAIN}",
        sequence=told.sequence,
        status=EventStatus[one.status.name],
        created_at=told.told_at,
        changed_at=told.changed_at,
        title=one.title,
        when=When(one.starts_at, one.ends_at, one.zone),
        categories=(_CATEGORY,),
        place=one.place,
        description=one.description,
        url=one.url,
    )


def _end(address: CalendarAddress, rule: CalendarRule) -> CalendarEvent:
    """Write when an address stops serving. Renewed, it is the same event, later."""
    since = notice_from(address, rule)
    return CalendarEvent(
        uid=f"{address.id}@{UID_DOMAIN}",
        sequence=max((address.expires_on - address.created_at.date()).days, 0),
        status=EventStatus.CONFIRMED,
        created_at=since,
        changed_at=since,
        title=f"Ce calendrier de formation s'arrête le {write_day(address.expires_on)}",
        when=whole_days(address.expires_on, address.expires_on, METROPOLE),
        categories=(_CATEGORY,),
        description="Faites garder son adresse avant ce jour : après, il ne suivra plus rien.",
    )
