"""What an operator does on the services' own routes, with an operator's token."""

from typing import Any

import httpx

from chaos.stage import Side, Stage


class Operator:
    """Acts on both services of a stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._headers = {"Authorization": f"Bearer {stage.servers.token('ops')}"}

    async def replay(self, side: Side) -> int:
        """Have a service send its whole ledger again; return how many facts."""
        sent, position = 0, 0
        while position is not None:
            answer = await self._post(side, "/events/replay", {"after_position": position})
            answer.raise_for_status()
            sent, position = sent + answer.json()["events"], answer.json()["next_position"]
        return sent

    async def parked(self, side: Side) -> list[dict[str, Any]]:
        """Return what a service has set aside."""
        answer = await self._call("GET", side, "/events/parked")
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def redrive(self, side: Side, event_id: str) -> httpx.Response:
        """Have a service try again what it set aside, and what waits behind."""
        return await self._post(side, f"/events/parked/{event_id}/redrive", None)

    async def discard(self, side: Side, event_id: str, reason: str) -> httpx.Response:
        """Have a service give up what it set aside."""
        return await self._post(side, f"/events/parked/{event_id}/discard", {"reason": reason})

    async def quarantined(self, side: Side) -> list[dict[str, Any]]:
        """Return what the broker refused of a service's facts."""
        answer = await self._call("GET", side, "/events/quarantined")
        answer.raise_for_status()
        refused: list[dict[str, Any]] = answer.json()["items"]
        return refused

    async def retry(self, side: Side, event_id: str) -> None:
        """Have a service send again what the broker refused."""
        (await self._post(side, f"/events/quarantined/{event_id}/retry", None)).raise_for_status()

    async def _post(self, side: Side, path: str, body: dict[str, Any] | None) -> httpx.Response:
        return await self._call("POST", side, path, json=body)

    async def _call(self, method: str, side: Side, path: str, **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(timeout=30, headers=self._headers) as client:
            return await client.request(method, f"{self._stage.apis(side)[0]}/v1/ops{path}", **options)
