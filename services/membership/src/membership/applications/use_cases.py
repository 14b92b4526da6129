"""Receiving applications, one by one or by a file's hundreds."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from common.identifiers import new_id
from common.transaction import Tx
from membership.applications import repository
from membership.applications.domain import Application, ApplicationStatus, decide
from membership.applications.schemas import ApplicationIn
from membership.members.domain import Member
from membership.members.use_cases import Why, candidate, register


async def receive_application(tx: Tx, application: ApplicationIn) -> UUID:
    """Enter a structure in the register as a candidate, with its application; return the application's id.

    Raises SirenTaken, SiretOfAnotherSiren.
    """
    fields = application.model_dump()
    fields["activities"] = tuple(dict.fromkeys(application.activities))
    [received] = await receive_candidates(tx, [candidate(**fields)])
    return received.id


async def receive_candidates(tx: Tx, candidates: Sequence[Member], source: str | None = None) -> list[Application]:
    """Enter structures in the register, each with an open application received today.

    ``source`` says where they come from, e.g. which import.
    """
    entered = await register(tx, candidates, Why(source=source))
    applications = [Application(id=new_id(), member_id=member.id, received_on=tx.today) for member in entered]
    await repository.add(tx, applications)
    return applications


async def hold(tx: Tx, application_ids: Sequence[UUID]) -> dict[UUID, Application]:
    """Load applications and hold them until the end of the transaction. Raises ApplicationNotFound."""
    return await repository.get_many_for_update(tx, application_ids)


async def settle(
    tx: Tx, application: Application, status: ApplicationStatus, *, sitting_id: UUID, decided_on: date
) -> None:
    """Record the board's decision on a held application. Raises ApplicationDecided, ReceivedLater."""
    await repository.save(tx, decide(application, status, sitting_id=sitting_id, decided_on=decided_on))
