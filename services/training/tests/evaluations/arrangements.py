"""A session with people, brought to its end, and what a test plays by their links."""

import re
from datetime import date
from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import Held, opened, person, seated

MARKS = {"overall": 4, "content": 4, "teaching": 5, "conditions": 3}


async def full_session(training: ServiceUnderTest, people: int) -> Held:
    """A session of one structure, each of its people with an address of their own."""
    held = await opened(training, 12, 1)
    async with training.client("training") as team:
        await enrolled(team, held, people)
    return held


async def enrolled(team: httpx.AsyncClient, held: Held, people: int, name: str = "personne") -> dict[str, Any]:
    trainees = [await person(team, 1, f"EXEMPLE {n}", email=f"{name}{n}@exemple.fr") for n in range(people)]
    return await seated(team, held, 1, people, trainees=trainees)


def days_to(training: ServiceUnderTest, day: date) -> int:
    return (day - training.runtime.clock.now().date()).days


async def keys(training: ServiceUnderTest, subject: str) -> dict[str, str]:
    """The key that each address was sent last under a subject."""
    rows = await training.rows(
        "SELECT recipient, text FROM mail WHERE subject LIKE :subject ORDER BY id", subject=f"{subject}%"
    )
    return {row.recipient: found[1] for row in rows if (found := re.search(r"avis#(\S+)", row.text))}


async def said(anybody: httpx.AsyncClient, key: str, **body: Any) -> httpx.Response:
    """Read the questions by a link, and answer."""
    form = await anybody.get("/evaluation-form", headers={"Evaluation-Key": key})
    assert form.status_code == 200, form.text
    headers = {"Evaluation-Key": key, "If-Match": form.headers["etag"]}
    return await anybody.post("/evaluation-form/answer", json={"marks": MARKS, **body}, headers=headers)
