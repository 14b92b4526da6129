"""Finance taking up past years: two structures of two regions, each with its SIREN."""

from typing import Any
from uuid import UUID

import httpx

from common.etags import etag
from common.testing.harness import ServiceUnderTest

from ..campaigns.test_campaign import joined

GARONNE, VILAINE = str(UUID(int=1)), str(UUID(int=2))
SIRENS = ("732829320", "552100554")
HEADER = "annee;adherent;appele;regle;etat;note"
LINES = (
    f"2023;{SIRENS[0]};800;500;reste dû;échéancier oral",
    f"2022;{GARONNE};700;700;soldé;",
    f"2023;{SIRENS[1]};900,50;900,50;soldé;",
)


async def federation(dues: ServiceUnderTest) -> None:
    for rank, (delegation, siren) in enumerate(zip(("occitanie", "bretagne"), SIRENS, strict=True), start=1):
        fact = joined(rank, "ges", delegation=delegation)
        await dues.receive(fact.model_copy(update={"state": fact.state.model_copy(update={"siren": siren})}))


async def send(client: httpx.AsyncClient, *lines: str, **params: Any) -> httpx.Response:
    files = {"file": ("historique.csv", "\n".join((HEADER, *lines)).encode())}
    return await client.post("/history/imports", files=files, params=params)


async def previewed(dues: ServiceUnderTest, client: httpx.AsyncClient, *lines: str) -> dict[str, Any]:
    sent = await send(client, *(lines or LINES))
    assert sent.status_code == 202, sent.text
    await dues.run_jobs()
    return dict((await client.get(f"/history/imports/{sent.json()['id']}")).json())


async def act(client: httpx.AsyncClient, shown: dict[str, Any], verb: str) -> httpx.Response:
    path = f"/history/imports/{shown['id']}/{verb}"
    return await client.post(path, headers={"If-Match": etag(shown["version"])})


async def taken(dues: ServiceUnderTest, client: httpx.AsyncClient, *lines: str) -> dict[str, Any]:
    shown = await previewed(dues, client, *lines)
    answer = await act(client, shown, "apply")
    assert answer.status_code == 202, answer.text
    await dues.run_jobs()
    return dict((await client.get(f"/history/imports/{shown['id']}")).json())


async def receipt(client: httpx.AsyncClient, shown: dict[str, Any]) -> list[tuple[int, str, str | None]]:
    items = (await client.get(f"/jobs/{shown['job_id']}/receipt")).json()["items"]
    return [(line["row"], line["outcome"], line["code"]) for line in items]
