"""A trainer, and the acts that a test plays on one through the API."""

from typing import Any

import httpx

EMPLOYEE: dict[str, Any] = {
    "name": "Camille EXEMPLE",
    "kind": "employee",
    "email": "camille@exemple.fr",
    "phone": "01 00 00 00 00",
    "account": "sujet-camille",
    "delegations": ["occitanie"],
    "cost": {"amount": "310.00", "unit": "half_day", "note": "Coût chargé"},
}
CONTRACTOR: dict[str, Any] = {
    "name": "Dominique MODÈLE",
    "kind": "contractor",
    "delegations": ["aura", "occitanie"],
    "contractor": {
        "name": "Coopérative d'essai",
        "siret": "90000000100017",
        "nda": "11900000000",
        "subcontract": "ST-2026-4",
    },
}
COMPETENCE: dict[str, Any] = {
    "theme": "support",
    "evidence": "diploma",
    "reference": "Titre professionnel, dossier F-12",
    "assessed_on": "2026-01-10",
    "assessed_by": "Responsable pédagogique",
}


def codes(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def registered(client: httpx.AsyncClient, **said: Any) -> str:
    """An employee, with an account of its own unless the test says one."""
    answer = await client.post("/trainers", json={**EMPLOYEE, "account": None, **said})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def acted(client: httpx.AsyncClient, trainer: str, act: str, **body: Any) -> httpx.Response:
    """Play an act at the version that the trainer has now."""
    tag = (await client.get(f"/trainers/{trainer}")).headers["etag"]
    return await client.post(f"/trainers/{trainer}/{act}", json=body or None, headers={"If-Match": tag})


async def able(client: httpx.AsyncClient, trainer: str, **said: Any) -> str:
    """What a trainer may teach from now on: the theme Accompagnement, unless the test says otherwise."""
    answer = await client.post("/competences", json={**COMPETENCE, "trainer_id": trainer, **said})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def away(client: httpx.AsyncClient, trainer: str, first_day: str, last_day: str, **said: Any) -> httpx.Response:
    told = {"trainer_id": trainer, "first_day": first_day, "last_day": last_day, "reason": "leave", **said}
    return await client.post("/unavailabilities", json=told)
