"""What undoing an applied import would do, row by row, and what stands against it.

What a row entered is retracted or goes back as a whole, or is left as it is: never half of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from common.errors import Blocker, Refusal
from common.labels import Labelled
from membership.duplicates.domain import changed_since
from membership.imports.domain.plan import MemberField
from membership.imports.domain.refusals import ImportNotApplied, ImportTooOld, UndoPlanChanged
from membership.imports.domain.status import ImportStatus, was_applied
from membership.members.domain import Topic


class UndoOutcome(Labelled):
    """What undoing an import makes of a row."""

    RETRACTED = "retracted", "retirée du registre"
    RETURNED = "returned", "revient à ce qu'elle était"
    KEPT = "kept", "laissée telle quelle"
    NOTHING = "nothing", "rien à annuler"


@dataclass(frozen=True, slots=True)
class Applied:
    """What the application of a row did, and what became of it since.

    ``entered``: the import entered the structure itself, ``first_day`` is its first in the register. ``stated``: it
    entered something of it. ``others`` are what anybody else entered of it, ``changed`` what of ours was entered anew.
    ``followed``: its application is no longer as the import left it. ``named_by`` is what other capabilities keep of
    it, ``before_board`` the sittings that its open application is, or was, before. ``dated``: since when the row says
    it is a member; ``said_since``, what its open application says now.
    """

    row: int
    name: str
    member_id: UUID
    first_day: date
    entered: bool = False
    stated: bool = False
    undone: bool = False
    merged: bool = False
    others: Sequence[Topic] = ()
    changed: Sequence[Topic] = ()
    followed: bool = False
    named_by: Sequence[str] = ()
    before_board: Sequence[str] = ()
    dated: date | None = None
    dated_before: date | None = None
    said_since: date | None = None


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing would make of a row, and why it is left as it is where it is."""

    done: Applied
    outcome: UndoOutcome
    blockers: tuple[Blocker, ...] = ()


def undoing(done: Applied) -> Undoing:
    """Decide what undoing the import makes of one of its rows."""
    if done.undone or not (done.stated or done.dated):
        return Undoing(done, UndoOutcome.NOTHING)
    blockers = tuple(_built_upon(done) if done.entered else _changed(done))
    if blockers:
        return Undoing(done, UndoOutcome.KEPT, blockers)
    return Undoing(done, UndoOutcome.RETRACTED if done.entered else UndoOutcome.RETURNED)


def _built_upon(done: Applied) -> Iterable[Blocker]:
    """Return what was built on a structure that the import entered."""
    if done.merged:
        yield _merged()
        return
    if done.others:
        yield changed_since(_labels(done.others))
    if done.followed:
        yield Blocker("application_followed", "Sa candidature a été instruite, datée, retirée ou décidée depuis.")
    if done.before_board:
        yield _before_board(done)
    if done.named_by:
        yield Blocker("built_upon", f"On a fait avec elle depuis : {', '.join(done.named_by)}.")


def _changed(done: Applied) -> Iterable[Blocker]:
    """Return what of a structure known before was changed again since."""
    if done.merged:
        yield _merged()
    labels = _labels(done.changed)
    if done.dated and done.said_since != done.dated:
        labels.append(MemberField.MEMBER_SINCE.label)
    if labels:
        yield changed_since(labels)
    if done.dated and done.before_board:
        yield _before_board(done)  # the board votes on the day that the list gave


def _before_board(done: Applied) -> Blocker:
    sittings = ", ".join(done.before_board)
    return Blocker("on_agenda", f"Sa candidature est à l'ordre du jour d'une séance, ou y a été votée : {sittings}.")


def _merged() -> Blocker:
    return Blocker("merged_further", "L'enregistrement a été réuni à un autre depuis : annulez d'abord cela.")


def _labels(topics: Iterable[Topic]) -> list[str]:
    return sorted({topic.label for topic in topics})


def undo_obstacle(status: ImportStatus, undoable_until: date | None, today: date) -> Refusal | None:
    """Return what keeps an import from being undone as a whole: ``ImportNotApplied``, ``ImportTooOld``."""
    if not was_applied(status, undoable_until):
        return ImportNotApplied(f"On annule un import appliqué ; celui-ci : {status.label}.")
    if undoable_until is None:
        return ImportTooOld("Cet import a été appliqué avant que les imports puissent s'annuler.")
    if today > undoable_until:
        return ImportTooOld(f"Cet import pouvait être annulé jusqu'au {undoable_until:%d/%m/%Y}.")
    return None


def undo_fingerprint(rows: Iterable[Undoing]) -> str:
    """Return the fingerprint of what undoing would do: the same as long as it would do the same to the same rows."""
    digest = sha256()
    for one in rows:
        codes = ",".join(blocker.code for blocker in one.blockers)
        digest.update(f"{one.done.row}:{one.outcome.value}:{codes}\n".encode())
    return digest.hexdigest()[:20]


def require_same_undo(shown: str, now: str) -> None:
    """Let an undoing through that still does what was shown. Raises UndoPlanChanged."""
    if shown != now:
        raise UndoPlanChanged("L'annulation ne ferait plus ce que le plan a montré : regardez-le de nouveau.")
