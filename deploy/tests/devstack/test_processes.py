"""Processes are recognised by pid and birth, stopped gently, then firmly."""

import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from devstack.errors import StackError
from devstack.processes import Program, Running, launch, wait_until_ready
from devstack.registry import Registry

STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"


def python(tmp_path: Path, code: str) -> Program:
    return Program("essai", (sys.executable, "-c", code), tmp_path / "logs" / "essai.log", tmp_path)


@pytest.fixture
def sleeper(tmp_path: Path) -> Program:
    return python(tmp_path, "import signal; signal.pause()")


def test_a_recorded_process_is_found_and_stopped(tmp_path: Path, sleeper: Program) -> None:
    registry, running = Registry(tmp_path / "run"), launch(sleeper)
    registry.remember(sleeper, running)
    found = registry.find("essai")
    assert found is not None
    assert found.fingerprint == sleeper.fingerprint
    assert registry.names() == ["essai"]
    assert registry.stop("essai")
    assert not running.alive()
    assert registry.names() == []
    assert not registry.stop("essai")


def test_a_recycled_pid_is_neither_taken_for_ours_nor_stopped(tmp_path: Path, sleeper: Program) -> None:
    registry, stranger = Registry(tmp_path / "run"), launch(sleeper)
    registry.remember(sleeper, Running(stranger.pid, stranger.born - 3600, signal.SIGTERM))
    assert registry.find("essai") is None
    assert not registry.stop("essai")
    assert stranger.alive()
    stranger.kill()


def test_a_dead_process_that_nobody_collected_is_dead(tmp_path: Path) -> None:
    ended = launch(python(tmp_path, "pass"))
    seen_from_elsewhere = Running(ended.pid, ended.born, signal.SIGTERM)
    assert ended.child is not None
    ended.child.wait()
    assert not seen_from_elsewhere.alive()


def test_a_process_deaf_to_sigterm_is_killed_after_the_deadline(tmp_path: Path) -> None:
    program = python(tmp_path, STUBBORN)
    running = launch(program)
    wait_until_ready(lambda: "deaf" in program.log.read_text(), running, program, seconds=10)
    running.stop(deadline=0.2)
    assert running.child is not None
    assert running.child.returncode == -signal.SIGKILL


def test_a_process_that_dies_while_starting_shows_the_end_of_its_log(tmp_path: Path) -> None:
    program = python(tmp_path, "raise SystemExit('la configuration est illisible')")
    running = launch(program)
    with pytest.raises(StackError, match=r"essai s'est arrêté au démarrage(.|\n)*la configuration est illisible"):
        wait_until_ready(lambda: False, running, program, seconds=10)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"command": ("autre",)}, id="autre commande"),
        pytest.param({"environment": {"DUES_PORT": "9000"}}, id="autre réglage"),
        pytest.param({"cwd": Path("/")}, id="autre dossier"),
    ],
)
def test_a_program_started_differently_has_another_fingerprint(sleeper: Program, changes: dict[str, object]) -> None:
    assert replace(sleeper, **changes).fingerprint != sleeper.fingerprint  # type: ignore[arg-type]
