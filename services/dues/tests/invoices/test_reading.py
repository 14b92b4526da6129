"""Who sees which calls, in lists, exports, feeds and documents alike."""

import base64
import json
from typing import Any
from uuid import UUID

import pytest
from stdnum import iso11649

from common.testing.harness import ServiceUnderTest

from ..campaigns.test_campaign import joined, open_campaign, run


async def called(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai", delegation="occitanie"), joined(2, "etti", delegation="bretagne"))
    async with dues.client("finance") as finance:
        await run(dues, finance, (await open_campaign(finance))["id"])


@pytest.mark.parametrize(
    ("roles", "who", "numbers"),
    [
        pytest.param(("finance",), {}, ["COT-2026-00001", "COT-2026-00002"], id="les finances"),
        pytest.param(("delegation",), {"delegation": "bretagne"}, ["COT-2026-00002"], id="la délégation Bretagne"),
        pytest.param(("member",), {"member_id": UUID(int=1)}, ["COT-2026-00001"], id="la structure 1"),
        pytest.param(("member",), {}, [], id="une structure sans identifiant"),
    ],
)
async def test_each_sees_its_own_calls(
    dues: ServiceUnderTest, roles: tuple[str, ...], who: dict[str, Any], numbers: list[str]
) -> None:
    await called(dues)
    async with dues.client(*roles, **who) as client:
        page = (await client.get("/invoices", params={"sort": "number", "total": True})).json()
        export = (await client.get("/invoices/export")).text
    assert [invoice["number"] for invoice in page["items"]] == numbers
    assert page["total"] == len(numbers)
    assert all(iso11649.is_valid(invoice["payment_reference"]) for invoice in page["items"])
    assert [line.split(";")[0] for line in export.splitlines()[1:]] == numbers


@pytest.mark.parametrize(
    ("params", "numbers"),
    [
        pytest.param({"activity": "etti"}, ["COT-2026-00002"], id="par activité"),
        pytest.param({"q": "00001"}, ["COT-2026-00001"], id="par numéro"),
        pytest.param({"q": "structure 002"}, ["COT-2026-00002"], id="par nom"),
        pytest.param({"sort": "-total"}, ["COT-2026-00002", "COT-2026-00001"], id="les plus élevés d'abord"),
        pytest.param({"issued_to": "2020-01-01"}, [], id="émis avant"),
    ],
)
async def test_the_list_is_filtered_and_sorted(
    dues: ServiceUnderTest, params: dict[str, Any], numbers: list[str]
) -> None:
    await called(dues)
    async with dues.client("finance") as client:
        listed = (await client.get("/invoices", params={"sort": "number", **params})).json()["items"]
    assert [invoice["number"] for invoice in listed] == numbers


@pytest.mark.parametrize("value", ["1E+999999", "NaN", "Infinity", "-1E-999999"])
async def test_a_forged_cursor_on_amounts_is_refused(dues: ServiceUnderTest, value: str) -> None:
    forged = base64.urlsafe_b64encode(json.dumps(["total,", value, str(UUID(int=1))]).encode()).decode().rstrip("=")
    async with dues.client("finance") as client:
        refused = await client.get("/invoices", params={"sort": "total", "cursor": forged})
    assert (refused.status_code, refused.json()["code"]) == (400, "cursor_invalid")
