"""Failpoints: inert unless the environment arms one, refused in production, and where they say they are."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import common
from common.failpoints import _POINTS, Failpoint
from common.testing.harness import settings_for
from common.testing.issuer import TestIssuer

from .notebook.app import service_with

_PASSES_EVERY_POINT = """
import sys
from common import failpoints
from common.failpoints import Failpoint
failpoints.arm(Failpoint.parse(sys.argv[1]) if len(sys.argv) > 1 else None)
for _ in range(3):
    for point in failpoints._POINTS:
        failpoints.reached(point)
print("passed")
"""


def passing_every_point(*armed: str, environment: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a process that passes by every point three times."""
    told = {**os.environ, "COORACE_FAILPOINT": environment} if environment else dict(os.environ)
    command = [sys.executable, "-c", _PASSES_EVERY_POINT, *armed]
    return subprocess.run(command, env=told, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


def test_unarmed_a_point_does_nothing() -> None:
    assert passing_every_point().stdout == "passed\n"


def test_the_environment_alone_arms_nothing() -> None:
    """Only a process that reads its settings does, and production refuses them."""
    assert passing_every_point(environment="relay.claimed").stdout == "passed\n"


@pytest.mark.parametrize("point", _POINTS)
def test_an_armed_point_kills(point: str) -> None:
    assert passing_every_point(point).returncode == -signal.SIGKILL


@pytest.mark.parametrize(("passage", "code"), [(3, -signal.SIGTERM), (4, 0)])
def test_the_signal_and_the_passage_are_those_asked_for(passage: int, code: int) -> None:
    assert passing_every_point(f"relay.claimed:SIGTERM:{passage}").returncode == code


@pytest.mark.parametrize("text", ["", "elsewhere", "relay.claimed:SIGNOTHING", "relay.claimed::often"])
def test_what_names_no_point_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"called|invalid literal"):
        Failpoint.parse(text)


def test_production_refuses_one(issuer: TestIssuer, tmp_path: Path) -> None:
    armed = {"COORACE_FAILPOINT": "relay.claimed"}
    assert settings_for(service_with(), "postgresql://x", issuer, tmp_path, **armed).failpoint == "relay.claimed"
    with pytest.raises(ValidationError, match="never for production"):
        settings_for(service_with(), "postgresql://x", issuer, tmp_path, COORACE_ENVIRONMENT="production", **armed)


def test_every_point_stands_in_the_mechanism_once() -> None:
    source = "".join(path.read_text() for path in Path(next(iter(common.__path__))).rglob("*.py"))
    for point in _POINTS:
        assert source.count(f'failpoints.reached("{point}")') == 1, point
