"""Entering the base of dues: who may, and what protects two people from each other."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from common.contracts.membership import ActivityState, MemberJoined, MemberState
from common.testing.harness import ServiceUnderTest

OWN, OTHER = UUID(int=1), UUID(int=2)
PATH = "/members/{}/bases/2025"


def joined(member_id: UUID, delegation: str) -> MemberJoined:
    state = MemberState(
        id=member_id,
        reference="STR-2026-00001",
        name="Structure fictive",
        siren=None,
        status="active",
        activities=(ActivityState(kind="ai", main=True),),
        delegation=delegation,
        department="31",
        address=None,
        joined_on=date(2025, 1, 1),
    )
    return MemberJoined(state=state, joined_on=state.joined_on, sitting_id=UUID(int=9), minutes_reference="PV-1")


@pytest.mark.parametrize(
    ("roles", "who", "member", "status"),
    [
        pytest.param(("finance",), {}, OTHER, 200, id="les finances, pour toutes"),
        pytest.param(("member",), {"member_id": OWN}, OWN, 403, id="une structure déclare dans l'adhésion"),
        pytest.param(("delegation",), {"delegation": "occitanie"}, OWN, 403, id="une délégation aussi"),
        pytest.param(("network",), {}, OWN, 403, id="le réseau lit et ne saisit pas"),
        pytest.param((), {}, OWN, 401, id="sans jeton"),
    ],
)
async def test_who_may_enter_a_base(
    dues: ServiceUnderTest, roles: tuple[str, ...], who: dict[str, Any], member: UUID, status: int
) -> None:
    await dues.receive(joined(OWN, "occitanie"), joined(OTHER, "bretagne"))
    async with dues.client(*roles, **who) as client:
        declared = await client.put(PATH.format(member), json={"amount": "100000.00"})
    assert declared.status_code == status, declared.text


async def test_a_correction_says_which_version_it_has_seen(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(OWN, "occitanie"))
    async with dues.client("finance") as client:
        first = await client.put(PATH.format(OWN), json={"amount": "100000.00"})
        blind = await client.put(PATH.format(OWN), json={"amount": "200000.00"})
        seen = {"If-Match": first.headers["etag"]}
        corrected = await client.put(PATH.format(OWN), json={"amount": "200000.00"}, headers=seen)
        late = await client.put(PATH.format(OWN), json={"amount": "300000.00"}, headers=seen)
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
    assert corrected.json()["amount"] == "200000.00"
    assert (late.status_code, late.json()["current"]["amount"]) == (412, "200000.00")


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        pytest.param("-1.00", "greater_than_equal", id="négatif"),
        pytest.param("0.001", "value_error", id="moins d'un centime"),
        pytest.param("cent", "decimal_parsing", id="pas un nombre"),
        pytest.param("NaN", "finite_number", id="pas un nombre fini"),
        pytest.param(None, "decimal_type", id="absent"),
    ],
)
async def test_an_amount_is_euros_and_cents(dues: ServiceUnderTest, amount: object, code: str) -> None:
    await dues.receive(joined(OWN, "occitanie"))
    async with dues.client("finance") as client:
        refused = await client.put(PATH.format(OWN), json={"amount": amount})
    assert refused.status_code == 422
    assert [error["code"] for error in refused.json()["errors"]] == [code]
