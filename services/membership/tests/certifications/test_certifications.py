"""Labels and certifications: recorded, found before they end, taken back and never overwritten."""

import asyncio
import csv
import io
from typing import Any

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.departures.domain import notice_ends

from ..assessments.test_alone import structure_of, structures_of
from ..departures.test_departures import RULE, told
from ..members.test_dates import TODAY, on
from ..sittings.test_minutes import act

STANDINGS = ("valid", "expired", "revoked", "withdrawn")


async def recorded(client: httpx.AsyncClient, member: object, **fields: Any) -> httpx.Response:
    body = {
        "member_id": str(member),
        "label": "qualiopi",
        "certifier": "Organisme fictif",
        "obtained_on": on(-300),
        "valid_until": on(60),
        "evidence": "Certificat 1",
        **fields,
    }
    return await client.post("/certifications", json=body)


async def listed(client: httpx.AsyncClient, **filters: Any) -> list[str]:
    answer = await client.get("/certifications", params={"total": "true", "sort": "valid_until", **filters})
    assert answer.json()["total"] == len(answer.json()["items"])
    return [one["evidence"] for one in answer.json()["items"]]


async def test_a_label_is_recorded_renewed_and_taken_back(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, structures_of, "A", "B")
    async with membership.client("member", member_id=own) as client:
        first = await recorded(client, own)
        assert first.status_code == 201, first.text
        assert (first.json()["standing"], first.json()["allowed_actions"]) == ("valid", ["withdraw", "revoke"])
        assert (await recorded(client, other)).json()["code"] == "member_not_found"
        await recorded(client, own, label="cedre", evidence="Certificat 2", obtained_on=on(-900), valid_until=on(-1))
        await recorded(client, own, label="esus", evidence="Certificat 3", valid_until=None)
        assert await listed(client, expiring_before=on(60)) == []
        assert await listed(client, expiring_before=on(61)) == ["Certificat 1"]
        by_standing = {one: await listed(client, standing=one) for one in STANDINGS}
        assert by_standing == {
            "valid": ["Certificat 1", "Certificat 3"],
            "expired": ["Certificat 2"],
            "revoked": [],
            "withdrawn": [],
        }
        for one in (await client.get("/certifications")).json()["items"]:
            assert one["evidence"] in by_standing[one["standing"]]
        await recorded(client, own, evidence="Certificat 4", obtained_on=on(0), valid_until=on(1100))
        assert await listed(client, expiring_before=on(61)) == []
        path = f"/certifications/{first.json()['id']}"
        taken = await act(client, path, "POST", "withdraw", reason="Saisi deux fois.")
        assert (taken.json()["standing"], taken.json()["withdrawn_reason"]) == ("withdrawn", "Saisi deux fois.")
        again = await act(client, path, "POST", "withdraw", reason="x")
        assert (again.status_code, again.json()["code"]) == (409, "certification_withdrawn")
        assert await listed(client, standing="withdrawn") == ["Certificat 1"]
    async with membership.client("member", member_id=other) as client:
        assert (await client.get(path)).status_code == 404
        assert await listed(client) == []
    async with membership.client("delegation", delegation="bretagne") as client:
        assert await listed(client) == []
        assert (await recorded(client, own)).json()["code"] == "member_not_found"
    async with membership.client("delegation", delegation="occitanie") as client:
        assert len(await listed(client)) == 4
    async with membership.client("board") as client:
        assert (await client.get("/certifications")).status_code == 403


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"label": "inconnu"}, "label_unknown", id="un label qui n'est pas dans la liste"),
        pytest.param({"level": "Confirmé"}, "label_unknown", id="un niveau que le label n'a pas"),
        pytest.param({"label": "engage-rse", "level": "Argent"}, "label_unknown", id="un niveau inconnu"),
        pytest.param({"label": "engage-rse"}, "label_unknown", id="sans le niveau que le label demande"),
        pytest.param({"label": "other"}, "label_unknown", id="un autre label, sans son nom"),
        pytest.param({"title": "Qualité"}, "label_unknown", id="un label de la liste, sous un autre nom"),
        pytest.param({"obtained_on": on(1)}, "obtained_another_day", id="obtenu demain"),
        pytest.param({"obtained_on": "2018-01-01"}, "obtained_another_day", id="avant que le label existe"),
        pytest.param(
            {"label": "cedre-iso-9001", "obtained_on": "2026-01-01", "valid_until": None},
            "obtained_another_day",
            id="après sa fin",
        ),
        pytest.param({"valid_until": on(-301)}, "obtained_another_day", id="fini avant d'être obtenu"),
    ],
)
async def test_what_cannot_be_recorded(
    membership: ServiceUnderTest, arranged: Arrange, fields: dict[str, Any], code: str
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("network") as client:
        refused = await recorded(client, own, **fields)
        assert (refused.status_code, refused.json()["code"]) == (400, code)
        labels = (await client.get("/certifications/labels")).json()
        assert [one["code"] for one in labels["items"] if one["named"]] == ["other"]
        assert (labels["status"], len(labels["items"])) == ("assumed", 9)


@pytest.mark.parametrize(
    ("before", "after", "expiring"),
    [
        pytest.param({}, {"obtained_on": on(-1), "valid_until": on(900)}, False, id="renouvelée"),
        pytest.param({}, {"obtained_on": on(-400), "valid_until": None}, True, id="une ancienne, de fin inconnue"),
        pytest.param({}, {"obtained_on": on(-1), "valid_until": on(10)}, True, id="obtenue après, mais finie avant"),
        pytest.param({}, {"label": "cedre", "obtained_on": on(-1), "valid_until": None}, True, id="un autre label"),
        pytest.param(
            {"label": "other", "title": "Label vert"},
            {"label": "other", "title": "Label bleu", "obtained_on": on(-1), "valid_until": on(900)},
            True,
            id="un autre autre label",
        ),
        pytest.param(
            {"label": "other", "title": "Label vert"},
            {"label": "other", "title": "Label vert", "obtained_on": on(-1), "valid_until": on(900)},
            False,
            id="le même autre label",
        ),
    ],
)
async def test_what_is_to_renew(
    membership: ServiceUnderTest, arranged: Arrange, before: dict[str, Any], after: dict[str, Any], expiring: bool
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        assert (await recorded(client, own, **before)).status_code == 201
        second = await recorded(client, own, evidence="Certificat 2", **after)
        assert second.status_code == 201, second.text
        assert ("Certificat 1" in await listed(client, expiring_before=on(61))) is expiring


async def test_what_ended_without_being_renewed_is_found(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        long_ago = {"obtained_on": on(-1000), "valid_until": on(-1)}
        await recorded(client, own, label="iso-9001", evidence="Finie", **long_ago)
        await recorded(client, own, label="iso-14001", evidence="Finie et renouvelée", **long_ago)
        await recorded(client, own, label="iso-14001", evidence="Renouvelée", obtained_on=on(-1), valid_until=on(900))
        assert await listed(client, lapsed="true") == ["Finie"]
        assert await listed(client, lapsed="true", as_of=on(-2)) == []
        assert await listed(client, standing="valid", as_of=on(-2)) == ["Finie", "Finie et renouvelée"]


async def test_a_structure_that_left_has_nothing_to_renew(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    days = (notice_ends(TODAY, RULE) - TODAY).days + 1
    async with membership.client("member", member_id=own) as client:
        await recorded(client, own, valid_until=on(days + 30))
        await recorded(client, own, label="cedre", evidence="Finie", obtained_on=on(-900), valid_until=on(-1))
    async with membership.client("network", "board") as client:
        assert len(await listed(client, expiring_before=on(days + 31))) == 1
        assert (await told(client, f"/members/{own}")).status_code == 200
    async with membership.days_later(days) as later:
        async with later.client("network") as client:
            assert await listed(client, expiring_before=on(days + 31)) == []
            assert await listed(client, lapsed="true") == []
            assert (await client.get("/certifications/counts")).json()["items"] == []
            then = (await client.get("/certifications/counts", params={"as_of": on(0)})).json()["items"]
            assert [(one["label"], one["structures"]) for one in then] == [("qualiopi", 1)]
        async with later.client("member", member_id=own) as client:
            refused = await recorded(client, own, evidence="Après", obtained_on=on(0))
            assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")


async def test_a_label_is_recorded_once_also_by_two_at_once(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        answers = await asyncio.gather(*(recorded(client, own) for _ in range(4)))
        assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
        assert {one.json()["code"] for one in answers if one.status_code == 409} == {"certification_recorded"}
        [first] = [one.json()["id"] for one in answers if one.status_code == 201]
        await act(client, f"/certifications/{first}", "POST", "withdraw", reason="Erreur de date.")
        assert (await recorded(client, own)).status_code == 201


async def test_who_verifies_and_what_a_certifier_took_away(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        path = f"/certifications/{(await recorded(client, own)).json()['id']}"
        assert (await act(client, path, "POST", "verify")).status_code == 403
    async with membership.client("delegation", "member", delegation="occitanie", member_id=own) as director:
        refused = await act(director, path, "POST", "verify")
        assert (refused.status_code, refused.json()["code"]) == (403, "own_certification")
    async with membership.client("delegation", delegation="occitanie") as adviser:
        assert await listed(adviser, status="verified") == []
        seen = await act(adviser, path, "POST", "verify")
        assert (seen.json()["status"], seen.json()["blockers"]["verify"][0]["code"]) == (
            "verified",
            "certification_verified",
        )
        assert await listed(adviser, status="verified") == ["Certificat 1"]
        early = await act(adviser, path, "POST", "revoke", revoked_on=on(-301), reason="Audit.")
        assert (early.status_code, early.json()["code"]) == (400, "revoked_another_day")
        taken = await act(adviser, path, "POST", "revoke", revoked_on=on(-3), reason="Audit.")
        assert (taken.json()["standing"], taken.json()["revoked_reason"]) == ("revoked", "Audit.")
        assert await listed(adviser, standing="valid", as_of=on(-4)) == ["Certificat 1"]
        assert (await act(adviser, path, "POST", "revoke", revoked_on=on(-3), reason="x")).json()["code"] == (
            "certification_revoked"
        )
    async with membership.client("member", member_id=own) as client:
        # The structure does not make it disappear, nor records it anew.
        hidden = await act(client, path, "POST", "withdraw", reason="Erreur.")
        assert (hidden.status_code, hidden.json()["code"]) == (409, "certification_revoked")
        assert (await recorded(client, own)).json()["code"] == "certification_recorded"


async def test_labels_are_counted_filtered_and_exported(membership: ServiceUnderTest, arranged: Arrange) -> None:
    first, second = await arranged(membership, structures_of, "Alpha", "Bravo")
    async with membership.client("network") as client:
        rse = {"label": "engage-rse", "level": "Confirmé"}
        await recorded(client, first, **rse, evidence="Un")
        await recorded(client, first, **rse, evidence="Deux", obtained_on=on(-10))
        await recorded(client, second, label="engage-rse", level="Initial", evidence="Trois")
        await recorded(client, second, label="other", title="=Label vert", evidence="Quatre")
        counted = (await client.get("/certifications/counts")).json()["items"]
        assert [(one["label_name"], one["level"], one["structures"]) for one in counted] == [
            ("Engagé RSE", "Confirmé", 1),
            ("Engagé RSE", "Initial", 1),
            ("=Label vert", None, 1),
        ]
        filters: list[tuple[dict[str, Any], int]] = [
            ({"q": "ALPHA"}, 2),
            ({"level": "Confirmé"}, 2),
            ({"obtained_from": on(-10)}, 1),
            ({"obtained_to": on(-11)}, 3),
        ]
        for wanted, count in filters:
            assert len(await listed(client, **wanted)) == count, wanted
        exported = (await client.get("/certifications/export", params={"q": "bravo"})).content.decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(exported), delimiter=";"))
        assert sorted(line["Label"] for line in lines) == ["'=Label vert", "Engagé RSE"]
    async with membership.client("member", member_id=first) as client:
        own = (await client.get("/certifications/counts")).json()["items"]
        assert [(one["level"], one["structures"]) for one in own] == [("Confirmé", 1)]
    async with membership.client("board") as client:
        assert (await client.get("/certifications/counts")).status_code == 403
        assert (await client.get("/certifications/export")).status_code == 403
