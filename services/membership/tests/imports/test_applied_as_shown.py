"""What is applied is what the preview showed, field by field, and the same file once more changes nothing."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import httpx
import pytest
from stdnum import luhn

from common.testing.harness import ServiceUnderTest
from membership.members.domain import ActivityKind, activity_of

from .test_acts import applied, previewed

HEADER = "nom;types;adresse;code_postal;commune;departement;siren"
SHOWN_AS = {"address": "street", "commune": "city"}


def siren(number: int) -> str:
    eight = f"{90_000_000 + number}"
    return eight + luhn.calc_check_digit(eight)


def file_of(cells: Sequence[tuple[str, str, str]]) -> str:
    """Types, postcode and department of one structure a row; its SIREN says which one, whatever else changes."""
    rows = [
        f"STRUCTURE {number};{types};1 rue A;{postcode};VILLE;{department};{siren(number)}"
        for number, (types, postcode, department) in enumerate(cells)
    ]
    return "\n".join([HEADER, *rows])


async def register(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    members = (await client.get("/members", params={"limit": 200})).json()["items"]
    return {member["id"]: member for member in members}


async def rows_of(client: httpx.AsyncClient, imported: dict[str, Any]) -> list[dict[str, Any]]:
    return list((await client.get(f"/imports/{imported['id']}/rows", params={"limit": 200})).json()["items"])


def after(member: dict[str, Any], changes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a structure becomes where nothing but what is shown changes; the rest follows from it."""
    became = {name: member[name] for name in ("name", "siren", "siret", "street", "postcode", "city", "department")}
    became["activities"] = [activity["kind"] for activity in member["activities"]]
    for change in changes:
        is_types = change["field"] == "activities"
        new = [activity_of(part) for part in change["new"].split("/")] if is_types else change["new"]
        became[SHOWN_AS.get(change["field"], change["field"])] = new
    return became


async def assert_applied_as_shown(membership: ServiceUnderTest, first: str, second: str) -> None:
    async with membership.client("network") as client:
        await applied(membership, client, (await previewed(membership, client, first))["id"])
        before = await register(client)
        imported = await previewed(membership, client, second)
        changed = {row["member_id"]: row["changes"] for row in await rows_of(client, imported)}
        assert changed.keys() == before.keys()
        expected = {member_id: after(member, changed[member_id]) for member_id, member in before.items()}
        assert (await applied(membership, client, imported["id"]))["status"] == "succeeded"
        assert {member_id: after(member, ()) for member_id, member in (await register(client)).items()} == expected
        again = await previewed(membership, client, second)
        assert again["counts"] == {"unchanged": len(before)}, await rows_of(client, again)


TYPES = ("", "AI", "AI/ACI", "ACI/AI", "ACI/AI/EI", "EI/ACI", "EI")
PLACES = (("", ""), ("", "31"), ("31000", "31"), ("09100", "31"), ("09100", ""), ("09100", "09"), ("20200", "2A"))


async def test_of_types_in_every_order(membership: ServiceUnderTest) -> None:
    before, then = zip(*product(TYPES, repeat=2), strict=True)
    first, second = ([(types, "31000", "31") for types in one] for one in (before, then))
    await assert_applied_as_shown(membership, file_of(first), file_of(second))


async def test_of_postcodes_and_departments_that_do_not_agree(membership: ServiceUnderTest) -> None:
    before, then = zip(*product(PLACES, repeat=2), strict=True)
    first, second = ([("AI", *place) for place in one] for one in (before, then))
    await assert_applied_as_shown(membership, file_of(first), file_of(second))


@pytest.mark.parametrize(
    ("held", "listed", "main"),
    [
        pytest.param("AI/ACI", "ACI/AI/EI", ActivityKind.AI, id="le premier du fichier n'est pas le principal"),
        pytest.param("ACI/AI", "AI/ACI/EI", ActivityKind.ACI, id="... même s'il l'est dans l'ordre de la fédération"),
        pytest.param("AI/ACI", "ACI/EI", ActivityKind.ACI, id="le principal n'y est plus : le premier le devient"),
    ],
)
async def test_the_main_activity_on_which_dues_depend(
    membership: ServiceUnderTest, held: str, listed: str, main: ActivityKind
) -> None:
    async with membership.client("network") as client:
        for types in (held, listed):
            imported = await previewed(membership, client, file_of([(types, "31000", "31")]))
            await applied(membership, client, imported["id"])
        [member] = (await register(client)).values()
    assert [activity["kind"] for activity in member["activities"] if activity["main"]] == [main]


async def test_a_postcode_of_the_next_department_leaves_the_structure_in_its_own(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        for postcode in ("31000", "09100"):
            imported = await previewed(membership, client, file_of([("AI", postcode, "31")]))
            await applied(membership, client, imported["id"])
        [row] = await rows_of(client, imported)
        [member] = (await register(client)).values()
    assert [change["field"] for change in row["changes"]] == ["postcode"]
    assert (member["postcode"], member["department"]) == ("09100", "31")
