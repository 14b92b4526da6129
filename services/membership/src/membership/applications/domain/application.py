"""A structure's application to join, from its receipt to the board's decision."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from common.errors import Conflict, NotFound
from common.labels import Labelled
from membership.applications.domain.reservation import (
    Lifting,
    Reservation,
    ReservationNotFound,
    require_liftable,
)


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


class ApplicationAlreadyOpen(Conflict):
    """A structure has one application to be decided at most."""

    code = "application_already_open"


class ReceivedLater(Conflict):
    """A sitting cannot have decided on an application that had not come."""

    code = "application_received_later"


EARLIEST_MEMBERSHIP = date(1901, 1, 1)
"""No association had members before the year of the law on associations (loi du 1er juillet 1901)."""


@dataclass(frozen=True, slots=True)
class Application:
    """One structure asks to join. Adjournment leaves it open for a later sitting.

    No document is asked of a structure taken from a published directory: it joined long ago. ``member_since`` is the
    day on which it did, as the federation's own list gives it, for a sitting to take note of. ``reservations`` are
    those of its admission, lifted ones too.
    """

    id: UUID
    member_id: UUID
    received_on: date
    status: ApplicationStatus = ApplicationStatus.OPEN
    sitting_id: UUID | None = None
    decided_on: date | None = None
    reservations: tuple[Reservation, ...] = ()
    documents_asked: bool = True
    member_since: date | None = None
    version: int = 1


def require_open(application: Application) -> None:
    """Let only an application through on which the board has not decided. Raises ApplicationDecided."""
    if application.status is not ApplicationStatus.OPEN:
        raise ApplicationDecided(f"Cette candidature est déjà {application.status.label}.")


def takes_documents(application: Application) -> bool:
    """Tell whether documents are still of use: before the board decides, and to lift its reservations after."""
    return application.status is ApplicationStatus.OPEN or has_standing_reservation(application)


def has_standing_reservation(application: Application) -> bool:
    """Tell whether something that the board asked for with the admission is still to be done."""
    return any(one.stands for one in application.reservations)


def require_documents_of_use(application: Application) -> None:
    """Let only an application through that takes documents. Raises ApplicationDecided."""
    if not takes_documents(application):
        require_open(application)


def require_votable(application: Application, on: date) -> None:
    """Let a sitting vote only on an application that is open and had come by then.

    Raises ApplicationDecided, ReceivedLater.
    """
    require_open(application)
    if application.received_on > on:
        raise ReceivedLater(f"Cette candidature a été reçue le {application.received_on:%d/%m/%Y}, après la séance.")


def date_membership(application: Application, member_since: date) -> Application:
    """Say since when a structure is said to be a member, until a sitting decides. Raises ApplicationDecided."""
    require_open(application)
    return replace(application, member_since=member_since, version=application.version + 1)


def decide(
    application: Application,
    status: ApplicationStatus,
    *,
    sitting_id: UUID,
    decided_on: date,
    reservations: tuple[Reservation, ...] = (),
) -> Application:
    """Record the board's decision. Raises ApplicationDecided, ReceivedLater."""
    require_votable(application, decided_on)
    return replace(
        application,
        status=status,
        sitting_id=sitting_id,
        decided_on=decided_on,
        reservations=reservations,
        version=application.version + 1,
    )


def lift(application: Application, number: int, lifting: Lifting, today: date) -> Application:
    """Say that one of the reservations of an admission, the first being number 1, was lifted.

    Raises ReservationNotFound, ReservationLifted, LiftingDayInconsistent.
    """
    if application.decided_on is None or not 1 <= number <= len(application.reservations):
        raise ReservationNotFound("Cette réserve n'existe pas.")
    before = application.reservations
    require_liftable(before[number - 1], lifting.on, application.decided_on, today)
    lifted = replace(before[number - 1], lifting=lifting)
    return replace(
        application, reservations=(*before[: number - 1], lifted, *before[number:]), version=application.version + 1
    )
