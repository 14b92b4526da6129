"""The electoral roll through its doors: live for any day, frozen, contested, corrected, compared."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from common.dated import months_after
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.wording import write_day

from ..arrangements import admitted_by
from ..departures.test_departures import told
from ..members.test_dates import TODAY, change, on
from ..members.test_register import admit, receive, structure
from ..members.test_standing import invoiced, stands

VOTING = months_after(TODAY, 3)
"""The first day on which a member of today votes: the shipped rule asks for three months."""
SENIOR = (VOTING - TODAY).days


async def joined(client: httpx.AsyncClient, name: str, **where: Any) -> str:
    application = await receive(client, **{**structure(name), **where})
    await admit(client, application, f"PV-{name}")
    return str(application["member_id"])


@asynccontextmanager
async def at(membership: ServiceUnderTest, day: date, *roles: str, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Act on a day, after the jobs of that day."""
    async with membership.days_later((day - TODAY).days) as then, then.client(*(roles or ("network",)), **claims) as c:
        yield c


async def renewed(membership: ServiceUnderTest, year: int, *ids: str) -> None:
    """Renew memberships for the year, by exceptions, once it has begun."""
    async with at(membership, date(year, 1, 1)) as client:
        renewal = (await client.post("/renewals", json={"year": year})).json()["id"]
        body = {"members": list(ids), "reason": "reprise"}
        assert (await client.post(f"/renewals/{renewal}/exceptions", json=body)).status_code == 200


async def able(membership: ServiceUnderTest, *ids: str) -> None:
    """Make members of today able to vote on ``VOTING``, when that is in another year."""
    if VOTING.year > TODAY.year:
        await renewed(membership, VOTING.year, *ids)


async def freeze(client: httpx.AsyncClient, day: date = VOTING, **fields: Any) -> str:
    frozen = await client.post("/electoral-rolls", json={"title": "AG", "as_of": day.isoformat(), **fields})
    assert frozen.status_code == 201, frozen.text
    return f"/electoral-rolls/{frozen.json()['id']}"


async def act(client: httpx.AsyncClient, path: str, under: str, **body: Any) -> httpx.Response:
    etag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/{under}", json=body, headers={"If-Match": etag})


async def test_a_structure_asks_whether_it_votes(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [member_id] = await arranged(membership, admitted_by, joined, "Alpha")
    await able(membership, member_id)
    async with membership.client("member", member_id=UUID(member_id)) as client:
        path = f"/electoral-roll/members/{member_id}"
        now = (await client.get(path)).json()
        assert (now["entitled"], [one["code"] for one in now["reasons"]]) == (False, ["too_recent"])
        assert "il faut 3 mois" in now["reasons"][0]["message"]
        eve = (await client.get(path, params={"as_of": on(SENIOR - 1)})).json()
        then = (await client.get(path, params={"as_of": on(SENIOR)})).json()
        assert ([one["code"] for one in eve["reasons"]], then["entitled"], then["votes"]) == (["too_recent"], True, 1)
        assert then["college_name"] == "Intermédiation (AI, ETTI, ETT-ESS)"
        assert [one["code"] for one in then["remarks"]] == ["not_called"]


async def test_a_call_of_which_nothing_more_was_told_excludes_nobody(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [member_id] = await arranged(membership, admitted_by, joined, "Alpha")
    await able(membership, member_id)
    days = {"issued_on": TODAY + timedelta(5), "due_on": TODAY + timedelta(35)}
    await membership.receive(invoiced(member_id, year=VOTING.year, **days))
    async with membership.client("network") as client:
        line = (await client.get(f"/electoral-roll/members/{member_id}", params={"as_of": on(SENIOR)})).json()
        assert (line["entitled"], [one["code"] for one in line["remarks"]]) == (True, ["payment_unknown"])
        assert line["remarks"][0]["message"].startswith(
            f"Cotisation {VOTING.year}, appelée, paiement non connu : appel COT-1 de 800,00"
        )
        known = {"as_of": on(SENIOR), "known_at": f"{on(4)}T12:00:00Z"}
        before = (await client.get(f"/electoral-roll/members/{member_id}", params=known)).json()
        assert [one["code"] for one in before["remarks"]] == ["not_called"]


async def test_who_is_told_late_does_not_vote_until_it_pays(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """The roll of a day counts a standing that was entered by then; what was paid since excludes nobody any more."""
    [member_id] = await arranged(membership, admitted_by, joined, "Alpha")
    await able(membership, member_id)
    path, late = f"/electoral-roll/members/{member_id}", VOTING + timedelta(days=5)
    of = {"year": VOTING.year, "issued_on": TODAY, "due_on": VOTING - timedelta(days=31)}
    await membership.receive(invoiced(member_id, **of), stands(member_id, "grace", VOTING.year, until=late))
    async with at(membership, VOTING) as client:
        line = (await client.get(path)).json()
        assert (line["entitled"], [one["code"] for one in line["remarks"]]) == (True, ["grace"])
        assert f"délai jusqu'au {write_day(late)} : appel COT-1" in line["remarks"][0]["message"]
        frozen = await freeze(client)
    await membership.receive(stands(member_id, "overdue", VOTING.year, since=late))
    async with at(membership, late) as client:
        line = (await client.get(path)).json()
        assert (line["entitled"], [one["code"] for one in line["reasons"]]) == (False, ["unpaid"])
        assert line["reasons"][0]["message"].startswith(f"Cotisation {VOTING.year}, en retard : appel COT-1 de 800,00")
        summary = (await client.get("/electoral-roll/summary", params={"reason": "unpaid"})).json()
        assert summary["counts"]["exclusions"][0]["code"] == "unpaid"
        assert summary["rule"]["excluding_standings"] == ["overdue"]
        eve = (await client.get(path, params={"as_of": (late - timedelta(days=1)).isoformat()})).json()
        assert (eve["entitled"], [one["code"] for one in eve["remarks"]]) == (True, ["payment_unknown"])
        [change] = (await client.get(f"{frozen}/diff")).json()["items"]
        assert (change["kind"], change["before"]["entitled"], change["after"]["entitled"]) == ("went", True, False)
        assert "en retard" in change["why"]
        await membership.receive(invoiced(member_id, **of, status="paid", paid=Decimal("800.00")))
        assert (await client.get(path)).json()["entitled"], "its call is known to be paid before its standing is"
        await membership.receive(stands(member_id, "up_to_date", VOTING.year, since=late))
        line = (await client.get(path)).json()
        assert (line["entitled"], line["remarks"]) == (True, [])
        assert (await client.get(f"{frozen}/diff")).json()["items"] == []


async def test_a_roll_that_was_frozen_before_standings_were_told_is_still_read(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [member_id] = await arranged(membership, admitted_by, joined, "Alpha")
    await able(membership, member_id)
    async with at(membership, VOTING) as client:
        roll = await freeze(client)
        before = (await client.get(roll)).json()
        as_it_was = "UPDATE electoral_roll SET rule = rule - 'excluding_standings' || '{\"payments_told\": false}'"
        async with membership.runtime.database.engine.begin() as connection:
            await connection.execute(text(as_it_was))
        after = (await client.get(roll)).json()
        assert after["rule"].pop("excluding_standings") == []
        assert before["rule"].pop("excluding_standings") == ["overdue"]
        assert after == before
        assert (await client.get(f"{roll}/diff")).json()["items"] == []


async def test_the_roll_is_what_was_known_at_an_instant(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [member_id] = await arranged(membership, admitted_by, joined, "Alpha")
    async with membership.client("network", "board") as client:
        path = f"/electoral-roll/members/{member_id}"
        assert (await client.get(path)).status_code == 200
        before = await client.get(path, params={"as_of": on(1), "known_at": f"{on(-1)}T12:00:00Z"})
        assert (before.status_code, before.json()["code"]) == (404, "not_on_roll")
    async with at(membership, TODAY + timedelta(days=20)) as client:
        await change(client, f"/members/{member_id}", activities=["aci"], effective_on=on(5), reason="oubli")
        for known_at, college in ((None, "production"), (f"{on(19)}T12:00:00Z", "intermediation")):
            asked = {"as_of": on(6), **({"known_at": known_at} if known_at else {})}
            assert (await client.get(path, params=asked)).json()["college"] == college


async def test_filters_counts_and_export_say_the_same(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [alpha] = await arranged(membership, admitted_by, joined, "Alpha")
    async with membership.client("network", "board") as client:
        await joined(client, "Bravo", activities=["aci"], department="75", postcode="75001")
        gone = await joined(client, "Charlie")
        await told(client, f"/members/{gone}", effective_on=on(10), notice_waived=True)
        await receive(client, **structure("Candidate"))
        day = {"as_of": on(SENIOR - 1)}
        for filters, names in (
            ({}, ["Alpha", "Bravo", "Charlie"]),
            ({"college": "production"}, ["Bravo"]),
            ({"delegation": "occitanie"}, ["Alpha", "Charlie"]),
            ({"entitled": "false", "reason": "left"}, ["Charlie"]),
            ({"reason": "too_recent"}, ["Alpha", "Bravo"]),
            ({"entitled": "true"}, []),
            ({"q": "ALPH"}, ["Alpha"]),
        ):
            asked: dict[str, Any] = {**day, **filters}
            page = (await client.get("/electoral-roll", params={**asked, "total": "true"})).json()
            assert [one["name"] for one in page["items"]] == names, filters
            assert page["total"] == len(names)
            counts = (await client.get("/electoral-roll/summary", params=asked)).json()["counts"]
            assert (counts["structures"], counts["entitled"]) == (len(names), 0)
            rows = (await client.get("/electoral-roll/export", params=asked)).text.splitlines()
            assert [row.split(";")[1] for row in rows[1:]] == names
        summary = (await client.get("/electoral-roll/summary", params=day)).json()
        codes = {one["code"]: one["count"] for one in summary["counts"]["exclusions"]}
        assert (codes["left"], codes["too_recent"], summary["rule"]["status"]) == (1, 2, "assumed")
        first = (await client.get("/electoral-roll", params={**day, "limit": 2})).json()
        rest = (await client.get("/electoral-roll", params={**day, "limit": 2, "cursor": first["next_cursor"]})).json()
        assert ([one["name"] for one in rest["items"]], rest["next_cursor"]) == (["Charlie"], None)
        back = (await client.get("/electoral-roll", params={**day, "sort": "-name"})).json()
        assert [one["name"] for one in back["items"]] == ["Charlie", "Bravo", "Alpha"]
        assert (await client.get("/electoral-roll", params={"cursor": "x"})).json()["code"] == "cursor_invalid"
        assert (await client.get("/electoral-roll", params={"sort": "votes"})).json()["code"] == "sort_unknown"
        xlsx = await client.get("/electoral-roll/export", params={"format": "xlsx"})
        assert xlsx.content.startswith(b"PK")
    assert alpha


async def test_a_frozen_roll_does_not_move_with_the_register(membership: ServiceUnderTest, arranged: Arrange) -> None:
    stays, leaves = await arranged(membership, admitted_by, joined, "Alpha", "Bravo")
    await able(membership, stays, leaves)
    async with at(membership, VOTING, "network", "board") as client:
        roll = await freeze(client)
        before = (await client.get(roll)).json()
        assert (before["counts"]["entitled"], before["contest_until"]) == (2, (VOTING + timedelta(7)).isoformat())
        lines = (await client.get(f"{roll}/members")).json()
        await change(client, f"/members/{stays}", name="Omega")
        await told(client, f"/members/{leaves}", effective_on=VOTING.isoformat(), notice_waived=True)
        assert (await client.get(roll)).json() == before
        assert (await client.get(f"{roll}/members")).json() == lines
        [went] = (await client.get(f"{roll}/diff")).json()["items"]
        assert (went["name"], went["kind"], went["after"]["entitled"]) == ("Bravo", "went", False)
        assert went["why"].startswith("N'est plus adhérente depuis le")
        again = await freeze(client, replaces=roll.rpartition("/")[2])
        other = (await client.get(f"{roll}/diff", params={"against": again.rpartition("/")[2], "kind": "went"})).json()
        assert [one["name"] for one in other["items"]] == ["Bravo"]
        assert (await client.get(f"{roll}/diff", params={"kind": "came"})).json()["items"] == []
        rows = (await client.get(f"{roll}/members/export")).text.splitlines()[1:]
        assert [row.split(";")[1] for row in rows] == ["Alpha", "Bravo"]
    # Whoever holds the lines can compute the digest again.
    texts = sorted(
        ";".join([one["reference"], one["name"], one["delegation"], one["college"], str(one["votes"]), ""])
        for one in lines["items"]
    )
    written = "\n".join([VOTING.isoformat(), *texts])
    assert before["sha256"] == hashlib.sha256(written.encode()).hexdigest()


async def test_a_roll_is_frozen_once_its_day_has_come(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        early = await client.post("/electoral-rolls", json={"title": "AG", "as_of": on(1)})
        assert (early.status_code, early.json()["code"]) == (409, "roll_day_to_come")
        missing = await client.get(f"/electoral-rolls/{uuid4()}")
        assert (missing.status_code, missing.json()["code"]) == (404, "roll_not_found")


async def test_a_structure_contests_and_a_dated_decision_answers(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    mine, other = await arranged(membership, admitted_by, joined, "Alpha", "Bravo")
    async with membership.client("network", "board") as client:
        roll = await freeze(client, TODAY)
        frozen = (await client.get(roll)).json()
    async with membership.client("member", member_id=UUID(mine)) as client:
        line = (await client.get(f"{roll}/members/{mine}")).json()
        assert (line["allowed_actions"], line["entitled"]) == (["contest"], False)
        contested = await client.post(f"{roll}/members/{mine}/contest", json={"reason": "adhérente depuis 1990"})
        assert contested.status_code == 200, contested.text
        assert contested.json()["blockers"]["contest"][0]["code"] == "contest_open"
        twice = await client.post(f"{roll}/members/{mine}/contest", json={"reason": "encore"})
        assert (twice.status_code, twice.json()["code"]) == (409, "contest_open")
        elsewhere = await client.post(f"{roll}/members/{other}/contest", json={"reason": "x"})
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_on_roll")
        assert (await act(client, roll, "corrections", member_id=mine, votes=1, reason="x")).status_code == 403
    async with membership.client("network", "board") as client:
        [waiting] = (await client.get(f"{roll}/contests", params={"status": "open"})).json()["items"]
        assert (waiting["name"], waiting["reason"]) == ("Alpha", "adhérente depuis 1990")
        body = {"member_id": mine, "votes": 1, "reason": "ancienneté reprise", "contest_id": waiting["id"]}
        stale = await client.post(f"{roll}/corrections", json=body, headers={"If-Match": '"v1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
        upheld = await act(client, roll, "corrections", **body)
        assert (upheld.status_code, upheld.json()["counts"]["entitled"], upheld.json()["open_contests"]) == (200, 1, 0)
        assert upheld.json()["sha256"] == frozen["sha256"]
        again = await act(client, roll, "corrections", **{**body, "college": "others"})
        assert (again.status_code, again.json()["code"]) == (409, "contest_answered")
        late = await act(client, roll, f"contests/{waiting['id']}/reject", answer="non")
        assert late.json()["code"] == "contest_answered"
        unknown = await act(client, roll, "corrections", member_id=str(uuid4()), votes=1, reason="x")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not_on_roll")
    async with membership.client("member", member_id=UUID(mine)) as client:
        line = (await client.get(f"{roll}/members/{mine}")).json()
        assert (line["entitled"], line["frozen"]["entitled"], line["contests"][0]["status"]) == (True, False, "upheld")
        assert line["corrections"][0]["kind_label"] == "ajoutée"
        assert "par décision du" in line["remarks"][-1]["message"]
    async with at(membership, TODAY + timedelta(8), "member", member_id=UUID(other)) as client:
        late = await client.post(f"{roll}/members/{other}/contest", json={"reason": "x"})
        assert (late.status_code, late.json()["code"]) == (409, "contest_too_late")


async def test_a_contest_is_rejected_with_its_answer(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [mine] = await arranged(membership, admitted_by, joined, "Alpha")
    async with membership.client("network", "board") as client:
        roll = await freeze(client, TODAY)
    async with membership.client("member", member_id=UUID(mine)) as client:
        await client.post(f"{roll}/members/{mine}/contest", json={"reason": "x"})
    async with membership.client("board") as client:
        [waiting] = (await client.get(f"{roll}/contests")).json()["items"]
        rejected = await act(client, roll, f"contests/{waiting['id']}/reject", answer="Trois mois sont demandés.")
        assert (rejected.status_code, rejected.json()["open_contests"]) == (200, 0)
    async with membership.client("member", member_id=UUID(mine)) as client:
        line = (await client.get(f"{roll}/members/{mine}")).json()
        assert (line["contests"][0]["status_label"], line["contests"][0]["answer"]) == (
            "rejetée",
            "Trois mois sont demandés.",
        )


@pytest.mark.parametrize(
    ("role", "claims", "seen"),
    [
        pytest.param("network", {}, ["Alpha", "Bravo"], id="le réseau"),
        pytest.param("finance", {}, ["Alpha", "Bravo"], id="les finances"),
        pytest.param("board", {}, ["Alpha", "Bravo"], id="le conseil"),
        pytest.param("delegation", {"delegation": "idf"}, ["Bravo"], id="une délégation voit les siennes"),
        pytest.param("delegation", {}, [], id="une délégation sans nom ne voit rien"),
        pytest.param("member", {"member_id": "Alpha"}, ["Alpha"], id="une structure ne voit qu'elle"),
    ],
)
async def test_each_sees_its_own_in_lists_counts_exports_and_differences(
    membership: ServiceUnderTest, role: str, claims: dict[str, Any], seen: list[str]
) -> None:
    async with membership.client("network", "board") as client:
        ids = {
            "Alpha": await joined(client, "Alpha"),
            "Bravo": await joined(client, "Bravo", department="75", postcode="75001"),
        }
        roll = await freeze(client, TODAY)
        for member_id in ids.values():
            await act(client, roll, "corrections", member_id=member_id, votes=1, reason="essai")
    if "member_id" in claims:
        claims = {"member_id": UUID(ids[claims["member_id"]])}
    async with membership.client(role, **claims) as client:
        for path in ("/electoral-roll", f"{roll}/members", f"{roll}/diff"):
            page = (await client.get(path, params={"total": "true"})).json()
            assert ([one["name"] for one in page["items"]], page["total"]) == (seen, len(seen)), path
        for path in ("/electoral-roll/export", f"{roll}/members/export"):
            assert len((await client.get(path)).text.splitlines()) == 1 + len(seen)
        assert (await client.get("/electoral-roll/summary")).json()["counts"]["structures"] == len(seen)
        assert (await client.get(roll)).json()["counts"]["entitled"] == len(seen)
        [listed] = (await client.get("/electoral-rolls")).json()["items"]
        assert listed["counts"]["structures"] == len(seen)
        for name, member_id in ids.items():
            for path in (f"/electoral-roll/members/{member_id}", f"{roll}/members/{member_id}"):
                assert (await client.get(path)).status_code == (200 if name in seen else 404)
