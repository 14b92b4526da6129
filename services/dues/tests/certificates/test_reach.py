"""Who reads the closing of a campaign, who closes it."""

from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .closing import certified, two_called_and_prepared

NOBODY = UUID(int=99)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        pytest.param("finance", 200, id="les finances"),
        pytest.param("network", 200, id="le réseau"),
        pytest.param("board", 200, id="le conseil"),
        pytest.param("delegation", 403, id="une délégation"),
        pytest.param("member", 403, id="une structure"),
        pytest.param("training", 403, id="une autre équipe"),
    ],
)
async def test_who_reads(dues: ServiceUnderTest, arranged: Arrange, role: str, status: int) -> None:
    path, certificate = await arranged(dues, two_called_and_prepared)
    of_one = ("", "/pdf", "/verify")
    of_campaign = ("certificate", "certificate/not-called/export", "certificates")
    async with dues.client(role, member_id=UUID(int=1), delegation="occitanie") as reader:
        found = [
            *[(await reader.get(f"/certificates/{certificate['id']}{of}")).status_code for of in of_one],
            *[(await reader.get(f"{path}/{of}")).status_code for of in of_campaign],
        ]
        unknown = [
            *[(await reader.get(f"/certificates/{NOBODY}{of}")).status_code for of in of_one],
            *[(await reader.get(f"/campaigns/{NOBODY}/{of}")).status_code for of in of_campaign],
        ]
        shown = await reader.get(f"{path}/certificate")
    assert set(found) == {status}
    assert set(unknown) == {404 if status == 200 else 403}
    if status == 200:
        assert shown.json()["allowed_actions"] == (["prepare"] if role == "finance" else [])


@pytest.mark.parametrize("role", ["network", "board", "delegation", "member"])
async def test_only_finance_closes(signing: ServiceUnderTest, arranged: Arrange, role: str) -> None:
    path, certificate = await arranged(signing, two_called_and_prepared)
    async with signing.client(role, member_id=UUID(int=1), delegation="occitanie") as other:
        refused = [
            await other.post(f"{path}/certificates", json={}),
            await other.post(f"/certificates/{certificate['id']}/sign", headers={"If-Match": '"v1"'}),
        ]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(403, "forbidden")}


async def test_what_is_not_there_and_what_changed(signing: ServiceUnderTest, arranged: Arrange) -> None:
    async with certified(signing, arranged, two_called_and_prepared) as (closing, certificate):
        path = f"/certificates/{certificate['id']}/sign"
        answers = [
            await closing.one.post(f"/campaigns/{NOBODY}/certificates", json={}),
            await closing.two.post(f"/certificates/{NOBODY}/sign", headers={"If-Match": '"v1"'}),
            await closing.two.post(path),
            await closing.two.post(path, headers={"If-Match": '"v7"'}),
            await closing.one.get(f"{closing.campaign}/certificates", params={"sort": "nothing"}),
            await closing.one.get(f"{closing.campaign}/certificates", params={"cursor": "nothing"}),
        ]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (404, "campaign_not_found"), (404, "certificate_not_found"), (428, "if_match_missing"),
        (412, "version_changed"), (400, "sort_unknown"), (400, "cursor_invalid"),
    ]  # fmt: skip
