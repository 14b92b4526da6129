"""What a session is held against: its trainers, its rooms, its structures, its programme, the rule of its decision."""

from collections.abc import Collection
from datetime import date
from functools import cache

from common.dated import rule_on
from common.shipped_data import shipped_rules
from common.transaction import Read
from training.members.queries import members_behind
from training.programmes.domain import ProgrammeKind
from training.programmes.queries import catalogue
from training.programmes.schemas import SheetOut
from training.rooms.queries import rooms_of
from training.sessions import domain, repository
from training.sessions.domain import DecisionRule, Defect, Known, Listed, Pinned, ProgrammeNotTaught, Session
from training.trainers.queries import trainers_of


@cache
def _rules() -> tuple[DecisionRule, ...]:
    return shipped_rules("training.sessions", "decisions.toml", DecisionRule)


def decision_rule(day: date) -> DecisionRule:
    """Return the rule of decision that holds on a day. Raises RuleMissing."""
    return rule_on(_rules(), day)


async def known_for(read: Read, sessions: Collection[Session]) -> Known:
    """Return what some sessions are held against now."""
    slots = [slot for session in sessions for slot in session.slots]
    trainers = {one for slot in slots for one in slot.trainers}
    rooms = {slot.room_id for slot in slots if slot.room_id}
    members = {one for session in sessions for one in session.terms.reserved_for}
    return Known(
        trainers=await trainers_of(read, trainers),
        rooms=await rooms_of(read, rooms),
        members={one: known.name for one, known in (await members_behind(read, members)).items()} if members else {},
    )


def listed(read: Read, session: Session, known: Known) -> Listed:
    """Return what a session is found by, under the rule of today. Raises RuleMissing."""
    return domain.listed(session, known.rooms, decision_rule(read.today))


async def clashes(read: Read, session: Session, known: Known) -> tuple[Defect, ...]:
    """Return what of a session another announced one has at the same time."""
    return domain.clashes(session, await repository.taken(read, session), known)


async def taught_now(read: Read, code: str) -> tuple[Pinned, SheetOut]:
    """Return the present version of a programme that a session can be of. Raises SheetNotFound, ProgrammeNotTaught.

    Raises VersionNotFound, which no programme of the catalogue has a reason to.
    """
    sheet = await catalogue.find_sheet(read, code)
    if sheet.kind is not ProgrammeKind.PROGRAMME:
        raise ProgrammeNotTaught(
            f"{code} est un {sheet.kind.label} : préparez une session de chacune de ses formations."
        )
    content = sheet.content
    pinned = Pinned(
        code=code,
        number=sheet.number,
        title=sheet.title,
        theme=content.theme or "",
        hours=content.hours,
        access_days=content.access_days,
    )
    return pinned, sheet
