"""What a resource says can be done to it, held against what doing it answers."""

from collections.abc import Mapping
from typing import Any

import httpx

Asked = tuple[str, str, Mapping[str, Any]]
"""How an act is asked for: the method, what follows the resource's path, the body."""


async def try_acts(client: httpx.AsyncClient, path: str, acts: Mapping[str, Asked]) -> set[str]:
    """Try each act of a resource and keep none: what it allows is done, and the rest refused as it says.

    Return what it allows of them.
    """
    shown = await client.get(path)
    allowed, blockers = shown.json()["allowed_actions"], shown.json()["blockers"]
    seen = {"If-Match": shown.headers["etag"]} if "etag" in shown.headers else {}
    for act, (method, under, body) in acts.items():
        tried = await client.request(method, path + under, json=body, params={"dry_run": True}, headers=seen)
        said = [one["code"] for one in blockers.get(act, ())]
        answered = [] if tried.is_success else [tried.json()["code"]]
        if (act in allowed) != tried.is_success or said != answered:
            raise AssertionError(f"{act}: {said or 'allowed' * (act in allowed)} was said, and answered {tried.text}")
    return acts.keys() & set(allowed)
