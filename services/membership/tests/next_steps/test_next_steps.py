"""What interviews and meetings leave to do: by whom, by when, what became of it, and what the structure reads."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by, by_staff
from ..declarants.test_follow_up import member
from ..interviews.test_interviews import held
from ..meetings.test_meetings import came, meeting
from ..members.test_dates import enter, on
from ..sittings.test_minutes import act


async def noted(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await client.post("/next-steps", json={"text": "Envoyer le guide", "due_on": on(10), **fields})


async def step(client: httpx.AsyncClient, **fields: Any) -> str:
    answer = await noted(client, **fields)
    assert answer.status_code == 201, answer.text
    return f"/next-steps/{answer.json()['id']}"


async def texts(client: httpx.AsyncClient, **filters: Any) -> list[str]:
    page = (await client.get("/next-steps", params={"total": True, **filters})).json()
    assert page["total"] == len(page["items"])
    return [one["text"] for one in page["items"]]


async def amended(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    etag = (await client.get(path)).headers["etag"]
    return await client.patch(path, json=fields, headers={"If-Match": etag})


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


async def test_a_next_step_is_noted_changed_done_and_taken_up_again(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as network:
        interview = await held(network, own)
    async with membership.client("delegation", delegation="occitanie") as client:
        path = await step(client, interview_id=id_of(interview), owner_label="Chargée de mission")
        shown = (await client.get(path)).json()
        assert (shown["name"], shown["delegation"], shown["owner_subject"]) == ("A", "occitanie", "test-delegation")
        assert shown["allowed_actions"] == ["amend", "complete", "drop"]
        changed = (await amended(client, path, owner="structure", shared=True)).json()
        assert (changed["owner"], changed["shared"], changed["text"]) == ("structure", True, "Envoyer le guide")
        done = (await act(client, path, "POST", "complete")).json()
        assert (done["state"], done["settled_on"], done["allowed_actions"]) == ("done", on(0), ["reopen"])
        refused = await act(client, path, "POST", "drop", reason="x")
        assert (refused.status_code, refused.json()["code"]) == (409, "next_step_settled")
        silent = await act(client, path, "POST", "reopen")
        assert silent.status_code == 422
        again = (await act(client, path, "POST", "reopen", reason="Cochée par erreur.")).json()
        assert (again["state"], again["settled_on"]) == ("open", None)
        dropped = (await act(client, path, "POST", "drop", reason="La structure a changé de projet.")).json()
        assert (dropped["state"], dropped["dropped_reason"]) == ("dropped", "La structure a changé de projet.")
        await act(client, path, "POST", "reopen", reason="Elle y revient.")
        open_one = await act(client, path, "POST", "reopen", reason="x")
        assert (open_one.status_code, open_one.json()["code"]) == (409, "next_step_open")
        kept = (await client.get(path)).json()["reopenings"]
        assert [(one["state"], one["reason"], one["dropped_reason"]) for one in kept] == [
            ("done", "Cochée par erreur.", None),
            ("dropped", "Elle y revient.", "La structure a changé de projet."),
        ]
        assert {(one["by"], one["settled_on"], one["at"][:4]) for one in kept} == {
            ("test-delegation", on(0), on(0)[:4])
        }
    async with membership.client("member", member_id=UUID(own)) as client:
        assert (await client.get(path)).json()["reopenings"] == []


async def test_a_next_step_follows_one_thing_that_took_place_with_the_structure(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", ("C", "34"))
    async with membership.client("network", "board") as client:
        interview, called = id_of(await held(client, own)), id_of(await meeting(client))
        for fields, status, code in (
            ({"interview_id": interview, "meeting_id": called}, 422, None),
            ({}, 422, None),
            ({"interview_id": interview, "member_id": other}, 400, "structure_not_met"),
            ({"meeting_id": called, "member_id": other}, 400, "structure_not_met"),
            ({"meeting_id": interview}, 404, "meeting_not_found"),
            ({"interview_id": called}, 404, "interview_not_found"),
        ):
            refused = await noted(client, **fields)
            assert (refused.status_code, refused.json().get("code") if code else None) == (status, code), fields
        everybody = (await client.get(await step(client, meeting_id=called))).json()
        assert (everybody["member_id"], everybody["delegation"]) == (None, "occitanie")
        assert (await client.get(await step(client, meeting_id=called, member_id=own))).json()["name"] == "A"


async def test_what_is_overdue_is_found_by_rule_and_by_query_alike(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        interview = id_of(await held(client, own))
        for days in (-1, 0, 1):
            await step(client, interview_id=interview, due_on=on(days), text=f"J{days:+d}")
        late = await step(client, interview_id=interview, due_on=on(-5), text="faite")
        await act(client, late, "POST", "complete")
        assert await texts(client, overdue=True) == ["J-1"]
        assert await texts(client, overdue=False) == ["faite", "J+0", "J+1"]
        items = (await client.get("/next-steps")).json()["items"]
        assert [one["text"] for one in items if one["overdue"]] == ["J-1"]


async def test_next_steps_are_found_and_exported(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", ("D", "77"))
    async with membership.client("network", "board") as client:
        first, second = id_of(await held(client, own)), id_of(await held(client, other))
        called = id_of(await meeting(client))
        await step(client, interview_id=first, text="un", due_on=on(1))
        await step(client, interview_id=second, text="deux", due_on=on(2), owner="structure")
        await step(client, meeting_id=called, text="trois", due_on=on(3), owner_subject="deleguee-31")
        for filters, expected in (
            ({}, ["un", "deux", "trois"]),
            ({"sort": "-due_on"}, ["trois", "deux", "un"]),
            ({"delegation": "occitanie"}, ["un", "trois"]),
            ({"owner": "structure"}, ["deux"]),
            ({"owner_subject": "deleguee-31"}, ["trois"]),
            ({"member_id": other}, ["deux"]),
            ({"interview": first}, ["un"]),
            ({"meeting": called}, ["trois"]),
            ({"due_from": on(2), "due_to": on(2)}, ["deux"]),
            ({"state": "done"}, []),
        ):
            assert await texts(client, **filters) == expected, filters
        export = await client.get("/next-steps/export", params={"delegation": "occitanie"})
        lines = list(csv.DictReader(io.StringIO(export.text.removeprefix("\ufeff")), delimiter=";"))
        assert [(line["suite"], line["structure"]) for line in lines] == [("un", "A"), ("trois", "")]


@pytest.mark.parametrize("shared", [True, False], ids=["partagée", "pas partagée"])
async def test_a_structure_reads_what_is_shared_with_it(
    membership: ServiceUnderTest, arranged: Arrange, *, shared: bool
) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", ("B", "82"))
    async with membership.client("network", "board") as network:
        path = await step(network, interview_id=id_of(await held(network, own)), shared=shared)
        await step(network, meeting_id=id_of(await meeting(network)), shared=True)
    async with membership.client("member", member_id=UUID(own)) as client:
        assert await texts(client) == (["Envoyer le guide"] if shared else [])
        assert (await client.get(path)).status_code == (200 if shared else 404)
        export = await client.get("/next-steps/export")
        assert len(export.text.splitlines()) == (2 if shared else 1)
    async with membership.client("network", "board") as network:
        await act(network, path, "POST", "drop", reason="Elle n'en fera rien.")
    async with membership.client("member", member_id=UUID(own)) as client:
        seen = (await client.get("/next-steps")).json()["items"]
        assert [(one["state"], one["dropped_reason"]) for one in seen] == ([("dropped", None)] if shared else [])
        assert (await noted(client, interview_id=str(UUID(int=1)))).status_code == 403
    async with membership.client("member", member_id=UUID(other)) as client:
        assert await texts(client) == []
    async with membership.client("delegation", delegation="idf") as client:
        assert await texts(client) == []
        hidden = await client.post(f"{path}/complete", headers={"If-Match": '"v1"'})
        assert (hidden.status_code, hidden.json()["code"]) == (404, "next_step_not_found")


async def test_what_is_left_to_do_goes_with_the_structure_to_its_new_delegation(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as network:
        await step(network, interview_id=id_of(await held(network, own)), text="à reprendre")
        await step(network, meeting_id=id_of(await meeting(network)), text="de la délégation")
        await enter(network, f"/members/{own}", topic="delegation", code="idf", reason="groupe")
    async with membership.client("delegation", delegation="idf") as client:
        assert await texts(client) == ["à reprendre"]
    async with membership.client("delegation", delegation="occitanie") as client:
        assert await texts(client) == ["de la délégation"]


async def interviewed(client: httpx.AsyncClient) -> str:
    return await held(client, await member(client, "A"))


async def met(client: httpx.AsyncClient) -> str:
    """Hold a meeting to which a structure came."""
    path = await meeting(client)
    assert (await came(client, path, await member(client, "A"))).json()["state"] == "held"
    return path


origins = pytest.mark.parametrize(
    ("took_place", "name"),
    [pytest.param(interviewed, "interview", id="entretien"), pytest.param(met, "meeting", id="rencontre")],
)
"""What next steps follow: held, and then found to have been recorded by mistake."""
Origin = Callable[[httpx.AsyncClient], Awaitable[str]]


@origins
async def test_what_a_cancelled_origin_left_to_do_goes_with_it(
    membership: ServiceUnderTest, arranged: Arrange, took_place: Origin, name: str
) -> None:
    origin = await arranged(membership, by_staff, took_place)
    async with membership.client("network", "board") as network:
        other = await meeting(network)
        mine = {f"{name}_id": id_of(origin)}
        kept = await step(network, meeting_id=id_of(other), text="d'une autre")
        done = await step(network, **mine, text="faite")
        await act(network, done, "POST", "complete")
        await step(network, **mine, text="après", due_on=on(9))
        path = await step(network, **mine, text="avant", due_on=on(2))
        refused = await act(network, origin, "POST", "cancel", reason="Autre structure.")
        assert (refused.status_code, refused.json()["code"]) == (409, f"{name}_followed")
        assert [one["text"] for one in refused.json()["next_steps"]] == ["avant", "après"]
        assert (await network.get(origin)).json()["state"] == "held"
        gone = await act(network, origin, "POST", "cancel", reason="Autre structure.", drop_next_steps=True)
        assert gone.json()["state"] == "cancelled"
        shown = (await network.get(path)).json()
        assert (shown["state"], shown["dropped_reason"], shown["settled_on"]) == ("dropped", "Autre structure.", on(0))
        assert (await network.get(done)).json()["state"] == "done"
        assert (await network.get(kept)).json()["state"] == "open"
        late = await noted(network, **mine)
        assert (late.status_code, late.json()["code"]) == (409, f"{name}_cancelled")
        again = await act(network, path, "POST", "reopen", reason="Quand même.")
        assert (again.status_code, again.json()["code"]) == (409, f"{name}_cancelled")


@origins
async def test_what_left_nothing_to_do_is_cancelled_without_a_word_of_it(
    membership: ServiceUnderTest, arranged: Arrange, took_place: Origin, name: str
) -> None:
    origin = await arranged(membership, by_staff, took_place)
    async with membership.client("network", "board") as client:
        done = await step(client, **{f"{name}_id": id_of(origin)})
        await act(client, done, "POST", "complete")
        assert (await act(client, origin, "POST", "cancel", reason="Par erreur.")).json()["state"] == "cancelled"


@origins
async def test_a_next_step_noted_while_its_origin_is_cancelled_is_not_left(
    membership: ServiceUnderTest, arranged: Arrange, took_place: Origin, name: str
) -> None:
    origin = await arranged(membership, by_staff, took_place)
    async with membership.client("network", "board") as client:
        both = await asyncio.gather(
            noted(client, **{f"{name}_id": id_of(origin)}),
            act(client, origin, "POST", "cancel", reason="x", drop_next_steps=True),
        )
        assert [both[0].status_code in (201, 409), both[1].status_code] == [True, 200]
    assert await membership.rows("SELECT 1 FROM next_step WHERE state = 'open'") == []


async def test_of_two_who_settle_at_once_one_is_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        path = await step(client, interview_id=id_of(await held(client, own)))
        seen = {"If-Match": '"v1"'}
        both = await asyncio.gather(
            client.post(f"{path}/complete", headers=seen),
            client.post(f"{path}/drop", json={"reason": "doublon"}, headers=seen),
        )
        assert sorted(answer.status_code for answer in both) == [200, 412]
