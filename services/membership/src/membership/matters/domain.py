"""What the board is asked to decide of a structure: an application to join, or a measure about a member."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.applications import domain as applications
from membership.applications.domain import Application, Reservation
from membership.measures import domain as measures
from membership.measures.domain import Measure
from membership.members.domain import Member, require_complete


class Outcome(Labelled):
    """What the board decides: it admits a structure that applied, it pronounces a measure."""

    ADMITTED = "admitted", "admise"
    PRONOUNCED = "pronounced", "prononcée"
    REFUSED = "refused", "refusée"
    ADJOURNED = "adjourned", "ajournée"


class MatterKind(Labelled):
    """What a matter is about."""

    APPLICATION = "application", "candidature"
    SUSPENSION = "suspension", "suspension"
    REINSTATEMENT = "reinstatement", "réintégration"
    EXCLUSION = "exclusion", "exclusion"


class MatterNotFound(NotFound):
    """No application and no measure has this id."""

    code = "matter_not_found"


class OutcomeUnfit(Invalid):
    """An application is admitted and a measure pronounced, not the other way round."""

    code = "outcome_unfit"


class DocumentsOutstanding(Conflict):
    """A structure whose file lacks documents is admitted with reservations, or not yet."""

    code = "documents_outstanding"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to decide, with the structure it is about and, of an application, the documents still expected."""

    about: Application | Measure
    structure: Member
    expected: tuple[str, ...] = ()

    @property
    def id(self) -> UUID:
        """The application's id, or the measure's."""
        return self.about.id

    @property
    def kind(self) -> MatterKind:
        """An application, or which measure."""
        return MatterKind.APPLICATION if isinstance(self.about, Application) else MatterKind(self.about.kind.value)


CARRIED = frozenset({Outcome.ADMITTED, Outcome.PRONOUNCED})
"""Outcomes that change where a structure stands: the votes must bear them."""


def require_votable(matter: Matter, held_on: date) -> None:
    """Let a sitting take up only what is still open and had come by then.

    Raises ApplicationDecided, ReceivedLater, MeasureClosed, OpenedLater.
    """
    if isinstance(matter.about, Application):
        applications.require_votable(matter.about, held_on)
    else:
        measures.require_votable(matter.about, held_on)


def require_outcome(matter: Matter, held_on: date, outcome: Outcome, reservations: Collection[Reservation]) -> None:
    """Let a sitting decide what it can decide of a matter; to refuse or adjourn it, nothing more is asked.

    A structure is admitted on a complete file; without all its documents only with reservations (assumed: neither the
    statutes nor the rules of procedure were read). A measure is pronounced once the structure could be heard.

    Raises OutcomeUnfit, FileIncomplete, DocumentsOutstanding, NotNotified, NotHeard, NotAMember, NotSuspended.
    """
    if outcome not in CARRIED:
        return
    if outcome is not (Outcome.ADMITTED if isinstance(matter.about, Application) else Outcome.PRONOUNCED):
        raise OutcomeUnfit(
            f"Une {matter.kind.label} n'est pas « {outcome.label} ».", extra={"matter_id": str(matter.id)}
        )
    if isinstance(matter.about, Application):
        require_complete(matter.structure)
        _require_documents(matter, reservations)
    else:
        measures.require_heard(matter.about, held_on)
        measures.carried_out(matter.structure, matter.about.kind, held_on)


def _require_documents(matter: Matter, reservations: Collection[Reservation]) -> None:
    if matter.expected and not reservations:
        raise DocumentsOutstanding(
            f"Il manque au dossier : {', '.join(matter.expected)}. Une admission se fait alors avec des réserves.",
            extra={"matter_id": str(matter.id), "documents": list(matter.expected)},
        )
