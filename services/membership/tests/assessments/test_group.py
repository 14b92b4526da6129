"""Several people answer alone, blind to each other; then the spread is shown and the group settles one answer each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.issuer import TestIssuer
from common.testing.plugin import Arrange

from ..sittings.test_minutes import act
from .test_alone import levels, opened, structure_of


@asynccontextmanager
async def person(
    membership: ServiceUnderTest, issuer: TestIssuer, name: str, member_id: UUID
) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client for one person of a structure."""
    token = issuer.sign({**issuer.claims("member", member_id=member_id), "sub": name})
    async with membership.client("member", member_id=member_id) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


async def answered(client: httpx.AsyncClient, path: str, answers: list[dict[str, Any]], *, give: bool = True) -> None:
    assert (await client.post(f"{path}/sheet")).status_code == 201
    sheet = f"{path}/sheet"
    etag = (await client.get(sheet)).headers["etag"]
    filled = await client.patch(sheet, json={"answers": answers}, headers={"If-Match": etag})
    assert filled.status_code == 200, filled.text
    if give:
        given = await act(client, sheet, "POST", "give")
        assert given.status_code == 200, given.text


async def group_of(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    return dict((await client.get(path)).json()["group"])


async def test_each_answers_blind_then_the_group_settles(
    membership: ServiceUnderTest, arranged: Arrange, issuer: TestIssuer
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with (
        person(membership, issuer, "director", own) as director,
        person(membership, issuer, "ann", own) as ann,
        person(membership, issuer, "bob", own) as bob,
        person(membership, issuer, "carl", own) as carl,
    ):
        path = await opened(director, mode="group")
        await answered(ann, path, levels("cap-2026", 1, volunteers=None))
        await answered(bob, path, levels("cap-2026", 3), give=False)
        # One is too few to end it, for good.
        early = await act(director, path, "POST", "end-gathering")
        assert (early.status_code, early.json()["code"]) == (409, "too_few_given")
        assert (await director.get(path)).json()["blockers"]["end_gathering"][0]["code"] == "too_few_given"
        await act(bob, f"{path}/sheet", "POST", "give")
        await answered(carl, path, levels("cap-2026", 3)[:1])
        # As long as anybody may give, nobody sees more than how many did: two readings would tell one person's.
        for reader in (ann, bob, director):
            group = await group_of(reader, path)
            assert (group["begun"], group["given"], group["spreads"], group["gathered_on"]) == (3, 3, None, None)
        assert (await director.get(f"{path}/sheet")).json()["code"] == "sheet_not_found"
        # Nor by trying to end the gathering without ending it.
        tried = await act(director, path, "POST", "end-gathering?dry_run=true")
        assert (tried.status_code, tried.headers["dry-run"]) == (200, "true")
        assert tried.json()["group"]["spreads"] is None

        again = await act(bob, path, "PATCH", "sheet", answers=levels("cap-2026", 0))
        assert again.json()["code"] in ("sheet_given", "version_changed")
        acts = {"fill": ("PATCH", "", {"answers": levels("cap-2026", 0)}), "give": ("POST", "/give", {})}
        assert await try_acts(bob, f"{path}/sheet", acts) == set()
        etag = (await bob.get(f"{path}/sheet")).headers["etag"]
        late = await bob.patch(f"{path}/sheet", json={"answers": levels("cap-2026", 0)}, headers={"If-Match": etag})
        assert (late.status_code, late.json()["code"]) == (409, "sheet_given")

        early = await act(director, path, "PATCH", "answers", answers=levels("cap-2026", 2))
        assert (early.status_code, early.json()["code"]) == (409, "answers_being_gathered")
        ended = await act(director, path, "POST", "end-gathering")
        assert ended.status_code == 200, ended.text
        # Carl answered one question: it alone has three answers.
        [question] = [one["question"] for one in levels("cap-2026", 3)[:1]]
        spread = {one["question"]: one["levels"] for one in (await group_of(ann, path))["spreads"]}
        assert spread == {question: [0, 1, 0, 2, 0]}
        assert (await ann.post(f"{path}/sheet")).json()["code"] == "no_gathering"
        settled = await act(director, path, "PATCH", "answers", answers=levels("cap-2026", 2))
        assert settled.json()["scores"]["whole"]["points"] == 50
        sent = await act(director, path, "POST", "submit")
        assert sent.json()["state"] == "submitted"
        # The settled answers count; what each gave stays inside the structure.
        assert {one["level"] for one in sent.json()["answers"]} == {2}
        done = [(one["act"], one["by"]) for one in sent.json()["history"]]
        assert done == [("open", "director"), ("end_gathering", "director"), ("submit", "director")]
    async with membership.client("network") as client:
        outside = await client.get(path)
        assert outside.json()["group"] is None
        assert "ann" not in outside.text.split(chr(34))
        assert "director" not in outside.text.split(chr(34))
        assert [one["act"] for one in outside.json()["history"]] == ["open", "end_gathering", "submit"]
        assert (await client.get(f"{path}/sheet")).status_code == 403


async def test_abandoning_shows_nothing_of_what_each_gave(
    membership: ServiceUnderTest, arranged: Arrange, issuer: TestIssuer
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with person(membership, issuer, "director", own) as director:
        path = await opened(director, mode="group")
        for name in ("ann", "bob", "carl"):
            async with person(membership, issuer, name, own) as one:
                await answered(one, path, levels("cap-2026", 1))
        left = await act(director, path, "POST", "abandon", reason="Trop tôt.")
        assert (left.json()["state"], left.json()["group"]["spreads"]) == ("abandoned", None)
        assert left.json()["history"][-1]["reason"] == "Trop tôt."


async def test_two_at_once_open_one_assessment_and_one_sheet(
    membership: ServiceUnderTest, arranged: Arrange, issuer: TestIssuer
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with person(membership, issuer, "director", own) as director, person(membership, issuer, "ann", own) as ann:
        body = {"bank": "cap-2026", "mode": "group"}
        answers = await asyncio.gather(*(director.post("/assessments", json=body) for _ in range(4)))
        assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
        [path] = [f"/assessments/{one.json()['id']}" for one in answers if one.status_code == 201]
        sheets = await asyncio.gather(*(ann.post(f"{path}/sheet") for _ in range(4)))
        assert sorted(one.status_code for one in sheets) == [201, 409, 409, 409]


async def test_a_field_that_is_not_sent_is_kept(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        path = await opened(client)
        told = {"question": "written-project", "level": 3, "evidence": "Projet 2025"}
        await act(client, path, "PATCH", "answers", answers=[told])
        await act(client, path, "PATCH", "answers", answers=[{"question": "written-project", "comment": "précision"}])
        erased = await act(
            client, path, "PATCH", "answers", answers=[{"question": "written-project", "evidence": None}]
        )
        [kept] = [one for one in erased.json()["answers"] if one["question"] == "written-project"]
        assert (kept["level"], kept["comment"], kept["evidence"]) == (3, "précision", None)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param({"question": "inconnue", "level": 1}, "question_unknown", id="une question d'ailleurs"),
        pytest.param({"question": "written-project", "level": 5}, "level_unknown", id="hors de l'échelle"),
        pytest.param(
            {"question": "written-project", "not_applicable": True}, "always_applicable", id="jamais sans objet"
        ),
        pytest.param(
            {"question": "volunteers", "level": 1, "not_applicable": True}, "answered_twice", id="l'un ou l'autre"
        ),
    ],
)
async def test_an_answer_that_does_not_fit(
    membership: ServiceUnderTest, arranged: Arrange, answer: dict[str, Any], code: str
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        path = await opened(client)
        refused = await act(client, path, "PATCH", "answers", answers=[answer])
        assert (refused.status_code, refused.json()["code"]) == (400, "answers_unfit")
        assert [error["code"] for error in refused.json()["errors"]] == [code]
        assert (await client.get(path)).json()["version"] == 1
