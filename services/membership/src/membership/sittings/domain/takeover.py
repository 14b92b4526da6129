"""Taking over who was a member before the register was kept here: one vote on the whole list."""

from collections.abc import Sequence, Sized
from dataclasses import dataclass

from common.errors import Blocker, Conflict
from membership.applications.domain import Application
from membership.matters.domain import Matter, Outcome
from membership.members.domain import Member, missing_for_admission
from membership.sittings.domain.sitting import Decision, Sitting, require_open


class NotATakeover(Conflict):
    """A list is taken over by a sitting that was opened for it."""

    code = "not_a_takeover"


class NothingToTakeOver(Conflict):
    """No waiting application says since when its structure is a member, and can be decided."""

    code = "nothing_to_take_over"


class ListSaysOtherwise(Conflict):
    """Since when a structure is a member comes from the list: a vote that gives another day is given again."""

    code = "list_says_otherwise"


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


def is_dated_otherwise(decision: Decision, application: Application) -> bool:
    """Tell whether a vote admits a structure from another day than the list gives, where it gives one.

    The list may have been corrected since the vote.
    """
    return decision.outcome is Outcome.ADMITTED and application.member_since not in (None, decision.effective_on)


def require_day_of_list(sitting: Sitting, decision: Decision, matter: Matter) -> None:
    """Hold an admission of a takeover to the day that the list gives. Raises ListSaysOtherwise."""
    application = matter.about
    if sitting.takes_over and isinstance(application, Application) and is_dated_otherwise(decision, application):
        raise ListSaysOtherwise(
            f"La liste dit {matter.structure.name} adhérente depuis le {application.member_since:%d/%m/%Y}, et le vote"
            f" depuis le {decision.effective_on:%d/%m/%Y} : reprenez le vote, ou corrigez la liste par un import.",
            extra={"matter_id": str(matter.id), "member_id": str(matter.structure.id)},
        )


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
