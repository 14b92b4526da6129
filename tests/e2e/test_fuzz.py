"""Thousands of requests made up from each API's description: none may break a service or leave its contract."""

import subprocess
import sysconfig
from functools import cache
from pathlib import Path

import pytest

from common.contracts.roles import Role
from common.discovery import find_services
from common.openapi import act_of, described_routes
from devstack.personas import delegation_codes, persona
from e2e.platform import Platform

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
_LIVE = "(stream|events)$"
"""Live streams do not end by themselves."""


SERVICES = {found.service.name: found.service for found in find_services(Path(__file__).parents[2])}
PERSONAS = {
    "dues": ("finance", "delegation-occitanie", "ops"),
    "membership": ("network", "delegation-occitanie", "member-900000001", "ops"),
    "training": ("training", "finance", "member-900000001", "ops"),
}


@cache
def operations_of(service: str) -> dict[str, frozenset[str]]:
    """Return the operations of an API, and the roles that may ask each; none where anybody may."""
    described, rights = SERVICES[service].described, SERVICES[service].rights
    acts = {
        (method, str(route.path)): act_of(route)
        for route in described_routes(described)
        for method in route.methods or ()
    }
    return {
        operation["operationId"]: frozenset(rights[act] if (act := acts.get((method.upper(), path))) else ())
        for path, operations in described.openapi()["paths"].items()
        for method, operation in operations.items()
    }


def share_of(service: str, name: str) -> list[str]:
    """Return what a persona asks: each operation once, by the first of them whose role reaches it."""
    left, share = operations_of(service), list[str]()
    for one in PERSONAS[service]:
        role = persona(one, delegation_codes()).role
        reached = [operation for operation, roles in left.items() if not roles or {role, Role.ANYONE} & roles]
        share = reached if one == name else share
        left = {operation: roles for operation, roles in left.items() if operation not in reached}
    assert not left, f"nobody asks {sorted(left)}"
    return share


@pytest.mark.parametrize(("service", "name"), [(service, name) for service in SERVICES for name in PERSONAS[service]])
def test_no_made_up_request_breaks_an_api(platform: Platform, service: str, name: str, tmp_path: Path) -> None:
    operations = share_of(service, name)
    assert operations, "a persona that reaches nothing of its own"
    run = subprocess.run(  # noqa: S603  # our own words
        [
            str(Path(sysconfig.get_path("scripts")) / "schemathesis"),
            *("run", f"{platform.settings.public_url}/{service}/openapi.json"),
            *("--header", f"Authorization: Bearer {platform.token(name)}"),
            *("--checks", _CHECKS, "--max-examples", "10", "--seed", "1", "--exclude-path-regex", _LIVE),
            *("--include-operation-id-regex", f"^({'|'.join(operations)})$"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    # What failed comes before pages of warnings; without any, the run itself says why it stopped.
    assert run.returncode == 0, run.stdout[max(run.stdout.find(" FAILURES "), 0) :][:20_000] + run.stderr
