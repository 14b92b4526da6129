"""What a test writes in the register of improvement, through the API."""

from datetime import timedelta
from typing import Any

import httpx

from common.clock import legal_day
from common.testing.harness import ServiceUnderTest

WATCH: dict[str, Any] = {
    "kind": "legal",
    "title": "Décret du 1er août 2026",
    "source": "Journal officiel du 4 août 2026",
    "dated_on": "2026-08-04",
    "says": "Le référentiel qualité passe à 33 indicateurs.",
    "follows": "Revoir la fiche de chaque programme.",
}


def day(training: ServiceUnderTest, after: int) -> str:
    """The day that is so many days after the service's today."""
    return str(legal_day(training.runtime.clock.now()) + timedelta(days=after))


def risk(training: ServiceUnderTest, **said: Any) -> dict[str, Any]:
    return {
        "title": "Formatrice seule à tenir un programme",
        "description": "Aucune autre intervenante ne peut la remplacer.",
        "cause": "Recrutement arrêté",
        "likelihood": 3,
        "severity": 3,
        "owner": "Responsable pédagogique",
        "next_review_on": day(training, 90),
        **said,
    }


async def noted(client: httpx.AsyncClient, **said: Any) -> str:
    """A watch item of its own; its reference."""
    answer = await client.post("/improvements/watch-items", json={**WATCH, **said})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


async def planned(
    client: httpx.AsyncClient, training: ServiceUnderTest, kind: str, reference: str, **said: Any
) -> httpx.Response:
    body = {
        "title": "Former une seconde intervenante",
        "causes": [{"kind": kind, "reference": reference}],
        "indicators": [21],
        "owner": "Responsable pédagogique",
        "due_on": day(training, 30),
        **said,
    }
    return await client.post("/improvements/actions", json=body)


async def acted(client: httpx.AsyncClient, path: str, act: str, **said: Any) -> httpx.Response:
    """Play an act at the version that the thing has now."""
    tag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/{act}", json=said, headers={"If-Match": tag})
