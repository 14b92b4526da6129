"""Whom an assembly names: who came for a structure, and who stands for it; what is kept of them, and why."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from common.errors import Blocker
from membership.assemblies.domain.assembly import AssemblyStatus
from membership.assemblies.domain.results import Result
from membership.contacts.domain import Keeping, Trace

STAYS = Keeping(
    "assembly_attending",
    "contact_id",
    "Présences en assemblée",
    "Gardées sans son nom ; le procès-verbal d'une assemblée close le garde : c'est une preuve.",
)
CANDIDACIES = Keeping(
    "assembly_candidacy",
    "contact_id",
    "Candidatures au conseil",
    "Gardées sans son nom ; le procès-verbal d'une assemblée close le garde : c'est une preuve.",
)
_OVER = (AssemblyStatus.CLOSED, AssemblyStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Held:
    """The assembly that names somebody."""

    title: str
    held_on: date
    status: AssemblyStatus


def stay_of(
    held: Held, stay_id: UUID, contact_id: UUID, member_id: UUID, arrived_at: datetime, left_at: datetime | None
) -> Trace:
    """Return what a stay says of who came; their name is in the minutes once the assembly is closed, not before."""
    first = Blocker("contact_attends", f"Présence à « {held.title} » : attendez d'abord la clôture de l'assemblée.")
    return Trace(
        keeping=STAYS,
        id=stay_id,
        contact_id=contact_id,
        member_id=member_id,
        day=held.held_on,
        value={
            "assembly": held.title,
            "arrived_at": arrived_at.isoformat(),
            "left_at": left_at.isoformat() if left_at else None,
        },
        engages=None if held.status in _OVER else first,
    )


def candidacy_of(
    held: Held,
    candidacy_id: UUID,
    contact_id: UUID,
    member_id: UUID,
    received_at: datetime,
    withdrawn_at: datetime | None,
    result: Result | None,
) -> Trace:
    """Return what a candidacy says of who stands, and what they got; elected, they take their seat at the closing.

    One that was taken back engages nobody any more.
    """
    first = Blocker(
        "contact_stands",
        f"Candidature au conseil, « {held.title} » : retirez-la d'abord, ou attendez la clôture de l'assemblée.",
    )
    votes = {one.member_id: one.votes for one in result.candidates} if result else {}
    elected = {one.member_id for one in result.poll.elected} if result and result.poll else set()
    return Trace(
        keeping=CANDIDACIES,
        id=candidacy_id,
        contact_id=contact_id,
        member_id=member_id,
        day=held.held_on,
        value={
            "assembly": held.title,
            "received_at": received_at.isoformat(),
            "withdrawn_at": withdrawn_at.isoformat() if withdrawn_at else None,
            "votes": votes.get(member_id),
            "elected": member_id in elected if result else None,
        },
        engages=None if held.status in _OVER or withdrawn_at else first,
    )
