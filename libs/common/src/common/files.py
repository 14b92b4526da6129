"""Files of a service: a local folder or any S3, behind one URL. Files are written once and never changed."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import ObjectStore, from_url
from starlette.responses import Response

from common.errors import NotFound
from common.identifiers import new_id
from common.transaction import Tx
from common.uploads import FileKind, KeptFile, SentFile, named

_DEADLINE_SECONDS = 15.0
"""Less than a transaction may be idle: files are stored and read in the middle of one."""


class FileMissing(NotFound):
    """A file that was never stored, or is not stored yet."""

    code = "file_missing"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where a file stands and what it is: enough to serve it and to prove that it did not change."""

    path: str
    size: int
    sha256: str


def attached(content: bytes, media_type: str, filename: str) -> Response:
    """Answer with a file that somebody sent: to be kept, never shown by a browser as a page of ours.

    >>> attached(b"", "application/pdf", "été.pdf").headers["content-disposition"]
    "attachment; filename*=UTF-8''%C3%A9t%C3%A9.pdf"
    """
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


class Files:
    """The store of one service."""

    def __init__(self, url: str) -> None:
        location = urlsplit(url)
        if location.scheme == "file":
            Path(location.path).mkdir(parents=True, exist_ok=True)
        self._store: ObjectStore = from_url(url)

    async def put(self, path: str, content: bytes, *, dry_run: bool = False) -> StoredFile:
        """Store a file. Storing the same path again replaces it whole: a repeated step leaves one file.

        A dry run stores nothing and answers the same. Raises TimeoutError when the store does not answer.
        """
        if not dry_run:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                await obstore.put_async(self._store, path, content)
        return StoredFile(path, len(content), hashlib.sha256(content).hexdigest())

    async def get(self, path: str) -> bytes:
        """Return a file's content. Raises FileMissing, and TimeoutError when the store does not answer."""
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                result = await obstore.get_async(self._store, path)
                return bytes(await result.bytes_async())
        except (NotFoundError, FileNotFoundError):
            raise FileMissing("Ce fichier n'est pas (encore) disponible.") from None


async def keep_sent(tx: Tx, files: Files, folder: str, sent: SentFile, kind: FileKind) -> KeptFile:
    """Store a file that was recognised, under a name that says what it is.

    Before anything is held: a slow store holds nobody up. Rolled back, it is a file that no row names.
    """
    file_id = new_id()
    stored = await files.put(f"{folder}/{file_id}", sent.content, dry_run=tx.dry_run)
    return KeptFile(
        id=file_id,
        filename=named(sent.filename, kind),
        media_type=kind.media_type,
        size=stored.size,
        sha256=stored.sha256,
        path=stored.path,
        sent_at=tx.now,
        sent_by=tx.actor.subject,
    )
