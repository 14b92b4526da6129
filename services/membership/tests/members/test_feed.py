"""The feed of changes shows each person what lists show, and nothing else."""

from typing import Any
from uuid import UUID

import pytest

from common.testing.acknowledging import acknowledge
from common.testing.harness import ServiceUnderTest

from .test_register import admit, receive, structure


@pytest.mark.parametrize(
    ("roles", "who", "names"),
    [
        pytest.param(("network",), {}, ["A", "B"], id="le réseau suit tout"),
        pytest.param(("delegation",), {"delegation": "idf"}, ["B"], id="une délégation suit les siennes"),
        pytest.param(("member",), {"member_id": UUID(int=5)}, [], id="une autre structure ne suit rien"),
    ],
)
async def test_each_follows_its_own(
    membership: ServiceUnderTest, roles: tuple[str, ...], who: dict[str, Any], names: list[str]
) -> None:
    async with membership.client("network", "board") as board:
        await admit(board, await receive(board, **structure("A")), "PV-1")
        await admit(board, await receive(board, **structure("B", "77", "77000")), "PV-2")
    await acknowledge(membership)
    async with membership.client(*roles, **who) as client:
        page = (await client.get("/members/changes")).json()
        rest = (await client.get("/members/changes", params={"after": page["next_after"]})).json()
    assert [change["fact"]["state"]["name"] for change in page["items"]] == names
    assert rest["items"] == []
