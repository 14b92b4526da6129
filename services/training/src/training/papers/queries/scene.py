"""Gathers what the papers of a session are written from: a handful of statements, however many people come."""

from decimal import Decimal
from uuid import UUID

from pydantic import TypeAdapter

from common.money import round_to_cents
from common.transaction import Read
from common.wording import grouped
from training.enrolments.domain import Enrolment, SeatRequest
from training.enrolments.queries.enrolments import taken_seats
from training.enrolments.queries.rules import withdrawal_rule
from training.members.domain import KnownMember
from training.members.queries import members_behind
from training.organisation.domain import MentionUse, Organisation
from training.organisation.queries import mention
from training.papers.domain import Party, Scene, Seated
from training.papers.queries.rules import clauses_on
from training.programmes.domain import Content, Mode
from training.programmes.queries.programmes import find_version
from training.quotes.domain import VAT_EXEMPTION, Quote
from training.quotes.queries import quotes_by_id
from training.sessions.domain import Session, mode_of
from training.sessions.queries.rules import known_for
from training.trainees.domain import Trainee
from training.trainees.queries import people_of

_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


async def scene_of(read: Read, organisation: Organisation, session: Session) -> Scene:
    """Return what the papers of a session are written from now.

    Raises ProgrammeNotFound, VersionNotFound, TrainerNotFound, RoomNotFound, RuleMissing.
    """
    sheet = await find_version(read, session.pinned.code, session.pinned.number)
    rule = withdrawal_rule(read.today)
    remote = mode_of(session.slots) is Mode.REMOTE
    return Scene(
        organisation=organisation,
        registration=mention(organisation, MentionUse.CONTRACT, read.today),
        session=session,
        content=_CONTENT.validate_python(sheet.content.model_dump()),
        known=await known_for(read, [session]),
        parties=await _parties(read, session),
        clauses=clauses_on(read.today, rule.cooling_off_days_remote if remote else rule.cooling_off_days),
        vat=VAT_EXEMPTION,
        now=read.now,
        today=read.today,
    )


async def _parties(read: Read, session: Session) -> tuple[Party, ...]:
    taken = await taken_seats(read, session.id)
    if not taken:
        return ()
    requests = {request.id: request for _, request in taken}
    owned: dict[UUID, list[Enrolment]] = {}
    for seat, request in taken:
        owned.setdefault(request.id, []).append(seat)
    quotes = await quotes_by_id(read, [one.quote_id for one in requests.values()])
    buyers = await members_behind(read, [one.member_id for one in requests.values() if one.member_id])
    people = await people_of(read, {seat.trainee_id for seat, _ in taken})
    return tuple(
        Party(
            request_id=one.id,
            individual=one.individual,
            member_id=one.member_id,
            lines=_lines(quotes[one.quote_id], buyers.get(one.member_id) if one.member_id else None),
            quote_reference=quotes[one.quote_id].reference,
            unit_price=one.unit_price,
            total=_total(one, quotes[one.quote_id], len(owned[one.id])),
            contact_email=one.contact_email,
            seats=tuple(_seated(seat, people.get(seat.trainee_id)) for seat in owned[one.id]),
        )
        for one in requests.values()
    )


def _seated(seat: Enrolment, person: Trainee | None) -> Seated:
    return Seated(
        enrolment_id=seat.id,
        trainee_id=seat.trainee_id,
        name=person.name if person else None,
        email=person.email if person else None,
    )


def _total(request: SeatRequest, quote: Quote, seats: int) -> Decimal:
    """Return what the seats that are taken cost: the quote's total for all of them, else so many times one."""
    return quote.priced.total if seats == quote.seats else round_to_cents(request.unit_price * seats)


def _lines(quote: Quote, member: KnownMember | None) -> tuple[str, ...]:
    """Write who buys; of a structure of the register, its address is not known here."""
    there = quote.buyer.organisation
    if there is not None:
        return (there.name, there.street, f"{there.postcode} {there.city}", f"SIRET {grouped(there.siret, 3)}")
    if member is None:
        return ()
    number = [f"SIRET {grouped(member.siret, 3)}"] if member.siret else []
    number = number or ([f"SIREN {grouped(member.siren, 3)}"] if member.siren else [])
    return (member.name, *number, f"Adhérent {member.reference}")
