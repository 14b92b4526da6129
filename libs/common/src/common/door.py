"""The HTTP door: authenticates, opens the transaction, calls the route, commits, and only then answers.

A route's function receives ``tx`` (a write) or ``read`` (a GET). The commit stands between the answer's making and its
sending, so no client is ever told of something that did not last. ``?dry_run=true`` runs the same code and keeps
nothing; ``Idempotency-Key`` makes a POST safe to repeat.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, ClassVar

import structlog
from fastapi import Depends, Header, Query, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response

from common import idempotency
from common.auth import ANYONE, Unauthenticated
from common.errors import Forbidden, Unavailable
from common.faults import was_sacrificed
from common.idempotency import KeyInProgress, KeyReused
from common.inbox import Inbox
from common.problem import BodyTooLarge, Malformed, NulCharacter, NumberOutOfRange, Unreadable, joined, problems
from common.telemetry import route_of
from common.transaction import Actor, Read, Tx

_SAFE = {"GET", "HEAD", "OPTIONS"}
# Describes the token in OpenAPI; the door itself verifies it, before the route's dependencies run.
_TOKEN = HTTPBearer(
    auto_error=False,
    scheme_name="jeton",
    bearerFormat="JWT",
    description="Jeton d'accès OpenID Connect du fournisseur d'identité.",
)
_EVERYWHERE = problems(Unauthenticated, Forbidden, Malformed, Unreadable, NulCharacter, NumberOutOfRange, Unavailable)
_WITH_A_BODY = problems(BodyTooLarge)
_REPEATABLE = problems(KeyInProgress, KeyReused)
_BOOLEAN = TypeAdapter(bool)
_ATTEMPTS = 3

log = structlog.get_logger(__name__)


# These wait for nothing, and are coroutines all the same: FastAPI sends a plain function to a thread and back.
async def _tx(request: Request) -> Tx:
    tx: Tx = request.state.tx
    return tx


async def _read(request: Request) -> Read:
    read: Read = request.state.read
    return read


async def _actor(request: Request) -> Actor:
    actor: Actor = request.state.actor
    return actor


async def _inbox(request: Request) -> Inbox:
    inbox: Inbox = request.app.state.runtime.inbox
    return inbox


TxDep = Annotated[Tx, Depends(_tx)]
ReadDep = Annotated[Read, Depends(_read)]
ActorDep = Annotated[Actor, Depends(_actor)]
InboxDep = Annotated[Inbox, Depends(_inbox)]


async def _dry_run(
    dry_run: Annotated[
        bool, Query(description="Exécuter le même code et ne rien enregistrer : l'aperçu de l'action")
    ] = False,
) -> bool:
    return dry_run


async def _idempotency_key(
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            description="Rend la demande répétable sans double effet ; une clé par action voulue",
        ),
    ] = None,
) -> str | None:
    return idempotency_key


class Door(APIRoute):
    """A route whose requests go through the door. Routers take it as their ``route_class``."""

    leaves_a_trace: ClassVar[bool] = False
    """Whether a GET is given a transaction too, to write that it was asked: :class:`TracedDoor`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods: set[str] = set(options.get("methods") or {"GET"})
        described = [*(options.get("dependencies") or []), Security(_TOKEN)]
        declared = options.get("responses") or {}
        if methods - _SAFE:
            described.append(Depends(_dry_run))
            declared = joined(declared, _WITH_A_BODY)
        if "POST" in methods:
            described.append(Depends(_idempotency_key))
            declared = joined(declared, _REPEATABLE)
        options["dependencies"] = described
        options["responses"] = joined(declared, _EVERYWHERE)
        options["response_description"] = "La demande a abouti."
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler with authentication and the transaction."""
        handler = super().get_route_handler()
        enter = _write if self.leaves_a_trace or (self.methods or set()) - _SAFE else _look

        async def through(request: Request) -> Response:
            request.state.actor = await request.app.state.runtime.tokens.authenticate(request)
            return await enter(request, handler)

        return through


class TracedDoor(Door):
    """The door of reads of which something is written, such as the day a secret address was last used."""

    leaves_a_trace = True


def refusals_of_every_route() -> frozenset[str]:
    """Return the codes that routes declare because they go through the door, whatever they do."""
    declared = joined(_EVERYWHERE, _WITH_A_BODY, _REPEATABLE)
    return frozenset(code.strip("`") for one in declared.values() for code in one["description"].split(" · "))


async def _look(request: Request, handler: Callable[[Request], Awaitable[Response]]) -> Response:
    async with request.app.state.runtime.database.reading(request.state.actor) as read:
        request.state.read = read
        return await handler(request)


async def _write(request: Request, handler: Callable[[Request], Awaitable[Response]]) -> Response:
    """Write in one transaction. One that the database sacrifices to end a deadlock is done again: nothing of it lasts.

    A form is not: its files are closed by then.
    """
    attempts = 1 if request.headers.get("content-type", "").startswith("multipart/") else _ATTEMPTS
    for _ in range(attempts - 1):
        try:
            return await _write_once(request, handler)
        except DBAPIError as error:
            if not was_sacrificed(error):
                raise
            log.info("transaction_repeated", route=route_of(request.scope))
    return await _write_once(request, handler)


async def _write_once(request: Request, handler: Callable[[Request], Awaitable[Response]]) -> Response:
    dry_run = _wants_dry_run(request)
    # Without a token nobody is told from anybody: a kept answer might be another person's.
    known = request.state.actor is not ANYONE
    key = request.headers.get("idempotency-key") if known and request.method == "POST" and not dry_run else None
    async with request.app.state.runtime.database.transaction(request.state.actor, dry_run=dry_run) as tx:
        request.state.tx = tx
        response = None if key is None else await idempotency.kept(tx, request, key)
        if response is None:
            response = await handler(request)
            if key is not None:
                await idempotency.keep(tx, request, key, response)
    if dry_run:
        response.headers["Dry-Run"] = "true"
    return response


def _wants_dry_run(request: Request) -> bool:
    """Read ``dry_run`` as the route will; what it is about to refuse must not be kept either."""
    try:
        return _BOOLEAN.validate_python(request.query_params.get("dry_run", "false"))
    except ValidationError:
        return True
