"""Where an import stands, and what a person may do with it there."""

from collections.abc import Collection

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


AT_WORK = frozenset({ImportStatus.APPLYING, ImportStatus.UNDOING})
"""While one import writes to the register, no other does."""
PREVIEWABLE = frozenset({ImportStatus.PREVIEWED, ImportStatus.PREVIEW_FAILED})
"""Where a fresh preview may be asked for."""


def allowed_actions(status: ImportStatus, undecided: Collection[int]) -> list[str]:
    """Say what a person may do with an import, given the rows that wait for a decision."""
    decide = ["decide"] if status is ImportStatus.PREVIEWED else []
    preview = ["preview"] if status in PREVIEWABLE else []
    apply = ["apply"] if status is ImportStatus.PREVIEWED and not undecided else []
    return [*decide, *preview, *apply]
