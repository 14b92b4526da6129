"""Who knows of a complaint, of a report of violence, and of who told it; and what is left once they are forgotten."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from common.clock import legal_day
from common.contracts.roles import Role
from common.rights import Grant, Scope
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from training.complaints.queries.years import evidence

from .arrangements import FILED, acted, ended, filed, followed

MEMBER, OTHER = UUID(int=7), UUID(int=8)
REPORT: dict[str, Any] = {"kind": "report", "text": "Des propos sexistes répétés en session."}


def codes(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def references(client: httpx.AsyncClient, path: str) -> list[str]:
    return [one["reference"] for one in (await client.get(path)).json()["items"]]


async def test_a_structure_reads_its_own_and_not_who_told_them(training: ServiceUnderTest) -> None:
    async with training.client("member", member_id=MEMBER) as member, training.client("training") as team:
        mine = (await filed(member))["reference"]
        await ended(team, mine)
        held = (await member.get(f"/complaints/{mine}")).json()
        assert (held["channel"], held["member_id"], held["complainant"]) == ("account", str(MEMBER), None)
        assert [one["role"] for one in held["texts"]] == ["statement", "answer"]
        assert (held["allowed_actions"], held["actions"]) == (["reopen"], [])
        assert (await acted(member, mine, "answer", text="Moi-même")).status_code == 403
        opened = (await acted(member, mine, "reopen", text="Toujours froid")).json()
        assert opened["status"] == "reopened"
    async with training.client("member", member_id=OTHER) as other:
        assert await references(other, "/complaints") == []
        assert codes(await other.get(f"/complaints/{mine}")) == (404, "complaint_not_found")
        assert (await other.get("/complaints/summary", params={"year": 2026})).status_code == 403


@pytest.mark.parametrize("role", ["network", "board"])
async def test_the_house_reads_what_came_of_it_and_neither_who_nor_what_they_wrote(
    training: ServiceUnderTest, role: str
) -> None:
    async with training.client() as anybody, training.client("training") as team, training.client(role) as house:
        reference = (await filed(anybody))["reference"]
        await ended(team, reference)
        held = (await house.get(f"/complaints/{reference}")).json()
        assert held["complainant"] is None
        assert [one["role"] for one in held["texts"]] == ["cause", "no_action"]
        assert held["allowed_actions"] == []
        assert (await house.post(f"/complaints/{reference}/erase", json={})).status_code == 403


@pytest.mark.parametrize("role", ["network", "board", "member"])
async def test_a_report_of_violence_exists_for_the_training_team_alone(training: ServiceUnderTest, role: str) -> None:
    """Neither listed, found, counted nor exported; neither its actions; and no number is missing that would tell."""
    year = legal_day(training.runtime.clock.now()).year
    due = str(legal_day(training.runtime.clock.now()) + timedelta(days=30))
    action = {"title": "Rappeler les règles", "indicators": [12], "owner": "Direction", "due_on": due}
    async with training.client("member", member_id=MEMBER) as member, training.client("training") as team:
        before = (await filed(member))["reference"]
        report = await filed(member, **REPORT)
        after = (await filed(member))["reference"]
        assert (before, report["reference"], after) == (
            f"REC-{year}-00001", f"SIG-{year}-00001", f"REC-{year}-00002",
        )  # fmt: skip
        [apart] = (await acted(team, report["reference"], "plan-action", **action)).json()["actions"]
        [plain] = (await acted(team, before, "plan-action", **action)).json()["actions"]
        assert (apart, plain) == (f"ASR-{year}-00001", f"ACT-{year}-00001")
        mixed = await acted(team, after, "link-action", action=apart)
        assert codes(mixed) == (409, "improvement_cause_apart")
        assert set(await references(team, "/complaints")) == {before, report["reference"], after}
        assert (await team.get("/complaints/summary", params={"year": year})).json()["total"] == 3
        assert (await team.get("/improvements/summary")).json()["open_actions"] == 2
        seen = (await followed(member, report["key"])).json()
        assert (seen["reference"], seen["texts"][0]["text"]) == (report["reference"], REPORT["text"])
    async with training.client(role, member_id=MEMBER if role == "member" else None) as house:
        assert set(await references(house, "/complaints")) == {before, after}
        assert codes(await house.get(f"/complaints/{report['reference']}")) == (404, "complaint_not_found")
        assert report["reference"] not in (await house.get("/complaints/export")).text
        assert (await house.get("/complaints", params={"total": True, "kind": "report"})).json()["total"] == 0
        if role == "member":
            assert (await house.get("/improvements/actions")).status_code == 403
            return
        assert (await house.get("/complaints/summary", params={"year": year})).json()["total"] == 2
        assert await references(house, "/improvements/actions") == [plain]
        assert codes(await house.get(f"/improvements/actions/{apart}")) == (404, "improvement_action_not_found")
        figures = (await house.get("/improvements/summary")).json()
        assert [(one["indicator"], one["open"]) for one in figures["by_indicator"]] == [(12, 1)]
        assert apart not in (await house.get("/improvements/actions/export")).text


async def test_an_action_of_a_report_that_fails_is_replaced_apart_too(training: ServiceUnderTest) -> None:
    due = str(legal_day(training.runtime.clock.now()) + timedelta(days=30))
    plan = {"title": "Rappeler les règles", "indicators": [12], "owner": "Direction", "due_on": due}
    async with training.client() as anybody, training.client("training") as team:
        report = (await filed(anybody, **REPORT))["reference"]
        [first] = (await acted(team, report, "plan-action", **plan)).json()["actions"]
        path = f"/improvements/actions/{first}"
        for act, said in (("start", {}), ("finish", {}), ("verify", {"effective": False, "note": "Redit"})):
            tag = (await team.get(path)).headers["etag"]
            assert (await team.post(f"{path}/{act}", json=said, headers={"If-Match": tag})).status_code == 200
        causes = [{"kind": "action", "reference": first}]
        second = (await team.post("/improvements/actions", json={**plan, "causes": causes})).json()
        assert (second["restricted"], second["reference"][:3]) == (True, "ASR")
        both = [*causes, {"kind": "audit", "reference": "NC-3"}]
        mixed = await team.post("/improvements/actions", json={**plan, "causes": both})
        assert codes(mixed) == (409, "improvement_cause_apart")


@pytest.mark.parametrize("texts", [False, True])
async def test_who_complained_is_forgotten(training: ServiceUnderTest, texts: bool) -> None:
    async with training.client() as anybody, training.client("training") as team:
        sent = {"Idempotency-Key": "enregistrer"}
        said = {**FILED, "channel": "phone"}
        kept = (await team.post("/complaints/record", json=said, headers=sent)).json()["reference"]
        given = await filed(anybody, name=None, email=None)
        early = await acted(team, kept, "erase")
        assert codes(early) == (409, "complaint_erased_too_early")
        await acted(team, kept, "acknowledge")
        await ended(team, kept)
        [first, _] = await training.rows("SELECT text FROM mail ORDER BY posted_at, id")
        link = first.text.partition("#")[2].split()[0]
        if texts:  # the mails have gone, or wait still
            async with training.runtime.database.engine.begin() as connection:
                await connection.execute(text("UPDATE mail SET status = 'sent', settled_at = posted_at"))
        erased = await acted(team, kept, "erase", texts=texts)
        held = erased.json()
        assert held["complainant"] is None
        assert [one["step"] for one in held["history"]][-1] == "erase"
        assert bool(held["texts"]) is not texts
        assert codes(await acted(team, kept, "erase")) == (409, "complaint_already_erased")
        assert codes(await followed(anybody, link)) == (404, "complaint_link_not_found")
        assert (await followed(anybody, given["key"])).status_code == 200
    left = await _everything(training)
    assert FILED["email"] not in left
    assert FILED["name"] not in left
    assert FILED["text"] in left, "that of the other complaint, which nobody asked to erase"
    who = FILED["email"].encode()
    assert await training.rows("SELECT 1 FROM idempotency_key WHERE position(:who IN body) > 0", who=who) == []


async def _everything(training: ServiceUnderTest) -> str:
    """All that the database holds, as text."""
    tables = await training.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = [await training.rows(f'SELECT t::text AS line FROM "{row.tablename}" t') for row in tables]  # noqa: S608
    return "\n".join(row.line for rows in found for row in rows)


async def test_what_the_register_proves_depends_on_who_reads(training: ServiceUnderTest) -> None:
    async with training.client() as anybody, training.client("training") as team:
        await ended(team, (await filed(anybody))["reference"])
        await filed(anybody, **REPORT)

    async def held(role: Role) -> list[tuple[int, str, int]]:
        actor = Actor("somebody", roles=frozenset({role}))
        async with training.runtime.database.reading(actor) as read:
            found = await evidence(read, Grant(actor, Scope.ALL), read.today, read.today)
        return [(one.indicator, one.what, one.count) for one in found]

    open_to_all = [
        (31, "réclamations, difficultés et aléas reçus", 1),
        (31, "réclamations, difficultés et aléas répondus", 1),
        (31, "réclamations, difficultés et aléas clos", 1),
    ]
    assert await held(Role.TRAINING) == [(12, "signalements reçus", 1), *open_to_all]
    assert await held(Role.BOARD) == open_to_all
