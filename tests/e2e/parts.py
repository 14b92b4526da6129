"""A service as it runs in production: four processes, each of which may die alone."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from common.testing.awaiting import eventually
from devstack.ports import free_port
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
            url = f"http://127.0.0.1:{self.environment['DUES_PORT']}/dues/health/ready"
            await eventually(lambda: _answers(url), awaited="dues' API")

    def kill(self, part: str) -> None:
        """End one process as a power cut would."""
        self.running[part].kill()


@contextmanager
def jobs_of_another_day(platform: Platform, service: str, *, days_later: int) -> Iterator[None]:
    """Run, beside a service, one more of its jobs processes, whose clock is on another day."""
    with _of_another_day(platform, service, "jobs", days_later, _environment(platform, service)):
        yield


@asynccontextmanager
async def api_of_another_day(
    platform: Platform, service: str, *, days_later: int
) -> AsyncIterator[Callable[..., httpx.Client]]:
    """Run one more of a service's API processes, whose clock is on another day; give a way to open it as a persona.

    Or as another person who has the same rights, by the name of that one.
    """
    environment = {**_environment(platform, service), f"{service.upper()}_PORT": str(free_port())}
    url = f"http://127.0.0.1:{environment[f'{service.upper()}_PORT']}"
    with _of_another_day(platform, service, "api", days_later, environment), ExitStack() as clients:
        ready, awaited = f"{url}/{service}/health/ready", f"{service}'s API of another day"
        await eventually(lambda: _answers(ready), awaited=awaited, seconds=60)

        def open_as(persona: str, subject: str | None = None) -> httpx.Client:
            headers = {"Authorization": f"Bearer {platform.token(persona, subject)}"}
            return clients.enter_context(httpx.Client(base_url=url, headers=headers, timeout=30))

        yield open_as


@contextmanager
def _of_another_day(
    platform: Platform, service: str, part: str, days_later: int, environment: Mapping[str, str]
) -> Iterator[None]:
    program = Program(
        name=f"{service}-{part}-later",
        command=(sys.executable, "-m", service, part),
        log=platform.settings.logs / f"{service}-{part}-later.log",
        cwd=Path(__file__).parents[2] / "services" / service,
        environment={**environment, "COORACE_CLOCK_SHIFT_DAYS": str(days_later)},
    )
    process = launch(program)
    try:
        yield
    finally:
        process.stop()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


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
