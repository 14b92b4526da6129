"""A day typed by mistake is put right in one call: what the register, its past and the other services say then."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.contracts.membership import MemberRenewed, MemberUpdated
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by
from ..departures.test_departures import joined, told
from ..duplicates.test_merging import id_of, merge
from ..members.test_dates import TODAY, joining, on
from ..members.test_register import receive, structure
from ..restructurings.test_restructurings import asked, version
from ..sittings.test_minutes import act
from ..sittings.test_takeover import closed

WHY = "Année mal lue sur la liste de la délégation"


async def put_right(client: httpx.AsyncClient, path: str, which: str, day: str, **more: Any) -> httpx.Response:
    return await act(client, path, "POST", "status/correct", which=which, day=day, reason=WHY, **more)


async def test_a_structure_joined_earlier_than_the_list_said(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        applications = await closed(membership, client)
        path = f"/members/{applications['AVIE']['member_id']}"
        before = (await client.get(path)).json()
        assert "correct_joining" in before["allowed_actions"]
        known_at = datetime.now(UTC).isoformat()
        facts = len(await membership.published())
        answer = await put_right(client, path, "joining", "1985-05-03")
        assert answer.status_code == 200, answer.text
        now = answer.json()
        assert answer.headers["etag"] == f'"v{now["version"]}"'
        assert (now["joined_on"], now["status"], now["renewed_years"][-1]) == ("1985-05-03", "active", TODAY.year)
        for as_of, known in (("1985-05-03", "1985-05-03"), ("1990-01-01", "1985-05-03"), (on(0), "1985-05-03")):
            assert (await client.get(path, params={"as_of": as_of})).json()["joined_on"] == known
            listed = (await client.get("/members", params={"as_of": as_of, "q": "avie"})).json()["items"]
            assert [one["joined_on"] for one in listed] == [known]
        then = {"as_of": "1990-01-01", "known_at": known_at}
        assert (await client.get(path, params=then)).json()["joined_on"] == "1987-05-03"
        unknown = await client.get(path, params={"as_of": "1986-01-01", "known_at": known_at})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not_in_register_then")
        entries = (await client.get(f"{path}/entries", params={"topic": "status"})).json()["items"]
        assert {one["reason"] for one in entries if one["value"] is None} >= {WHY}
        [stands] = [one for one in entries if one["counts"]]
        assert (stands["effective_on"], stands["reason"], stands["source"]) == (
            "1985-05-03", WHY, before_source(entries),
        )  # fmt: skip
    updated, renewed = (await membership.published())[facts:]
    assert isinstance(updated, MemberUpdated)
    assert (updated.state.joined_on, updated.changed) == (date(1985, 5, 3), ("joined_on",))
    assert isinstance(renewed, MemberRenewed)
    assert renewed.year == 1987


def before_source(entries: list[dict[str, Any]]) -> str:
    """The sitting that gave the day still stands behind the entry that corrects it."""
    [source] = {one["source"] for one in entries if one["value"] and one["value"]["status"] == "active"}
    return str(source)


async def test_a_structure_joined_later_than_the_list_said(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = f"/members/{(await closed(membership, client))['AVIE']['member_id']}"
        answer = await put_right(client, path, "joining", f"{TODAY.year}-01-01")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["joined_on"], answer.json()["renewed_years"]) == (f"{TODAY.year}-01-01", [])
        gone = await client.get(path, params={"as_of": "1990-01-01"})
        assert (gone.status_code, gone.json()["code"]) == (404, "not_in_register_then")
        assert (await client.get("/members", params={"as_of": "1990-01-01"})).json()["items"] == []


async def test_an_admission_holds_from_its_sitting_at_the_earliest(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = f"/members/{await joining(client, on(5))}"
        early = await put_right(client, path, "joining", on(0))
        assert (early.status_code, early.json()["code"]) == (409, "not_a_member")
    async with membership.days_later(6) as later, later.client("network") as client:
        refused = await put_right(client, path, "joining", on(-1))
        assert (refused.status_code, refused.json()["code"]) == (409, "day_before_sitting")
        assert "PV-1" in refused.json()["detail"]
        for day, code in ((on(5), "day_unchanged"), (on(7), "corrected_to_future")):
            assert (await put_right(client, path, "joining", day)).json()["code"] == code
        shown = await act(client, path, "POST", "status/correct?dry_run=true", which="joining", day=on(2), reason=WHY)
        assert (shown.status_code, shown.json()["joined_on"]) == (200, on(2))
        assert (await client.get(path)).json()["joined_on"] == on(5)
        assert (await put_right(client, path, "joining", on(0))).json()["joined_on"] == on(0)
        assert (await put_right(client, path, "joining", on(2))).json()["joined_on"] == on(2)
        assert (await client.get(path, params={"as_of": on(1)})).json()["status"] == "candidate"


async def test_the_day_it_left_is_put_right_and_the_others_hear_of_it(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        assert (await put_right(client, path, "leaving", on(0))).json()["code"] == "not_left"
    async with membership.days_later(30) as later, later.client("network") as client:
        left = await told(client, path, cause="ceased", received_on=on(20))
        assert "correct_leaving" in left.json()["allowed_actions"]
        refused = await put_right(client, path, "leaving", on(0))
        assert (refused.status_code, refused.json()["code"]) == (409, "day_out_of_order")
        for day in (on(10), on(25)):
            assert (await put_right(client, path, "leaving", day)).json()["left_on"] == day
        assert (await client.get(path, params={"as_of": on(24)})).json()["status"] == "active"
        moved = await put_right(client, path, "joining", on(0))
        assert moved.json()["code"] == "day_unchanged"
        rows = (await client.get("/members", params={"left_from": on(25), "left_to": on(25)})).json()["items"]
        assert [one["left_on"] for one in rows] == [on(25)]
    fact = (await membership.published())[-1]
    assert isinstance(fact, MemberUpdated)
    assert (fact.changed, fact.state.status, fact.state.left_on) == (("left_on",), "left", date.fromisoformat(on(25)))


async def test_a_departure_to_come_is_withdrawn_before_the_day_it_joined_is_corrected(
    membership: ServiceUnderTest,
) -> None:
    async with membership.client("network", "board") as client:
        path = f"/members/{await joining(client, on(1))}"
    async with membership.days_later(2) as later, later.client("network") as client:
        announced = await told(client, path, received_on=on(2))
        assert "correct_joining" not in announced.json()["allowed_actions"]
        refused = await put_right(client, path, "joining", on(0))
        assert (refused.status_code, refused.json()["code"]) == (409, "status_to_come")
        await told(client, path, "departure/withdraw", reason="pour corriger son jour d'adhésion")
        assert (await put_right(client, path, "joining", on(0))).json()["joined_on"] == on(0)


async def test_the_day_an_absorbed_structure_joined_is_corrected_once_the_merger_is_undone(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    gone, into = await arranged(membership, admitted_by, joined, "A", "B")
    async with membership.days_later(5) as later, later.client("network", "board") as client:
        assert "correct_joining" in (await client.get(gone)).json()["allowed_actions"]
        merger = await absorb(client, gone, into_id=id_of(into), into_version=await version(client, into))
        assert "correct_joining" not in (await client.get(gone)).json()["allowed_actions"]
        refused = await put_right(client, gone, "joining", on(2))
        assert (refused.status_code, refused.json()["code"]) == (409, "day_given_elsewhere")
        assert (await client.post(f"{merger}/undo", json={"reason": "traité annulé"})).status_code == 200
        assert "correct_joining" in (await client.get(gone)).json()["allowed_actions"]
        assert (await put_right(client, gone, "joining", on(2))).json()["joined_on"] == on(2)


async def absorb(client: httpx.AsyncClient, gone: str, **into: Any) -> str:
    done = await client.post("/restructurings", json=await asked(client, gone, "absorption", **into))
    assert done.status_code == 201, done.text
    return f"/restructurings/{done.json()['id']}"


async def test_a_merge_of_duplicates_gives_no_day_and_keeps_none_from_being_corrected(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    stays, goes = await arranged(membership, admitted_by, joined, "Régain", "Regain")
    async with membership.days_later(5) as later, later.client("network", "board") as client:
        await merge(client, stays, goes)
        assert "correct_joining" in (await client.get(stays)).json()["allowed_actions"]
        assert (await put_right(client, stays, "joining", on(2))).json()["joined_on"] == on(2)


@pytest.mark.parametrize(("role", "who"), [("delegation", {"delegation": "occitanie"}), ("board", {}), ("finance", {})])
async def test_only_who_runs_the_register_corrects_a_day(
    membership: ServiceUnderTest, arranged: Arrange, role: str, who: dict[str, Any]
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client(role, **who) as client:
        assert "correct_joining" not in (await client.get(path)).json()["allowed_actions"]
        assert (await put_right(client, path, "joining", on(-1))).status_code == 403


async def test_a_candidate_and_an_unknown_structure_have_no_day(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = f"/members/{(await receive(client, **structure('A')))['member_id']}"
        assert (await put_right(client, path, "joining", on(0))).json()["code"] == "not_a_member"
        body = {"which": "joining", "day": on(0), "reason": WHY}
        lost = await client.post(f"/members/{UUID(int=5)}/status/correct", json=body, headers={"If-Match": '"v1"'})
        assert (lost.status_code, lost.json()["code"]) == (404, "member_not_found")
        assert (await client.post(f"{path}/status/correct", json=body)).status_code == 428
