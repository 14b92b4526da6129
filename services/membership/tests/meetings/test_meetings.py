"""Departmental meetings: who is called by default, who came, what the structure reads of it.

Decided in ADR 0029.
"""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.meetings.domain import Invitation, MeetingPresence, attendance

from ..arrangements import by_staff
from ..declarants.test_follow_up import member
from ..interviews.test_interviews import exported
from ..members.test_dates import enter, on
from ..members.test_register import receive, structure
from ..sittings.test_minutes import act

ONE, TWO, THREE, FOUR = (UUID(int=number) for number in range(1, 5))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param({}, {ONE: "absent", TWO: "absent"}, id="personne n'est venu"),
        pytest.param({ONE: "present"}, {ONE: "present", TWO: "absent"}, id="l'une est venue, l'autre absente"),
        pytest.param({TWO: "excused"}, {ONE: "absent", TWO: "excused"}, id="excusée"),
        pytest.param(
            {THREE: "present"}, {ONE: "absent", TWO: "absent", THREE: "present"}, id="venue sans être invitée"
        ),
        pytest.param({ONE: "invited"}, {ONE: "invited", TWO: "absent"}, id="on ne sait pas si l'une est venue"),
    ],
)
@pytest.mark.parametrize("before", ["invited", "present"], ids=["consignée", "corrigée"])
def test_who_came(told: dict[UUID, str], expected: dict[UUID, str], before: str) -> None:
    """What was said first weighs nothing in the correction; who came without being called and did not, leaves."""
    known = dict.fromkeys((ONE, TWO), Invitation(MeetingPresence(before)))
    if before == "present":
        known[FOUR] = Invitation(MeetingPresence.PRESENT, called=False)
    came = attendance(known, {one: MeetingPresence(presence) for one, presence in told.items()})
    assert {one: invitation.presence for one, invitation in came.items()} == expected
    assert [one for one, invitation in came.items() if not invitation.called] == [one for one in told if one == THREE]


async def called(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    body = {
        "delegation": "occitanie",
        "departments": ["31", "82"],
        "subject": "Rencontre de printemps",
        "day": on(0),
        **fields,
    }
    return await client.post("/meetings", json=body)


async def meeting(client: httpx.AsyncClient, **fields: Any) -> str:
    answer = await called(client, **fields)
    assert answer.status_code == 201, answer.text
    return f"/meetings/{answer.json()['id']}"


async def invited(client: httpx.AsyncClient, path: str, **filters: Any) -> dict[str, str]:
    page = (await client.get(f"{path}/invitations", params={"total": True, **filters})).json()
    assert page["total"] == len(page["items"])
    return {line["name"]: line["presence"] for line in page["items"]}


async def came(client: httpx.AsyncClient, path: str, *ids: str, **fields: Any) -> httpx.Response:
    lines = [{"member_id": one, "presence": "present"} for one in ids]
    return await act(client, path, "POST", "record", attendance=lines, **fields)


async def amended(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    etag = (await client.get(path)).headers["etag"]
    return await client.patch(path, json=fields, headers={"If-Match": etag})


async def territory(client: httpx.AsyncClient) -> dict[str, str]:
    """Members in three departments of Occitanie and one of Île-de-France, and a candidate."""
    ids = {name: await member(client, name, department) for name, department in (("A", "31"), ("B", "82"), ("C", "34"))}
    ids["D"] = await member(client, "D", "77")
    await receive(client, **structure("F"))
    return ids


async def test_a_delegation_meets_the_members_of_its_departments(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("delegation", delegation="occitanie") as client:
        path = await meeting(client, starts_at="09:30", ends_at="12:30", place="Montauban")
        assert await invited(client, path) == {"A": "invited", "B": "invited"}
        shown = (await came(client, path, ids["A"], ids["C"], notes="Le département change d'élue.")).json()
        assert (shown["state"], shown["notes"]) == ("held", "Le département change d'élue.")
        assert shown["presences"] == {"invited": 0, "present": 2, "excused": 0, "absent": 1}
        assert await invited(client, path) == {"A": "present", "B": "absent", "C": "present"}
        assert await invited(client, path, presence="absent") == {"B": "absent"}
        export = await client.get(f"{path}/invitations/export", params={"presence": "present"})
        lines = list(csv.DictReader(io.StringIO(export.text.removeprefix("\ufeff")), delimiter=";"))
        assert [(line["nom"], line["presence"]) for line in lines] == [("A", "présente"), ("C", "présente")]
        moved = await act(client, path, "POST", "move", day=on(3))
        assert (moved.status_code, moved.json()["code"]) == (409, "meeting_settled")
        corrected = (await came(client, path, ids["B"])).json()
        assert (corrected["presences"]["present"], corrected["notes"]) == (1, None)


async def test_a_structure_wrongly_said_to_have_come_is_again_what_it_was(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as network:
        path = await meeting(network)
        shown = (await came(network, path, ids["A"], ids["C"])).json()
        assert (shown["attendance_recorded_on"], shown["attendance_recorded_by"]) == (on(0), "test-network-board")
        uncertain = {"attendance": [{"member_id": ids["A"], "presence": "invited"}]}
        await act(network, path, "POST", "record", **uncertain)
        assert await invited(network, path) == {"A": "invited", "B": "absent"}, "C was never called"
    async with membership.days_later(2) as later, later.client("delegation", delegation="occitanie") as client:
        again = (await came(client, path, ids["A"])).json()
        assert (again["attendance_recorded_on"], again["attendance_recorded_by"]) == (on(2), "test-delegation")
        assert again["presences"] == {"invited": 0, "present": 1, "excused": 0, "absent": 1}


async def test_what_a_meeting_is_about_changes_before_it_is_held(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as client:
        path = await meeting(client, day=on(0), place="Montauban")
        assert (await client.get(path)).json()["allowed_actions"][0] == "amend"
        blind = await client.patch(path, json={"subject": "x"})
        assert blind.status_code == 428
        changed = (await amended(client, path, subject="Achats responsables", place=None)).json()
        assert (changed["subject"], changed["place"], changed["moves"]) == ("Achats responsables", None, 0)
        assert (await amended(client, path, place="Cahors")).json()["subject"] == "Achats responsables"
        entries = await membership.rows("SELECT title, place FROM agenda_entry WHERE source = 'meetings'")
        assert [(entry.title, entry.place) for entry in entries] == [("Achats responsables", "Cahors")]
        await came(client, path, ids["A"])
        late = await amended(client, path, subject="x")
        assert (late.status_code, late.json()["code"]) == (409, "meeting_settled")
    async with membership.client("delegation", delegation="idf") as client:
        hidden = await client.patch(path, json={"subject": "x"}, headers={"If-Match": '"v1"'})
        assert (hidden.status_code, hidden.json()["code"]) == (404, "meeting_not_found")
    async with membership.client("member", member_id=UUID(ids["A"])) as client:
        refused = await client.patch(path, json={"subject": "x"}, headers={"If-Match": '"v1"'})
        assert refused.status_code == 403


async def test_those_who_join_before_the_day_are_called_and_those_who_move_away_are_not(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    """By default the members are those of the meeting's own day, as far as the register announces it."""
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as client:
        away = {"topic": "delegation", "code": "idf", "reason": "groupe", "effective_on": on(10)}
        await enter(client, f"/members/{ids['B']}", **away)
        assert await invited(client, await meeting(client, day=on(9))) == {"A": "invited", "B": "invited"}
        path = await meeting(client, day=on(10))
        assert await invited(client, path) == {"A": "invited"}
        ids["E"] = await member(client, "E", "31")
        again = (await act(client, path, "POST", "invite")).json()
        assert (again["presences"]["invited"], again["version"]) == (2, 2)
        more = await act(client, path, "POST", "invite", members=[ids["C"]])
        assert (more.json()["presences"]["invited"], await invited(client, path, q="C ")) == (3, {"C": "invited"})


async def test_a_meeting_is_moved_then_cancelled(membership: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as client:
        path = await meeting(client, day=on(5), place="Montauban")
        moved = (await act(client, path, "POST", "move", day=on(8), starts_at="14:00")).json()
        assert (moved["day"], moved["first_day"], moved["moves"]) == (on(8), on(5), 1)
        assert (moved["place"], moved["starts_at"]) == (None, "14:00:00")
        early = await came(client, path)
        assert (early.status_code, early.json()["code"]) == (400, "meeting_in_future")
        cancelled = (await act(client, path, "POST", "cancel", reason="Neige.")).json()
        assert (cancelled["state"], cancelled["cancelled_reason"], cancelled["allowed_actions"]) == (
            "cancelled",
            "Neige.",
            [],
        )
        assert (await came(client, path)).json()["code"] == "meeting_cancelled"
    async with membership.client("member", member_id=UUID(ids["A"])) as client:
        assert (await client.get(path)).json()["cancelled_reason"] == "Neige.", "those called are told why"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param({"delegation": "grand-est"}, 400, "meeting_delegation_unknown", id="une délégation inconnue"),
        pytest.param({"delegation": "idf"}, 400, "meeting_delegation_unknown", id="celle des autres"),
        pytest.param({"departments": ["31", "77"]}, 400, "department_outside", id="un département d'ailleurs"),
        pytest.param({"members": [str(UUID(int=7))]}, 400, "invitee_unknown", id="une structure inconnue"),
        pytest.param({"departments": []}, 422, None, id="sans département"),
        pytest.param({"starts_at": "10:00", "ends_at": "09:00"}, 422, None, id="finie avant d'avoir commencé"),
        pytest.param({"starts_at": "10:00Z"}, 422, None, id="une heure d'un autre fuseau"),
    ],
)
async def test_what_cannot_be_called(
    membership: ServiceUnderTest, fields: dict[str, Any], status: int, code: str | None
) -> None:
    async with membership.client("delegation", delegation="occitanie") as client:
        refused = await called(client, **fields)
        assert (refused.status_code, refused.json().get("code") if code else None) == (status, code), refused.text
    assert await membership.rows("SELECT 1 FROM department_meeting") == []


async def test_a_structure_of_another_delegation_is_not_called(membership: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as client:
        path = await meeting(client)
        refused = await came(client, path, ids["D"])
        assert (refused.json()["code"], refused.json()["members"]) == ("invitee_unknown", [ids["D"]])
        never = [{"member_id": ids["C"], "presence": "invited"}]
        still = await act(client, path, "POST", "record", attendance=never)
        assert (still.status_code, still.json()["members"]) == (400, [ids["C"]]), "who was not called is not so later"


async def test_a_structure_reads_where_it_is_called_and_its_own_line(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as network:
        path, elsewhere = await meeting(network), await meeting(network, delegation="idf", departments=["77"])
        await came(network, path, ids["A"], notes="Pour nous.")
    async with membership.client("member", member_id=UUID(ids["B"])) as client:
        [seen] = (await client.get("/meetings")).json()["items"]
        assert (seen["notes"], seen["presences"]["absent"], seen["presences"]["present"]) == (None, 1, 0)
        assert await invited(client, path) == {"B": "absent"}
        assert [
            len((await client.get("/meetings", params={"member_id": ids[name]})).json()["items"]) for name in "BA"
        ] == [1, 0]
        for hidden in (elsewhere, f"{elsewhere}/invitations", f"{elsewhere}/invitations/export"):
            assert (await client.get(hidden)).status_code == 404, hidden
        assert (await called(client)).status_code == 403
    async with membership.client("delegation", delegation="idf") as client:
        assert [one["delegation"] for one in (await client.get("/meetings")).json()["items"]] == ["idf"]
        assert (await client.get(path)).status_code == 404
    async with membership.client("delegation") as client:
        assert (await client.get("/meetings")).json()["items"] == []
    async with membership.client("board") as client:
        assert (await client.get("/meetings")).status_code == 403


async def test_of_two_who_record_at_once_one_is_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as client:
        path = f"{await meeting(client)}/record"
        bodies = [{"attendance": [{"member_id": ids[name], "presence": "present"}]} for name in "AB"]
        both = await asyncio.gather(*(client.post(path, json=body, headers={"If-Match": '"v1"'}) for body in bodies))
        assert sorted(answer.status_code for answer in both) == [200, 412]
    assert len(await membership.rows("SELECT 1 FROM department_meeting_invitation WHERE presence = 'present'")) == 1


async def test_meetings_are_found(membership: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(membership, by_staff, territory)
    async with membership.client("network", "board") as client:
        await meeting(client, day=on(-1), subject="Passée")
        await meeting(client, day=on(4), departments=["34"], subject="Hérault")
        for filters, subjects in (
            ({}, ["Hérault", "Passée"]),
            ({"sort": "delegation,day"}, ["Passée", "Hérault"]),
            ({"department": ["82", "11"]}, ["Passée"]),
            ({"member_id": ids["C"]}, ["Hérault"]),
            ({"state": "planned", "day_to": on(0)}, ["Passée"]),
            ({"day_from": on(0)}, ["Hérault"]),
            ({"delegation": "idf"}, []),
        ):
            page = (await client.get("/meetings", params={"total": True, **filters})).json()
            assert [one["subject"] for one in page["items"]] == subjects, filters
            assert page["total"] == len(subjects)
            wanted = {name: value for name, value in filters.items() if name != "sort"}
            lines = await exported(client, "/meetings/export", **wanted)
            assert sorted(line["objet"] for line in lines) == sorted(subjects), filters
        [line] = await exported(client, "/meetings/export", state="planned", day_from=on(0))
        assert (line["departements"], line["invitees"], line["presentes"]) == ("34", "1", "0")
        assert (await client.get("/meetings/export", params={"format": "xlsx"})).content[:2] == b"PK"
    async with membership.client("member", member_id=UUID(ids["C"])) as client:
        [own] = await exported(client, "/meetings/export")
        assert (own["objet"], own["invitees"]) == ("Hérault", "1")
    async with membership.client("board") as client:
        assert (await client.get("/meetings/export")).status_code == 403
