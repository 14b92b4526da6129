"""Several people answer alone, blind to each other; then the spread is shown and the group settles one answer each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.issuer import TestIssuer

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


BLIND = {"gathered_on": None, "given": None, "spreads": None}


async def test_each_answers_blind_then_the_group_settles(membership: ServiceUnderTest, issuer: TestIssuer) -> None:
    own = await structure_of(membership, "A")
    async with (
        person(membership, issuer, "director", own) as director,
        person(membership, issuer, "ann", own) as ann,
        person(membership, issuer, "bob", own) as bob,
    ):
        path = await opened(director, mode="group")
        await answered(ann, path, levels("cap-2026", 1, volunteers=None))
        # Who has not given theirs sees nothing of the others', not even how many there are.
        for blind in (director, bob):
            assert (await blind.get(path)).json()["group"] == BLIND
        await answered(bob, path, levels("cap-2026", 3), give=False)
        assert (await bob.get(path)).json()["group"] == BLIND
        # One person's answers are not a spread.
        assert (await ann.get(path)).json()["group"] == {"gathered_on": None, "given": 1, "spreads": []}
        await act(bob, f"{path}/sheet", "POST", "give")
        for told in (ann, bob):
            group = (await told.get(path)).json()["group"]
            assert group["given"] == 2
            spread = {one["question"]: one for one in group["spreads"]}
            assert spread["written-project"]["levels"] == [0, 1, 0, 1, 0]
            assert (spread["volunteers"]["levels"], spread["volunteers"]["not_applicable"]) == ([0, 0, 0, 1, 0], 1)
        assert (await director.get(path)).json()["group"] == BLIND
        assert (await director.get(f"{path}/sheet")).json()["code"] == "sheet_not_found"
        # Nor by trying to end the gathering without ending it.
        tried = await act(director, path, "POST", "end-gathering?dry_run=true")
        assert (tried.status_code, tried.headers["dry-run"]) == (200, "true")
        assert (tried.json()["group"]["given"], tried.json()["group"]["spreads"]) == (None, None)
        assert (await director.get(path)).json()["group"] == BLIND

        again = await act(bob, path, "PATCH", "sheet", answers=levels("cap-2026", 0))
        assert again.json()["code"] in ("sheet_given", "version_changed")
        etag = (await bob.get(f"{path}/sheet")).headers["etag"]
        late = await bob.patch(f"{path}/sheet", json={"answers": levels("cap-2026", 0)}, headers={"If-Match": etag})
        assert (late.status_code, late.json()["code"]) == (409, "sheet_given")

        early = await act(director, path, "PATCH", "answers", answers=levels("cap-2026", 2))
        assert (early.status_code, early.json()["code"]) == (409, "answers_being_gathered")
        ended = await act(director, path, "POST", "end-gathering")
        assert ended.json()["group"]["given"] == 2
        assert (await ann.post(f"{path}/sheet")).json()["code"] == "no_gathering"
        settled = await act(director, path, "PATCH", "answers", answers=levels("cap-2026", 2))
        assert settled.json()["scores"]["whole"]["points"] == 50
        sent = await act(director, path, "POST", "submit")
        assert sent.json()["state"] == "submitted"
        # The settled answers count; what each gave stays inside the structure.
        assert {one["level"] for one in sent.json()["answers"]} == {2}
    async with membership.client("network") as client:
        outside = await client.get(path)
        assert outside.json()["group"] is None
        assert "ann" not in outside.text.split(chr(34))
        assert (await client.get(f"{path}/sheet")).status_code == 403


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
async def test_an_answer_that_does_not_fit(membership: ServiceUnderTest, answer: dict[str, Any], code: str) -> None:
    own = await structure_of(membership, "A")
    async with membership.client("member", member_id=own) as client:
        path = await opened(client)
        refused = await act(client, path, "PATCH", "answers", answers=[answer])
        assert (refused.status_code, refused.json()["code"]) == (400, "answers_unfit")
        assert [error["code"] for error in refused.json()["errors"]] == [code]
        assert (await client.get(path)).json()["version"] == 1
