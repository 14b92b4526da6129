"""Run, recognise and stop programs that outlive the command that started them."""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from devstack.errors import StackError

STOP_DEADLINE = 25.0
"""Seconds between asking a process to end and ending it: more than a service gives its own parts."""

CLOCK_TOLERANCE = 2.0
"""Seconds by which the system may restate a process's birth after a clock correction."""


@dataclass(frozen=True, slots=True)
class Program:
    """One process to run. ``environment`` is added to ours; ``user`` is a system user, for root only."""

    name: str
    command: tuple[str, ...]
    log: Path
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def fingerprint(self) -> str:
        """Changes when the process would be started differently: the sign that a running one is out of date."""
        parts = [list(self.command), sorted(self.environment.items()), str(self.cwd), self.stop_signal]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Running:
    """A process known by its pid and its birth, so that another one with a recycled pid is never touched."""

    pid: int
    born: float
    stop_signal: signal.Signals
    child: subprocess.Popen[bytes] | None = field(default=None, compare=False)

    def alive(self) -> bool:
        """Whether this very process still runs; a dead one that nobody has collected does not."""
        if self.child is not None:
            return self.child.poll() is None
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.born) < CLOCK_TOLERANCE
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def stop(self, deadline: float = STOP_DEADLINE) -> None:
        """Ask the process to end, and end it with its children after ``deadline`` seconds."""
        if not self.alive():
            return
        os.kill(self.pid, self.stop_signal)
        if not wait_for(lambda: not self.alive(), deadline):
            self.kill()

    def kill(self) -> None:
        """End the process and its children at once, as a power cut would."""
        if not self.alive():
            return
        family = psutil.Process(self.pid).children(recursive=True)  # PostgreSQL's lead sessions of their own
        os.kill(self.pid, signal.SIGKILL)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        wait_for(lambda: not self.alive(), STOP_DEADLINE)
        psutil.wait_procs(family, STOP_DEADLINE)


def launch(program: Program) -> Running:
    """Start ``program`` in a session of its own, its output appended to its log."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        child = subprocess.Popen(  # noqa: S603  # our own command lines
            program.command,
            cwd=program.cwd,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=program.user,
            group=program.user,
            extra_groups=_extra_groups(program.user),
        )
    return Running(child.pid, psutil.Process(child.pid).create_time(), program.stop_signal, child)


def run(
    command: tuple[str, ...],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    log: Path | None = None,
) -> str:
    """Run ``command`` to its end and give what it printed; a failure ends with the last lines it printed."""
    result = subprocess.run(  # noqa: S603  # our own command lines
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=_extra_groups(user),
    )
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(result.stdout + result.stderr)
    if result.returncode != 0:
        printed = (result.stdout + result.stderr).strip()
        raise StackError(
            f"La commande « {' '.join(command[:4])} » a échoué (code {result.returncode}).\n{_tail(printed)}"
        )
    return result.stdout


def wait_until_ready(ready: Callable[[], bool], running: Running, program: Program, seconds: float) -> None:
    """Return once ``ready``; refuse when the process ends first or needs more than ``seconds``."""
    if wait_for(lambda: not running.alive() or ready(), seconds) and running.alive():
        return
    what = "ne répond toujours pas" if running.alive() else "s'est arrêté au démarrage"
    journal = program.log.read_text(errors="replace")
    raise StackError(f"{program.name} {what}. Fin du journal {program.log} :\n{_tail(journal)}")


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether ``condition`` came true within ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.03)
    return True


def _extra_groups(user: str | None) -> list[str] | None:
    """Another user means that user's group alone: root's groups do not follow."""
    return None if user is None else []


def _tail(text: str, lines: int = 15) -> str:
    return "\n".join(text.splitlines()[-lines:])
