"""A roll that is frozen again, forgets a structure, or is opened on too early."""

import asyncio
from datetime import timedelta
from uuid import UUID

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by
from ..members.test_standing import invoiced, stands
from .test_roll import TODAY, VOTING, able, act, at, freeze, joined


async def test_a_roll_frozen_again_names_the_one_it_replaces_and_keeps_its_decisions(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    mine, other = await arranged(membership, admitted_by, joined, "Alpha", "Bravo")
    async with membership.client("network", "board") as client:
        roll = await freeze(client, TODAY)
        body = {"title": "AG", "as_of": TODAY.isoformat()}
        silent = await client.post("/electoral-rolls", json=body)
        assert (silent.status_code, silent.json()["code"]) == (409, "roll_exists")
        await act(client, roll, "corrections", member_id=mine, votes=1, reason="ancienneté reprise")
        await client.post(f"{roll}/members/{other}/contest", json={"reason": "lettre du 3 mars"})
        body["replaces"] = roll.rpartition("/")[2]
        unanswered = await client.post("/electoral-rolls", json=body)
        assert (unanswered.status_code, unanswered.json()["code"]) == (409, "contest_open")
        [waiting] = (await client.get(f"{roll}/contests")).json()["items"]
        await act(client, roll, f"contests/{waiting['id']}/reject", answer="non")
        another_day = await client.post("/electoral-rolls", json={**body, "as_of": "2020-01-01"})
        assert (another_day.status_code, another_day.json()["code"]) == (409, "roll_of_another_day")
        both = await asyncio.gather(*(client.post("/electoral-rolls", json=body) for _ in range(2)))
        assert sorted(one.status_code for one in both) == [201, 409]
        [again] = [one.json() for one in both if one.status_code == 201]
        assert (again["replaces"], again["corrections"], again["counts"]["entitled"]) == (body["replaces"], 1, 1)
        old = (await client.get(roll)).json()
        assert (old["replaced_at"] is not None, old["blockers"]["correct"][0]["code"]) == (True, "roll_replaced")
        late = await act(client, roll, "corrections", member_id=other, votes=1, reason="x")
        assert (late.status_code, late.json()["code"]) == (409, "roll_replaced")


async def test_a_structure_that_the_roll_forgot_contests_and_is_added(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    await arranged(membership, admitted_by, joined, "Alpha")
    async with membership.client("network", "board") as client:
        roll = await freeze(client, TODAY)
        digest = (await client.get(roll)).json()["sha256"]
        forgotten, added = await joined(client, "Bravo"), await joined(client, "Charlie")
        assert (await client.get(f"{roll}/members/{forgotten}")).status_code == 404
    async with membership.client("member", member_id=UUID(forgotten)) as client:
        said = await client.post(f"{roll}/members/{forgotten}/contest", json={"reason": "nous manquons"})
        assert said.status_code == 200, said.text
        assert [one["code"] for one in said.json()["reasons"]] == ["omitted"]
        elsewhere = await client.post(f"{roll}/members/{added}/contest", json={"reason": "x"})
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_on_roll")
    async with membership.client("network", "board") as client:
        for member_id in (forgotten, added):
            answer = await act(client, roll, "corrections", member_id=member_id, votes=1, reason="oubliée")
            assert answer.status_code == 200, answer.text
        too_large = await act(client, roll, "corrections", member_id=added, votes=900, college="associates", reason="x")
        assert (too_large.status_code, too_large.json()["code"]) == (400, "correction_too_large")
        shown = (await client.get(roll)).json()
        assert (shown["sha256"], shown["counts"]["entitled"]) == (digest, 2)
        line = (await client.get(f"{roll}/members/{added}")).json()
        assert (line["entitled"], line["frozen"]["entitled"]) == (True, False)
        again = await freeze(client, TODAY, replaces=roll.rpartition("/")[2]) if not shown["open_contests"] else ""
        assert again == ""  # Bravo waits for its answer


async def test_an_older_call_that_is_overdue_excludes(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [member_id] = await arranged(membership, admitted_by, joined, "Alpha")
    await able(membership, member_id)
    before = VOTING.year - 1
    call = invoiced(member_id, year=before, issued_on=TODAY, due_on=TODAY + timedelta(10))
    await membership.receive(call, stands(member_id, "overdue", before))
    async with at(membership, VOTING) as client:
        line = (await client.get(f"/electoral-roll/members/{member_id}")).json()
        assert ([one["code"] for one in line["reasons"]], line["remarks"][0]["code"]) == (["unpaid"], "not_called")
