"""A POST that may be sent again: the first answer is kept with its effect and given again, byte for byte."""

import hashlib
from collections.abc import Awaitable, Callable

import orjson
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from common.errors import Conflict, Refusal
from common.transaction import Tx

_FORGET = text("DELETE FROM idempotency_key WHERE position(:naming IN body) > 0")
_KEPT_HEADERS = ("content-type", "location", "etag", "cache-control")
NO_STORE = "no-store"

_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 20260101))")
_FIND = text("SELECT * FROM idempotency_key WHERE actor = :actor AND key = :key")
_KEEP = text(
    "INSERT INTO idempotency_key (actor, key, route, body_hash, status, headers, body)"
    " VALUES (:actor, :key, :route, :body_hash, :status, CAST(:headers AS jsonb), :body)"
)


class KeyReused(Refusal):
    """The key was used for another route or another body: a client's mistake, not a repetition."""

    code = "idempotency_key_reused"
    title = "Clé d'idempotence déjà employée"
    status = 422


class KeyInProgress(Conflict):
    """The first request with this key has not ended."""

    code = "idempotency_key_in_progress"


class AnswerGivenOnce(Conflict):
    """The action was done; its answer held a secret that is not kept, and cannot be given again."""

    code = "answer_given_once"


async def once(tx: Tx, request: Request, key: str, handler: Callable[[Request], Awaitable[Response]]) -> Response:
    """Run the handler, or give again the answer it gave to the same key, route and body.

    Refusals are not kept: nothing happened, so the repetition runs afresh. An answer marked ``Cache-Control: no-store``
    holds a secret: that it was given is kept, not what it said.
    """
    actor = tx.actor.subject
    route = f"{request.method} {request.url.path}?{request.url.query}"
    body_hash = await _body_hash(request)
    if not (await tx.session.execute(_LOCK, {"key": f"{actor}\n{key}"})).scalar_one():
        raise KeyInProgress("La première demande portant cette clé est encore en cours.")
    kept = (await tx.session.execute(_FIND, {"actor": actor, "key": key})).one_or_none()
    if kept is not None:
        if kept.route != route or kept.body_hash != body_hash:
            raise KeyReused("Cette clé d'idempotence a déjà servi pour une autre demande.")
        if kept.headers.get("cache-control") == NO_STORE:
            raise AnswerGivenOnce("C'est déjà fait, et la réponse portait un secret qui n'est montré qu'une fois.")
        headers = {**kept.headers, "Idempotency-Replayed": "true"}
        return Response(kept.body, status_code=kept.status, headers=headers)
    response = await handler(request)
    await tx.session.execute(
        _KEEP,
        {
            "actor": actor,
            "key": key,
            "route": route,
            "body_hash": body_hash,
            "status": response.status_code,
            "headers": orjson.dumps(
                {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            ).decode(),
            "body": b"" if response.headers.get("cache-control") == NO_STORE else bytes(response.body),
        },
    )
    return response


async def forget_answers(tx: Tx, naming: str) -> None:
    """Let go of kept answers that name somebody who is to be forgotten. Sent again, their requests run afresh."""
    await tx.session.execute(_FORGET, {"naming": naming.encode()})


async def _body_hash(request: Request) -> bytes:
    """Return what tells two bodies apart. A form's boundary is drawn afresh at each try: it says nothing."""
    body = await request.body()
    _, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    if boundary:
        body = body.replace(boundary.strip('"').encode(), b"")
    return hashlib.sha256(body).digest()
