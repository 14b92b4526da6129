"""The numbers of conventions that a file gives: each after the kind it is for."""

import pytest

from common.testing.harness import ServiceUnderTest
from membership.imports.domain.cells import read_conventions
from membership.members.domain import ActivityKind

from ..members.test_dates import enter
from .test_acts import applied, previewed

COLUMNS = "nom;types;adresse;code_postal;commune;departement;conventions"
AI, ACI, ETT, SAP = ActivityKind.AI, ActivityKind.ACI, ActivityKind.ETT_ESS, ActivityKind.SAP_PROXIM


@pytest.mark.parametrize(
    ("cell", "numbers", "code"),
    [
        pytest.param("", {}, None, id="vide"),
        pytest.param("AI 031240012", {AI: "031240012"}, None, id="une"),
        pytest.param("AI 031, ACI 032", {AI: "031", ACI: "032"}, None, id="deux"),
        pytest.param("AI 031 24 0012", {AI: "031 24 0012"}, None, id="un numéro avec des espaces"),
        pytest.param("AI 031, avenant 2, ACI 032", {AI: "031, avenant 2", ACI: "032"}, None, id="avec une virgule"),
        pytest.param("SAP Proxim' 1, ETT-ESS 2", {SAP: "1", ETT: "2"}, None, id="les types comme on les imprime"),
        pytest.param("association intermédiaire 031", {AI: "031"}, None, id="un type en toutes lettres"),
        pytest.param("031240012", {}, "convention_invalid", id="sans son type"),
        pytest.param("ESAT 031", {}, "convention_invalid", id="un type inconnu"),
        pytest.param("AI", {}, "convention_invalid", id="un type sans numéro"),
        pytest.param("AI 031, AI 032", {AI: "031"}, "convention_invalid", id="deux du même type"),
    ],
)
def test_what_the_cell_says(cell: str, numbers: dict[ActivityKind, str], code: str | None) -> None:
    read, findings = read_conventions(2, cell)
    assert read == numbers
    assert [one.code for one in findings] == ([code] if code else [])


def file_of(types: str, conventions: str) -> str:
    return f"{COLUMNS}\nAVIE;{types};1 rue A;31000;TOULOUSE;31;{conventions}\n"


async def test_numbers_are_kept_changed_as_shown_and_imported_once(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        first = await previewed(membership, client, file_of("AI/ACI", "AI 031, ACI 032"))
        await applied(membership, client, first["id"])
        assert (await previewed(membership, client, file_of("", "ACI 032")))["counts"] == {"unchanged": 1}
        assert (await previewed(membership, client, file_of("AI/ACI", "")))["counts"] == {"unchanged": 1}
        [member] = (await client.get("/members")).json()["items"]
        path = f"/members/{member['id']}"
        for kind, number in (("ai", "031"), ("aci", "032")):
            agreed = {"convention": number, "convention_ends_on": "2030-12-31"}
            await enter(client, path, topic="activity", kind=kind, **agreed)
        second = await previewed(membership, client, file_of("", "ACI 033"))
        [row] = (await client.get(f"/imports/{second['id']}/rows")).json()["items"]
        [change] = row["changes"]
        assert (change["label"], change["old"], change["new"]) == ("conventions", "AI 031, ACI 032", "AI 031, ACI 033")
        await applied(membership, client, second["id"])
        activities = (await client.get(path)).json()["activities"]
    assert {(one["kind"], one["convention"], one["convention_ends_on"]) for one in activities} == {
        ("ai", "031", "2030-12-31"),
        ("aci", "033", None),  # the last day was that of the convention before
    }


@pytest.mark.parametrize("types", ["ACI", ""], ids=["que la ligne ne dit pas", "que personne ne dit"])
async def test_a_convention_of_an_activity_that_is_not_held_refuses_its_row(
    membership: ServiceUnderTest, types: str
) -> None:
    async with membership.client("network") as client:
        sent = await previewed(membership, client, file_of(types, "AI 031"))
        [row] = (await client.get(f"/imports/{sent['id']}/rows")).json()["items"]
    assert (row["outcome"], row["findings"][0]["code"]) == ("error", "convention_without_activity")
