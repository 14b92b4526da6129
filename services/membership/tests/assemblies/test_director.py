"""The day of a structure's director, and of whoever must put an assembly off."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from common.testing.harness import ServiceUnderTest

from ..departures.test_departures import told
from ..electoral_roll.test_roll import TODAY, at, freeze, joined
from ..members.test_standing import invoiced
from ..members.test_standing import stands as stands_with_dues
from .test_assembly import HELD, RESOLUTION, ROLL_DAY, SEATS, act, came, convened, opens
from .test_elections import agenda_of, stands


async def test_why_another_structure_does_not_vote_is_its_own_business(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network", "board") as client:
        path = await convened(client, RESOLUTION)
        leaving = (TODAY + timedelta(20)).isoformat()
        await told(client, f"/members/{ids['Delta']}", effective_on=leaving, notice_waived=True)
    days = {"issued_on": TODAY + timedelta(5), "due_on": TODAY + timedelta(35)}
    call = invoiced(ids["Charlie"], year=HELD.year, total=Decimal("234.00"), **days)
    await membership.receive(call, stands_with_dues(ids["Charlie"], "overdue", HELD.year))
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)
        known = await client.post(f"{path}/proxies", json={"giver_id": ids["Echo"], "holder_id": ids["Charlie"]})
        assert "234,00" in known.json()["detail"]  # the network knows
        await client.post(f"{path}/proxies", json={"giver_id": ids["Bravo"], "holder_id": ids["Alpha"]})
    async with at(membership, HELD, "member", member_id=UUID(ids["Echo"])) as client:
        for name in ("Charlie", "Delta"):
            refused = await client.post(f"{path}/proxies", json={"giver_id": ids["Echo"], "holder_id": ids[name]})
            assert (refused.status_code, refused.json()["code"]) == (409, "not_entitled")
            assert refused.json()["detail"] == "Cette structure ne vote pas à cette assemblée."
        taken = await client.post(f"{path}/proxies", json={"giver_id": ids["Echo"], "holder_id": ids["Bravo"]})
        assert (taken.status_code, taken.json()["code"]) == (409, "holder_unavailable")
        voters = (await client.get(f"{path}/voters", params={"total": "true"})).json()
        assert [one["name"] for one in voters["items"]] == ["Alpha", "Bravo", "Echo"]
        assert set(voters["items"][0]) == {"member_id", "name"}
        assert (await client.get(f"{path}/voters", params={"q": "brav"})).json()["items"][0]["name"] == "Bravo"


async def test_a_holder_reads_what_it_holds_and_the_minutes(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network", "board") as client:
        path = await convened(client, RESOLUTION)
        [item] = await agenda_of(client, path)
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)
        await client.post(f"{path}/proxies", json={"giver_id": ids["Delta"], "holder_id": ids["Alpha"]})
    async with at(membership, HELD, "member", member_id=UUID(ids["Alpha"])) as client:
        [mine] = (await client.get(f"{path}/participants")).json()["items"]
        assert (mine["holds"], mine["held_from"], mine["present"]) == (1, ["Delta"], False)
    async with at(membership, HELD, "member", member_id=UUID(ids["Delta"])) as client:
        [mine] = (await client.get(f"{path}/participants")).json()["items"]
        assert (mine["proxy_to_name"], mine["proxy_lapsed"]) == ("Alpha", None)
    async with at(membership, HELD) as client:
        await opens(client, path)
        [lapsed] = [one for one in (await client.get(f"{path}/participants")).json()["items"] if one["proxy_to"]]
        assert lapsed["proxy_lapsed"].startswith("La structure qui le tient n'est pas présente")
        await came(client, path, ids["Alpha"])
        await act(client, path, f"/items/{item}/vote", "PUT", votes_for=2, votes_against=0, abstentions=0)
        assert (await act(client, path, "/close")).status_code == 200
    async with membership.days_later((HELD - TODAY).days) as then:
        await then.run_jobs()
        async with then.client("member", member_id=UUID(ids["Echo"])) as client:
            assert (await client.get(f"{path}/minutes")).headers["content-type"] == "application/pdf"


async def test_for_an_assembly_of_next_year_one_stands_with_a_reservation(membership: ServiceUnderTest) -> None:
    held = date(TODAY.year + 1, 12, 1)
    async with membership.client("network", "board") as client:
        alpha, bravo = await joined(client, "Alpha"), await joined(client, "Bravo")
        path = await convened(client, SEATS, held_on=held.isoformat())
        [seats] = await agenda_of(client, path)
        stood = await stands(client, path, seats, alpha, "A")
        assert stood.status_code == 200, stood.text
        [candidate] = stood.json()["agenda"][0]["candidates"]
        assert candidate["reservation"].startswith("Sous réserve de la liste électorale")
        given = await client.post(f"{path}/proxies", json={"giver_id": bravo, "holder_id": alpha})
        assert given.status_code == 200, given.text
    async with at(membership, held) as client:
        await freeze(client, held - timedelta(days=15))
        [candidate] = (await client.get(path)).json()["agenda"][0]["candidates"]
        assert candidate["reservation"].startswith("Ne vote pas à cette assemblée")
        assert f"Adhésion non renouvelée pour {held.year}" in candidate["reservation"]
        rows = {one["name"]: one["proxy_lapsed"] for one in (await client.get(f"{path}/participants")).json()["items"]}
        assert rows["Bravo"] == "La structure qui l'a donné ne vote pas."
    async with at(membership, held, "member", member_id=UUID(bravo)) as client:
        [candidate] = (await client.get(path)).json()["agenda"][0]["candidates"]
        assert candidate["reservation"] == "Ne vote pas à cette assemblée : la candidature ne compte pas."


async def test_an_assembly_is_cancelled_and_drafts_are_nobodys(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network", "board") as client:
        body = {"kind": "ordinary", "title": "Brouillon", "held_on": HELD.isoformat(), "place": "Paris"}
        draft = f"/assemblies/{(await client.post('/assemblies', json=body)).json()['id']}"
        path = await convened(client, RESOLUTION)
        gone = await act(client, path, "/cancel", reason="grève des transports")
        assert (gone.json()["status"], gone.json()["cancelled"]) == ("cancelled", "grève des transports")
        late = await act(client, path, "/cancel", reason="x")
        assert (late.status_code, late.json()["code"]) == (409, "assembly_state")
        asked: list[tuple[dict[str, Any], int]] = [
            ({}, 2),
            ({"status": "prepared"}, 1),
            ({"status": "cancelled", "kind": "ordinary", "year": HELD.year}, 1),
            ({"kind": "extraordinary"}, 0),
            ({"year": HELD.year + 1}, 0),
        ]
        for params, found in asked:
            page = (await client.get("/assemblies", params={**params, "total": "true"})).json()
            assert (len(page["items"]), page["total"]) == (found, found), params
        await freeze(client, TODAY)
        rolls = ({"as_of": TODAY.isoformat()}, 1), ({"sealed": "true"}, 0), ({"counting": "true"}, 1)
        for wanted, found in rolls:
            assert len((await client.get("/electoral-rolls", params=wanted)).json()["items"]) == found
    async with membership.client("member", member_id=UUID(ids["Alpha"])) as client:
        for under in ("", "/participants", "/voters", "/minutes"):
            assert (await client.get(f"{draft}{under}")).status_code == 404, under
        page = (await client.get("/assemblies", params={"total": "true"})).json()
        assert ([one["status"] for one in page["items"]], page["total"]) == (["cancelled"], 1)
        sent = await client.post(f"{draft}/proxies", json={"giver_id": ids["Alpha"], "holder_id": ids["Bravo"]})
        assert (sent.status_code, sent.json()["code"]) == (404, "assembly_not_found")
