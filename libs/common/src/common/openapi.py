"""The application as it describes itself: FastAPI's OpenAPI document, with the one shape every refusal has."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from starlette.types import ASGIApp

from common.problem import Problem, too_large_as_problem


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
        return document
