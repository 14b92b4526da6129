"""Thousands of requests made up from each API's description: none may break a service or leave its contract."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

from e2e.platform import Platform

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
_LIVE = "(stream|events)$"
"""Live streams do not end by themselves."""


@pytest.mark.parametrize(
    ("service", "persona"),
    [("membership", "network"), ("membership", "board"), ("membership", "ops"), ("dues", "finance"), ("dues", "ops")],
)
def test_no_made_up_request_breaks_an_api(platform: Platform, service: str, persona: str, tmp_path: Path) -> None:
    run = subprocess.run(  # noqa: S603  # our own words
        [
            str(Path(sysconfig.get_path("scripts")) / "schemathesis"),
            *("run", f"{platform.settings.public_url}/{service}/openapi.json"),
            *("--header", f"Authorization: Bearer {platform.token(persona)}"),
            *("--checks", _CHECKS, "--max-examples", "10", "--seed", "1", "--exclude-path-regex", _LIVE),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-60_000:]
