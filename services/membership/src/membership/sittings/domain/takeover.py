"""Taking over who was a member before the register was kept here: one vote on the whole list."""

from collections.abc import Sequence, Sized
from dataclasses import dataclass

from common.errors import Blocker, Conflict
from membership.applications.domain import Application
from membership.members.domain import Member, missing_for_admission
from membership.sittings.domain.sitting import Sitting, require_open


class NotATakeover(Conflict):
    """A list is taken over by a sitting that was opened for it."""

    code = "not_a_takeover"


class NothingToTakeOver(Conflict):
    """No waiting application says since when its structure is a member, and can be decided."""

    code = "nothing_to_take_over"


@dataclass(frozen=True, slots=True)
class LeftAside:
    """A structure of the list on which the one vote is not given, and why."""

    application: Application
    structure: Member
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class Takeover:
    """What taking the list over wrote down, and what it left: files to complete, and votes that stand already."""

    sitting: Sitting
    recorded: int
    left_aside: tuple[LeftAside, ...]


def lacking(structure: Member, expected: Sequence[str]) -> tuple[Blocker, ...]:
    """Return what keeps one vote for all from being given on a file; with reservations it may be voted on apart."""
    documents = f"Il manque au dossier : {', '.join(expected)}. À compléter, ou à admettre par un vote avec réserves."
    waiting = [Blocker("documents_outstanding", documents)] if expected else []
    return (*missing_for_admission(structure), *waiting)


def require_takeover(sitting: Sitting) -> None:
    """Let a list be taken over where that is what the board met for. Raises SittingClosed, NotATakeover."""
    require_open(sitting)
    if not sitting.takes_over:
        raise NotATakeover("Cette séance n'est pas une séance de reprise : ouvrez-en une.")


def require_some(ready: Sized, left_aside: Sized) -> None:
    """Let a list be taken over that is not empty. Raises NothingToTakeOver."""
    if not ready:
        files = (
            f"les {len(left_aside)} dossiers datés sont à compléter"
            if left_aside
            else "aucune, qui ne soit déjà votée, ne dit depuis quand la structure est adhérente"
        )
        raise NothingToTakeOver(
            f"Aucune candidature à reprendre : {files}. La date vient de la colonne « adherente_depuis » d'un import."
        )
