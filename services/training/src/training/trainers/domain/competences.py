"""What a trainer may teach, and what shows it.

Source: décret 2019-565, indicator 21 (the competences of who teaches are determined, called upon and evaluated).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from common.labels import Labelled
from training.trainers.domain.refusals import AssessedAnotherDay, CompetenceWithdrawn, SubjectUnknown


class Evidence(Labelled):
    """What shows a competence."""

    DIPLOMA = "diploma", "diplôme ou titre"
    EXPERIENCE = "experience", "expérience professionnelle"
    CERTIFICATION = "certification", "certification ou habilitation"
    PEER = "peer_evaluation", "évaluation par un pair"


class NotTaught(Labelled):
    """Why a trainer may not teach something on a day."""

    NONE = "none", "aucune compétence n'est enregistrée pour ce programme ni pour son thème"
    NOT_YET = "not_yet", "la compétence a été évaluée après ce jour"
    EXPIRED = "expired", "la compétence n'est plus valable ce jour-là"
    WITHDRAWN = "withdrawn", "la compétence a été retirée"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A competence is not held any more, from a day on."""

    on: date
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Competence:
    """What a trainer may teach: a programme, or all those of a theme; one of the two is given.

    ``valid_until``: the last day. ``assessed_by``: an office or a function, never a person's name.
    """

    id: UUID
    programme_code: str | None = None
    theme: str | None = None
    evidence: Evidence
    reference: str
    assessed_on: date
    assessed_by: str
    valid_until: date | None = None
    withdrawal: Withdrawal | None = None

    def concerns(self, programme_code: str, theme: str | None) -> bool:
        """Tell whether it is of a programme, or of its theme."""
        return self.programme_code == programme_code or (self.theme is not None and self.theme == theme)

    def lacking_on(self, day: date) -> NotTaught | None:
        """Return why it cannot be called upon on a day, None where it can."""
        if self.withdrawal is not None and self.withdrawal.on <= day:
            return NotTaught.WITHDRAWN
        if day < self.assessed_on:
            return NotTaught.NOT_YET
        if self.valid_until is not None and self.valid_until < day:
            return NotTaught.EXPIRED
        return None


def require_recordable(
    competence: Competence, programmes: Collection[str], themes: Collection[str], today: date
) -> None:
    """Let a competence be recorded, of a programme or a theme among those known.

    Raises SubjectUnknown, AssessedAnotherDay.
    """
    code, theme = competence.programme_code, competence.theme
    if (code is None) == (theme is None):
        raise SubjectUnknown("Une compétence porte sur un programme ou sur un thème, l'un des deux.")
    if code is not None and code not in programmes:
        raise SubjectUnknown(f"Aucun programme n'a le code {code}.")
    if theme is not None and theme not in themes:
        raise SubjectUnknown(f"Aucun thème du catalogue n'a le code {theme}.")
    if competence.assessed_on > today:
        raise AssessedAnotherDay("Une compétence s'enregistre une fois évaluée, pas avant.")
    if competence.valid_until is not None and competence.valid_until < competence.assessed_on:
        raise AssessedAnotherDay("Une compétence est valable au moins le jour de son évaluation.")


def withdraw(competence: Competence, withdrawal: Withdrawal) -> Competence:
    """Call upon a competence no more, from a day on; it is kept. Raises CompetenceWithdrawn."""
    if competence.withdrawal is not None:
        raise CompetenceWithdrawn(
            "Cette compétence est déjà retirée. Acquise de nouveau, elle s'enregistre de nouveau."
        )
    return replace(competence, withdrawal=withdrawal)


_NEAREST = (NotTaught.EXPIRED, NotTaught.NOT_YET, NotTaught.WITHDRAWN)
"""Of several reasons, the one that is soonest mended."""


def may_teach(
    competences: Iterable[Competence], programme_code: str, theme: str | None, day: date
) -> Competence | NotTaught:
    """Return the competence that lets a trainer teach a programme on a day, or why none does.

    Of several, one of the programme itself before one of its theme, then the one that holds longest.
    """
    concerned = [one for one in competences if one.concerns(programme_code, theme)]
    held = [one for one in concerned if one.lacking_on(day) is None]
    if held:
        return max(held, key=lambda one: (one.programme_code is not None, one.valid_until or date.max, one.assessed_on))
    lacking = {one.lacking_on(day) for one in concerned}
    return next((reason for reason in _NEAREST if reason in lacking), NotTaught.NONE)
