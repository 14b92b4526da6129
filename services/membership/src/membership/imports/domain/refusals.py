"""Why a whole file is refused. A flaw of one row never refuses the file: see ``findings``."""

from common.errors import Invalid


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
