"""A programme that can be published, and the acts that a test plays on one through the API."""

from typing import Any

import httpx

COMPLETE: dict[str, Any] = {
    "title": "Conduire un entretien d'accompagnement",
    "summary": "Deux journées pour outiller les entretiens des salariés en parcours.",
    "theme": "support",
    "objectives": ["Préparer un entretien", "Formuler un objectif avec la personne"],
    "prerequisites": "Aucun",
    "audience": "Conseillers en insertion, encadrants techniques",
    "hours": "14",
    "days": "2",
    "modes": ["on_site"],
    "methods": "Mises en situation filmées, apports, échanges de pratiques.",
    "assessment": "Quiz d'entrée et de sortie, mise en situation finale.",
    "recognition": "attestation",
    "member_price": "560.00",
    "price": "700.00",
    "funding": ["skills_plan", "group_account"],
    "access_days": 15,
    "disability_access": "Nous contacter : les supports et le rythme s'adaptent.",
    "contact": {"office": "Coorace Formation", "email": "formation@exemple.fr"},
    "nsf_code": "332",
    "trainees_min": 6,
    "trainees_max": 12,
}


async def created(client: httpx.AsyncClient, code: str, kind: str = "programme") -> dict[str, Any]:
    answer = await client.post("/programmes", json={"code": code, "kind": kind, "title": f"Programme {code}"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def acted(client: httpx.AsyncClient, code: str, act: str) -> httpx.Response:
    """Play an act at the version that the programme has now."""
    tag = (await client.get(f"/programmes/{code}")).headers["etag"]
    return await client.post(f"/programmes/{code}/{act}", headers={"If-Match": tag})


async def written(client: httpx.AsyncClient, code: str, **said: Any) -> httpx.Response:
    tag = (await client.get(f"/programmes/{code}")).headers["etag"]
    return await client.put(f"/programmes/{code}/draft", json={**COMPLETE, **said}, headers={"If-Match": tag})


async def published(client: httpx.AsyncClient, code: str, kind: str = "programme", **said: Any) -> dict[str, Any]:
    """A programme of its own, published at once."""
    await created(client, code, kind)
    answer = await written(client, code, **said)
    assert answer.status_code == 200, answer.text
    answer = await acted(client, code, "publish")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def published_again(client: httpx.AsyncClient, code: str, **said: Any) -> dict[str, Any]:
    """The next version of a programme."""
    assert (await acted(client, code, "open-draft")).status_code == 200
    assert (await written(client, code, **said)).status_code == 200
    answer = await acted(client, code, "publish")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
