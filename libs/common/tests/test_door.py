"""The HTTP door: the commit comes before the answer, a dry run keeps nothing, no update is lost."""

from typing import Any

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest
from common.transaction import Actor, Tx

from .notebook.app import write_note
from .test_refusals import assert_problem

BODY = {"title": "une note", "rank": 1}


async def kept(service: ServiceUnderTest) -> tuple[list[str], int]:
    """Return the titles that lasted, and how many facts did."""
    titles = [row.title for row in await service.rows("SELECT title FROM note ORDER BY written_at")]
    return titles, len(await service.rows("SELECT 1 FROM event_outbox"))


async def test_what_is_answered_has_lasted(notebook: ServiceUnderTest) -> None:
    async with notebook.client("network") as client:
        response = await client.post("/notes", json=BODY)
    assert (response.status_code, response.headers["etag"]) == (201, '"v1"')
    assert response.headers["location"] == f"/notebook/v1/notes/{response.json()['id']}"
    assert await kept(notebook) == (["une note"], 1)


@pytest.mark.parametrize(
    ("title", "status", "code"),
    [
        pytest.param("doomed", 500, "unexpected", id="la base refuse à l'engagement"),
        pytest.param("severed", 503, "database_unavailable", id="la connexion tombe à l'engagement"),
        pytest.param("taken", 409, "concurrent_change", id="une autre action a pris le titre"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}], ids=["sans clé", "avec clé"])
async def test_a_commit_that_fails_is_never_answered_as_a_success(
    notebook: ServiceUnderTest, title: str, status: int, code: str, headers: dict[str, str]
) -> None:
    async with notebook.client("network") as client:
        await client.post("/notes", json={"title": "taken"})
        response = await client.post("/notes", json={"title": title}, headers=headers)
    assert_problem(response, status, code)
    assert await kept(notebook) == (["taken"], 1)
    assert await notebook.rows("SELECT 1 FROM idempotency_key") == []


@pytest.mark.parametrize(("sacrifices", "status", "lasted"), [(0, 201, 1), (2, 201, 1), (3, 503, 0)])
async def test_a_transaction_given_up_for_another_is_done_again(
    notebook: ServiceUnderTest, sacrifices: int, status: int, lasted: int
) -> None:
    """Twice; then the client is told to come back. A deadlock is nothing that a person can mend."""
    connection = await notebook.runtime.database.connect()
    await connection.execute("SELECT setval('sacrifices', $1)", -sacrifices)
    await connection.close()
    async with notebook.client("network") as client:
        response = await client.post("/notes/sacrificed", json=BODY, headers={"Idempotency-Key": "k"})
    assert response.status_code == status
    assert await kept(notebook) == (["une note"] * lasted, lasted)


async def test_the_service_recovers_from_lost_connections(notebook: ServiceUnderTest) -> None:
    async with notebook.client("network") as client:
        await client.post("/notes", json=BODY)
        await notebook.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        answers = [await client.post("/notes", json={"title": f"after {number}"}) for number in range(3)]
    assert [answer.status_code for answer in answers[1:]] == [201, 201]
    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 503, "database_unavailable")
            assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("value", ["true", "True", "1", "on", "yes", "t", "y"])
async def test_a_dry_run_answers_as_the_act_would_and_keeps_nothing(notebook: ServiceUnderTest, value: str) -> None:
    async with notebook.client("network") as client:
        response = await client.post(f"/notes?dry_run={value}", json=BODY, headers={"Idempotency-Key": "k"})
    assert (response.status_code, response.json()["title"]) == (201, "une note")
    assert response.headers["dry-run"] == "true"
    assert await kept(notebook) == ([], 0)
    assert await notebook.rows("SELECT 1 FROM idempotency_key") == []


@pytest.mark.parametrize("query", ["", "?dry_run=false", "?dry_run=0", "?dry_run=off", "?dry_run=true&dry_run=false"])
async def test_what_is_no_dry_run_lasts(notebook: ServiceUnderTest, query: str) -> None:
    async with notebook.client("network") as client:
        response = await client.post(f"/notes{query}", json=BODY)
    assert "dry-run" not in response.headers
    assert await kept(notebook) == (["une note"], 1)


@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [
        pytest.param(None, 428, "if_match_missing", id="sans version"),
        pytest.param('"v2"', 412, "version_changed", id="une autre version"),
        pytest.param("*", 412, "version_changed", id="n'importe laquelle"),
        pytest.param('W/"v1"', 412, "version_changed", id="validateur faible"),
    ],
)
async def test_a_change_says_which_version_it_has_seen(
    notebook: ServiceUnderTest, if_match: str | None, status: int, code: str
) -> None:
    async with notebook.client("network") as client:
        note = (await client.post("/notes", json=BODY)).json()
        headers = {"If-Match": if_match} if if_match else {}
        response = await client.put(f"/notes/{note['id']}", json={"title": "autre"}, headers=headers)
    problem = assert_problem(response, status, code)
    if status == 412:
        assert (problem["current"], problem["current_etag"]) == (note, '"v1"')
    assert await kept(notebook) == (["une note"], 1)


async def test_of_two_changes_of_one_version_the_second_is_refused(notebook: ServiceUnderTest) -> None:
    async with notebook.client("network") as client:
        created = await client.post("/notes", json=BODY)
        address, seen = f"/notes/{created.json()['id']}", {"If-Match": created.headers["etag"]}
        first = await client.put(address, json={"title": "première"}, headers=seen)
        second = await client.put(address, json={"title": "seconde"}, headers=seen)
    assert (first.status_code, first.headers["etag"], second.status_code) == (200, '"v2"', 412)
    assert second.json()["current"]["title"] == "première"


async def test_a_read_cannot_write(notebook: ServiceUnderTest) -> None:
    """Even a mistake of ours that writes through a read is stopped, by the database."""
    async with notebook.runtime.database.reading(Actor("test")) as read:
        await write_note(Tx(read.session, read.now, read.actor), "written")
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await read.session.flush()


async def test_the_answer_is_sent_once_the_commit_is_done(notebook: ServiceUnderTest) -> None:
    """Watched from the wire: at the first byte of the answer, another connection sees the note."""
    seen: list[Any] = []

    async def watch(scope: Any, receive: Any, send: Any) -> None:
        async def watching_send(message: Any) -> None:
            if message["type"] == "http.response.start":
                seen.append(await kept(notebook))
            await send(message)

        await notebook.app(scope, receive, watching_send)

    async with notebook.client("network") as ours:
        transport = httpx.ASGITransport(watch, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ours.base_url, headers=ours.headers) as client:
            await client.post("/notes", json=BODY)
    assert seen == [(["une note"], 1)]
