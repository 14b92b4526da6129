"""The rules of the member import: what a row says, what is wrong with it, what would happen to the register."""

from membership.imports.domain.cells import Column
from membership.imports.domain.findings import Finding, Severity, capped
from membership.imports.domain.plan import (
    Change,
    MemberField,
    PlannedRow,
    RowOutcome,
    file_findings,
    plan,
)
from membership.imports.domain.refusals import (
    ControlCharacterInHeader,
    EmptyFile,
    FileTooLarge,
    LineTooLong,
    NotUtf8,
    TooManyRows,
    UnreadableFile,
    WrongColumns,
    WrongSeparator,
)
from membership.imports.domain.rows import ImportRow, KnownMember, SourceRow, parse
from membership.imports.domain.status import (
    APPLY,
    PREVIEW,
    PREVIEWABLE,
    UNDO,
    ImportStatus,
    after_undoing_stopped,
    allowed_actions,
    was_applied,
)
from membership.imports.domain.undoing import (
    Applied,
    Undoing,
    UndoOutcome,
    require_same_undo,
    undo_fingerprint,
    undo_obstacle,
    undoing,
)

__all__ = [
    "APPLY",
    "PREVIEW",
    "PREVIEWABLE",
    "UNDO",
    "Applied",
    "Change",
    "Column",
    "ControlCharacterInHeader",
    "EmptyFile",
    "FileTooLarge",
    "Finding",
    "ImportRow",
    "ImportStatus",
    "KnownMember",
    "LineTooLong",
    "MemberField",
    "NotUtf8",
    "PlannedRow",
    "RowOutcome",
    "Severity",
    "SourceRow",
    "TooManyRows",
    "UndoOutcome",
    "Undoing",
    "UnreadableFile",
    "WrongColumns",
    "WrongSeparator",
    "after_undoing_stopped",
    "allowed_actions",
    "capped",
    "file_findings",
    "parse",
    "plan",
    "require_same_undo",
    "undo_fingerprint",
    "undo_obstacle",
    "undoing",
    "was_applied",
]
