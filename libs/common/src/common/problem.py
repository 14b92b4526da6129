"""How a refusal looks on the wire: RFC 9457 problem+json, with a stable code, a French sentence and the trace."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.auth import Unauthenticated
from common.errors import Conflict, FieldError, Invalid, Refusal, Unavailable
from common.faults import causes, is_transient
from common.telemetry import current_trace_id, route_of
from common.validation_wording import explain

MEDIA_TYPE = "application/problem+json"
_NUL_SQLSTATES = ("22021", "22P05")
_OUT_OF_RANGE_SQLSTATE = "22003"
_CONFLICT_SQLSTATES = ("23505", "23503")
"""Uniqueness and references: what another transaction can have changed. Any other constraint is a fault of ours."""
log = structlog.get_logger(__name__)


class ProblemError(BaseModel):
    """Une faute dans la demande."""

    pointer: str = Field(description="Où, en JSON Pointer", examples=["/body/siren"])
    code: str = Field(description="Code stable", examples=["missing"])
    message: str = Field(description="La phrase à montrer", examples=["Ce champ est obligatoire."])


class Problem(BaseModel):
    """Un refus (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field("about:blank")
    title: str = Field(examples=["Conflit avec l'état actuel"])
    status: int = Field(examples=[409])
    code: str = Field(description="Code stable, à tester par les programmes", examples=["sitting_closed"])
    detail: str = Field(examples=["La séance du 12 janvier 2026 est déjà close."])
    errors: list[ProblemError] = Field(default_factory=list)
    trace_id: str | None = Field(None, description="À citer au support")


class Malformed(Invalid):
    """The request does not have the shape the route asks for."""

    code = "validation"
    title = "Demande mal formée"
    status = 422


class Unreadable(Invalid):
    """The request could not be read at all: not even its shape can be judged."""

    code = "bad_request"
    title = "Demande illisible"


class NulCharacter(Invalid):
    """A text of the request holds a character that no text may hold."""

    code = "nul_character"


class NumberOutOfRange(Invalid):
    """A number of the request is larger than any that could be meant."""

    code = "number_out_of_range"


class ConcurrentChange(Conflict):
    """Another transaction changed the same things first."""

    code = "concurrent_change"


class BodyTooLarge(Refusal):
    """The request weighs more than the route takes."""

    code = "body_too_large"
    title = "Envoi trop volumineux"
    status = 413


_TITLES = {
    400: (Unreadable.code, Unreadable.title),
    404: ("route_not_found", "Adresse inconnue"),
    405: ("method_not_allowed", "Méthode non prévue à cette adresse"),
    413: (BodyTooLarge.code, BodyTooLarge.title),
    415: ("media_type_unsupported", "Type de contenu non accepté"),
}


class ProblemResponse(Response):
    """A problem, with its media type."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Serialise the problem; identifiers and dates inside write themselves as strings."""
        return orjson.dumps(content, default=str)


def problem_response(
    refusal: Refusal, *, headers: dict[str, str] | None = None, status: int | None = None, title: str | None = None
) -> ProblemResponse:
    """Write a refusal as a problem.

    >>> import json
    >>> response = problem_response(Invalid("Trop tôt.", code="too_early"))
    >>> response.status_code, json.loads(response.body)["code"], json.loads(response.body)["detail"]
    (400, 'too_early', 'Trop tôt.')
    """
    code = status or refusal.status
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title or refusal.title,
        "status": code,
        "code": refusal.code,
        "detail": refusal.message,
        "errors": [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in refusal.errors],
        "trace_id": current_trace_id(),
        **refusal.extra,
    }
    return ProblemResponse(body, status_code=code, headers=headers)


def problems(*refusals: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Declare on a route the refusals it may answer, for its OpenAPI description; one stands for its special cases.

    >>> [(status, response["description"]) for status, response in problems(NulCharacter, BodyTooLarge).items()]
    [(400, '`nul_character`'), (413, '`body_too_large`')]
    """
    by_status: dict[int | str, list[type[Refusal]]] = {}
    for refusal in dict.fromkeys(kind for named in refusals for kind in (named, *named.__subclasses__())):
        by_status.setdefault(refusal.status, []).append(refusal)
    return {
        status: {
            "description": " · ".join(f"`{refusal.code}`" for refusal in kinds),
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
        for status, kinds in by_status.items()
    }


def joined(*declared: Mapping[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """Put declarations of refusals together: a status declared twice lists the codes of both, each once.

    >>> joined(problems(NulCharacter), problems(NumberOutOfRange, NulCharacter))[400]["description"]
    '`nul_character` · `number_out_of_range`'
    """
    together: dict[int | str, dict[str, Any]] = {}
    for responses in declared:
        for status, response in responses.items():
            codes = [
                *together.get(status, {}).get("description", "").split(" · "),
                *response["description"].split(" · "),
            ]
            together[status] = {**response, "description": " · ".join(dict.fromkeys(filter(None, codes)))}
    return together


def install(app: FastAPI) -> None:
    """Turn every exception a request can meet into a problem."""
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(Exception, _unexpected)


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  # registered for this class
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthenticated) else None
    if isinstance(error, Unavailable):
        headers = {"Retry-After": "5"}
    return problem_response(error, headers=headers)


async def _validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this class
    faults = [_field_error(fault, error.body) for fault in error.errors()]
    return problem_response(Malformed(_summary(faults), errors=faults))


def _field_error(fault: dict[str, Any], body: Any) -> FieldError:
    pointer = "".join(f"/{_pointed(str(part))}" for part in _place(fault["loc"], body))
    return FieldError(pointer, str(fault["type"]), explain(fault))


def _place(location: Sequence[int | str], body: Any) -> list[int | str]:
    """Return where a fault stands in what was sent: pydantic also names which of several shapes was meant."""
    source, *rest = location
    place, node = [source], body if source == "body" else None
    for rank, part in enumerate(rest, start=1):
        if isinstance(node, dict) and part not in node and part in node.values() and rank < len(rest):
            continue
        place.append(part)
        node = node[part] if isinstance(node, dict) and part in node else None
    return place


def _pointed(name: str) -> str:
    """Escape a name in a JSON Pointer (RFC 6901). A name the client invented may not even be valid Unicode."""
    return name.encode(errors="replace").decode().replace("~", "~0").replace("/", "~1")


def _summary(faults: Sequence[FieldError]) -> str:
    if len(faults) == 1:
        return f"{faults[0].pointer} : {faults[0].message}"
    return f"La demande comporte {len(faults)} erreurs de forme."


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for this class
    return _status_problem(error.status_code, headers=dict(error.headers) if error.headers else None)


def _status_problem(status: int, *, headers: dict[str, str] | None = None) -> ProblemResponse:
    code, title = _TITLES.get(status, ("http_error", HTTPStatus(status).phrase))
    return problem_response(Invalid(f"{title}.", code=code), headers=headers, status=status, title=title)


def too_large_as_problem(app: ASGIApp) -> ASGIApp:
    """Wrap an application whose body limit answers 413 by itself, in plain text, so that it answers a problem."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        translated = False

        async def translate(message: Message) -> None:
            nonlocal translated
            if message["type"] == "http.response.start" and message["status"] == BodyTooLarge.status:
                translated = True
                await _status_problem(message["status"])(scope, receive, send)
            elif not translated:
                await send(message)

        await app(scope, receive, translate)

    return wrapped


async def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)  # noqa: S101  # registered for this class
    refused = _unstorable(error)
    if refused is not None:
        return problem_response(refused)
    if getattr(error.orig, "sqlstate", None) in _CONFLICT_SQLSTATES:
        log.warning("constraint_refused", error=str(error.orig))
        return problem_response(
            ConcurrentChange("Une autre action vient de modifier ces données : relisez et recommencez.")
        )
    if is_transient(error):
        log.warning("database_unavailable", error=str(error.orig))
        return problem_response(
            Unavailable("La base de données ne répond pas : réessayez dans un instant.", code="database_unavailable"),
            headers={"Retry-After": "5"},
        )
    return _fault(request, error)


def _unstorable(error: DBAPIError) -> Invalid | None:
    """Return the refusal for a value that the database, or its driver, cannot take."""
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate in _NUL_SQLSTATES:
        return NulCharacter("La demande contient un caractère nul.")
    if sqlstate == _OUT_OF_RANGE_SQLSTATE or any(isinstance(cause, OverflowError) for cause in causes(error)):
        return NumberOutOfRange("Un nombre de la demande est trop grand.")
    return None


async def _unexpected(request: Request, error: Exception) -> Response:
    if is_transient(error):
        return problem_response(
            Unavailable("Le service est momentanément indisponible.", code="unavailable"), headers={"Retry-After": "5"}
        )
    return _fault(request, error)


def _fault(request: Request, error: Exception) -> Response:
    """Answer a fault of ours: the log has it whole, under the trace that the problem names."""
    log.error("unexpected_error", route=route_of(request.scope), exc_info=error)
    refusal = Refusal(
        "Une erreur inattendue s'est produite ; l'équipe technique en trouve la trace.", code="unexpected"
    )
    return problem_response(refusal, status=500, title="Erreur interne")
