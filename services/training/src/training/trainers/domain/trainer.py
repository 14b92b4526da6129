"""A trainer: who it is, what it may teach, when it is not there, what it costs."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from training.trainers.domain.calendar import Unavailability
from training.trainers.domain.competences import Competence
from training.trainers.domain.refusals import EmployerUnclear, TrainerArchived, TrainerErased, TrainerNotArchived

ERASED = "Formateur effacé"
"""What an erased trainer is called."""
GONE = "Effacé"
"""What stands for a text that could tell who it was."""


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
    erasure_reason: str | None = None
    version: int = 1


def require_clear(profile: Profile) -> None:
    """Let a profile say who employs a trainer in one way. Raises EmployerUnclear."""
    if profile.kind is TrainerKind.CONTRACTOR and profile.contractor is None:
        raise EmployerUnclear("D'un sous-traitant, dites la structure et son SIRET.")
    if profile.kind is TrainerKind.EMPLOYEE and profile.contractor is not None:
        raise EmployerUnclear("Un salarié n'a pas de structure sous-traitante : retirez-la, ou dites qu'il l'est.")


def require_active(trainer: Trainer) -> None:
    """Let something be said of a trainer who is called upon. Raises TrainerErased, TrainerArchived."""
    _require_known(trainer)
    if trainer.archived_on is not None:
        raise TrainerArchived("Ce formateur est archivé : rétablissez-le d'abord.")


def amend(trainer: Trainer, profile: Profile) -> Trainer:
    """Say otherwise who a trainer is. Raises TrainerErased, TrainerArchived, EmployerUnclear."""
    require_active(trainer)
    require_clear(profile)
    return _changed(trainer, profile=profile)


def archive(trainer: Trainer, today: date) -> Trainer:
    """Call upon a trainer no more; what it taught and may teach is kept. Raises TrainerErased, TrainerArchived."""
    require_active(trainer)
    return _changed(trainer, archived_on=today)


def restore(trainer: Trainer) -> Trainer:
    """Call upon a trainer again. Raises TrainerErased, TrainerNotArchived."""
    _require_known(trainer)
    if trainer.archived_on is None:
        raise TrainerNotArchived("Ce formateur n'est pas archivé.")
    return _changed(trainer, archived_on=None)


def erase(trainer: Trainer, today: date, reason: str) -> Trainer:
    """Keep nothing of the person: neither name, address, account, cost nor absences; competences lose their references.

    What it may teach stays, without who: the evidence of past sessions counts them. A contractor's structure stays, for
    the subcontract (indicator 27). Raises TrainerErased, TrainerNotArchived. Source: RGPD, article 17.
    """
    _require_known(trainer)
    if trainer.archived_on is None:
        raise TrainerNotArchived("Archivez d'abord ce formateur : on n'efface pas qui peut encore être appelé.")
    profile = replace(trainer.profile, name=ERASED, email=None, phone=None, account=None, delegations=(), cost=None)
    competences = tuple(_anonymous(one) for one in trainer.competences)
    kept = {"profile": profile, "competences": competences, "unavailabilities": ()}
    return _changed(trainer, **kept, erased_on=today, erasure_reason=reason)


def _anonymous(competence: Competence) -> Competence:
    withdrawal = competence.withdrawal
    told = None if withdrawal is None else replace(withdrawal, reason=GONE)
    return replace(competence, reference=GONE, withdrawal=told)


def _require_known(trainer: Trainer) -> None:
    if trainer.erased_on is not None:
        raise TrainerErased("Les données de ce formateur ont été effacées.")


def _changed(trainer: Trainer, **fields: object) -> Trainer:
    return replace(trainer, version=trainer.version + 1, **fields)  # type: ignore[arg-type]  # fields of its own
