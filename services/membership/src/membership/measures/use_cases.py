"""What people do with a measure: open it, tell the structure, take its answer, give it up, carry the decision out.

A measure that exists is held before its structure: as a sitting that closes does.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant, Scope
from common.transaction import Tx
from membership.measures import domain, queries, repository
from membership.measures.domain import (
    Answer,
    AnswerForm,
    Measure,
    MeasureKind,
    MeasureStatus,
    Notification,
    RecordedByOthers,
    carried_out,
    is_threatening,
    require_impartial,
    require_opened,
)
from membership.measures.schemas import AnswerIn, MeasureIn, NotificationIn
from membership.members import use_cases as members
from membership.members.domain import Departure, DepartureCause, Member, on_day, require_member
from membership.members.queries import entries_of
from membership.members.use_cases import Why


async def open_measure(tx: Tx, grant: Grant, member_id: UUID, measure: MeasureIn) -> UUID:
    """Ask the board to decide something of a member; return the measure's id.

    Opened before it is entered, it was about a member then too: what the board decided since is then entered in its
    order. Raises MemberNotFound, OwnMeasure, DaysInconsistent, NotAMember, NotSuspended, NotInRegisterThen,
    MeasureAlreadyOpen, RuleMissing.
    """
    require_impartial(member_id, tx.actor.member_id)
    structure = await members.hold_within(tx, grant, member_id)
    opened_on = measure.opened_on or tx.today
    require_opened(opened_on, tx.today)
    require_member(structure)
    carried_out(structure, measure.kind, tx.today)  # what could not be carried out today is not asked for
    if opened_on < tx.today:
        known = await entries_of(tx, [structure.id])
        carried_out(on_day(structure, known[structure.id], opened_on), measure.kind, opened_on)
    rule = rule_on(queries.hearing_rules(), opened_on)
    opened = Measure(
        id=new_id(),
        member_id=structure.id,
        kind=measure.kind,
        grounds=measure.grounds,
        opened_on=opened_on,
        entered_on=tx.today,
        hearing_days=rule.days if is_threatening(measure.kind) else 0,
    )
    await repository.add(tx, opened)
    return opened.id


async def notify(tx: Tx, grant: Grant, measure_id: UUID, if_match: str | None, told: NotificationIn) -> None:
    """Record that the structure was told.

    Raises MeasureNotFound, OwnMeasure, MeasureClosed, NotificationNotNeeded, DaysInconsistent, PreconditionMissing,
    PreconditionFailed.
    """
    measure = await _run(tx, grant, measure_id, if_match)
    letter = Notification(told.received_on, told.means, told.proof, recorded_at=tx.now, recorded_by=tx.actor.subject)
    await repository.save(tx, domain.notify(measure, letter, tx.today))


async def answer(tx: Tx, grant: Grant, measure_id: UUID, if_match: str | None, given: AnswerIn) -> None:
    """Record what the structure says for itself: it writes it here, or the federation records its letter or hearing.

    Raises MeasureNotFound, RecordedByOthers, MeasureClosed, NotNotified, DaysInconsistent, PreconditionMissing,
    PreconditionFailed.
    """
    measure = await _held(tx, grant, measure_id, if_match)
    given_on = given.given_on or tx.today
    if grant.scope is Scope.OWN and (given.form is AnswerForm.HEARD or given_on != tx.today):
        raise RecordedByOthers("Une audition, ou une réponse d'un autre jour, est consignée par la fédération.")
    said = Answer(given_on, given.form, given.text, recorded_at=tx.now, recorded_by=tx.actor.subject)
    await repository.save(tx, domain.answer(measure, said, tx.today))


async def abandon(tx: Tx, grant: Grant, measure_id: UUID, if_match: str | None) -> None:
    """Give a measure up before the board decides.

    Raises MeasureNotFound, OwnMeasure, MeasureClosed, PreconditionMissing, PreconditionFailed.
    """
    measure = await _run(tx, grant, measure_id, if_match)
    await repository.save(tx, domain.abandon(measure))


async def abandon_open(tx: Tx, member_id: UUID) -> None:
    """Give up whatever is still to be decided about a structure that is not a member any more."""
    measure = await repository.open_of(tx, member_id)
    if measure is not None:
        await repository.save(tx, domain.abandon(measure))


async def hold(tx: Tx, measure_ids: Sequence[UUID]) -> dict[UUID, Measure]:
    """Load those of these that are measures, and hold them until the end of the transaction."""
    return await repository.get_many_for_update(tx, measure_ids)


async def settle(
    tx: Tx,
    measure: Measure,
    structure: Member,
    status: MeasureStatus,
    *,
    sitting_id: UUID,
    minutes_reference: str,
    decided_on: date,
    effective_on: date,
) -> None:
    """Record the board's decision on a held measure and, pronounced, carry it out on the held structure.

    Raises MeasureClosed, NotAMember, NotSuspended, StatusContradicted, NotInRegisterThen, SirenTaken.
    """
    settled = domain.settle(measure, status, sitting_id=sitting_id, decided_on=decided_on, effective_on=effective_on)
    await repository.save(tx, settled)
    if status is not MeasureStatus.PRONOUNCED:
        return
    why = Why(reason=f"séance {minutes_reference}", source=f"sitting:{sitting_id}")
    if measure.kind is MeasureKind.EXCLUSION:
        await members.depart(tx, structure, Departure(effective_on, DepartureCause.EXCLUDED), why)
    else:
        carry_out = partial(carried_out, kind=measure.kind, effective_on=effective_on)
        await members.apply(tx, structure, carry_out, effective_on, why)


async def _run(tx: Tx, grant: Grant, measure_id: UUID, if_match: str | None) -> Measure:
    measure = await _held(tx, grant, measure_id, if_match)
    require_impartial(measure.member_id, tx.actor.member_id)
    return measure


async def _held(tx: Tx, grant: Grant, measure_id: UUID, if_match: str | None) -> Measure:
    await queries.reached(tx, grant, measure_id)
    [measure] = (await repository.get_many_for_update(tx, [measure_id])).values()
    await check_version(if_match, measure.version, partial(queries.find_measure, tx, grant, measure_id))
    return measure
