"""Writes ``docs/rights.md``: for every service, who may do what, how far, and by which routes."""

from collections.abc import Iterator, Sequence

from common.contracts.roles import Role
from common.openapi import act_of, described_routes
from common.rights import Scope
from common.service import Service

_HEAD = """\
# Droits

Écrit par `coorace docs` d'après les tables de droits des services : ne pas modifier à la main.

Chaque case dit jusqu'où un rôle peut accomplir un acte : **tout**, **délégation** (ce qui relève de la sienne) ou
**siens** (ce qui le concerne). Une case vide : jamais (403). Ce qui est hors de portée n'existe pas (404). La colonne
**public** est celle de tous, sans jeton ; elle manque où il en faut toujours un.
"""
_REACH = {Scope.ALL: "tout", Scope.DELEGATION: "délégation", Scope.OWN: "siens"}


def rights_document(services: Sequence[Service]) -> str:
    """Return the document in Markdown."""
    return "\n".join([_HEAD, *(line for service in services for line in _service(service))])


def _service(service: Service) -> Iterator[str]:
    roles = [role for role in Role if any(role in scopes for scopes in service.rights.values())]
    yield f"## {service.title} (`{service.name}`)"
    yield ""
    yield "| acte | " + " | ".join("**public**" if role is Role.ANYONE else f"`{role}`" for role in roles) + " |"
    yield "|---|" + "---|" * len(roles)
    for act, scopes in service.rights.items():
        yield f"| `{act}` | " + " | ".join(_REACH[scopes[role]] if role in scopes else "" for role in roles) + " |"
    yield ""
    routes = described_routes(service.described)
    for act in service.rights:
        yield f"- `{act}` :"
        yield from (
            f"    - `{method} {route.path}` : {route.summary}"
            for route in routes
            if act_of(route) == act
            for method in sorted(route.methods or ())
        )
    yield ""
