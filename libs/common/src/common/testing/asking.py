"""Every route of a service, asked with the smallest request that its own description accepts.

For tests that walk all routes and know nothing of any: whose things a caller reaches, what reads cost.
"""

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from common.clock import Clock, legal_day
from common.contracts.roles import Role
from common.etags import etag
from common.openapi import act_of, described_routes
from common.rights import Scope
from common.service import Service
from common.testing.harness import ServiceUnderTest, described

Ids = Mapping[str, str]
"""What stands in the paths of routes, by the name of the parameter."""
_TODAY = legal_day(Clock().now()).isoformat()
_SMALLEST: Mapping[str, Any] = {
    "boolean": True,
    "date": _TODAY,
    "date-time": f"{_TODAY}T10:00:00Z",
    "time": "10:00",
    "uuid": str(UUID(int=1)),
    "email": "a@b.example",
}


def id_of(path: str) -> str:
    """Return what a path ends with."""
    return path.rpartition("/")[2]


@dataclass(frozen=True)
class Operation:
    """One route."""

    method: str
    path: str
    scopes: Mapping[Role, Scope] = field(compare=False)
    said: Mapping[str, Any] = field(compare=False, repr=False)
    """What the API's own description says of it."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def named(self) -> frozenset[str]:
        """The parameters of its path."""
        return frozenset(re.findall(r"\{(\w+)\}", self.path))

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    @property
    def narrowed_by(self) -> frozenset[str]:
        """The parameters of its query."""
        return frozenset(one["name"] for one in self._of_its_query)

    @property
    def needed(self) -> Mapping[str, Mapping[str, Any]]:
        """What its query cannot do without, each with its schema."""
        return {one["name"]: one["schema"] for one in self._of_its_query if one.get("required")}

    def reaches_less(self, role: Role) -> bool:
        """Whether a role may ask it, and not about everything."""
        return self.scopes.get(role, Scope.ALL) < Scope.ALL

    @property
    def _of_its_query(self) -> list[Mapping[str, Any]]:
        return [one for one in self.said.get("parameters", ()) if one["in"] == "query"]


@dataclass(frozen=True)
class Reader:
    """Somebody whose right is bounded."""

    role: Role
    claims: Mapping[str, Any]


class Api:
    """The routes of a service, and how each is asked."""

    def __init__(
        self, service: Service, *, endless: Collection[str] = (), also: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Leave out the routes that answer without end; ``also`` is what bodies need that no schema says, by path."""
        self._service = service
        self._endless = endless
        self._also = also or {}

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every route that has an act, when first asked for and not while tests are collected."""
        prefix = f"/{self._service.name}/v1"
        return tuple(
            Operation(method, path, self._service.rights[act], self._openapi["paths"][prefix + path][method.lower()])
            for route in described_routes(described(self._service))
            if (act := act_of(route)) is not None
            and (path := str(route.path).removeprefix(prefix)) not in self._endless
            for method in sorted(route.methods or ())
        )

    def reached_by(self, reader: Reader) -> list[Operation]:
        """Return what a reader may ask, and not about everything."""
        return [one for one in self.operations if one.reaches_less(reader.role)]

    def body_of(self, one: Operation) -> dict[str, Any] | None:
        """Return the smallest body that a route accepts, if it takes one."""
        shown = one.said.get("requestBody", {}).get("content", {}).get("application/json")
        return None if shown is None else {**self._smallest(shown["schema"]), **self._also.get(one.path, {})}

    async def ask(self, client: httpx.AsyncClient, one: Operation, ids: Ids, **query: Any) -> httpx.Response:
        """Ask with the smallest query and body that name what the path names, as if the first version had been seen."""
        body = one.said.get("requestBody", {}).get("content", {})
        path, headers = one.path.format(**ids), {"If-Match": etag(1)}
        params = {name: ids.get(name, self._smallest(schema)) for name, schema in one.needed.items()} | query
        if "multipart/form-data" in body:
            form = self._smallest(body["multipart/form-data"]["schema"])
            files = {"file": ("a.pdf", form.pop("file").encode())}
            return await client.post(path, data=form, files=files, headers=headers, params=params)
        sent = self.body_of(one)
        if sent:
            sent |= {name: ids[name] for name in sent.keys() & ids.keys()}
        return await client.request(one.method, path, json=sent, headers=headers, params=params)

    async def answers(self, service: ServiceUnderTest, reader: Reader, ids: Ids) -> dict[str, str]:
        """Return what a reader is answered by every read that it may ask, about what is its own and in lists."""
        found = {}
        async with service.client(reader.role, **reader.claims) as client:
            for one in self.reached_by(reader):
                if one.reads and one.named <= ids.keys():
                    counted = {"total": True} if "total" in one.narrowed_by else {}
                    answer = await self.ask(client, one, ids, **counted)
                    told = answer.text if answer.is_success else answer.json()["code"]
                    found[one.path] = f"{answer.status_code} {told}"
        return found

    def _smallest(self, schema: Mapping[str, Any]) -> Any:
        """Return the smallest value that a JSON schema of the API accepts."""
        if "$ref" in schema:
            return self._smallest(self._openapi["components"]["schemas"][id_of(schema["$ref"])])
        if choices := schema.get("oneOf") or schema.get("anyOf"):
            return self._smallest(choices[0])
        if shown := [schema["const"]] if "const" in schema else schema.get("enum") or schema.get("examples"):
            return shown[0]
        match schema.get("type"):
            case "object":
                needed = schema.get("required") or list(schema.get("properties", {}))[:1]
                return {name: self._smallest(schema["properties"][name]) for name in needed}
            case "array":
                return [self._smallest(schema["items"])] * schema.get("minItems", 0)
            case "integer":
                return schema.get("minimum", 1)
            case kind:
                return _SMALLEST.get(str(schema.get("format") or kind), "x" * schema.get("minLength", 1))

    @cached_property
    def _openapi(self) -> dict[str, Any]:
        return described(self._service).openapi()


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """Return what is not answered any more as it was."""
    return {path for path, answer in after.items() if answer != before[path]}


async def rows_of_every_table(
    service: ServiceUnderTest, *, tables_without: Collection[str] = (), columns_without: Iterable[str] = ()
) -> dict[str, list[str]]:
    """Return all that a service keeps, but for what is left out, to be held against itself at another moment."""
    left_out, found = {*columns_without}, {}
    for name, table in sorted(service.service.metadata.tables.items()):
        if name not in tables_without:
            kept = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in left_out)
            rows = await service.rows(f"SELECT {kept} FROM {name}")  # noqa: S608  # our own names
            found[name] = sorted(repr(tuple(row)) for row in rows)
    return found


def source_of(root: Path, test: str) -> str:
    """Return the source of an asynchronous test, named as pytest names it from the root of the repository."""
    file, _, name = test.partition("::")
    source = (root / file).read_text(encoding="utf-8")
    [found] = [one for one in ast.parse(source).body if isinstance(one, ast.AsyncFunctionDef) and one.name == name]
    return ast.get_source_segment(source, found) or ""
