"""Deadlines of one structure that other services tell: nobody else reads them."""

from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from common.moments import whole_days
from membership.agenda.domain.entries import AgendaStatus, Audience, Source, Told
from membership.members.domain import NOT_DUE
from membership.territory.domain import NETWORK_ZONE


class DuesCalled(Protocol):
    """What is known of a call for dues, just heard or kept."""

    @property
    def id(self) -> UUID: ...  # noqa: D102
    @property
    def member_id(self) -> UUID: ...  # noqa: D102
    @property
    def number(self) -> str: ...  # noqa: D102
    @property
    def year(self) -> int: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def due_on(self) -> date: ...  # noqa: D102


_OVER = {"paid": "Appel réglé.", **dict.fromkeys(NOT_DUE, "Appel annulé.")}


def dues_deadline(call: DuesCalled) -> Told:
    """Return the last day to pay a call for dues; taken back with it, or once it is paid, until a payment is.

    Not how much: a calendar is often shared.
    """
    over = _OVER.get(call.status)
    return Told(
        id=call.id,
        source=Source.DUES,
        kind="dues_deadline",
        title=f"Dernier jour pour régler la cotisation {call.year}",
        when=whole_days(call.due_on, call.due_on, NETWORK_ZONE),
        audience=Audience.STRUCTURE,
        description=f"Appel {call.number}. Déjà réglé, il n'y a rien à faire.",
        status=AgendaStatus.CANCELLED if over else AgendaStatus.CONFIRMED,
        cancelled_reason=over,
        participants=(call.member_id,),
    )


def guarantee_end(guarantee_id: UUID, member_id: UUID, ends_on: date, ended_on: date | None) -> Told:
    """Return the last day of a financial guarantee: as agreed, or the day before it ended sooner."""
    last = min(ends_on, ended_on - timedelta(days=1)) if ended_on else ends_on
    return Told(
        id=guarantee_id,
        source=Source.FG2I,
        kind="guarantee_end",
        title="Dernier jour de la garantie financière",
        when=whole_days(last, last, NETWORK_ZONE),
        audience=Audience.STRUCTURE,
        participants=(member_id,),
    )
