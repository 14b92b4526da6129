"""The routes of ops, from a terminal: one service at a time, with the caller's token."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from common.problem import MEDIA_TYPE

_TIMEOUT_SECONDS = 30.0


class Refused(Exception):
    """A service said no, or did not answer; the message is the French sentence to show, with the code."""

    def __init__(self, sentence: str, code: str | None = None) -> None:
        super().__init__(f"{sentence} ({code})" if code else sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class OpsClient:
    """One service as ops speak to it."""

    service: str
    base_url: str
    token: str

    def get(self, path: str, **parameters: Any) -> Any:
        """Read a route under ``/<service>/v1/ops``. Raises Refused."""
        return self._call("GET", path, params={k: v for k, v in parameters.items() if v is not None})

    def post(self, path: str, body: dict[str, Any] | None = None, *, dry_run: bool = False) -> Any:
        """Act on a route under ``/<service>/v1/ops``. Raises Refused."""
        return self._call("POST", path, json=body, params={"dry_run": "true"} if dry_run else None)

    def pages(self, path: str, **parameters: Any) -> Iterator[Any]:
        """Read every item of a list, page after page. Raises Refused."""
        cursor: str | None = None
        while True:
            page = self.get(path, cursor=cursor, **parameters)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def replay(self, **wanted: Any) -> int:
        """Have facts of the ledger sent again, page after page; return how many. Raises Refused."""
        sent, position = 0, 0
        while position is not None:
            answer = self.post("/events/replay", {**wanted, "after_position": position})
            sent, position = sent + answer["events"], answer["next_position"]
        return sent

    def _call(self, method: str, path: str, **options: Any) -> Any:
        url = f"{self.base_url.rstrip('/')}/{self.service}/v1/ops{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            response = httpx.request(method, url, headers=headers, timeout=_TIMEOUT_SECONDS, **options)
        except httpx.HTTPError as error:
            raise Refused(f"{self.base_url} ne répond pas ({type(error).__name__}).") from error
        if response.is_success:
            return response.json()
        raise _refused(response)


def _refused(response: httpx.Response) -> Refused:
    if response.headers.get("content-type", "").startswith(MEDIA_TYPE):
        problem = response.json()
        return Refused(problem["detail"], problem["code"])
    return Refused(f"{response.request.url} répond {response.status_code}, et pas comme un service de la plateforme.")
