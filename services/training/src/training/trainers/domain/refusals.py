"""What is refused of a trainer, and why."""

from common.errors import NotFound


class TrainerNotFound(NotFound):
    """No trainer has this identifier."""

    code = "trainer_not_found"


class CompetenceNotFound(NotFound):
    """The trainer has no competence of this identifier."""

    code = "competence_not_found"


class UnavailabilityNotFound(NotFound):
    """The trainer has no unavailability of this identifier."""

    code = "unavailability_not_found"
