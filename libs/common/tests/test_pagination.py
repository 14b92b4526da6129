"""Lists: whatever the sort, the pages put end to end are the whole list, each row once."""

import base64
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from common.pagination import PageParams, paginate, sift
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest, assembled
from common.testing.issuer import TestIssuer
from common.transaction import Actor

from .notebook.app import ORDER, service_with
from .notebook.tables import NoteRow
from .test_refusals import assert_problem

NOTES = 43
SORTS = (
    "title",
    "-title",
    "rank",
    "-rank",
    "day",
    "-day",
    "written_at",
    "rank,-day",
    "-rank,title",
    "-day,rank,-written_at",
)


@pytest_asyncio.fixture(scope="module")
async def shelf(
    databases: Databases, issuer: TestIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceUnderTest]:
    """Forty-three notes with many equal ranks and days, which nothing here changes."""
    url = await databases.fresh(service_with())
    async with assembled(service_with(), url, issuer, tmp_path_factory.mktemp("shelf")) as service:
        async with service.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(
                text(
                    "INSERT INTO note (id, title, rank, day, written_at, version)"
                    " SELECT gen_random_uuid(), 'Note ' || n, n % 4, date '2026-01-01' + n % 3,"
                    " timestamptz '2026-01-01 00:00:00.123456Z' + n % 5 * interval '1 microsecond', 1"
                    " FROM generate_series(1, :notes) AS n"
                ),
                {"notes": NOTES},
            )
        yield service
    await databases.drop(url)


async def pages(service: ServiceUnderTest, sort: str, limit: int) -> list[list[NoteRow]]:
    """Follow the cursors to the end."""
    found: list[list[NoteRow]] = []
    cursor: str | None = None
    while cursor is not None or not found:
        async with service.runtime.database.reading(Actor("test")) as read:
            params = PageParams(sort=sort, limit=limit, cursor=cursor)
            rows, cursor, _ = await paginate(read, select(NoteRow), ORDER, params)
        found.append(list(rows))
        assert len(found) <= NOTES, "the pages never end"
    return found


def sorted_by(sort: str, notes: list[NoteRow]) -> list[NoteRow]:
    """Sort in memory, the least significant key first: what the database's order must be."""
    notes = sorted(notes, key=lambda note: note.id, reverse=sort.split(",")[-1].startswith("-"))
    for key in reversed(sort.split(",")):
        notes = sorted(notes, key=lambda note, key=key: getattr(note, key.lstrip("-")), reverse=key.startswith("-"))  # type: ignore[misc]
    return notes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sort=st.sampled_from(SORTS), limit=st.integers(1, NOTES + 2))
async def test_the_pages_of_every_sort_are_the_whole_list(shelf: ServiceUnderTest, sort: str, limit: int) -> None:
    found = await pages(shelf, sort, limit)
    assert all(len(page) == limit for page in found[:-1])
    rows = [note for page in found for note in page]
    assert [note.id for note in rows] == [note.id for note in sorted_by(sort, rows)]
    assert len({note.id for note in rows}) == len(rows) == NOTES


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sort=st.sampled_from(SORTS), limit=st.integers(1, NOTES + 2), size=st.integers(1, 9))
async def test_the_pages_of_what_only_the_code_can_tell_are_the_whole_list_too(
    shelf: ServiceUnderTest, sort: str, limit: int, size: int
) -> None:
    async def few(rows: Sequence[NoteRow]) -> list[NoteRow | None]:
        return [note if note.title.endswith(("3", "7")) else None for note in rows]

    found: list[list[NoteRow]] = []
    cursor: str | None = None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("common.pagination._SLICE", size)
        while cursor is not None or not found:
            async with shelf.runtime.database.reading(Actor("test")) as read:
                params = PageParams(sort=sort, limit=limit, cursor=cursor, total=True)
                page = await sift(read, select(NoteRow), ORDER, params, few)
            assert page.total == len([n for n in range(1, NOTES + 1) if n % 10 in (3, 7)])
            found.append(page.items)
            cursor = page.next_cursor
            assert len(found) <= NOTES, "the pages never end"
    assert all(len(page) == limit for page in found[:-1])
    rows = [note for page in found for note in page]
    assert [note.id for note in rows] == [note.id for note in sorted_by(sort, rows)]
    assert len({note.id for note in rows}) == len(rows) == page.total


async def test_the_total_is_counted_when_asked_for(shelf: ServiceUnderTest) -> None:
    async with shelf.client("network") as client:
        counted = (await client.get("/notes?total=true&limit=3")).json()
        uncounted = (await client.get("/notes?limit=3")).json()
    assert (counted["total"], len(counted["items"]), uncounted["total"]) == (NOTES, 3, None)


def cursor_of(*content: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(content))).decode().rstrip("=")


ID = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        pytest.param("rank", "n'importe quoi", id="n'importe quoi"),
        pytest.param("rank", "é", id="hors ASCII"),
        pytest.param("rank", "====", id="du remplissage"),
        pytest.param("rank", base64.urlsafe_b64encode(b"[").decode(), id="JSON coupé"),
        pytest.param("rank", base64.urlsafe_b64encode(b"[" * 900).decode(), id="imbrication sans fin"),
        pytest.param("rank", base64.urlsafe_b64encode(b"3").decode(), id="pas une liste"),
        pytest.param("rank", cursor_of(), id="vide"),
        pytest.param("rank", cursor_of("title,", "Note 1", ID), id="d'un autre tri"),
        pytest.param("rank", cursor_of("-rank,", 1, ID), id="du tri inverse"),
        pytest.param("rank", cursor_of("rank,", 1), id="une valeur en moins"),
        pytest.param("rank", cursor_of("rank,", 1, ID, 1), id="une valeur en trop"),
        pytest.param("rank", cursor_of("rank,", "1", ID), id="du texte pour un nombre"),
        pytest.param("rank", cursor_of("rank,", None, ID), id="rien pour un nombre"),
        pytest.param("rank", cursor_of("rank,", 1, "x"), id="identifiant illisible"),
        pytest.param("rank", cursor_of("rank,", 1, 3), id="un nombre pour un identifiant"),
        pytest.param("day", cursor_of("day,", "hier", ID), id="jour en mots"),
        pytest.param("day", cursor_of("day,", 3, ID), id="un nombre pour un jour"),
        pytest.param("written_at", cursor_of("written_at,", "2026-13", ID), id="instant illisible"),
        pytest.param("written_at", cursor_of("written_at,", "2026-01-01T00:00:00", ID), id="instant sans fuseau"),
    ],
)
async def test_a_cursor_of_another_list_is_refused(shelf: ServiceUnderTest, sort: str, cursor: str) -> None:
    async with shelf.client("network") as client:
        assert_problem(await client.get("/notes", params={"sort": sort, "cursor": cursor}), 400, "cursor_invalid")


@pytest.mark.parametrize(
    ("sort", "value", "code"),
    [
        pytest.param("rank", 2**40, "number_out_of_range", id="un nombre trop grand"),
        pytest.param("title", "\0", "nul_character", id="un caractère nul"),
    ],
)
async def test_a_forged_cursor_is_no_accident_of_ours(
    shelf: ServiceUnderTest, sort: str, value: object, code: str
) -> None:
    async with shelf.client("network") as client:
        params = {"sort": sort, "cursor": cursor_of(f"{sort},", value, ID)}
        assert_problem(await client.get("/notes", params=params), 400, code)


@pytest.mark.parametrize("sort", ["colour", "rank,colour", "rank,,title", "--rank", ","])
async def test_a_sort_the_list_does_not_offer_is_refused(shelf: ServiceUnderTest, sort: str) -> None:
    async with shelf.client("network") as client:
        problem = assert_problem(await client.get("/notes", params={"sort": sort}), 400, "sort_unknown")
    assert "title, rank, day, written_at" in problem["detail"]
