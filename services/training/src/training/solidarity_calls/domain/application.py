"""An application: whom a structure wants to train, for how long, at what cost, and what it asks for."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import FieldError
from common.labels import Labelled
from common.money import format_euros
from training.envelopes.domain import FundedSubjectKind, Subject
from training.solidarity_calls.domain.award import Award
from training.solidarity_calls.domain.call import Call, require_preparing, require_receiving
from training.solidarity_calls.domain.refusals import (
    SolidarityApplicationEnded,
    SolidarityApplicationIncomplete,
    SolidarityApplicationNotDraft,
    SolidarityPartnerWrong,
)

JOURNAL = "FMS"


class SolidarityApplicationStatus(Labelled):
    """Where an application stands."""

    DRAFT = "draft", "brouillon"
    SUBMITTED = "submitted", "déposée"
    WITHDRAWN = "withdrawn", "retirée"
    KEPT = "kept", "retenue"
    REDUCED = "reduced", "retenue pour moins"
    REFUSED = "refused", "refusée"


AWARDED = (SolidarityApplicationStatus.KEPT, SolidarityApplicationStatus.REDUCED)
"""Applications that were given something."""


class SolidarityPublic(Labelled):
    """Whom a project trains."""

    PERMANENT = "permanent", "salariés permanents"
    INTEGRATION = "integration", "salariés en insertion"
    BOTH = "both", "salariés permanents et en insertion"


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A cost of a project, in euros."""

    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project. ``hours``: hours of training in all. ``asked``: of its costs, what is asked of the funds."""

    title: str
    description: str
    partners: tuple[UUID, ...]
    public: SolidarityPublic | None
    trainees: int
    hours: Decimal
    asked: Decimal
    costs: tuple[BudgetLine, ...]

    @property
    def cost(self) -> Decimal:
        """All that the project costs."""
        return sum((line.amount for line in self.costs), Decimal("0.00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application of a structure to a call. ``reference``: its number, once it was submitted.

    ``rank`` and ``score``: as frozen, in points of 100.
    """

    id: UUID
    call: Call
    member_id: UUID
    project: Project
    status: SolidarityApplicationStatus = SolidarityApplicationStatus.DRAFT
    reference: str | None = None
    rank: int | None = None
    score: Decimal | None = None
    award: Award | None = None
    version: int = 1


def require_partners(member_id: UUID, partners: Collection[UUID], known: Collection[UUID]) -> None:
    """Let partners be other structures that we know, each named once. Raises SolidarityPartnerWrong."""
    if len(set(partners)) < len(partners) or member_id in partners or set(partners) - set(known):
        raise SolidarityPartnerWrong("Un partenaire est une autre structure adhérente, nommée une fois.")


def defects(project: Project, call: Call) -> tuple[FieldError, ...]:
    """Return all that keeps a project from being submitted."""
    return tuple(_faults(project, call))


def _faults(project: Project, call: Call) -> Iterator[FieldError]:
    for name, is_said, message in (
        ("description", project.description, "Le projet n'est pas décrit."),
        ("public", project.public, "Le public formé n'est pas dit."),
        ("trainees", project.trainees, "Le nombre de stagiaires n'est pas donné."),
        ("hours", project.hours, "Le nombre d'heures n'est pas donné."),
        ("costs", project.costs, "Le budget n'a pas de dépense."),
        ("asked", project.asked, "Le montant demandé n'est pas donné."),
    ):
        if not is_said:
            yield FieldError(f"/{name}", "missing", message)
    if project.costs and project.asked > project.cost:
        yield FieldError("/asked", "too_large", f"Le projet coûte {format_euros(project.cost)}.")
    most = call.said.max_award or call.said.budget
    if project.asked > most:
        yield FieldError("/asked", "too_large", f"L'appel accorde {format_euros(most)} au plus à une demande.")


def require_waiting(application: Application) -> None:
    """Let only a draft or what waits for the jury be withdrawn. Raises SolidarityApplicationEnded."""
    if application.status not in (SolidarityApplicationStatus.DRAFT, SolidarityApplicationStatus.SUBMITTED):
        raise SolidarityApplicationEnded(f"Cette demande est {application.status.label} : elle ne change plus.")


def require_withdrawable(application: Application) -> None:
    """Let an application be withdrawn until the ranking is frozen. Raises SolidarityApplicationEnded."""
    require_waiting(application)
    if application.call.ranked_on is not None:
        raise SolidarityApplicationEnded("Le classement est arrêté : la demande ne se retire plus.")


def require_writable(application: Application, today: date) -> None:
    """Let a draft be written until its call closes.

    Raises SolidarityApplicationEnded, SolidarityApplicationNotDraft, SolidarityCallNotOpen.
    """
    _require_draft(application)
    require_preparing(application.call, today)


def require_submittable(application: Application, today: date) -> None:
    """Let a whole draft be submitted while its call is open, and none late.

    Raises SolidarityApplicationEnded, SolidarityApplicationNotDraft, SolidarityCallNotOpen,
    SolidarityApplicationIncomplete.
    """
    _require_draft(application)
    require_receiving(application.call, today)
    errors = defects(application.project, application.call)
    if errors:
        raise SolidarityApplicationIncomplete(" ".join(one.message for one in errors), errors=errors)


def _require_draft(application: Application) -> None:
    require_waiting(application)
    if application.status is not SolidarityApplicationStatus.DRAFT:
        raise SolidarityApplicationNotDraft("Cette demande est déposée : retirez-la pour en écrire une autre.")


def subject_of(application: Application) -> Subject:
    """Return what money of the envelope is reserved for once it is awarded."""
    label = f"{application.reference} {application.project.title}"
    return Subject(kind=FundedSubjectKind.AWARD, id=application.id, label=label, member_id=application.member_id)
