"""What the board does: meet, vote, and close a sitting, which gives each decision its legal date."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.transaction import Tx
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import Audience, Source, Told, whole_days
from membership.applications.domain import Application
from membership.applications.queries import open_since, outstanding
from membership.matters import use_cases as matters
from membership.matters.domain import Matter, Outcome, require_outcome, require_votable
from membership.matters.use_cases import Ruling
from membership.sittings import domain, repository
from membership.sittings.domain import (
    AgendaItem,
    Attendance,
    Attendee,
    Decision,
    LeftAside,
    Sitting,
    Takeover,
    close,
    correct,
    is_dated_otherwise,
    lacking,
    record,
    require_day_of_list,
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

    Raises MinutesReferenceTaken, AttendanceInconsistent.
    """
    opened = Sitting(
        id=new_id(),
        held_on=sitting.held_on,
        attendance=Attendance(sitting.in_office, sitting.present, sitting.represented),
        minutes_reference=sitting.minutes_reference,
        takes_over=sitting.takes_over,
    )
    require_usable(opened.attendance, rule_on(quorum_rules(), opened.held_on))
    await repository.add(tx, opened)
    await agenda.tell(tx, [_shown(opened)])
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
    await agenda.tell(tx, [_shown(corrected)])
    return corrected


async def retract_decision(tx: Tx, sitting_id: UUID, if_match: str | None, matter_id: UUID) -> Sitting:
    """Take back a vote recorded by mistake. Raises SittingNotFound, SittingClosed, DecisionNotFound."""
    sitting = await _load(tx, sitting_id, if_match)
    left = retract(sitting, matter_id)
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

    Raises SittingNotFound, SittingClosed, AgendaInconsistent, MatterNotFound, ApplicationDecided, ReceivedLater,
    MeasureClosed, OpenedLater.
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

    Raises SittingNotFound, SittingClosed, MatterNotFound, VotesInconsistent, EffectiveBeforeSitting,
    ListSaysOtherwise, and what ``require_votable`` and ``require_outcome`` raise.
    """
    sitting = await _load(tx, sitting_id, if_match)
    found = await matters.hold(tx, [decision.matter_id for decision in decisions])
    votes = [_decision(sitting, found[decision.matter_id], decision) for decision in decisions]
    for vote in votes:
        require_votable(found[vote.matter_id], sitting.held_on)
        require_outcome(found[vote.matter_id], sitting.held_on, vote.outcome, vote.reservations)
        require_day_of_list(sitting, vote, found[vote.matter_id])
    recorded = record(sitting, votes)
    await repository.save(tx, recorded)
    return recorded


async def take_over(tx: Tx, sitting_id: UUID, if_match: str | None, votes: TakeoverIn) -> Takeover:
    """Write one vote down on every waiting application that says since when its structure is a member.

    A file that is not complete is left aside. A vote that this sitting gave already stands, unless the list was
    corrected since: it is given again, from the day that the list gives now.

    Raises SittingNotFound, SittingClosed, NotATakeover, NothingToTakeOver, ApplicationDecided, VotesInconsistent,
    EffectiveBeforeSitting, PreconditionMissing, PreconditionFailed.
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

    What the minutes say is kept as it is then, and printed. Raises SittingNotFound, SittingClosed, SittingInFuture,
    QuorumNotReached, NothingDecided, MatterWithdrawn, AgendaUndecided, NotOnAgenda, ListSaysOtherwise, and what
    ``require_outcome`` and ``matters.settle`` raise.
    """
    sitting = await _load(tx, sitting_id, if_match)
    withdrawn = await withdrawn_from(tx, [sitting])
    closed = close(sitting, rule_on(quorum_rules(), sitting.held_on), tx.today, withdrawn)
    found = await matters.hold(tx, list(closed.decisions))
    for decision in closed.decisions.values():
        matter = found[decision.matter_id]
        if decision.outcome is not Outcome.ADJOURNED:
            # Once more: a document may have been refused since the vote, or the sitting dated otherwise.
            require_votable(matter, closed.held_on)
            require_outcome(matter, closed.held_on, decision.outcome, decision.reservations)
            require_day_of_list(closed, decision, matter)
        await matters.settle(tx, matter, _ruling(closed, decision))
    await repository.save(tx, closed)
    await repository.keep_minutes(tx, closed.id, await written_minutes(tx, closed))
    await enqueue(tx, PRINT_MINUTES, subject_id=closed.id)
    return closed


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
    )


async def _load(tx: Tx, sitting_id: UUID, if_match: str | None) -> Sitting:
    sitting = await repository.get(tx, sitting_id, for_update=True)
    await check_version(if_match, sitting.version, partial(find_sitting, tx, sitting_id))
    return sitting


def _decision(sitting: Sitting, matter: Matter, decision: DecisionIn) -> Decision:
    return Decision(
        matter_id=decision.matter_id,
        kind=matter.kind,
        outcome=decision.outcome,
        votes_for=decision.votes_for,
        votes_against=decision.votes_against,
        abstentions=decision.abstentions,
        effective_on=decision.effective_on or _usual_day(sitting, matter, decision.outcome),
        reservations=tuple(decision.reservations),
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
