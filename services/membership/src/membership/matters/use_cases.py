"""What a sitting does with matters: hold them while it decides, and carry its decisions out.

Always in this order: applications, measures, structures. Two sittings that close together do not wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.transaction import Tx
from membership.applications import use_cases as applications
from membership.applications.domain import Application, ApplicationStatus, Reservation
from membership.applications.queries import outstanding
from membership.matters.domain import Matter, MatterNotFound, Outcome
from membership.measures import use_cases as measures
from membership.measures.domain import Measure, MeasureStatus
from membership.members import use_cases as members
from membership.members.domain import Admission

_APPLICATION = {Outcome.ADMITTED: ApplicationStatus.ADMITTED, Outcome.REFUSED: ApplicationStatus.REFUSED}
_MEASURE = {Outcome.PRONOUNCED: MeasureStatus.PRONOUNCED, Outcome.REFUSED: MeasureStatus.REFUSED}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a sitting decided of a matter, on which day, in which minutes, and from when on it holds.

    ``takes_over`` is so of a structure that was a member before the register was kept here.
    """

    outcome: Outcome
    sitting_id: UUID
    minutes_reference: str
    decided_on: date
    effective_on: date
    reservations: tuple[Reservation, ...] = ()
    takes_over: bool = False


async def hold(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Matter]:
    """Load matters and their structures, and hold them until the end of the transaction.

    Raises MatterNotFound, MemberNotFound, MemberMerged.
    """
    files = await applications.hold(tx, ids)
    about: dict[UUID, Application | Measure] = {**files, **await measures.hold(tx, ids)}
    for wanted in ids:
        if wanted not in about:
            raise MatterNotFound(f"Aucune candidature ni procédure n'a l'identifiant {wanted}.")
    structures = await members.hold(tx, [one.member_id for one in about.values()])
    expected = await outstanding(tx, [(file, structures[file.member_id]) for file in files.values()])
    return {one.id: Matter(one, structures[one.member_id], tuple(expected.get(one.id, ()))) for one in about.values()}


async def settle(tx: Tx, matter: Matter, ruling: Ruling) -> None:
    """Carry a decision out on a held matter: one that is adjourned has none.

    Raises ApplicationDecided, ReceivedLater, AlreadyMember, FileIncomplete, MeasureClosed, NotAMember, NotSuspended,
    StatusContradicted, NotInRegisterThen, SirenTaken.
    """
    if isinstance(matter.about, Application):
        await applications.settle(
            tx,
            matter.about,
            _APPLICATION[ruling.outcome],
            sitting_id=ruling.sitting_id,
            decided_on=ruling.decided_on,
            reservations=ruling.reservations,
        )
        if ruling.outcome is Outcome.ADMITTED:
            admission = Admission(ruling.effective_on, ruling.sitting_id, ruling.minutes_reference)
            if ruling.takes_over:
                await members.take_over(tx, matter.structure, admission, ruling.decided_on.year)
            else:
                await members.admit_member(tx, matter.structure, admission)
        return
    await measures.settle(
        tx,
        matter.about,
        matter.structure,
        _MEASURE[ruling.outcome],
        sitting_id=ruling.sitting_id,
        minutes_reference=ruling.minutes_reference,
        decided_on=ruling.decided_on,
        effective_on=ruling.effective_on,
    )
