"""What is done with trainers: register, amend, archive, erase; tell what each may teach and when each is not there.

The trainer is held first, whatever is said of it: two who act on one at once do not miss each other.
"""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.transaction import Tx
from training.programmes.queries.programmes import subjects
from training.programmes.queries.rules import themes
from training.trainers import domain, repository
from training.trainers.domain import (
    AccountTaken,
    Competence,
    CompetenceNotFound,
    Contractor,
    Cost,
    HalfDay,
    Profile,
    Trainer,
    Unavailability,
    UnavailabilityNotFound,
    Withdrawal,
)
from training.trainers.queries.trainers import find_trainer
from training.trainers.schemas import CompetenceIn, TrainerBody, UnavailabilityIn


async def register(tx: Tx, given: TrainerBody) -> UUID:
    """Register a trainer; return its id. Raises EmployerUnclear, AccountTaken."""
    trainer = Trainer(id=new_id(), profile=_profile(given))
    domain.require_clear(trainer.profile)
    _require_free(await repository.add(tx, trainer))
    return trainer.id


async def amend(tx: Tx, trainer_id: UUID, if_match: str | None, given: TrainerBody) -> None:
    """Write again, whole, who a trainer is.

    Raises TrainerNotFound, TrainerErased, TrainerArchived, EmployerUnclear, AccountTaken.
    """
    trainer = await _held(tx, trainer_id, if_match)
    _require_free(await repository.save(tx, domain.amend(trainer, _profile(given))))


async def archive(tx: Tx, trainer_id: UUID, if_match: str | None) -> None:
    """Call upon a trainer no more. Raises TrainerNotFound, TrainerErased, TrainerArchived."""
    trainer = await _held(tx, trainer_id, if_match)
    await repository.save(tx, domain.archive(trainer, tx.today))


async def restore(tx: Tx, trainer_id: UUID, if_match: str | None) -> None:
    """Call upon a trainer again. Raises TrainerNotFound, TrainerErased, TrainerNotArchived."""
    trainer = await _held(tx, trainer_id, if_match)
    await repository.save(tx, domain.restore(trainer))


async def erase(tx: Tx, trainer_id: UUID, if_match: str | None, reason: str) -> None:
    """Keep nothing of the person that a trainer is. Raises TrainerNotFound, TrainerErased, TrainerNotArchived."""
    trainer = domain.erase(await _held(tx, trainer_id, if_match), tx.today, reason)
    await repository.save(tx, trainer)
    await repository.forget(tx, trainer)


async def add_competence(tx: Tx, given: CompetenceIn) -> UUID:
    """Tell what a trainer may teach; return the competence's id.

    Raises TrainerNotFound, TrainerErased, TrainerArchived, SubjectUnknown, AssessedAnotherDay.
    """
    trainer = await repository.hold(tx, given.trainer_id)
    domain.require_active(trainer)
    competence = Competence(id=new_id(), **given.model_dump(exclude={"trainer_id"}))
    known = await subjects(tx, [given.programme_code]) if given.programme_code else {}
    domain.require_recordable(competence, known, themes(), tx.today)
    await repository.add_competence(tx, trainer.id, competence)
    return competence.id


async def withdraw_competence(tx: Tx, competence_id: UUID, reason: str) -> None:
    """Call upon a competence no more, from today on.

    Raises CompetenceNotFound, TrainerNotFound, CompetenceWithdrawn.
    """
    trainer_id = await repository.trainer_of_competence(tx, competence_id)
    if trainer_id is None:
        raise CompetenceNotFound("Cette compétence n'existe pas.")
    trainer = await repository.hold(tx, trainer_id)
    competence = next(one for one in trainer.competences if one.id == competence_id)
    withdrawal = Withdrawal(tx.today, reason, tx.actor.subject)
    await repository.save_competence(tx, domain.withdraw(competence, withdrawal))


async def declare_unavailable(tx: Tx, given: UnavailabilityIn) -> UUID:
    """Tell when a trainer is not there; return the unavailability's id.

    Raises TrainerNotFound, TrainerErased, TrainerArchived, UnavailabilityReversed, UnavailabilityOverlaps.
    """
    trainer = await repository.hold(tx, given.trainer_id)
    domain.require_active(trainer)
    first, last = HalfDay(given.first_day, given.first_half), HalfDay(given.last_day, given.last_half)
    absence = Unavailability(new_id(), first, last, given.reason)
    domain.require_new(absence, trainer.unavailabilities)
    await repository.add_unavailability(tx, trainer.id, absence)
    return absence.id


async def take_back_unavailability(tx: Tx, unavailability_id: UUID) -> None:
    """Have a trainer there after all. Raises UnavailabilityNotFound."""
    if not await repository.remove_unavailability(tx, unavailability_id):
        raise UnavailabilityNotFound("Cette indisponibilité n'existe pas, ou plus.")


async def _held(tx: Tx, trainer_id: UUID, if_match: str | None) -> Trainer:
    trainer = await repository.hold(tx, trainer_id)
    await check_version(if_match, trainer.version, partial(find_trainer, tx, trainer_id))
    return trainer


def _require_free(free: bool) -> None:
    if not free:
        raise AccountTaken("Ce compte est déjà celui d'un autre formateur.")


def _profile(given: TrainerBody) -> Profile:
    return Profile(
        name=given.name,
        kind=given.kind,
        email=given.email,
        phone=given.phone,
        account=given.account,
        contractor=Contractor(**given.contractor.model_dump()) if given.contractor else None,
        delegations=tuple(dict.fromkeys(given.delegations)),
        cost=Cost(**given.cost.model_dump()) if given.cost else None,
    )
