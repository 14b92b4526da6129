"""A structure's application to join, from its receipt to the board's decision."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from common.errors import Conflict, NotFound
from common.labels import Labelled


class ApplicationStatus(Labelled):
    """Where an application stands."""

    OPEN = "open", "à instruire"
    ADMITTED = "admitted", "admise"
    REFUSED = "refused", "refusée"


class ApplicationNotFound(NotFound):
    """No such application within reach."""

    code = "application_not_found"


class ApplicationDecided(Conflict):
    """The board has decided: an application is not decided twice."""

    code = "application_decided"


class ReceivedLater(Conflict):
    """A sitting cannot have decided on an application that had not come."""

    code = "application_received_later"


@dataclass(frozen=True, slots=True)
class Application:
    """One structure asks to join. Adjournment leaves it open for a later sitting."""

    id: UUID
    member_id: UUID
    received_on: date
    status: ApplicationStatus = ApplicationStatus.OPEN
    sitting_id: UUID | None = None
    decided_on: date | None = None


def require_votable(application: Application, on: date) -> None:
    """Let a sitting vote only on an application that is open and had come by then.

    Raises ApplicationDecided, ReceivedLater.
    """
    if application.status is not ApplicationStatus.OPEN:
        raise ApplicationDecided(f"Cette candidature est déjà {application.status.label}.")
    if application.received_on > on:
        raise ReceivedLater(f"Cette candidature a été reçue le {application.received_on:%d/%m/%Y}, après la séance.")


def decide(application: Application, status: ApplicationStatus, *, sitting_id: UUID, decided_on: date) -> Application:
    """Record the board's decision. Raises ApplicationDecided, ReceivedLater."""
    require_votable(application, decided_on)
    return replace(application, status=status, sitting_id=sitting_id, decided_on=decided_on)
