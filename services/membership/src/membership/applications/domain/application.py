"""A structure's application to join, from its receipt to the board's decision."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.applications.domain.reservation import (
    Lifting,
    Reservation,
    ReservationNotFound,
    require_liftable,
)
from membership.departures.domain import ReceivedInFuture
from membership.members.domain import Member, belongs


class ApplicationStatus(Labelled):
    """Where an application stands."""

    OPEN = "open", "à instruire"
    ADMITTED = "admitted", "admise"
    REFUSED = "refused", "refusée"
    WITHDRAWN = "withdrawn", "retirée"


class ApplicationNotFound(NotFound):
    """No such application within reach."""

    code = "application_not_found"


class ApplicationDecided(Conflict):
    """The board has decided, or the structure has thought better of it: an application is not decided twice."""

    code = "application_decided"


class WithdrawalMisdated(Invalid):
    """A structure takes its application back once it has made it, and on a day that has come."""

    code = "withdrawal_misdated"


class ReceivedLater(Conflict):
    """A sitting cannot have decided on an application that had not come."""

    code = "application_received_later"


class ReceivedTooLongAgo(Invalid):
    """A structure that applied more than a year ago and was never heard of since applies again."""

    code = "received_too_long_ago"


LONGEST_UNTYPED = timedelta(days=365)
"""How long a file on paper may have waited before it is typed in; further back, the year is a mistake (assumed)."""
EARLIEST_MEMBERSHIP = date(1901, 1, 1)
"""No association had members before the year of the law on associations (loi du 1er juillet 1901)."""


@dataclass(frozen=True, slots=True)
class Application:
    """One structure asks to join. Adjournment leaves it open for a later sitting.

    No document is asked of a structure taken from a published directory: it joined long ago. ``member_since`` is the
    day on which it did, as the federation's own list gives it, for a sitting to take note of. ``withdrawn_on`` is the
    day on which the structure took it back, and ``withdrawal_reason`` why, in its words. ``reservations`` are those of
    its admission, lifted ones too.
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
    withdrawn_on: date | None = None
    withdrawal_reason: str | None = None
    version: int = 1


def require_received(received_on: date, today: date) -> None:
    """Let only an application through that has come, and not in another age.

    Raises ReceivedInFuture, ReceivedTooLongAgo.
    """
    if received_on > today:
        raise ReceivedInFuture(f"Un dossier ne peut être reçu le {received_on:%d/%m/%Y} : ce jour n'est pas venu.")
    if received_on < today - LONGEST_UNTYPED:
        raise ReceivedTooLongAgo(
            f"Un dossier reçu le {received_on:%d/%m/%Y}, il y a plus d'un an : l'année est-elle juste ?"
        )


def require_open(application: Application) -> None:
    """Let only an application through that is still to be decided. Raises ApplicationDecided."""
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


def date_membership(application: Application, member_since: date | None) -> Application:
    """Say since when a structure is said to be a member, until a sitting decides. Raises ApplicationDecided."""
    require_open(application)
    return replace(application, member_since=member_since, version=application.version + 1)


def withdraw(application: Application, on: date, reason: str, today: date) -> Application:
    """Take an application back, as its structure asks. Raises ApplicationDecided, WithdrawalMisdated."""
    require_open(application)
    if not application.received_on <= on <= today:
        raise WithdrawalMisdated(
            f"Une candidature se retire entre sa réception ({application.received_on:%d/%m/%Y}) et aujourd'hui."
        )
    return replace(
        application,
        status=ApplicationStatus.WITHDRAWN,
        withdrawn_on=on,
        withdrawal_reason=reason,
        version=application.version + 1,
    )


def possible_actions(application: Application, structure: Member, *, another_open: bool) -> list[str]:
    """Return what can be done about an application where it stands.

    ``another_open`` is one of its structure, to be decided or to take effect on a coming day.
    """
    is_open = application.status is ApplicationStatus.OPEN
    possible = {
        "send_document": takes_documents(application),
        "check_document": takes_documents(application),
        "give_opinion": is_open,
        "lift_reservation": has_standing_reservation(application),
        "withdraw": is_open,
        "apply_again": not is_open and not another_open and not belongs(structure),
    }
    return [action for action, is_possible in possible.items() if is_possible]


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
