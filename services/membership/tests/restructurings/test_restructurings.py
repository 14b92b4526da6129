"""A structure changes its legal shape: what the act carries, shown first, and undone as a whole."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.contracts.dues import DuesInvoiced, InvoiceState
from common.contracts.membership import MemberJoined, MemberLeft, MemberUpdated
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by
from ..departures.test_departures import joined, told
from ..members.test_dates import change, enter, on
from ..members.test_register import admit, receive, structure


def called(member_id: UUID, status: str = "issued", paid: str = "0.00") -> DuesInvoiced:
    state = InvoiceState(
        id=UUID(int=3),
        number="COT-2026-00042",
        member_id=member_id,
        year=2026,
        status=status,
        total=Decimal("5291.98"),
        paid=Decimal(paid),
        issued_on=date(2026, 1, 15),
        due_on=date(2026, 2, 14),
    )
    return DuesInvoiced(state=state, campaign_id=UUID(int=4), shares=())


async def version(client: httpx.AsyncClient, path: str) -> int:
    return int((await client.get(path)).json()["version"])


async def asked(client: httpx.AsyncClient, path: str, kind: str, **fields: Any) -> dict[str, Any]:
    body = {
        "kind": kind,
        "member_id": path.rpartition("/")[2],
        "version": await version(client, path),
        "reason": "acte",
    }
    return {**body, **fields}


async def test_an_absorption_is_shown_carried_out_and_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    gone, into = await arranged(membership, admitted_by, joined, "A", "B")
    async with membership.client("network", "board") as client:
        await enter(client, gone, topic="activity", kind="aci", convention="ACI-31-1")
        body = await asked(
            client, gone, "absorption", into_id=into.rpartition("/")[2], into_version=await version(client, into)
        )
        before = (await client.get(gone)).json(), (await client.get(into)).json()
        shown = await client.post("/restructurings", params={"dry_run": "true"}, json=body)
        assert shown.status_code == 201, shown.text
        assert ((await client.get(gone)).json(), (await client.get(into)).json()) == before
        done = await client.post("/restructurings", json=body)
        assert done.status_code == 201, done.text
        lines = [(one["name"], one["entry"]["topic"], one["entry"]["key"]) for one in done.json()["carried"]]
        assert lines == [("A", "status", ""), ("B", "activity", "aci")]
        assert all(one["entry"]["counts"] for one in done.json()["carried"])
        assert shown.headers["dry-run"] == "true"
        seen = [
            [(one["before"], one["entry"]["value"]) for one in answer.json()["carried"]] for answer in (shown, done)
        ]
        assert seen[0] == seen[1]
        assert [before and before.get("status") for before, _ in seen[1]] == ["active", None]
        assert [one["code"] for one in done.json()["to_follow"]] == ["conventions"]
        absorbed, absorbing = (await client.get(gone)).json(), (await client.get(into)).json()
        assert (absorbed["status"], absorbed["departure_label"]) == ("left", "fusion")
        assert absorbed["successor_id"] == absorbing["id"]
        assert [(one["kind"], one["convention"]) for one in absorbing["activities"]] == [
            ("ai", None),
            ("aci", "ACI-31-1"),
        ]
    updated, left = (await membership.published())[-2:]
    assert isinstance(updated, MemberUpdated)
    assert isinstance(left, MemberLeft)
    assert (left.state.departure_cause, str(left.state.successor_id)) == ("absorbed", absorbing["id"])


async def test_an_absorption_is_undone_as_a_whole(membership: ServiceUnderTest, arranged: Arrange) -> None:
    gone, into = await arranged(membership, admitted_by, joined, "A", "B")
    async with membership.client("network", "board") as client:
        await enter(client, gone, topic="activity", kind="aci", convention="ACI-31-1")
        names = ("status", "activities", "left_on", "successor_id", "groups")
        before = [{name: (await client.get(path)).json()[name] for name in names} for path in (gone, into)]
        body = await asked(
            client, gone, "absorption", into_id=into.rpartition("/")[2], into_version=await version(client, into)
        )
        path = f"/restructurings/{(await client.post('/restructurings', json=body)).json()['id']}"
        undone = await client.post(f"{path}/undo", json={"reason": "traité annulé"})
        assert undone.status_code == 200, undone.text
        assert all(one["entry"]["withdrawn"] for one in undone.json()["carried"])
        assert (undone.json()["allowed_actions"], undone.json()["to_follow"]) == ([], [])
        assert [one["code"] for one in undone.json()["blockers"]["undo"]] == ["undone_already"]
        after = [{name: (await client.get(path)).json()[name] for name in names} for path in (gone, into)]
        assert after == before
        again = await client.post(f"{path}/undo", json={"reason": "-"})
        assert (again.status_code, again.json()["code"]) == (409, "undone_already")
    assert isinstance((await membership.published())[-1], MemberJoined)


async def test_what_gave_way_to_a_merger_comes_back_with_its_undoing(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """A resignation announced for later has no object once the structure is absorbed; undone, it stands again."""
    gone, into = await arranged(membership, admitted_by, joined, "A", "B")
    async with membership.client("network", "board") as client:
        await told(client, gone, effective_on=on(200))
        fields = {"into_id": into.rpartition("/")[2], "into_version": await version(client, into)}
        done = await client.post("/restructurings", json=await asked(client, gone, "absorption", **fields))
        assert done.status_code == 201, done.text
        assert [one["entry"]["withdraws"] is None for one in done.json()["carried"]] == [True, False]
        assert (await client.get(gone)).json()["upcoming"] == []
        undone = await client.post(f"/restructurings/{done.json()['id']}/undo", json={"reason": "traité annulé"})
        assert undone.status_code == 200, undone.text
        back = (await client.get(gone)).json()
        assert (back["status"], back["upcoming"][0]["value"]["cause"]) == ("active", "resigned")
        assert back["upcoming"][0]["effective_on"] == on(200)


async def test_what_was_built_on_is_not_undone(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        body = await asked(client, path, "siret_change", siret="90000000100017")
        done = (await client.post("/restructurings", json=body)).json()
        act = f"/restructurings/{done['id']}"
        [line] = done["carried"]
        etag = {"If-Match": (await client.get(path)).headers["etag"]}
        alone = await client.post(f"{path}/entries/{line['entry']['id']}/withdraw", json={"reason": "-"}, headers=etag)
        assert (alone.status_code, alone.json()["code"]) == (409, "entry_of_a_decision")
        await change(client, path, siret="90000000100025", effective_on=on(5))
        refused = await client.post(f"{act}/undo", json={"reason": "-"})
        assert (refused.status_code, refused.json()["code"]) == (409, "built_upon")
        assert "SIREN et SIRET" in refused.json()["detail"]
        assert (await client.get(act)).json()["allowed_actions"] == []
    async with membership.days_later(31) as later, later.client("network") as client:
        refused = await client.post(f"{act}/undo", json={"reason": "-"})
        assert (refused.status_code, refused.json()["code"]) == (409, "too_late_to_undo")


async def test_acts_are_undone_in_their_order(membership: ServiceUnderTest, arranged: Arrange) -> None:
    paths = await arranged(membership, admitted_by, joined, *"ABC")
    async with membership.client("network", "board") as client:
        acts = []
        for gone, into in pairwise(paths):
            fields = {"into_id": into.rpartition("/")[2], "into_version": await version(client, into)}
            done = await client.post("/restructurings", json=await asked(client, gone, "absorption", **fields))
            acts.append(f"/restructurings/{done.json()['id']}/undo")
        first, second = acts
        assert (await client.post(first, json={"reason": "-"})).json()["code"] == "built_upon"
        assert (await client.post(second, json={"reason": "-"})).status_code == 200
        assert (await client.post(first, json={"reason": "-"})).status_code == 200
        assert [(await client.get(path)).json()["status"] for path in paths] == ["active"] * 3


async def test_a_merger_announced_takes_effect_on_its_day_and_is_undone_after_it(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    gone, into = await arranged(membership, admitted_by, joined, "A", "B")
    async with membership.client("network", "board") as client:
        fields = {"into_id": into.rpartition("/")[2], "into_version": await version(client, into)}
        body = await asked(client, gone, "absorption", effective_on=on(60), **fields)
        done = (await client.post("/restructurings", json=body)).json()
        assert done["undoable_until"] == on(90)
        assert (await client.get(gone)).json()["status"] == "active"
        assert "withdraw_departure" not in (await client.get(gone)).json()["allowed_actions"]
    async with membership.days_later(60) as that_day, that_day.client("network") as client:
        assert (await client.get(gone)).json()["status"] == "left"
        undone = await client.post(f"/restructurings/{done['id']}/undo", json={"reason": "traité annulé"})
        assert undone.status_code == 200, undone.text
        assert (await client.get(gone)).json()["status"] == "active"


async def test_another_siret_keeps_all_the_rest(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await change(client, path, siret="90000000100017")
        wrong = await client.patch(
            path, json={"siret": "90000001900019"}, headers={"If-Match": (await client.get(path)).headers["etag"]}
        )
        assert wrong.json()["code"] == "siret_of_another_siren"
        body = await asked(
            client, path, "siret_change", siret="90000001900019", street="2 rue Neuve", postcode="35000", city="RENNES"
        )
        done = await client.post("/restructurings", json={**body, "effective_on": on(10)})
        assert [one["entry"]["topic"] for one in done.json()["carried"]] == ["identifiers", "address"]
        assert (await client.get(path)).json()["siren"] == "900000001"
        then = (await client.get(path, params={"as_of": on(10)})).json()
        assert (then["siren"], then["siret"], then["delegation"]) == ("900000019", "90000001900019", "bretagne")
        assert (then["joined_on"], then["status"]) == (on(0), "active")


@pytest.mark.parametrize("effective_on", [0, 30], ids=["aujourd'hui", "pour plus tard"])
async def test_a_siren_that_another_bears_is_refused_at_once(
    membership: ServiceUnderTest, arranged: Arrange, effective_on: int
) -> None:
    other, path = await arranged(membership, admitted_by, joined, "A", "B")
    async with membership.client("network", "board") as client:
        await change(client, other, siret="90000001900019")
        body = await asked(client, path, "siret_change", siret="90000001900027", effective_on=on(effective_on))
        refused = await client.post("/restructurings", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "siren_taken")
        assert "A (STR-" in refused.json()["detail"]


async def test_a_split_brings_a_candidate_to_the_board(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await enter(client, path, topic="activity", kind="etti", convention="ETTI-31-1")
        new = {"name": "A Intérim", "department": "31", "activities": ["etti"]}
        done = await client.post("/restructurings", json=await asked(client, path, "split", **new))
        assert done.status_code == 201, done.text
        assert [one["kind"] for one in (await client.get(path)).json()["activities"]] == ["ai"]
        born = (await client.get(f"/members/{done.json()['other_id']}")).json()
        assert (born["name"], born["status"], [one["kind"] for one in born["activities"]]) == (
            "A Intérim",
            "candidate",
            ["etti"],
        )
        [application] = (await client.get("/applications", params={"status": "open"})).json()["items"]
        assert application["member_id"] == born["id"]
        assert born["activities"][0]["convention"] == "ETTI-31-1"
        assert [one["code"] for one in done.json()["to_follow"]] == ["conventions", "application"]
        assert all(one["entry"]["counts"] for one in done.json()["carried"])
        all_of_it = await asked(client, path, "split", **{**new, "name": "C", "activities": ["ai"]})
        refused = await client.post("/restructurings", json=all_of_it)
        assert (refused.status_code, refused.json()["code"]) == (409, "last_activity")
        assert (await client.get("/members", params={"q": "C "})).json()["items"] == []
        undone = await client.post(f"/restructurings/{done.json()['id']}/undo", json={"reason": "abandonnée"})
        assert undone.status_code == 200, undone.text
        assert [one["kind"] for one in (await client.get(path)).json()["activities"]] == ["ai", "etti"]
        assert [one["code"] for one in undone.json()["to_follow"]] == ["application"]
        assert (await client.get(f"/members/{born['id']}")).json()["status"] == "candidate"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param(
            {"kind": "siret_change", "siret": "90000000100017", "version": 1}, 409, "structure_changed", id="v"
        ),
        pytest.param({"kind": "siret_change", "siret": "12345678901234"}, 422, "validation", id="siret impossible"),
        pytest.param(
            {"kind": "siret_change", "siret": "90000000100017", "city": "AUCH"}, 422, "validation", id="demi-adresse"
        ),
        pytest.param({"kind": "absorption", "into_id": "self", "into_version": 2}, 400, "absorbed_by_itself", id="soi"),
        pytest.param(
            {"kind": "absorption", "into_id": "candidate", "into_version": 1},
            409,
            "not_a_member",
            id="par une candidate",
        ),
        pytest.param(
            {"kind": "split", "name": "N", "department": "31", "activities": ["ebe"]},
            409,
            "activity_not_held",
            id="étrangère",
        ),
    ],
)
async def test_what_cannot_be_done_changes_nothing(
    membership: ServiceUnderTest, arranged: Arrange, fields: dict[str, Any], status: int, code: str
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        candidate = (await receive(client, **structure("B")))["member_id"]
        ids = {"self": path.rpartition("/")[2], "candidate": candidate}
        body = {**await asked(client, path, "split"), **fields}
        if "into_id" in body:
            body["into_id"] = ids[body["into_id"]]
        before = (await client.get("/members")).json()
        refused = await client.post("/restructurings", json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert (await client.get("/members")).json() == before
        assert (await client.get("/restructurings")).json()["items"] == []


async def test_calls_for_dues_of_the_absorbed_are_named(membership: ServiceUnderTest, arranged: Arrange) -> None:
    gone, into = await arranged(membership, admitted_by, joined, "A", "B")
    async with membership.client("network", "board") as client:
        body = await asked(
            client, gone, "absorption", into_id=into.rpartition("/")[2], into_version=await version(client, into)
        )
        owing = UUID(gone.rpartition("/")[2])
        await membership.receive(called(owing))
        done = (await client.post("/restructurings", json=body)).json()
        assert done["to_follow"][-1]["message"].endswith("(COT-2026-00042).")
        path = f"/restructurings/{done['id']}"
        await membership.receive(called(owing, "partly_paid", "5291.97"))
        assert (await client.get(path)).json()["to_follow"] == done["to_follow"], "a cent is still to be settled"
        await membership.receive(called(owing, "paid", "5291.98"))
        left = (await client.get(path)).json()["to_follow"]
        assert "calls" not in [one["code"] for one in left]
        listed = (
            await client.get("/restructurings", params={"member_id": body["into_id"], "kind": "absorption"})
        ).json()
        assert [one["id"] for one in listed["items"]] == [done["id"]]


async def test_an_absorbed_structure_empties_its_billing_seat(membership: ServiceUnderTest, arranged: Arrange) -> None:
    gone, into = await arranged(membership, admitted_by, joined, "A", "B")
    async with membership.client("network", "board") as client:
        person = (
            await client.post(f"{gone}/contacts", json={"given_name": "Camille", "family_name": "EXEMPLE"})
        ).json()
        etag = {"If-Match": (await client.get(gone)).headers["etag"]}
        await client.post(f"{gone}/seats/appoint", json={"seat": "billing", "contact_id": person["id"]}, headers=etag)
        fields = {"into_id": into.rpartition("/")[2], "into_version": await version(client, into)}
        done = (await client.post("/restructurings", json=await asked(client, gone, "absorption", **fields))).json()
        assert [one["code"] for one in done["to_follow"]] == ["seats"]
        etag = {"If-Match": (await client.get(gone)).headers["etag"]}
        left = await client.post(f"{gone}/seats/leave", json={"seat": "billing"}, headers=etag)
        assert left.status_code == 200, left.text
        assert (await client.get(f"/restructurings/{done['id']}")).json()["to_follow"] == []


async def test_who_reads_restructurings_and_who_runs_them(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        body = await asked(client, path, "siret_change", siret="90000000100017")
        act = f"/restructurings/{(await client.post('/restructurings', json=body)).json()['id']}"
    member = UUID(path.rpartition("/")[2])
    for role, who, status in (
        ("finance", {}, 200),
        ("board", {}, 200),
        ("delegation", {"delegation": "occitanie"}, 200),
        ("delegation", {"delegation": "bretagne"}, 404),
        ("member", {"member_id": member}, 200),
        ("member", {"member_id": UUID(int=5)}, 404),
    ):
        async with membership.client(role, **who) as client:
            found = await client.get(act)
            assert found.status_code == status, (role, who)
            assert len((await client.get("/restructurings")).json()["items"]) == (status == 200)
            if status == 200:
                assert (found.json()["allowed_actions"], found.json()["blockers"]) == ([], {})
            assert (await client.post(f"{act}/undo", json={"reason": "-"})).status_code == 403


async def an_absorption(membership: ServiceUnderTest) -> tuple[dict[str, str], dict[str, Any]]:
    """A, which owes a call, is absorbed by B of another delegation; C is none of theirs. Return who is who, the act."""
    places = {"A": ("31", "31000"), "B": ("35", "35000"), "C": ("31", "31000")}
    ids = {}
    async with membership.client("network", "board") as client:
        for name, place in places.items():
            application = await receive(client, **structure(name, *place))
            await admit(client, application, f"PV-{name}")
            ids[name] = application["member_id"]
        await membership.receive(called(UUID(ids["A"])))
        into = {"into_id": ids["B"], "into_version": await version(client, f"/members/{ids['B']}")}
        body = await asked(client, f"/members/{ids['A']}", "absorption", **into)
        return ids, (await client.post("/restructurings", json=body)).json()


@pytest.mark.parametrize(
    ("role", "who", "reads", "follows"),
    [
        pytest.param("network", {}, True, True, id="la fédération"),
        pytest.param("delegation", {"delegation": "occitanie"}, True, True, id="la délégation de l'absorbée"),
        pytest.param("delegation", {"delegation": "bretagne"}, True, False, id="celle de l'absorbante"),
        pytest.param("delegation", {"delegation": "idf"}, False, False, id="une autre"),
        pytest.param("member", {"member_id": "A"}, True, True, id="l'absorbée"),
        pytest.param("member", {"member_id": "B"}, True, False, id="l'absorbante"),
        pytest.param("member", {"member_id": "C"}, False, False, id="une étrangère"),
    ],
)
async def test_both_sides_read_a_merger_and_no_stranger(
    membership: ServiceUnderTest, arranged: Arrange, role: str, who: dict[str, str], reads: bool, follows: bool
) -> None:
    ids, done = await arranged(membership, an_absorption)
    holder: dict[str, Any] = {"member_id": UUID(ids[who["member_id"]])} if "member_id" in who else who
    async with membership.client(role, **holder) as client:
        found = await client.get(f"/restructurings/{done['id']}")
        assert found.status_code == (200 if reads else 404)
        for side in "AB":
            for params in ({"member_id": ids[side]}, {"member_id": ids[side], "kind": "absorption"}):
                listed = (await client.get("/restructurings", params={**params, "total": True})).json()
                assert [one["id"] for one in listed["items"]] == ([done["id"]] if reads else [])
                assert listed["total"] == int(reads)
        if reads:
            assert [one["name"] for one in found.json()["carried"]] == [one["name"] for one in done["carried"]]
            assert bool(found.json()["to_follow"]) is follows
            assert ("COT-2026-00042" in found.text) is follows
