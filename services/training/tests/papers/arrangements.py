"""A session that a structure and somebody alone bought seats of, from a body that has rules; acts on its papers."""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest
from training.organisation.queries import DEMO_ORGANISATION

from ..enrolments.arrangements import Held, opened, person, seated
from ..sessions.arrangements import kept

KINDS = ["convention", "contract", "programme", "convocation", "rules", "attendance_sheet"]
RULES = '''
[[internal_rules]]
since = 2026-01-01
text = """Article 1. Les consignes de sécurité s'imposent à tous.
Article 2. Chacun respecte les horaires de la formation."""
'''


@dataclass(frozen=True)
class Made:
    """A session with papers to make. ``people``: two of structure 1, then somebody at their own cost."""

    held: Held
    people: tuple[str, str, str]
    request: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/sessions/{self.held.id}"


def body_file(folder: Path) -> Path:
    """The training body of the demonstration with internal rules."""
    file = folder / "organisation.toml"
    file.write_text(DEMO_ORGANISATION.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    return file


async def peopled(training: ServiceUnderTest, seats: int = 6) -> Made:
    """Two people of a structure and one at their own cost, in a session of two days."""
    held = await opened(training, seats, 1, 2)
    async with training.client("training") as team:
        first = await person(team, 1, "ALPHA", email="alpha@structure.example")
        second = await person(team, 1, "BETA")
        alone = await person(team, None, "GAMMA", situation="individual")
        request = await seated(team, held, 1, 2, trainees=[first, second], contact_email="bureau@structure.example")
        quote = {"session_id": held.id, "buyer": {"trainee_id": alone}, "seats": 1}
        answer = await team.post("/enrolment-requests", json={"quote": quote, "trainees": [alone]})
        assert answer.status_code == 201, answer.text
    return Made(held, (first, second, alone), request)


async def on_session(
    team: httpx.AsyncClient, made: Made, act: str, body: dict[str, Any], **params: Any
) -> httpx.Response:
    """Play an act of the papers of a session, at the version that it has now."""
    tag = (await team.get(made.path)).headers["etag"]
    return await team.post(f"{made.path}{act}", json=body, headers={"If-Match": tag}, params=params)


async def issued(team: httpx.AsyncClient, made: Made, *kinds: str) -> list[dict[str, Any]]:
    answer = await on_session(team, made, "/papers/issue", {"kinds": list(kinds or KINDS)})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def of_kind(team: httpx.AsyncClient, made: Made, kind: str, **params: Any) -> list[dict[str, Any]]:
    asked = {"kind": kind, "sort": "number", "limit": 200, **params}
    answer = await team.get(f"{made.path}/papers", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def carried(team: httpx.AsyncClient, made: Made, days: int = 0, **said: Any) -> list[dict[str, Any]]:
    """The half-days of a session so many days later, or otherwise."""
    slots = kept((await team.get(made.path)).json()["slots"])
    return [{**slot, "day": (date.fromisoformat(slot["day"]) + timedelta(days)).isoformat(), **said} for slot in slots]


async def read_pdf(client: httpx.AsyncClient, paper_id: str) -> tuple[str, int]:
    """What the pages of a paper say, and how many there are."""
    answer = await client.get(f"/papers/{paper_id}/pdf")
    assert answer.status_code == 200, answer.text
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split()), len(pages)
