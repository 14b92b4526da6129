"""The APIs as a front end uses them: a person's token, problems shown as they come, jobs followed to their end."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from devstack.personas import delegation_codes, persona
from devstack.settings import Settings
from devstack.tokens import token_for

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.1


class StoryStopped(Exception):
    """A service refused what the story asked, or did not get there in time; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Api:
    """One person at the APIs."""

    client: httpx.Client

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Read."""
        return _accepted(self.client.get(path, params=params))

    def post(self, path: str, *, key: str | None = None, etag: str | None = None, **content: Any) -> httpx.Response:
        """Act, under an idempotency key and a version where the act has them."""
        headers = {name: value for name, value in (("Idempotency-Key", key), ("If-Match", etag)) if value}
        return _accepted(self.client.post(path, headers=headers, **content))

    def put(self, path: str, **content: Any) -> httpx.Response:
        """Decide."""
        return _accepted(self.client.put(path, **content))

    def follow(self, service: str, job_id: str, title: str) -> dict[str, Any]:
        """Show a job's progress until it ends. Raises StoryStopped when it fails."""
        with _progress(title) as show:
            for job in self._until_ended(f"/{service}/v1/jobs/{job_id}"):
                show(job)
        if job["status"] != "succeeded":
            failure = job["failure"] or {"code": job["status"], "message": "le travail n'est pas allé au bout"}
            raise StoryStopped(f"{title} : {failure['message']} ({failure['code']})")
        return job

    def _until_ended(self, path: str) -> Iterator[dict[str, Any]]:
        for _ in patiently(f"la fin de {path}"):
            job = self.get(path).json()
            yield job
            if job["status"] in ("succeeded", "failed", "cancelled"):
                return


def sign_in(name: str, settings: Settings) -> Api:
    """Open the APIs as a persona of the development issuer."""
    headers = {"Authorization": f"Bearer {token_for(persona(name, delegation_codes()), settings)}"}
    return Api(httpx.Client(base_url=settings.public_url, headers=headers, timeout=30.0))


def patiently(awaited: str) -> Iterator[None]:
    """Try again and again until the caller has what it waits for. Raises StoryStopped when it takes too long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        yield
        time.sleep(_POLL_SECONDS)
    raise StoryStopped(f"Au bout de {_PATIENCE_SECONDS:.0f} s, toujours pas : {awaited}.")


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    request = response.request
    try:
        problem = response.json()
        why = f"{problem['detail']} ({problem['code']})"
    except (ValueError, KeyError):
        why = f"réponse {response.status_code}"
    raise StoryStopped(f"{request.method} {request.url.path} : {why}")


@contextmanager
def _progress(title: str) -> Iterator[Any]:
    columns = (TextColumn("  {task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Progress(*columns, transient=True, disable=not sys.stdout.isatty()) as bars:
        task = bars.add_task(title, total=None)
        yield lambda job: bars.update(task, completed=job["done"], total=job["total"])
