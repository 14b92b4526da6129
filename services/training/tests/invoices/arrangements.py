"""A request billed through the API, and the acts that a test plays on its shares and invoices."""

from typing import Any
from uuid import UUID

import httpx

from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import Held, member, opened, person, seated

ADDRESS = {"street": "12 rue de l'Essai", "postcode": "31000", "city": "Toulouse"}
FUNDER = {"kind": "opco", "name": "Opérateur d'essai", "siren": "900000001", "address": ADDRESS, "amount": "800.00"}
AGREED = {"amount": "800.00", "file_reference": "2026-OPE-0042"}
AFTER = 100
"""So many days from now the session of the arrangements is over."""


async def arranged(training: ServiceUnderTest, seats: int = 2) -> tuple[Held, dict[str, Any]]:
    """A session, and so many seats taken by structure 1, whose SIREN and address are known."""
    held = await opened(training, seats, 2)
    known = {"siren": "900000001", "address": {**ADDRESS, "street": "3 place du Marché"}}
    await training.receive(member(1, **known))
    async with training.client("training") as team:
        return held, await seated(team, held, 1, seats)


async def billed(client: httpx.AsyncClient, request: dict[str, Any], *funders: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/billings", json={"request_id": request["id"], "funders": list(funders)})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def on_share(
    client: httpx.AsyncClient, billing: dict[str, Any], rank: int, act: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    """Play an act on a share at the version that its billing has now."""
    path = f"/billings/{billing['id']}"
    tag = (await client.get(path)).headers["etag"]
    share = billing["shares"][rank]["id"]
    return await client.post(f"{path}/shares/{share}/{act}", json=body, headers={"If-Match": tag})


async def issue(
    client: httpx.AsyncClient, billing: dict[str, Any], rank: int = 0, dry_run: bool = False, **said: Any
) -> httpx.Response:
    body = {"billing_id": billing["id"], "share_id": billing["shares"][rank]["id"], **said}
    return await client.post("/invoices", json=body, params={"dry_run": "true"} if dry_run else {})


async def issued(client: httpx.AsyncClient, billing: dict[str, Any], rank: int = 0, **said: Any) -> dict[str, Any]:
    answer = await issue(client, billing, rank, **said)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def bought_by_a_person(training: ServiceUnderTest) -> dict[str, Any]:
    """A request of somebody who pays for their own seat."""
    held = await opened(training, 2, 1)
    async with training.client("training") as team:
        who = await person(team, None, situation="individual")
        quote = {"session_id": held.id, "buyer": {"trainee_id": who}, "seats": 1}
        answer = await team.post("/enrolment-requests", json={"quote": quote, "trainees": [who]})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def own(number: int) -> dict[str, Any]:
    return {"member_id": UUID(int=number)}
