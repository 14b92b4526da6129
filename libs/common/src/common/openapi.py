"""The application as it describes itself: FastAPI's OpenAPI document, with the one shape every refusal has."""

from enum import StrEnum
from typing import Any

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic.json_schema import models_json_schema
from starlette.types import ASGIApp

from common.contracts.roles import Role
from common.problem import Problem, too_large_as_problem

APART = "x-ecarts"
"""Where a route's description says which rules of the grammar it does not follow, and why."""


class DescribedApp(FastAPI):
    """A FastAPI application whose routes refuse with ``application/problem+json``.

    FastAPI files a route's extra responses under the media type of its success, so ``problems()`` refers to the
    problem's schema by name, and it is defined here.
    """

    def build_middleware_stack(self) -> ASGIApp:
        """Put the look of a problem on the body limit too: it stands outside of the exception handlers."""
        return too_large_as_problem(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        document = super().openapi()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if Problem.__name__ not in schemas:
            _, defined = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
            schemas.update(defined["$defs"])
            self._say_what_is_public(document)
        return document

    def _say_what_is_public(self, document: dict[str, Any]) -> None:
        """Declare that a route which anybody may call needs no token, though it takes one."""
        for route in described_routes(self):
            act = act_of(route)
            if act is not None and Role.ANYONE in self.state.rights[act]:
                for method in route.methods or ():
                    operation = document["paths"][route.path][method.lower()]
                    operation["security"] = [{}, *operation["security"]]


def apart(rule: str, why: str) -> dict[str, Any]:
    """Say that a route does not follow a rule of the grammar, and why: its ``openapi_extra``.

    >>> apart("version", "Ajoute sans rien remplacer.")
    {'x-ecarts': {'version': 'Ajoute sans rien remplacer.'}}
    """
    return {APART: {rule: why}}


def act_of(route: RouteContext) -> StrEnum | None:
    """Return the act a route declares through ``allow``, None when it declares none.

    >>> from fastapi import Depends
    >>> from common.rights import CommonAct, allow
    >>> app = FastAPI()
    >>> _ = app.get("/events", dependencies=[Depends(allow(CommonAct.OPERATE_EVENTS))])(lambda: None)
    >>> [act_of(route) for route in described_routes(app)] == [CommonAct.OPERATE_EVENTS]
    True
    """
    for dependency in route.dependant.dependencies:
        act = getattr(dependency.call, "act", None)
        if isinstance(act, StrEnum):
            return act
    return None


def described_routes(app: FastAPI) -> list[RouteContext]:
    """Return the routes that stand in an application's OpenAPI description.

    >>> app = FastAPI()
    >>> _ = app.get("/notes")(lambda: None)
    >>> [route.path for route in described_routes(app)]  # not those that serve the description itself
    ['/notes']
    """
    return [route for route in iter_route_contexts(app.routes) if getattr(route, "include_in_schema", False)]
