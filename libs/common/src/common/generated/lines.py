"""What each route of a service says of itself: read from the description that the application gives, never written."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from common.openapi import APART, act_of, described_routes
from common.service import Service

Said = Mapping[str, Any]
_PAGING = frozenset({"limit", "cursor", "total", "sort", "format", "dry_run"})


@dataclass(frozen=True)
class Line:
    """One route, as its line in the table says it."""

    service: str
    method: str
    path: str
    act: str
    said: Said
    schemas: Said
    paths: Said

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> Mapping[str, Said]:
        """What its query and headers take, by name."""
        return {one["name"]: one for one in self.asked}

    @property
    def asked(self) -> list[Said]:
        """The same, each as the description gives it."""
        return [one for one in self.said.get("parameters", ()) if one["in"] in ("query", "header")]

    @property
    def filters(self) -> list[str]:
        """What narrows it, in its own order."""
        return [name for name, one in self.parameters.items() if one["in"] == "query" and name not in _PAGING]

    @property
    def status(self) -> str:
        """The status of its success."""
        [status] = [status for status in self.said["responses"] if status.startswith("2")]
        return str(status)

    @cached_property
    def shape(self) -> Said:
        """The schema of what it answers in JSON; empty for a file, a stream or nothing."""
        content = self.said["responses"][self.status].get("content", {})
        schema: Said = content.get("application/json", {}).get("schema", {})
        return self.resolved(schema)

    @property
    def fields(self) -> Said:
        """The fields of what it answers, by name."""
        fields: Said = self.shape.get("properties", {})
        return fields

    @property
    def listing(self) -> str:
        """How it gives a list, if it is one."""
        if "items" not in self.fields or self.method != "GET":
            return ""
        if "next_after" in self.fields:
            return "suivi"
        if "next_cursor" in self.fields:
            return "page"
        return "entière" if "maxItems" in self.fields["items"] else ""

    @property
    def has_export(self) -> bool:
        """Whether the same rows come as a file."""
        return "get" in self.paths.get(f"{self.path}/export", {})

    @property
    def is_versioned(self) -> bool:
        """Whether it answers a resource with the version to be named by who changes it."""
        return self.resolved(self.fields.get("version", {})).get("type") == "integer"

    @property
    def codes(self) -> list[str]:
        """The problems that it declares, in the order of their statuses."""
        refusals = [one for status, one in sorted(self.said["responses"].items()) if not status.startswith("2")]
        return [code.strip("`") for one in refusals for code in one["description"].split(" · ")]

    @property
    def apart(self) -> Mapping[str, str]:
        """The rules that it does not follow, each with why."""
        reasons: Mapping[str, str] = self.said.get(APART, {})
        return reasons

    def resolved(self, schema: Said) -> Said:
        """Follow a schema to where it stands."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema


def lines_of(service: Service) -> list[Line]:
    """Return every route of a service that asks for an act, in the order of its description."""
    app = service.described
    document = app.openapi()
    return [
        Line(service.name, method, path, act, paths[path][method.lower()], document["components"]["schemas"], paths)
        for paths in [document["paths"]]
        for route in described_routes(app)
        if (act := act_of(route)) is not None
        for path in [str(route.path)]
        for method in sorted(route.methods or ())
    ]
