"""Every route of every service tells a front end all it needs, in the same words."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import RouteContext, iter_route_contexts

from common.contracts.roles import Role
from common.discovery import find_services
from common.door import Door
from common.openapi import act_of, described_routes
from common.problem import MEDIA_TYPE
from common.service import Service

ROOT = Path(__file__).parents[2]
SERVICES = [found.service for found in find_services(ROOT)]
OPENAPI = {service.name: service.described.openapi() for service in SERVICES}
ROUTES = [
    pytest.param(service, route, id=f"{'/'.join(sorted(route.methods or ()))} {route.path}")
    for service in SERVICES
    for route in described_routes(service.described)
]
every_service = pytest.mark.parametrize("service", [pytest.param(service, id=service.name) for service in SERVICES])
every_route = pytest.mark.parametrize(("service", "route"), ROUTES)

UNTOKENED = ("/health/live", "/health/ready")
_ENGLISH = re.compile(r"\b(the|this|that|with|from|returns?|successful|response|error|and)\b", re.IGNORECASE)


@every_route
def test_a_route_is_described(service: Service, route: RouteContext) -> None:
    operation = _operation(service, route)
    assert re.fullmatch(r"[a-z][a-zA-Z]+", operation["operationId"])
    for text in ("summary", "description"):
        assert operation[text].strip()
        assert not _is_english(operation[text]), operation[text]
    assert operation["tags"]


@every_route
def test_a_route_goes_through_the_door_and_declares_its_act(service: Service, route: RouteContext) -> None:
    if route.path.endswith(UNTOKENED):
        return
    assert isinstance(route.original_route, Door), "the router lacks route_class=Door"
    act = act_of(route)
    assert act is not None, "no parameter depends on allow(…)"
    assert act in service.rights


@every_route
def test_refusals_are_declared_as_problems(service: Service, route: RouteContext) -> None:
    responses = _operation(service, route)["responses"]
    refusals = {status: response for status, response in responses.items() if not status.startswith("2")}
    for status, response in refusals.items():
        assert list(response["content"]) == [MEDIA_TYPE], status
        assert re.fullmatch(r"`[a-z_]+`( · `[a-z_]+`)*", response["description"]), status
    if not route.path.endswith(UNTOKENED):
        assert refusals.keys() >= {"401", "403", "422", "503"}


@every_service
def test_nothing_is_served_beside_the_description(service: Service) -> None:
    described = set(OPENAPI[service.name]["paths"])
    served = {str(route.path) for route in iter_route_contexts(service.described.routes)}
    hidden = {path.removeprefix(f"/{service.name}") for path in served - described}
    assert hidden == {"/docs", "/docs/oauth2-redirect", "/metrics", "/openapi.json"}


@every_service
def test_operation_ids_are_unique(service: Service) -> None:
    ids = [operation["operationId"] for path in OPENAPI[service.name]["paths"].values() for operation in path.values()]
    assert sorted(ids) == sorted(set(ids))


@every_service
def test_shapes_have_names_that_a_client_can_bear(service: Service) -> None:
    names = OPENAPI[service.name]["components"]["schemas"]
    assert [name for name in names if "__" in name] == [], "two shapes or enumerations share a name"


@every_service
def test_the_token_is_declared(service: Service) -> None:
    document = OPENAPI[service.name]
    assert document["components"]["securitySchemes"]["jeton"]["scheme"] == "bearer"
    public = {
        (route.path, method.lower())
        for route in described_routes(service.described)
        if (act := act_of(route)) and Role.ANYONE in service.rights[act]
        for method in route.methods or ()
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if not path.endswith(UNTOKENED):
                needed = [{"jeton": []}]
                assert operation["security"] == ([{}, *needed] if (path, method) in public else needed), path


@every_service
def test_every_tag_is_listed(service: Service) -> None:
    document = OPENAPI[service.name]
    listed = [tag["name"] for tag in document["tags"]]
    used = {tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert used <= {*listed, "Santé"}
    assert len(listed) == len(set(listed))


@every_service
def test_every_act_of_the_rights_table_has_a_route(service: Service) -> None:
    declared = {act_of(route) for route in described_routes(service.described)}
    assert set(service.rights) - declared == set()


@every_service
def test_every_shape_is_described_in_french(service: Service) -> None:
    schemas: dict[str, Any] = OPENAPI[service.name]["components"]["schemas"]
    english = {
        f"{name}: {text}" for name, schema in schemas.items() for text in _descriptions(schema) if _is_english(text)
    }
    assert english == set()


def _is_english(text: str) -> bool:
    """Tell by its small words, wire names between backquotes set aside."""
    return _ENGLISH.search(re.sub(r"`[^`]*`", "", text)) is not None


def _operation(service: Service, route: RouteContext) -> dict[str, Any]:
    [method] = route.methods or ()
    operation: dict[str, Any] = OPENAPI[service.name]["paths"][route.path][method.lower()]
    return operation


def _descriptions(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [text for item in schema for text in _descriptions(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["description"]] if isinstance(schema.get("description"), str) else []
    return own + [text for key, value in schema.items() if key != "description" for text in _descriptions(value)]
