"""Sign on the spot: the trainer opens a half-day, each signs, the trainer signs last."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from common.contracts.roles import Role
from common.identifiers import new_id
from common.mail import post
from common.rights import Grant
from common.secret_addresses import digest, new_secret
from common.transaction import Tx
from training.attendance import documents, domain, repository
from training.attendance.domain import Kind, Mark, Method, Said, SigningLink, StrokeUnfit, TrainerUnnamed
from training.attendance.queries.reach import Reached, by_link, signing_rule, taught
from training.attendance.schemas import (
    ClosingIn,
    CorrectionIn,
    IssuedCode,
    MarkIn,
    OwnSignatureIn,
    SentLink,
)
from training.attendance.use_cases.ledger import hold, write
from training.sessions.queries.sessions import session_of


async def open_half_day(tx: Tx, grant: Grant, session_id: UUID, slot_id: UUID) -> None:
    """Let a half-day be signed.

    Raises SessionNotFound, HalfDayNotFound, SessionNotHeld, AlreadyOpen, TooEarly, RuleMissing, SessionNotOpen.
    """
    found = await taught(tx, grant, session_id)
    held = await hold(tx, found.session, slot_id)
    domain.require_openable(held.sheet, tx.now, signing_rule(tx))
    said = Said(slot_id=slot_id, kind=Kind.OPENED, method=_method(grant), trainer_id=found.trainer_id)
    await write(tx, held.session, held.head, [said])


async def give_codes(tx: Tx, grant: Grant, session_id: UUID, slot_id: UUID) -> Sequence[IssuedCode]:
    """Give a code to each who has not signed yet, in the place of the one before.

    Raises SessionNotFound, HalfDayNotFound, SessionNotHeld, NotOpen, HalfDayClosed, RuleMissing.
    """
    found = await taught(tx, grant, session_id)
    held = await hold(tx, found.session, slot_id)
    domain.require_open(held.sheet)
    minutes = signing_rule(tx).code_minutes
    given = [(seat, domain.new_code()) for seat in found.seats if held.sheet.of(seat.enrolment_id) is None]
    kept = [domain.challenge(slot_id, seat.enrolment_id, code, tx.now, minutes) for seat, code in given]
    await repository.save_challenges(tx, kept)
    return [
        IssuedCode(enrolment_id=seat.enrolment_id, name=seat.name, code=code, expires_at=one.expires_at)
        for (seat, code), one in zip(given, kept, strict=True)
    ]


async def send_links(tx: Tx, grant: Grant, session_id: UUID) -> Sequence[SentLink]:
    """Send each person who has a seat a link of their own, in the place of the one before.

    By mail alone: the trainer has the codes, so that nobody else has both. Who has no address signs on the device.

    Raises SessionNotFound, RuleMissing.
    """
    found = await taught(tx, grant, session_id)
    await repository.revoke_links(tx, [seat.enrolment_id for seat in found.seats])
    until = tx.today + timedelta(days=signing_rule(tx).link_days)
    mails = []
    for seat in found.seats:
        if seat.trainee_id is None or seat.email is None:
            continue
        secret = new_secret()
        link = SigningLink(
            id=new_id(),
            token_hash=digest(secret),
            created_at=tx.now,
            expires_on=until,
            enrolment_id=seat.enrolment_id,
            trainee_id=seat.trainee_id,
        )
        await repository.add_link(tx, link)
        mails.append(documents.link_mail(seat.email, found.session, secret, tx.public_url, until))
    await post(tx, mails)
    return [
        SentLink(enrolment_id=seat.enrolment_id, name=seat.name, mailed=seat.email is not None) for seat in found.seats
    ]


async def sign_by_link(tx: Tx, key: str, given: OwnSignatureIn) -> UUID:
    """Sign one's own presence, with the code that was said in the room; return the seat.

    Raises SigningLinkNotFound, SessionNotFound, HalfDayNotFound, SessionNotHeld, NotOpen, HalfDayClosed, AlreadyMarked,
    CodeWrong, StrokeUnfit, SessionNotOpen, MarkUnfit.
    """
    own, seat = await by_link(tx, key)
    session = await session_of(tx, seat.session_id)
    held = await hold(tx, session, given.slot_id)
    domain.require_unmarked(held.sheet, own.enrolment_id)
    spent = domain.spend(await repository.find_challenge(tx, given.slot_id, own.enrolment_id), given.code, tx.now)
    await repository.save_challenges(tx, [spent])
    await repository.note_use(tx, own.id, tx.today)
    said = Said(
        slot_id=given.slot_id,
        kind=Kind.PRESENT,
        method=Method.OWN_LINK,
        enrolment_id=own.enrolment_id,
        hours=domain.fit(held.slot, Mark(Kind.PRESENT)).hours,
        device=given.device,
        stroke=await _stroke(tx, session.id, given.stroke),
    )
    await write(tx, session, held.head, [said])
    return own.enrolment_id


async def mark(tx: Tx, grant: Grant, session_id: UUID, slot_id: UUID, given: MarkIn) -> None:
    """Write that somebody is there, in part or not, on the trainer's device; or as a paper sheet has it.

    Raises SessionNotFound, HalfDayNotFound, SessionNotHeld, NotOpen, HalfDayClosed, AlreadyMarked, NotOnSheet,
    MarkUnfit, StrokeUnfit, SessionNotOpen.
    """
    found = await taught(tx, grant, session_id)
    held = await hold(tx, found.session, slot_id)
    domain.require_on_sheet(_ids(found), given.enrolment_id)
    domain.require_unmarked(held.sheet, given.enrolment_id)
    fitted = domain.fit(held.slot, Mark(given.kind, given.hours, given.reason))
    said = Said(
        slot_id=slot_id,
        kind=fitted.kind,
        method=_method(grant),
        enrolment_id=given.enrolment_id,
        trainer_id=found.trainer_id,
        hours=fitted.hours,
        reason=fitted.reason,
        device=given.device,
        stroke=await _stroke(tx, session_id, given.stroke),
    )
    await write(tx, held.session, held.head, [said])


async def close(tx: Tx, grant: Grant, session_id: UUID, slot_id: UUID, given: ClosingIn) -> None:
    """Sign a half-day as its trainer: who has not signed is away.

    Raises SessionNotFound, HalfDayNotFound, SessionNotHeld, NotOpen, HalfDayClosed, TrainerUnnamed, StrokeUnfit,
    SessionNotOpen.
    """
    found = await taught(tx, grant, session_id)
    trainer_id = found.trainer_id or given.trainer_id
    if trainer_id is None or not any(trainer_id in slot.trainers for slot in found.session.slots):
        raise TrainerUnnamed("Dites quel formateur de la session a signé la feuille (trainer_id).")
    held = await hold(tx, found.session, slot_id)
    *away, signed = domain.closing(held.sheet, _ids(found), trainer_id, _method(grant))
    stroke = await _stroke(tx, session_id, given.stroke)
    await write(tx, held.session, held.head, [*away, replace(signed, device=given.device, stroke=stroke)])


async def correct(tx: Tx, grant: Grant, session_id: UUID, number: int, given: CorrectionIn) -> None:
    """Correct a line, which stays: another says what is so, and why.

    Raises SessionNotFound, AttendanceEntryNotFound, HalfDayNotFound, SessionNotHeld, NotOnSheet, NothingToCorrect,
    MarkUnfit, SessionNotOpen.
    """
    found = await taught(tx, grant, session_id)
    entry = domain.require_entry(await repository.entries_of(tx, session_id), number)
    held = await hold(tx, found.session, entry.said.slot_id)
    corrected = domain.correction(
        held.sheet,
        number,
        Mark(given.kind, given.hours, given.reason),
        given.correction_reason,
        _method(grant),
        found.trainer_id,
    )
    domain.require_on_sheet(_ids(found), corrected.enrolment_id)
    await write(tx, held.session, held.head, [corrected])


def _ids(found: Reached) -> set[UUID]:
    return {seat.enrolment_id for seat in found.seats}


def _method(grant: Grant) -> Method:
    """A trainer signs on their device; what the team enters comes from a sheet of paper."""
    return Method.PAPER if Role.TRAINING in grant.actor.roles else Method.TRAINER_DEVICE


async def _stroke(tx: Tx, session_id: UUID, drawn: str | None) -> str | None:
    """Keep a drawn signature; return its hash. Raises StrokeUnfit."""
    if drawn is None:
        return None
    try:
        drawing = b64decode(drawn, validate=True)
    except NotBase64:
        raise StrokeUnfit("Une signature dessinée s'envoie en base64.") from None
    found = domain.stroke_digest(drawing)
    await repository.keep_stroke(tx, session_id, found, drawing)
    return found
