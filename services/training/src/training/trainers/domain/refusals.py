"""What is refused of a trainer, and why."""

from common.errors import Conflict, Invalid, NotFound


class TrainerNotFound(NotFound):
    """No trainer has this identifier."""

    code = "trainer_not_found"


class CompetenceNotFound(NotFound):
    """No trainer has a competence of this identifier."""

    code = "competence_not_found"


class UnavailabilityNotFound(NotFound):
    """No trainer has an unavailability of this identifier."""

    code = "unavailability_not_found"


class EmployerUnclear(Invalid):
    """A contractor teaches for a structure, an employee for none but ours."""

    code = "trainer_employer_unclear"


class AccountTaken(Conflict):
    """Who signs with an account is one trainer."""

    code = "trainer_account_taken"
    title = "Compte déjà lié"


class TrainerArchived(Conflict):
    """What is said of a trainer who is not called upon any more does not change."""

    code = "trainer_archived"
    title = "Formateur archivé"


class TrainerNotArchived(Conflict):
    """Only a trainer who is not called upon any more is restored, or erased."""

    code = "trainer_not_archived"
    title = "Formateur en activité"


class TrainerErased(Conflict):
    """Nothing is left of the person."""

    code = "trainer_erased"
    title = "Formateur effacé"


class SubjectUnknown(Invalid):
    """A competence is of a programme, or of a theme, that the catalogue knows; of one of the two."""

    code = "competence_subject_unknown"


class AssessedAnotherDay(Invalid):
    """A competence is assessed before it is recorded, and before it ends."""

    code = "competence_days_impossible"


class CompetenceWithdrawn(Conflict):
    """A competence is withdrawn once; held again, it is recorded again."""

    code = "competence_withdrawn"
    title = "Compétence déjà retirée"


class UnavailabilityReversed(Invalid):
    """An unavailability ends after it begins."""

    code = "unavailability_reversed"


class UnavailabilityOverlaps(Conflict):
    """A half-day on which a trainer is not there has one reason."""

    code = "unavailability_overlaps"
    title = "Déjà indisponible"


class HalfOfNoDay(Invalid):
    """A half-day is one of a day."""

    code = "half_without_day"
