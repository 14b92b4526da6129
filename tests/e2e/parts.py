"""A service as it runs in production: four processes, each of which may die alone."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from common.testing.awaiting import eventually
from devstack.processes import Program, Running, launch
from devstack.registry import Registry
from e2e.platform import Platform

PARTS = ("api", "relay", "consume", "jobs")


@dataclass
class Parts:
    """The four processes of dues, in the place of the one that `make up` runs."""

    environment: dict[str, str]
    folder: Path
    running: dict[str, Running] = field(default_factory=dict)

    async def start(self, part: str) -> None:
        """Start one process; the API is waited for."""
        program = Program(
            name=f"dues-{part}",
            command=(sys.executable, "-m", "dues", part),
            log=self.folder / f"dues-{part}.log",
            cwd=Path(__file__).parents[2] / "services" / "dues",
            environment=self.environment,
        )
        self.running[part] = launch(program)
        if part == "api":
            await eventually(self._api_answers, awaited="dues' API")

    def kill(self, part: str) -> None:
        """End one process as a power cut would."""
        self.running[part].kill()

    def _api_answers(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self.environment['DUES_PORT']}/dues/health/ready"
            return httpx.get(url, timeout=5).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def jobs_of_another_day(platform: Platform, service: str, *, days_later: int) -> Iterator[None]:
    """Run, beside a service, one more of its jobs processes, whose clock is on another day."""
    program = Program(
        name=f"{service}-jobs-later",
        command=(sys.executable, "-m", service, "jobs"),
        log=platform.settings.logs / f"{service}-jobs-later.log",
        cwd=Path(__file__).parents[2] / "services" / service,
        environment={**_environment(platform, service), "COORACE_CLOCK_SHIFT_DAYS": str(days_later)},
    )
    process = launch(program)
    try:
        yield
    finally:
        process.stop()


@contextmanager
def dues_in_parts(platform: Platform) -> Iterator[Parts]:
    """Take the one process of dues down; its environment serves the four; afterwards it is itself again."""
    parts = Parts(_environment(platform, "dues"), platform.settings.logs)
    platform.command("devstack", "down", "--service", "dues")
    try:
        yield parts
    finally:
        for process in parts.running.values():
            process.stop()
        platform.command("devstack", "up")


def _environment(platform: Platform, service: str) -> dict[str, str]:
    record = Registry(platform.settings.local / "run").find(service)
    assert record is not None, f"{service} does not run"
    return psutil.Process(record.running.pid).environ()
