"""A POST that may be sent again: the first answer is kept with its effect and given again, byte for byte."""

import hashlib

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


async def kept(tx: Tx, request: Request, key: str) -> Response | None:
    """Return the answer given to the same key, route and body; None where the route is to answer.

    The key is held until the transaction ends. Raises KeyInProgress, KeyReused, AnswerGivenOnce.
    """
    actor = tx.actor.subject
    request.state.body_hash = await _body_hash(request)  # before the route: a form is read from the wire only once
    if not (await tx.session.execute(_LOCK, {"key": f"{actor}\n{key}"})).scalar_one():
        raise KeyInProgress("La première demande portant cette clé est encore en cours.")
    answer = (await tx.session.execute(_FIND, {"actor": actor, "key": key})).one_or_none()
    if answer is None:
        return None
    if answer.route != _route(request) or answer.body_hash != request.state.body_hash:
        raise KeyReused("Cette clé d'idempotence a déjà servi pour une autre demande.")
    if answer.headers.get("cache-control") == NO_STORE:
        raise AnswerGivenOnce("C'est déjà fait, et la réponse portait un secret qui n'est montré qu'une fois.")
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    return Response(answer.body, status_code=answer.status, headers=headers)


async def keep(tx: Tx, request: Request, key: str, response: Response) -> None:
    """Keep an answer with its effect, to be given again; ``kept`` was asked first.

    Refusals are not kept: nothing happened, so the repetition runs afresh. An answer marked ``Cache-Control: no-store``
    holds a secret: that it was given is kept, not what it said.
    """
    await tx.session.execute(
        _KEEP,
        {
            "actor": tx.actor.subject,
            "key": key,
            "route": _route(request),
            "body_hash": request.state.body_hash,
            "status": response.status_code,
            "headers": orjson.dumps(
                {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            ).decode(),
            "body": b"" if response.headers.get("cache-control") == NO_STORE else bytes(response.body),
        },
    )


async def forget_answers(tx: Tx, naming: str) -> None:
    """Let go of kept answers that name somebody who is to be forgotten. Sent again, their requests run afresh."""
    await tx.session.execute(_FORGET, {"naming": naming.encode()})


def _route(request: Request) -> str:
    return f"{request.method} {request.url.path}?{request.url.query}"


async def _body_hash(request: Request) -> bytes:
    """Return what tells two bodies apart. A form's boundary is drawn afresh at each try: it says nothing."""
    body = await request.body()
    _, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    if boundary:
        body = body.replace(boundary.strip('"').encode(), b"")
    return hashlib.sha256(body).digest()
