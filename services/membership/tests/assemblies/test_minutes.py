"""The minutes of an assembly: what every member reads of them, and what only those who read every structure do."""

from typing import Any
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.assemblies.documents import for_members

from ..electoral_roll.test_roll import TODAY, at, freeze
from .test_assembly import HELD, RESOLUTION, ROLL_DAY, act, came, convened, five_who_vote, opens, text_of

TO_ALL = ("Comptes 2027", "La résolution est adoptée.", "2 voix (2 structures)", "1 voix (1 structures)")
TO_THOSE_WHO_READ_ALL = (
    "Annexe : présences et pouvoirs",
    "Sacha FICTIF",
    "présente depuis",
    "pouvoir à Alpha",
    "Pour : Alpha (1), Delta (1).",
    "Contre : Bravo (1).",
)


def test_the_copy_of_the_members_is_the_same_but_for_structures_and_people() -> None:
    kept: dict[str, Any] = {
        "title": "AG",
        "participants": [{"name": "Alpha", "person": "Sacha FICTIF"}],
        "items": [{"title": "Comptes", "named": ["Pour : Alpha (1)."], "outcome": "adoptée"}],
    }
    shared = for_members(kept)
    assert (shared["participants"], shared["items"]) == ([], [{"title": "Comptes", "named": [], "outcome": "adoptée"}])
    assert "Alpha" not in str(shared)
    assert shared["title"] == "AG"
    assert kept["participants"], "what was kept stays as it is"


async def an_assembly_closed(membership: ServiceUnderTest) -> tuple[str, dict[str, str]]:
    """Hold an assembly with a proxy and a vote by structure, close it, and have its minutes kept."""
    ids = await five_who_vote(membership)
    async with membership.client("network") as client:
        path = await convened(client, {**RESOLUTION, "title": "Comptes 2027"})
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)
        await client.post(f"{path}/proxies", json={"giver_id": ids["Delta"], "holder_id": ids["Alpha"]})
        opened = (await opens(client, path)).json()
        await came(client, path, ids["Alpha"], ids["Bravo"], at=opened["opened_at"])
        item = opened["agenda"][0]["id"]
        choices = (("Alpha", "for"), ("Bravo", "against"), ("Delta", "for"))
        named = [{"member_id": ids[name], "choice": choice} for name, choice in choices]
        assert (await act(client, path, f"/items/{item}/vote", "PUT", named=named)).status_code == 200
        assert (await act(client, path, "/close")).status_code == 200
    async with membership.days_later((HELD - TODAY).days) as then:
        await then.run_jobs()
    return path, ids


@pytest.mark.parametrize(
    ("role", "in_full"),
    [
        pytest.param("network", True, id="le réseau"),
        pytest.param("finance", True, id="les finances"),
        pytest.param("board", True, id="le conseil"),
        pytest.param("delegation", False, id="une délégation"),
        pytest.param("member", False, id="une adhérente"),
    ],
)
async def test_attendance_and_named_votes_are_printed_for_those_who_read_every_structure(
    membership: ServiceUnderTest, arranged: Arrange, role: str, *, in_full: bool
) -> None:
    path, ids = await arranged(membership, an_assembly_closed)
    claims: dict[str, Any] = {
        "delegation": {"delegation": "occitanie"}, "member": {"member_id": UUID(ids["Bravo"])},
    }.get(role, {})  # fmt: skip
    async with at(membership, HELD, role, **claims) as client:
        first, again = await client.get(f"{path}/minutes"), await client.get(f"{path}/minutes")
    assert first.content == again.content
    printed = text_of(first.content)
    assert [words for words in TO_ALL if words not in printed] == []
    assert [words for words in TO_THOSE_WHO_READ_ALL if (words in printed) is not in_full] == []
    assert ("se lit dans son espace adhérent" in printed) is not in_full
    if not in_full:
        assert not any(name in printed for name in ("Alpha", "Bravo", "Delta"))
