"""Refusals: the five ways a service says no, each with a stable code and a French sentence.

    Refusal
    ├── NotFound      the thing does not exist, or the actor may not know that it does
    ├── Conflict      the thing's present state does not allow the act
    ├── Forbidden     the actor may see the thing but not do this to it
    ├── Invalid       the request is well-formed and makes no sense
    └── Unavailable   something needed is missing for now; trying again may succeed

Domain code declares its refusals as small subclasses with a fixed ``code``; the HTTP door turns any of them
into an RFC 9457 problem, the event door parks the event, a job fails with the same code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault inside a request: where (JSON pointer), which (stable code), and the sentence to show."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why an act is not possible now. A client that does not know the code treats the act as not allowed."""

    code: str
    message: str


class Refusal(Exception):
    """A named no. ``code`` is stable and part of the API; ``message`` is the French sentence for a person."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "Refus"
    status: ClassVar[int] = 400

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        if code is not None:
            self.code = code  # type: ignore[misc]  # an instance may be more precise than its class


class NotFound(Refusal):
    """The thing does not exist, or the actor may not know that it does."""

    code = "not_found"
    title = "Introuvable"
    status = 404


class Conflict(Refusal):
    """The present state does not allow the act."""

    code = "conflict"
    title = "Conflit avec l'état actuel"
    status = 409


class Forbidden(Refusal):
    """The actor may not do this."""

    code = "forbidden"
    title = "Action non autorisée"
    status = 403


class Invalid(Refusal):
    """The request is well-formed and makes no sense."""

    code = "invalid"
    title = "Demande invalide"
    status = 400


class Unavailable(Refusal):
    """Something needed is missing for now."""

    code = "unavailable"
    title = "Momentanément indisponible"
    status = 503


def obstacle(*checks: Callable[[], object]) -> Refusal | None:
    """Return the first refusal of some checks; None where each lets through.

    >>> obstacle(dict, list) is None
    True
    """
    for check in checks:
        try:
            check()
        except Refusal as refusal:
            return refusal
    return None
