"""No lost update: every mutable resource has a version, every change says which version it has seen."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol, TypeVar

from fastapi import Header
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from common.errors import Refusal


class PreconditionMissing(Refusal):
    """A change without If-Match would overwrite what others did meanwhile."""

    code = "if_match_missing"
    title = "Version attendue manquante"
    status = 428


class PreconditionFailed(Refusal):
    """The resource changed since the caller read it; ``current`` in the problem is what it is now."""

    code = "version_changed"
    title = "La ressource a changé"
    status = 412


def etag(version: int) -> str:
    """Write a version as a strong entity tag.

    >>> etag(3)
    '"v3"'
    """
    return f'"v{version}"'


def set_etag(response: Response, version: int) -> None:
    """Tell the client which version it was given."""
    response.headers["ETag"] = etag(version)


class Versioned(Protocol):
    """A representation that says which version of its resource it is."""

    @property
    def version(self) -> int:
        """The resource's version, one more at each change."""


Shown = TypeVar("Shown", bound=Versioned)


def versioned(response: Response, shown: Shown) -> Shown:
    """Answer a representation with its version in the header.

    >>> from types import SimpleNamespace
    >>> response = Response()
    >>> versioned(response, SimpleNamespace(version=3)).version, response.headers["etag"]
    (3, '"v3"')
    """
    set_etag(response, shown.version)
    return shown


_ASK_EACH_TIME = "public, no-cache"
"""Anybody may keep the answer and nobody may show it again without asking: what is taken back is gone at once."""


def revalidated(request: Request, shown: BaseModel) -> Response:
    """Answer what anybody may read: whole, or 304 to whom the ``If-None-Match`` says that they have it already.

    >>> class Hours(BaseModel):
    ...     opens_at: int
    >>> first = revalidated(Request({"type": "http", "headers": []}), Hours(opens_at=9))
    >>> again = Request({"type": "http", "headers": [(b"if-none-match", first.headers["etag"].encode())]})
    >>> first.status_code, revalidated(again, Hours(opens_at=9)).status_code
    (200, 304)
    """
    return unless_known(request, shown.model_dump_json().encode(), "application/json", _ASK_EACH_TIME)


def unless_known(request: Request, body: bytes, media_type: str, cache: str) -> Response:
    """Answer a body whole, or 304 to whom has it already.

    The tag alone decides: the instant at which a transaction wrote is earlier than that at which others see it, and
    whoever asked in between would be told for ever that nothing changed.
    """
    tag = tag_of(body)
    if is_known(request, tag):
        return known_already(tag, cache)
    return Response(body, media_type=media_type, headers={"ETag": tag, "Cache-Control": cache})


def tag_of(said: bytes) -> str:
    """Return the tag of what an answer says, whole or in brief.

    >>> tag_of(b"open at 9") == tag_of(b"open at 9"), tag_of(b"open at 9") == tag_of(b"open at 10")
    (True, False)
    """
    return f'"{hashlib.sha256(said).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Tell whether a client has already what bears a tag (RFC 9110 §13.1.2).

    >>> request = Request({"type": "http", "headers": [(b"if-none-match", b'W/"a", "b"')]})
    >>> is_known(request, '"a"'), is_known(request, '"c"')
    (True, False)
    """
    held = request.headers.get("if-none-match")
    return held is not None and bool({one.strip().removeprefix("W/") for one in held.split(",")} & {tag, "*"})


def known_already(tag: str, cache: str) -> Response:
    """Answer 304, with the tag of what the client has.

    >>> known_already('"a"', "no-cache").status_code
    304
    """
    return Response(status_code=304, headers={"ETag": tag, "Cache-Control": cache})


class WrittenAfterwards(Response):
    """A body that takes time to write: off the event loop, once the route's transaction is over."""

    def __init__(self, write: Callable[[], bytes], media_type: str, tag: str, cache: str) -> None:
        super().__init__(media_type=media_type, headers={"ETag": tag, "Cache-Control": cache})
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the body, then send it."""
        self.body = await asyncio.to_thread(self._write)
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="L'ETag de la version lue", examples=['"v3"']),
]


async def check_version(
    if_match: str | None, version: int, current: Callable[[], Awaitable[BaseModel]] | None = None
) -> None:
    """Let a change through only if the caller has seen the present version.

    ``current`` reads the present representation; only a refusal needs it.

    Raises PreconditionMissing (428) or PreconditionFailed (412, with the current representation).
    """
    if if_match is None:
        raise PreconditionMissing("Précisez la version que vous modifiez dans l'en-tête If-Match.")
    if if_match.strip() != etag(version):
        raise PreconditionFailed(
            "La ressource a changé depuis votre lecture : relisez-la avant de la modifier.",
            extra={
                "current": (await current()).model_dump(mode="json") if current else None,
                "current_etag": etag(version),
            },
        )
