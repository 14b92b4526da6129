"""Why a whole file, or an act on an import, is refused. A flaw of one row never refuses the file: see ``findings``."""

from common.errors import Conflict, Invalid, NotFound


class UnreadableFile(Invalid):
    """The file can't be read as a member list; nothing of it is kept."""

    code = "import_unreadable"
    title = "Fichier illisible"


class EmptyFile(UnreadableFile):
    """No byte, or a header and nothing under it."""

    code = "import_empty"


class FileTooLarge(UnreadableFile):
    """More bytes than the import reads."""

    code = "import_too_large"


class LineTooLong(UnreadableFile):
    """One line alone is longer than any real row."""

    code = "import_line_too_long"


class TooManyRows(UnreadableFile):
    """More rows than one import takes."""

    code = "import_too_many_rows"


class NotUtf8(UnreadableFile):
    """Another encoding, or not a text at all."""

    code = "import_encoding"


class WrongSeparator(UnreadableFile):
    """Cells are not separated by semicolons."""

    code = "import_separator"


class WrongColumns(UnreadableFile):
    """Columns that are unknown, missing or named twice."""

    code = "import_columns"


class ControlCharacterInHeader(UnreadableFile):
    """An invisible character among the column names; in a row, the row alone is an error."""

    code = "import_control_character"


class ImportNotFound(NotFound):
    """No such import."""

    code = "import_not_found"


class LineNotFound(NotFound):
    """The file has no such row."""

    code = "import_row_not_found"


class ImportNotPreviewed(Conflict):
    """The act belongs between the preview and the application."""

    code = "import_not_previewed"


class DecisionsMissing(Conflict):
    """Suspected duplicates wait for a person's word."""

    code = "import_decisions_missing"


class ImportBusy(Conflict):
    """One import is applied or undone at a time: two could create, or change, the same structure."""

    code = "import_busy"


class ImportNotApplied(Conflict):
    """Only what was applied is undone, and once."""

    code = "import_not_applied"


class ImportTooOld(Conflict):
    """After its time an import is not undone."""

    code = "import_too_old"


class UndoPlanChanged(Conflict):
    """What was built on the import since changed what undoing it would do."""

    code = "import_undo_plan_changed"


class DecisionNotNeeded(Conflict):
    """The row is no suspected duplicate."""

    code = "import_decision_not_needed"


class DecisionImpossible(Conflict):
    """A second structure with a SIREN that the register has cannot be created."""

    code = "import_decision_impossible"


class PreviewOutdated(Conflict):
    """The register changed since the preview: what was looked at is not what would be done."""

    code = "import_preview_outdated"
