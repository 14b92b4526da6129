"""What the board does: meet, vote, and close a sitting, which gives each decision its legal date."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.moments import whole_days
from common.transaction import Tx
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import AgendaStatus, Audience, Source, Told
from membership.applications.domain import Application, Reservation
from membership.applications.queries import open_since, outstanding
from membership.board import queries as board
from membership.contacts.use_cases import hold_people
from membership.matters import use_cases as matters
from membership.matters.domain import Matter, Outcome, require_outcome, require_votable
from membership.matters.use_cases import Ruling
from membership.sittings import domain, repository
from membership.sittings.domain import (
    AgendaItem,
    Attendance,
    Attendee,
    Decision,
    Holder,
    LeftAside,
    Seats,
    Sitting,
    SittingStatus,
    Takeover,
    close,
    correct,
    is_dated_otherwise,
    lacking,
    named,
    number_in_office,
    record,
    require_day_of_list,
    require_explained,
    require_some,
    require_takeover,
    require_usable,
    retract,
)
from membership.sittings.queries import find_sitting, quorum_rules, withdrawn_from, written_minutes
from membership.sittings.schemas import AgendaIn, AttendanceIn, DecisionIn, SittingAmend, SittingIn, TakeoverIn
from membership.territory.domain import NETWORK_ZONE

PRINT_MINUTES = "sittings.print_minutes"


async def open_sitting(tx: Tx, sitting: SittingIn) -> Sitting:
    """Open a sitting with its date, attendance and minutes reference.

    Raises MinutesReferenceTaken, AttendanceInconsistent, InOfficeMissing, InOfficeBelowBoard, InOfficeUnexplained.
    """
    known = len(await _seats(tx, sitting.held_on))
    in_office = number_in_office(sitting.in_office, known)
    require_explained(in_office, sitting.in_office_reason, known)
    opened = Sitting(
        id=new_id(),
        held_on=sitting.held_on,
        attendance=Attendance(in_office, sitting.present, sitting.represented),
        minutes_reference=sitting.minutes_reference,
        takes_over=sitting.takes_over,
        in_office_reason=sitting.in_office_reason,
    )
    require_usable(opened.attendance, rule_on(quorum_rules(), opened.held_on))
    await repository.add(tx, opened)
    await agenda.tell(tx, [_shown(opened)])
    return opened


async def amend_sitting(tx: Tx, sitting_id: UUID, if_match: str | None, amendment: SittingAmend) -> Sitting:
    """Correct an open sitting. Moved to a day of another board, it is held to that board when it closes.

    Raises SittingNotFound, SittingClosed, SittingCancelled, AttendanceInconsistent, VotesInconsistent,
    EffectiveBeforeSitting, MinutesReferenceTaken, InOfficeBelowBoard, InOfficeUnexplained.
    """
    sitting = await _load(tx, sitting_id, if_match)
    fields = amendment.fields()
    rule = rule_on(quorum_rules(), fields.get("held_on", sitting.held_on))
    corrected = correct(sitting, rule, **fields)
    if amendment.in_office is not None:
        seats = await _seats(tx, corrected.held_on)
        require_explained(amendment.in_office, corrected.in_office_reason, len(seats))
    if corrected.minutes_reference != sitting.minutes_reference:
        await repository.require_reference_free(tx, corrected.minutes_reference)
    await repository.save(tx, corrected)
    await agenda.tell(tx, [_shown(corrected)])
    return corrected


async def retract_decision(tx: Tx, sitting_id: UUID, if_match: str | None, matter_id: UUID) -> Sitting:
    """Take back a vote recorded by mistake.

    Raises SittingNotFound, SittingClosed, SittingCancelled, DecisionNotFound.
    """
    sitting = await _load(tx, sitting_id, if_match)
    left = retract(sitting, matter_id)
    await repository.save(tx, left)
    return left


async def attend(tx: Tx, sitting_id: UUID, if_match: str | None, attendance: AttendanceIn) -> Sitting:
    """Write down who took part, by mandate or by name.

    Raises SittingNotFound, SittingClosed, SittingCancelled, AttendanceInconsistent, VotesInconsistent.
    """
    sitting = await _load(tx, sitting_id, if_match)
    listed = {one.mandate_id for one in attendance.attendees}
    held = await board.in_office(tx, sitting.held_on)
    await hold_people(tx, [one.contact_id for one in held if one.id in listed])
    held = await board.in_office(tx, sitting.held_on)  # somebody may have been forgotten meanwhile
    holders = {one.id: Holder(one.member_name, one.person) for one in held}
    given = [Attendee(**{**one.model_dump(), "name": one.name or ""}) for one in attendance.attendees]
    attendees = named(given, holders, sitting.held_on)
    attended = domain.attend(sitting, attendees, rule_on(quorum_rules(), sitting.held_on))
    await repository.save(tx, attended)
    return attended


async def set_agenda(tx: Tx, sitting_id: UUID, if_match: str | None, agenda: AgendaIn) -> Sitting:
    """Write the agenda, in its order.

    Raises SittingNotFound, SittingClosed, SittingCancelled, AgendaInconsistent, MatterNotFound, ApplicationDecided,
    ReceivedLater, MeasureClosed, OpenedLater.
    """
    sitting = await _load(tx, sitting_id, if_match)
    items = [AgendaItem(**item.model_dump()) for item in agenda.items]
    ids = list(dict.fromkeys(item.matter_id for item in items if item.matter_id is not None))
    for matter in (await matters.hold(tx, ids)).values():
        require_votable(matter, sitting.held_on)
    planned = domain.set_agenda(sitting, items)
    await repository.save(tx, planned)
    return planned


async def record_decisions(tx: Tx, sitting_id: UUID, if_match: str | None, decisions: Sequence[DecisionIn]) -> Sitting:
    """Write down the board's votes.

    Raises SittingNotFound, SittingClosed, SittingCancelled, MatterNotFound, VotesInconsistent, EffectiveBeforeSitting,
    ListSaysOtherwise, and what ``require_votable`` and ``require_outcome`` raise.
    """
    sitting = await _load(tx, sitting_id, if_match)
    found = await matters.hold(tx, [decision.matter_id for decision in decisions])
    votes = [_decision(sitting, found[decision.matter_id], decision) for decision in decisions]
    for vote in votes:
        _require_decidable(sitting, vote, found[vote.matter_id])
    recorded = record(sitting, votes)
    await repository.save(tx, recorded)
    return recorded


async def take_over(tx: Tx, sitting_id: UUID, if_match: str | None, votes: TakeoverIn) -> Takeover:
    """Write one vote down on every waiting application that says since when its structure is a member.

    A file that is not complete is left aside. A vote that this sitting gave already stands, unless the list was
    corrected since: it is given again, from the day that the list gives now.

    Raises SittingNotFound, SittingClosed, SittingCancelled, NotATakeover, NothingToTakeOver, ApplicationDecided,
    VotesInconsistent, EffectiveBeforeSitting, PreconditionMissing, PreconditionFailed.
    """
    sitting = await _load(tx, sitting_id, if_match)
    require_takeover(sitting)
    dated = [(file, one) for file, one in await open_since(tx) if file.received_on <= sitting.held_on]
    given = sitting.decisions
    found = [(file, one) for file, one in dated if file.id not in given or is_dated_otherwise(given[file.id], file)]
    expected = await outstanding(tx, found)
    left_aside = tuple(
        LeftAside(file, one, blockers) for file, one in found if (blockers := lacking(one, expected[file.id]))
    )
    aside = {one.application.id for one in left_aside}
    ready = [file.id for file, _ in found if file.id not in aside]
    require_some(ready, left_aside)
    votes_on = [DecisionIn(matter_id=one, outcome=Outcome.ADMITTED, **votes.model_dump()) for one in ready]
    return Takeover(await record_decisions(tx, sitting_id, if_match, votes_on), len(ready), left_aside)


async def close_sitting(tx: Tx, sitting_id: UUID, if_match: str | None) -> Sitting:
    """Close a sitting: every decision is final, and takes effect on the day it gave.

    What the minutes say is kept as it is then, and printed. Raises SittingNotFound, ListSaysOtherwise, and what
    ``close``, ``require_outcome`` and ``matters.settle`` raise.
    """
    sitting = await _load(tx, sitting_id, if_match)
    seats, withdrawn = await _seats(tx, sitting.held_on), await withdrawn_from(tx, [sitting])
    closed = close(sitting, rule_on(quorum_rules(), sitting.held_on), seats, tx.today, withdrawn)
    found = await matters.hold(tx, list(closed.decisions))
    for decision in closed.decisions.values():
        if decision.outcome is Outcome.ADJOURNED:
            continue  # its matter stays as it is
        # Once more: a document may have been refused since the vote, or the sitting dated otherwise.
        _require_decidable(closed, decision, found[decision.matter_id])
        await matters.settle(tx, found[decision.matter_id], _ruling(closed, decision))
    await repository.save(tx, closed)
    await repository.keep_minutes(tx, closed.id, await written_minutes(tx, closed, seats))
    await enqueue(tx, PRINT_MINUTES, subject_id=closed.id)
    return closed


async def cancel_sitting(tx: Tx, sitting_id: UUID, if_match: str | None, reason: str) -> Sitting:
    """Give up an open sitting; what it was to decide may go to another, and so may its minutes reference.

    Raises SittingNotFound, SittingClosed, SittingCancelled, PreconditionMissing, PreconditionFailed.
    """
    cancelled = domain.cancel(await _load(tx, sitting_id, if_match), reason, tx.today)
    await repository.save(tx, cancelled)
    await agenda.tell(tx, [_shown(cancelled)])
    return cancelled


async def tell_again(tx: Tx) -> None:
    """Tell the agenda again what it shows: by night, what was done while it did not listen yet."""
    for sitting_id in await repository.ids_since(tx, dates.shown_since(tx)):
        await agenda.tell(tx, [_shown(await repository.get(tx, sitting_id, for_update=True))])


def _shown(sitting: Sitting) -> Told:
    """Return what the agenda shows of a sitting: its day, to who reads sittings."""
    return Told(
        id=sitting.id,
        source=Source.SITTINGS,
        kind="sitting",
        title="Conseil d'administration",
        when=whole_days(sitting.held_on, sitting.held_on, NETWORK_ZONE),
        audience=Audience.BOARD,
        status=AgendaStatus.CANCELLED if sitting.status is SittingStatus.CANCELLED else AgendaStatus.CONFIRMED,
        cancelled_reason=sitting.cancellation.reason if sitting.cancellation else None,
    )


async def _seats(tx: Tx, day: date) -> Seats:
    return (await board.seats_on(tx, [day]))[day]


async def _load(tx: Tx, sitting_id: UUID, if_match: str | None) -> Sitting:
    sitting = await repository.get(tx, sitting_id, for_update=True)
    await check_version(if_match, sitting.version, partial(find_sitting, tx, sitting_id))
    return sitting


def _require_decidable(sitting: Sitting, vote: Decision, matter: Matter) -> None:
    require_votable(matter, sitting.held_on)
    require_outcome(matter, sitting.held_on, vote.outcome, vote.reservations)
    require_day_of_list(sitting, vote, matter)


def _decision(sitting: Sitting, matter: Matter, decision: DecisionIn) -> Decision:
    return Decision(
        matter_id=decision.matter_id,
        kind=matter.kind,
        outcome=decision.outcome,
        votes_for=decision.votes_for,
        votes_against=decision.votes_against,
        abstentions=decision.abstentions,
        effective_on=decision.effective_on or _usual_day(sitting, matter, decision.outcome),
        reservations=tuple(
            Reservation(one) if isinstance(one, str) else Reservation(one.text, one.due_on)
            for one in decision.reservations
        ),
    )


def _usual_day(sitting: Sitting, matter: Matter, outcome: Outcome) -> date:
    """Return from when on a decision holds that gives no day."""
    if sitting.takes_over and outcome is Outcome.ADMITTED and isinstance(matter.about, Application):
        return matter.about.member_since or sitting.held_on
    return sitting.held_on


def _ruling(sitting: Sitting, decision: Decision) -> Ruling:
    return Ruling(
        outcome=decision.outcome,
        sitting_id=sitting.id,
        minutes_reference=sitting.minutes_reference,
        decided_on=sitting.held_on,
        effective_on=decision.effective_on,
        reservations=decision.reservations,
        takes_over=sitting.takes_over,
    )
