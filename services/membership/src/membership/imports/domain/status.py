"""Where an import stands, and what a person may do with it there."""

from collections.abc import Collection
from datetime import date

from common.labels import Labelled


class ImportStatus(Labelled):
    """Where an import stands."""

    PREVIEWING = "previewing", "aperçu en cours"
    PREVIEWED = "previewed", "aperçu prêt"
    PREVIEW_FAILED = "preview_failed", "aperçu interrompu"
    APPLYING = "applying", "application en cours"
    APPLIED = "applied", "appliqué"
    UNDOING = "undoing", "annulation en cours"
    UNDONE = "undone", "annulé"


PREVIEW, APPLY, UNDO = "imports.preview", "imports.apply", "imports.undo"
"""The names of the long work that is done on an import."""
PREVIEWABLE = frozenset({ImportStatus.PREVIEWED, ImportStatus.PREVIEW_FAILED})
"""Where a fresh preview may be asked for."""


def was_applied(status: ImportStatus, undoable_until: date | None) -> bool:
    """Tell whether an import has done something that may be undone now: all of it, or what it did until it stopped."""
    return status is ImportStatus.APPLIED or (status in PREVIEWABLE and undoable_until is not None)


def after_undoing_stopped(*, undone: bool, left: bool) -> ImportStatus:
    """Say where an import stands whose undoing stopped before its end.

    ``undone``: something of it is; what was begun to be undone is not taken up again. ``left``: it was not applied
    whole.
    """
    return ImportStatus.PREVIEWED if left and not undone else ImportStatus.APPLIED


def allowed_actions(status: ImportStatus, undecided: Collection[int]) -> list[str]:
    """Say what a person may do with an import, given the rows that wait for a decision."""
    decide = ["decide"] if status is ImportStatus.PREVIEWED else []
    preview = ["preview"] if status in PREVIEWABLE else []
    apply = ["apply"] if status is ImportStatus.PREVIEWED and not undecided else []
    return [*decide, *preview, *apply]
