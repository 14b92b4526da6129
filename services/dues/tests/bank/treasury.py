"""A federation that called three members, and the statements that its treasurer sends."""

from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest

from ..campaigns.test_campaign import joined, open_campaign, run

CALLED = {1: "5291.98", 2: "5608.00", 3: "800.00"}


async def called(dues: ServiceUnderTest) -> dict[str, dict[str, Any]]:
    """Call three members for their dues; return the calls by number."""
    await dues.receive(joined(1, "ai"), joined(2, "etti", delegation="bretagne"), joined(3, "ges"))
    async with dues.client("finance") as finance:
        await run(dues, finance, (await open_campaign(finance))["id"])
        items = (await finance.get("/invoices", params={"sort": "number"})).json()["items"]
    assert [item["total"] for item in items] == list(CALLED.values())
    return {item["number"]: item for item in items}


async def send(client: httpx.AsyncClient, content: bytes, name: str = "releve.xml") -> httpx.Response:
    return await client.post("/bank/files", files={"file": (name, content, "application/xml")})


async def lines(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    """Return lines, in the order of their amounts."""
    answer = await client.get("/bank/lines", params={"sort": "amount", "limit": 200, **params})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def line(client: httpx.AsyncClient, **params: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the only line of some filters, and the header by which it is changed."""
    [found] = await lines(client, **params)
    return found, {"If-Match": f'"v{found["version"]}"'}


async def match_all(dues: ServiceUnderTest, client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Match what is sure; return the receipt."""
    asked = await client.post("/bank/lines/match", json={"all": True})
    assert asked.status_code == 202, asked.text
    await dues.run_jobs()
    job = asked.headers["location"].removeprefix("/dues/v1")
    assert (await client.get(job)).json()["status"] == "succeeded"
    return list((await client.get(f"{job}/receipt")).json()["items"])


async def owed(client: httpx.AsyncClient) -> list[str]:
    """Return what is still owed of each call, by number."""
    return [item["owed"] for item in (await client.get("/invoices", params={"sort": "number"})).json()["items"]]
