"""What a test files as a complaint, and the acts that it plays on one, through the API."""

from typing import Any

import httpx

FILED: dict[str, Any] = {
    "kind": "complaint",
    "text": "La salle n'était pas chauffée.",
    "session": "SES-2026-00012",
    "programme": "CIP-01",
    "name": "Une stagiaire",
    "email": "stagiaire@exemple.fr",
}


async def filed(client: httpx.AsyncClient, **said: Any) -> dict[str, Any]:
    """A complaint filed as anybody does: its reference and its key."""
    answer = await client.post("/complaints", json={**FILED, **said})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def acted(client: httpx.AsyncClient, reference: str, act: str, **said: Any) -> httpx.Response:
    """Play an act at the version that the complaint has now."""
    path = f"/complaints/{reference}"
    tag = (await client.get(path)).headers["etag"]
    sent = {"json": said} if said or act == "erase" else {}
    return await client.post(f"{path}/{act}", headers={"If-Match": tag}, **sent)


async def followed(client: httpx.AsyncClient, key: str) -> httpx.Response:
    return await client.get("/complaint-follow-up", headers={"Complaint-Key": key})


async def ended(client: httpx.AsyncClient, reference: str) -> dict[str, Any]:
    """A complaint answered and closed without an action."""
    assert (await acted(client, reference, "answer", text="Le chauffage est réparé.")).status_code == 200
    closed = await acted(client, reference, "close", cause="Chaudière en panne", no_action="Panne du seul bâtiment")
    assert closed.status_code == 200, closed.text
    return dict(closed.json())
