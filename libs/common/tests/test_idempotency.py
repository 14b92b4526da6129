"""A POST that may be sent again: one effect, one answer."""

import asyncio

from sqlalchemy import text

from common.idempotency import forget_answers
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor

from .test_refusals import assert_problem

KEY = {"Idempotency-Key": "une-action-voulue"}
BODY = {"title": "une note", "rank": 1}


async def written(service: ServiceUnderTest) -> int:
    return len(await service.rows("SELECT 1 FROM note"))


async def test_a_repetition_gets_the_first_answer_byte_for_byte(notebook: ServiceUnderTest) -> None:
    async with notebook.client("network") as client:
        first = await client.post("/notes", json=BODY, headers=KEY)
        second = await client.post("/notes", json=BODY, headers=KEY)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    for name in ("etag", "location", "content-type"):
        assert second.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert await written(notebook) == 1


async def test_a_key_serves_one_request_only(notebook: ServiceUnderTest) -> None:
    async with notebook.client("network") as client:
        await client.post("/notes", json=BODY, headers=KEY)
        other_body = await client.post("/notes", json={**BODY, "rank": 2}, headers=KEY)
        other_route = await client.post("/notes/raw", json=BODY, headers=KEY)
    assert_problem(other_body, 422, "idempotency_key_reused")
    assert_problem(other_route, 422, "idempotency_key_reused")
    assert await written(notebook) == 1


async def test_a_key_belongs_to_its_actor(notebook: ServiceUnderTest) -> None:
    async with notebook.client("network") as one, notebook.client("network", "finance") as another:
        await one.post("/notes", json=BODY, headers=KEY)
        response = await another.post("/notes", json={"title": "la sienne"}, headers=KEY)
    assert response.status_code == 201
    assert await written(notebook) == 2


async def test_an_answer_that_holds_a_secret_is_given_once(notebook: ServiceUnderTest) -> None:
    """The key still says that the action was done; what was answered stands nowhere."""
    async with notebook.client("network") as client:
        first = await client.post("/notes/secret", json={"title": "un secret"}, headers=KEY)
        second = await client.post("/notes/secret", json={"title": "un secret"}, headers=KEY)
        other = await client.post("/notes/secret", json={"title": "un autre"}, headers=KEY)
    assert (first.status_code, first.headers["cache-control"]) == (201, "no-store")
    assert_problem(second, 409, "answer_given_once")
    assert_problem(other, 422, "idempotency_key_reused")
    assert await written(notebook) == 1
    [kept] = await notebook.rows("SELECT body FROM idempotency_key")
    assert kept.body == b""


async def test_a_refusal_is_not_kept(notebook: ServiceUnderTest) -> None:
    """Nothing happened: once the cause is mended the same key does the work."""
    async with notebook.client("network") as client:
        await client.post("/notes", json=BODY)
        refused = await client.post("/notes", json=BODY, headers=KEY)
        async with notebook.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(text("DELETE FROM note"))
        again = await client.post("/notes", json=BODY, headers=KEY)
    assert_problem(refused, 409, "concurrent_change")
    assert (again.status_code, "idempotency-replayed" in again.headers) == (201, False)


async def test_while_the_first_is_under_way_the_second_is_told_so(notebook: ServiceUnderTest) -> None:
    """Eight at once: one works; each other is told to wait, or gets the one's answer."""
    async with notebook.client("network") as client:
        answers = await asyncio.gather(*(client.post("/notes", json=BODY, headers=KEY) for _ in range(8)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in done}) == 1
    assert await written(notebook) == 1
    for answer in answers:
        if answer not in done:
            assert_problem(answer, 409, "idempotency_key_in_progress")


async def test_a_key_in_use_elsewhere_is_in_progress(notebook: ServiceUnderTest) -> None:
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 20260101))")
    async with notebook.runtime.database.transaction(Actor("test")) as tx:
        await tx.session.execute(lock, {"key": f"test-network\n{KEY['Idempotency-Key']}"})
        async with notebook.client("network") as client:
            response = await client.post("/notes", json=BODY, headers=KEY)
    assert_problem(response, 409, "idempotency_key_in_progress")
    assert await written(notebook) == 0


async def test_an_answer_that_names_somebody_to_forget_is_given_afresh(notebook: ServiceUnderTest) -> None:
    async with notebook.client("network") as client:
        await client.post("/notes", json={"title": "Anne"}, headers=KEY)
        async with notebook.runtime.database.transaction(Actor("keeper")) as tx:
            await forget_answers(tx, "Anne")
        again = await client.post("/notes", json={"title": "Zoé"}, headers=KEY)
    assert (again.status_code, again.json()["title"]) == (201, "Zoé")
