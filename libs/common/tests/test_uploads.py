"""What people send is known by its content; an archive that is damaged, or lies about itself, is nothing we know."""

import zipfile
from io import BytesIO

import pytest

from common.uploads import OFFICE, TEXT, FileKind, kind_of

SAYS = TEXT.media_type.encode()
PAST_ANY_END = b"\x01\x00\x08\x00" + b"\x00" * 7 + b"\x80"
"""The place of an entry, in the form of large archives (APPNOTE 4.5.3)."""


def document(compression: int = zipfile.ZIP_STORED, extra: bytes = b"") -> bytes:
    entry = zipfile.ZipInfo("mimetype")
    entry.compress_type, entry.extra = compression, extra
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, SAYS)
        archive.writestr("content.xml", "<x/>")
    return buffer.getvalue()


def listed_as(content: bytes, offset: int, written: bytes) -> bytes:
    """Write over what the table of contents says of the first entry."""
    start = content.index(b"PK\x01\x02") + offset
    return content[:start] + written + content[start + len(written) :]


def damaged(content: bytes) -> bytes:
    """Write over the first bytes of the first entry."""
    start = content.index(b"mimetype") + len(b"mimetype")
    return content[:start] + b"\xff\xff\xff\xff" + content[start + 4 :]


def nothing_after() -> bytes:
    """Let the first entry begin where the file ends: in the comment of the archive, without what it announces."""
    content = document()
    header = content[: content.index(SAYS)]
    long = len(header).to_bytes(2, "little")
    return listed_as(content, 42, len(content).to_bytes(4, "little"))[: -len(long)] + long + header


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(document(), TEXT, id="comme la norme le veut"),
        pytest.param(document(zipfile.ZIP_DEFLATED), None, id="comprimé : la norme l'interdit"),
        pytest.param(damaged(document(zipfile.ZIP_DEFLATED)), None, id="comprimé, abîmé"),
        pytest.param(damaged(document(zipfile.ZIP_BZIP2)), None, id="comprimé autrement, abîmé"),
        pytest.param(damaged(document(zipfile.ZIP_LZMA)), None, id="comprimé encore autrement, abîmé"),
        pytest.param(damaged(document()), None, id="abîmé"),
        pytest.param(
            listed_as(document(extra=PAST_ANY_END), 42, b"\xff" * 4), None, id="une place qu'aucun fichier n'atteint"
        ),
        pytest.param(nothing_after(), None, id="rien après son en-tête"),
        *(pytest.param(document()[:end], None, id=f"coupé à {end}") for end in (4, 40, 80, 120, 160)),
    ],
)
def test_an_open_document_says_what_it_is_or_is_nothing(content: bytes, kind: FileKind | None) -> None:
    assert kind_of(content, OFFICE) == kind
