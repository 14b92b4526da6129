"""Labels and certifications: recorded, found before they end, taken back and never overwritten."""

from typing import Any

import httpx
import pytest

from common.testing.harness import ServiceUnderTest

from ..assessments.test_alone import structure_of
from ..members.test_dates import on
from ..sittings.test_minutes import act

STANDINGS = ("valid", "expired", "withdrawn")


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


async def test_a_label_is_recorded_renewed_and_taken_back(membership: ServiceUnderTest) -> None:
    own, other = await structure_of(membership, "A"), await structure_of(membership, "B")
    async with membership.client("member", member_id=own) as client:
        first = await recorded(client, own)
        assert first.status_code == 201, first.text
        assert (first.json()["standing"], first.json()["allowed_actions"]) == ("valid", ["withdraw"])
        assert (await recorded(client, other)).json()["code"] == "member_not_found"
        await recorded(client, own, label="cedre", evidence="Certificat 2", obtained_on=on(-900), valid_until=on(-1))
        await recorded(client, own, label="esus", evidence="Certificat 3", valid_until=None)
        assert await listed(client, expiring_before=on(60)) == []
        assert await listed(client, expiring_before=on(61)) == ["Certificat 1"]
        by_standing = {one: await listed(client, standing=one) for one in STANDINGS}
        assert by_standing == {"valid": ["Certificat 1", "Certificat 3"], "expired": ["Certificat 2"], "withdrawn": []}
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
async def test_what_cannot_be_recorded(membership: ServiceUnderTest, fields: dict[str, Any], code: str) -> None:
    own = await structure_of(membership, "A")
    async with membership.client("network") as client:
        refused = await recorded(client, own, **fields)
        assert (refused.status_code, refused.json()["code"]) == (400, code)
        labels = (await client.get("/certifications/labels")).json()
        assert (labels["status"], len(labels["items"])) == ("assumed", 8)
