"""A person who is trained, as their employer or the training team knows them. Nothing about health or disability.

Situations: Cerfa 10443*17, frame F-1 (who the trainees of a year were).
"""

from dataclasses import dataclass
from uuid import UUID

from common.characters import normalise
from common.errors import Forbidden, NotFound
from common.labels import Labelled


class TraineeNotFound(NotFound):
    """No such person within reach."""

    code = "trainee_not_found"


class TraineeNotYours(Forbidden):
    """A structure keeps the list of its own people only."""

    code = "trainee_not_yours"


class Situation(Labelled):
    """What a trainee is counted as in the yearly report of activity (F-1)."""

    EMPLOYEE = "employee", "salariée ou salarié d'un employeur privé"
    APPRENTICE = "apprentice", "apprentie ou apprenti"
    JOB_SEEKER = "job_seeker", "personne en recherche d'emploi"
    INDIVIDUAL = "individual", "particulier à ses frais"
    OTHER = "other", "autre stagiaire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainee:
    """A person. ``member_id``: who employs or accompanies them, absent of somebody who comes on their own."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    member_id: UUID | None
    situation: Situation
    version: int = 1

    @property
    def name(self) -> str:
        """The name as it is read."""
        return f"{self.first_name} {self.last_name}"

    @property
    def name_key(self) -> str:
        """The name as it is compared: accents, case and punctuation aside."""
        return normalise(f"{self.last_name} {self.first_name}")
