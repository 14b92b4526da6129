"""Taking over who was a member before the register was kept here: one vote on the whole list."""

from collections.abc import Sized
from dataclasses import dataclass

from common.errors import Conflict
from membership.applications.domain import Application
from membership.members.domain import Member
from membership.sittings.domain.sitting import Sitting, require_open


class NotATakeover(Conflict):
    """A list is taken over by a sitting that was opened for it."""

    code = "not_a_takeover"


class NothingToTakeOver(Conflict):
    """No waiting application says since when its structure is a member, and can be decided."""

    code = "nothing_to_take_over"


@dataclass(frozen=True, slots=True)
class Takeover:
    """What taking the list over wrote down, and the structures whose file is not complete."""

    sitting: Sitting
    recorded: int
    left_aside: tuple[tuple[Application, Member], ...]


def require_takeover(sitting: Sitting) -> None:
    """Let a list be taken over where that is what the board met for. Raises SittingClosed, NotATakeover."""
    require_open(sitting)
    if not sitting.takes_over:
        raise NotATakeover("Cette séance n'est pas une séance de reprise : ouvrez-en une avec « takes_over ».")


def require_some(ready: Sized, left_aside: Sized) -> None:
    """Let a list be taken over that is not empty. Raises NothingToTakeOver."""
    if not ready:
        files = f"les {len(left_aside)} dossiers datés sont à compléter" if left_aside else "aucune ne dit depuis quand"
        raise NothingToTakeOver(
            f"Aucune candidature à reprendre : {files}. La date vient de la colonne « adherente_depuis » d'un import."
        )
