"""What the board does: meet, vote, and close a sitting, which gives each decision its legal date."""

from collections.abc import Sequence
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.transaction import Tx
from membership.applications import use_cases as applications
from membership.applications.domain import ApplicationStatus, require_votable
from membership.applications.queries import outstanding
from membership.members import use_cases as members
from membership.members.domain import Admission, require_complete
from membership.sittings import domain, repository
from membership.sittings.domain import (
    AgendaItem,
    Attendance,
    Attendee,
    Decision,
    Outcome,
    Sitting,
    close,
    correct,
    record,
    require_reserved,
    require_usable,
    retract,
    rule_on,
)
from membership.sittings.queries import quorum_rules, sitting_out, written_minutes
from membership.sittings.schemas import AgendaIn, AttendanceIn, DecisionIn, SittingAmend, SittingIn

PRINT_MINUTES = "sittings.print_minutes"
_DECIDED = {Outcome.ADMITTED: ApplicationStatus.ADMITTED, Outcome.REFUSED: ApplicationStatus.REFUSED}


async def open_sitting(tx: Tx, sitting: SittingIn) -> Sitting:
    """Open a sitting with its date, attendance and minutes reference.

    Raises MinutesReferenceTaken, AttendanceInconsistent.
    """
    opened = Sitting(
        id=new_id(),
        held_on=sitting.held_on,
        attendance=Attendance(sitting.in_office, sitting.present, sitting.represented),
        minutes_reference=sitting.minutes_reference,
    )
    require_usable(opened.attendance, rule_on(quorum_rules(), opened.held_on))
    await repository.add(tx, opened)
    return opened


async def amend_sitting(tx: Tx, sitting_id: UUID, if_match: str | None, amendment: SittingAmend) -> Sitting:
    """Correct an open sitting.

    Raises SittingNotFound, SittingClosed, AttendanceInconsistent, VotesInconsistent, EffectiveBeforeSitting,
    MinutesReferenceTaken.
    """
    sitting = await _load(tx, sitting_id, if_match)
    fields = amendment.fields()
    rule = rule_on(quorum_rules(), fields.get("held_on", sitting.held_on))
    corrected = correct(sitting, rule, **fields)
    if corrected.minutes_reference != sitting.minutes_reference:
        await repository.require_reference_free(tx, corrected.minutes_reference)
    await repository.save(tx, corrected)
    return corrected


async def retract_decision(tx: Tx, sitting_id: UUID, if_match: str | None, application_id: UUID) -> Sitting:
    """Take back a vote recorded by mistake. Raises SittingNotFound, SittingClosed, DecisionNotFound."""
    sitting = await _load(tx, sitting_id, if_match)
    left = retract(sitting, application_id)
    await repository.save(tx, left)
    return left


async def attend(tx: Tx, sitting_id: UUID, if_match: str | None, attendance: AttendanceIn) -> Sitting:
    """Write down who took part, by name.

    Raises SittingNotFound, SittingClosed, AttendanceInconsistent, VotesInconsistent.
    """
    sitting = await _load(tx, sitting_id, if_match)
    attendees = [Attendee(**attendee.model_dump()) for attendee in attendance.attendees]
    attended = domain.attend(sitting, attendees, rule_on(quorum_rules(), sitting.held_on))
    await repository.save(tx, attended)
    return attended


async def set_agenda(tx: Tx, sitting_id: UUID, if_match: str | None, agenda: AgendaIn) -> Sitting:
    """Write the agenda, in its order.

    Raises SittingNotFound, SittingClosed, AgendaInconsistent, ApplicationNotFound, ApplicationDecided, ReceivedLater.
    """
    sitting = await _load(tx, sitting_id, if_match)
    items = [AgendaItem(**item.model_dump()) for item in agenda.items]
    ids = list(dict.fromkeys(item.application_id for item in items if item.application_id is not None))
    for application in (await applications.hold(tx, ids)).values():
        require_votable(application, sitting.held_on)
    planned = domain.set_agenda(sitting, items)
    await repository.save(tx, planned)
    return planned


async def record_decisions(tx: Tx, sitting_id: UUID, if_match: str | None, decisions: Sequence[DecisionIn]) -> Sitting:
    """Write down the board's votes. An application needs a complete file to be admitted.

    Raises SittingNotFound, SittingClosed, ApplicationNotFound, ApplicationDecided, ReceivedLater, FileIncomplete,
    DocumentsOutstanding, VotesInconsistent, EffectiveBeforeSitting.
    """
    sitting = await _load(tx, sitting_id, if_match)
    found = await applications.hold(tx, [decision.application_id for decision in decisions])
    structures = await members.hold(tx, [application.member_id for application in found.values()])
    files = [(application, structures[application.member_id]) for application in found.values()]
    expected = await outstanding(tx, files)
    votes = [_decision(sitting, decision) for decision in decisions]
    for vote in votes:
        application = found[vote.application_id]
        require_votable(application, sitting.held_on)
        if vote.outcome is Outcome.ADMITTED:
            require_complete(structures[application.member_id])
        require_reserved(vote, expected[vote.application_id])
    recorded = record(sitting, votes)
    await repository.save(tx, recorded)
    return recorded


async def close_sitting(tx: Tx, sitting_id: UUID, if_match: str | None) -> Sitting:
    """Close a sitting: every decision is final, and each admitted structure joins on the day its decision gave.

    What the minutes say is kept as it is then, and printed. Raises SittingNotFound, SittingClosed, SittingInFuture,
    QuorumNotReached, NothingDecided, AgendaUndecided, NotOnAgenda, ApplicationDecided, AlreadyMember, FileIncomplete,
    DocumentsOutstanding, SirenTaken.
    """
    sitting = await _load(tx, sitting_id, if_match)
    closed = close(sitting, rule_on(quorum_rules(), sitting.held_on), tx.today)
    decided = [decision for decision in closed.decisions.values() if decision.outcome in _DECIDED]
    found = await applications.hold(tx, [decision.application_id for decision in decided])
    structures = await members.hold(tx, [application.member_id for application in found.values()])
    expected = await outstanding(tx, [(one, structures[one.member_id]) for one in found.values()])
    for decision in decided:
        require_reserved(decision, expected[decision.application_id])  # a document may have changed since the vote
        application = found[decision.application_id]
        status = _DECIDED[decision.outcome]
        await applications.settle(
            tx,
            application,
            status,
            sitting_id=closed.id,
            decided_on=closed.held_on,
            reservations=decision.reservations,
        )
        if decision.outcome is Outcome.ADMITTED:
            admission = Admission(decision.effective_on, closed.id, closed.minutes_reference)
            await members.admit_member(tx, structures[application.member_id], admission)
    await repository.save(tx, closed)
    await repository.keep_minutes(tx, closed.id, await written_minutes(tx, closed))
    await enqueue(tx, PRINT_MINUTES, subject_id=closed.id)
    return closed


async def _load(tx: Tx, sitting_id: UUID, if_match: str | None) -> Sitting:
    sitting = await repository.get(tx, sitting_id, for_update=True)
    check_version(if_match, sitting.version, sitting_out(sitting, tx.today).model_dump(mode="json"))
    return sitting


def _decision(sitting: Sitting, decision: DecisionIn) -> Decision:
    return Decision(
        application_id=decision.application_id,
        outcome=decision.outcome,
        votes_for=decision.votes_for,
        votes_against=decision.votes_against,
        abstentions=decision.abstentions,
        effective_on=decision.effective_on or sitting.held_on,
        reservations=tuple(decision.reservations),
    )
