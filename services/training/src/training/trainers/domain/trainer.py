"""A trainer: who it is, what it may teach, when it is not there, what it costs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from training.trainers.domain.calendar import Unavailability
from training.trainers.domain.competences import Competence


class TrainerKind(Labelled):
    """Who employs a trainer."""

    EMPLOYEE = "employee", "salarié de l'organisme"
    CONTRACTOR = "contractor", "sous-traitant"


class CostUnit(Labelled):
    """What a cost is counted by."""

    HALF_DAY = "half_day", "la demi-journée"
    HOUR = "hour", "l'heure"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a trainer costs now, in euros excluding VAT; the expenses are the sessions'."""

    amount: Decimal
    unit: CostUnit
    note: str = ""


@dataclass(frozen=True, slots=True)
class Contractor:
    """The structure that a trainer teaches for under a subcontract (décret 2019-565, indicator 27).

    ``nda``: its number of declaration as a training organism, eleven digits, if it has one.
    """

    name: str
    siret: str
    nda: str | None = None
    subcontract: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is said of a trainer. ``account``: the subject of its token; ``delegations``: where it goes, by code."""

    name: str
    kind: TrainerKind
    email: str | None = None
    phone: str | None = None
    account: str | None = None
    contractor: Contractor | None = None
    delegations: tuple[str, ...] = ()
    cost: Cost | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """A trainer, with what it may teach and when it is not there."""

    id: UUID
    profile: Profile
    competences: tuple[Competence, ...] = ()
    unavailabilities: tuple[Unavailability, ...] = ()
    archived_on: date | None = None
    erased_on: date | None = None
    version: int = 1
