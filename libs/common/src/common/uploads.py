"""What people send: what a file is by its content, whatever its name says, and a name that says the same."""

import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file, and the extension of its names."""

    media_type: str
    extension: str


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as somebody sent it: what its name says is not believed."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that somebody sent, as a row keeps it: what it is, where it stands, who sent it and when."""

    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    path: str
    sent_at: datetime
    sent_by: str


PDF = FileKind("application/pdf", ".pdf")
PNG = FileKind("image/png", ".png")
JPEG = FileKind("image/jpeg", ".jpg")
WORD = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx")
EXCEL = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")
SLIDES = FileKind("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx")
TEXT = FileKind("application/vnd.oasis.opendocument.text", ".odt")
SHEET = FileKind("application/vnd.oasis.opendocument.spreadsheet", ".ods")
SCANS = frozenset({PDF, PNG, JPEG})
OFFICE = frozenset({WORD, EXCEL, SLIDES, TEXT, SHEET})

_SIGNATURES = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
_MAIN_PARTS = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL, "ppt/presentation.xml": SLIDES}
_OPEN_DOCUMENT = {kind.media_type.encode(): kind for kind in (TEXT, SHEET)}
_MACROS = ("vbaproject.bin", "/basic/", "basic/")
_LONGEST_STEM = 150
# Of an archive: damaged, of another kind, encrypted, badly named, cut short, and of a place past the end of any file.
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OverflowError)


def kind_of(content: bytes, accepted: Collection[FileKind]) -> FileKind | None:
    """Return what a file is, None where it is nothing that is accepted; what carries macros is nothing of the kind.

    >>> kind_of(b"%PDF-1.7", SCANS).extension
    '.pdf'
    """
    signed = (kind for signature, kind in _SIGNATURES.items() if content.startswith(signature))
    found = next(signed, None) or _office_kind(content)
    return found if found in accepted else None


def named(filename: str, kind: FileKind) -> str:
    """Return a name that says what a file is, without what no folder takes.

    >>> named("../plan.exe", PDF)
    '.. plan.pdf'
    """
    stem = "".join(char for char in filename.rpartition(".")[0] or filename if char.isprintable())
    return (stem.replace("/", " ").replace("\\", " ").strip()[:_LONGEST_STEM] or "document") + kind.extension


def _office_kind(content: bytes) -> FileKind | None:
    """Read the table of contents of an archive, and the few bytes by which OpenDocument says what it is."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if any(macro in name.lower() for name in names for macro in _MACROS):
                return None
            main = next((kind for part, kind in _MAIN_PARTS.items() if part in names), None)
            return main or _open_document(archive)
    except _UNREADABLE:
        return None


def _open_document(archive: zipfile.ZipFile) -> FileKind | None:
    """Its first entry is called mimetype, is not compressed and says what it is (ODF 1.2, part 3, §3.3).

    Nothing is decompressed: what somebody else wrote decides neither how much is read nor by which method.
    """
    first = next(iter(archive.infolist()), None)
    if first is None or first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return None
    if first.file_size > max(map(len, _OPEN_DOCUMENT)):
        return None
    return _OPEN_DOCUMENT.get(archive.read(first))
