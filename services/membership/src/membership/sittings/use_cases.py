"""What the board does: meet, vote, and close a sitting, which gives each decision its legal date."""

from collections.abc import Sequence
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.transaction import Tx
from membership.applications import use_cases as applications
from membership.applications.domain import ApplicationStatus, require_votable
from membership.members import use_cases as members
from membership.members.domain import Admission, require_complete
from membership.sittings import repository
from membership.sittings.domain import Attendance, Decision, Outcome, Sitting, close, record, rule_on
from membership.sittings.queries import quorum_rules, sitting_out
from membership.sittings.schemas import DecisionIn, SittingIn

_DECIDED = {Outcome.ADMITTED: ApplicationStatus.ADMITTED, Outcome.REFUSED: ApplicationStatus.REFUSED}


async def open_sitting(tx: Tx, sitting: SittingIn) -> Sitting:
    """Open a sitting with its date, attendance and minutes reference. Raises MinutesReferenceTaken."""
    opened = Sitting(
        id=new_id(),
        held_on=sitting.held_on,
        attendance=Attendance(sitting.in_office, sitting.present, sitting.represented),
        minutes_reference=sitting.minutes_reference,
    )
    await repository.add(tx, opened)
    return opened


async def record_decisions(tx: Tx, sitting_id: UUID, if_match: str | None, decisions: Sequence[DecisionIn]) -> Sitting:
    """Write down the board's votes. An application needs a complete file to be admitted.

    Raises SittingNotFound, SittingClosed, ApplicationNotFound, ApplicationDecided, ReceivedLater,
    FileIncomplete, VotesInconsistent, EffectiveBeforeSitting.
    """
    sitting = await _load(tx, sitting_id, if_match)
    found = await applications.hold(tx, [decision.application_id for decision in decisions])
    structures = await members.hold(tx, [application.member_id for application in found.values()])
    votes = [_decision(sitting, decision) for decision in decisions]
    for vote in votes:
        application = found[vote.application_id]
        require_votable(application, sitting.held_on)
        if vote.outcome is Outcome.ADMITTED:
            require_complete(structures[application.member_id])
    recorded = record(sitting, votes)
    await repository.save(tx, recorded)
    return recorded


async def close_sitting(tx: Tx, sitting_id: UUID, if_match: str | None) -> Sitting:
    """Close a sitting: every decision is final, and each admitted structure joins on the day its decision gave.

    Raises SittingNotFound, SittingClosed, SittingInFuture, QuorumNotReached, NothingDecided, ApplicationDecided,
    AlreadyMember, FileIncomplete.
    """
    sitting = await _load(tx, sitting_id, if_match)
    closed = close(sitting, rule_on(quorum_rules(), sitting.held_on), tx.today)
    decided = [decision for decision in closed.decisions.values() if decision.outcome in _DECIDED]
    found = await applications.hold(tx, [decision.application_id for decision in decided])
    structures = await members.hold(tx, [application.member_id for application in found.values()])
    for decision in decided:
        application = found[decision.application_id]
        status = _DECIDED[decision.outcome]
        await applications.settle(tx, application, status, sitting_id=closed.id, decided_on=closed.held_on)
        if decision.outcome is Outcome.ADMITTED:
            admission = Admission(decision.effective_on, closed.id, closed.minutes_reference)
            await members.admit_member(tx, structures[application.member_id], admission)
    await repository.save(tx, closed)
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
    )
