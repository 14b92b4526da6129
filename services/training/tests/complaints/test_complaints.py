"""A complaint's story through the API: filed without a token, acknowledged, answered, reopened by its link, closed."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.clock import legal_day
from common.testing.harness import ServiceUnderTest
from common.workdays import FRANCE

from .arrangements import FILED, acted, ended, filed, followed

MEMBER, OTHER = UUID(int=7), UUID(int=8)
ACTION: dict[str, Any] = {"title": "Vérifier le chauffage", "indicators": [17, 31], "owner": "Assistance formation"}


def codes(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/complaints", params=params)
    assert answer.status_code == 200, answer.text
    return [one["reference"] for one in answer.json()["items"]]


async def mails(training: ServiceUnderTest) -> list[Any]:
    return await training.rows("SELECT recipient, subject, text, status FROM mail ORDER BY posted_at, id")


async def test_anybody_files_a_complaint_and_follows_it_to_its_answer(training: ServiceUnderTest) -> None:
    today = legal_day(training.runtime.clock.now())
    async with training.client() as anybody, training.client("training") as team:
        given = await filed(anybody)
        reference, key = given["reference"], given["key"]
        assert reference == f"REC-{today.year}-00001"
        assert given["acknowledge_due_on"] == str(FRANCE.after(today, 2))
        assert await mails(training) == [], "who wrote an address may not be who reads there"
        seen = (await followed(anybody, key)).json()
        assert (seen["status"], seen["texts"][0]["text"]) == ("received", FILED["text"])
        assert not {"name", "email", "complainant"} & seen.keys()
        held = (await team.get(f"/complaints/{reference}")).json()
        assert held["complainant"] == {"name": FILED["name"], "email": FILED["email"], "mails": []}
        assert (held["channel"], held["due_on"], held["deadlines"]["status"]) == (
            "form", given["acknowledge_due_on"], "assumed",
        )  # fmt: skip
        read = (await acted(team, reference, "acknowledge")).json()
        assert (read["status"], read["due_on"]) == ("acknowledged", given["answer_due_on"])
        assert codes(await acted(team, reference, "acknowledge")) == (409, "complaint_already_acknowledged")
        answered = (await acted(team, reference, "answer", text="Le chauffage est réparé.")).json()
        assert (answered["status"], answered["complainant"]["mails"]) == ("answered", ["à envoyer", "à envoyer"])
        first, second = await mails(training)
        assert (first.recipient, second.recipient) == (FILED["email"], FILED["email"])
        assert "Le chauffage est réparé." in second.text
        assert FILED["text"] not in first.text + second.text
        for mail in (first, second):
            link = mail.text.partition("#")[2].split()[0]
            assert (await followed(anybody, link)).json()["reference"] == reference
        assert codes(await acted(team, reference, "answer", text="Encore")) == (409, "complaint_nothing_to_answer")


async def test_whoever_is_not_satisfied_reopens_by_the_link(training: ServiceUnderTest) -> None:
    async with training.client() as anybody, training.client("training") as team:
        given = await filed(anybody, email=None, name=None)
        reference, sent = given["reference"], {"Complaint-Key": given["key"]}
        early = await anybody.post(
            "/complaint-follow-up/reopen", json={"text": "Rien"}, headers={**sent, "If-Match": '"v1"'}
        )
        assert codes(early) == (409, "complaint_not_answered")
        await ended(team, reference)
        assert await mails(training) == []
        blind = await anybody.post("/complaint-follow-up/reopen", json={"text": "Toujours froid"}, headers=sent)
        assert codes(blind) == (428, "if_match_missing")
        seen = await followed(anybody, given["key"])
        assert seen.json()["allowed_actions"] == ["reopen"]
        assert [one["role"] for one in seen.json()["texts"]] == ["statement", "answer"]
        opened = await anybody.post(
            "/complaint-follow-up/reopen",
            json={"text": "Toujours froid"},
            headers={**sent, "If-Match": seen.headers["etag"]},
        )
        today = legal_day(training.runtime.clock.now())
        assert (opened.json()["status"], opened.json()["due_on"]) == ("reopened", str(FRANCE.after(today, 15)))
        held = (await team.get(f"/complaints/{reference}")).json()
        assert [(one["step"], one["by"]) for one in held["history"]][::3] == [
            ("receive", "anonymous"), ("reopen", "complainant"),
        ]  # fmt: skip
        assert held["closed_on"] is None
        assert (await acted(team, reference, "answer", text="Un autre radiateur.")).status_code == 200
        assert codes(await followed(anybody, "x" * 43)) == (404, "complaint_link_not_found")


async def test_a_complaint_ends_with_an_action_or_with_why_there_is_none(training: ServiceUnderTest) -> None:
    due = str(legal_day(training.runtime.clock.now()) + timedelta(days=30))
    async with training.client() as anybody, training.client("training") as team:
        first, second = [(await filed(anybody))["reference"] for _ in range(2)]
        early = await acted(team, first, "close", cause="Chaudière", no_action="Rien")
        assert codes(early) == (409, "complaint_not_answered")
        await acted(team, first, "answer", text="C'est noté.")
        assert codes(await acted(team, first, "close", cause="Chaudière")) == (409, "complaint_follow_up_missing")
        wrong = await acted(team, first, "plan-action", **{**ACTION, "indicators": [34]}, due_on=due)
        assert codes(wrong) == (400, "indicator_unknown")
        late = await acted(team, first, "plan-action", **ACTION, due_on="2026-01-05")
        assert codes(late) == (400, "improvement_action_due_in_past")
        [action] = (await acted(team, first, "plan-action", **ACTION, due_on=due)).json()["actions"]
        both = await acted(team, first, "close", cause="Chaudière", no_action="Rien")
        assert codes(both) == (409, "complaint_follow_up_contradicted")
        closed = (await acted(team, first, "close", cause="Chaudière en panne")).json()
        assert (closed["status"], closed["texts"][-1]["text"]) == ("closed", "Chaudière en panne")
        assert codes(await acted(team, first, "close", cause="Encore")) == (409, "complaint_already_closed")
        assert codes(await acted(team, first, "link-action", action=action)) == (409, "complaint_already_closed")
        lost = await acted(team, second, "link-action", action="ACT-0")
        assert codes(lost) == (404, "improvement_action_not_found")
        linked = (await acted(team, second, "link-action", action=action)).json()
        assert linked["actions"] == [action]
        found = (await team.get(f"/improvements/actions/{action}")).json()
        assert [one["reference"] for one in found["causes"]] == [first, second]
        assert [one["step"] for one in found["history"]] == ["plan", "link"]
        assert await _improvements(team, cause=second) == [action]


async def _improvements(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/improvements/actions", params=params)
    return [one["reference"] for one in answer.json()["items"]]


async def test_the_team_records_what_came_by_another_way(training: ServiceUnderTest) -> None:
    today = legal_day(training.runtime.clock.now())
    async with training.client("training") as team:
        said = {**FILED, "channel": "phone", "received_on": str(today - timedelta(days=3)), "member_id": str(MEMBER)}
        recorded = await team.post("/complaints/record", json=said)
        held = recorded.json()
        assert recorded.headers["location"] == f"/training/v1/complaints/{held['reference']}"
        assert held["acknowledge_due_on"] == str(FRANCE.after(today - timedelta(days=3), 2))
        tomorrow = {**said, "received_on": str(today + timedelta(days=1))}
        assert codes(await team.post("/complaints/record", json=tomorrow)) == (400, "complaint_received_in_future")
        assert codes(await team.get("/complaints/REC-0")) == (404, "complaint_not_found")
        blind = await team.post(f"/complaints/{held['reference']}/acknowledge")
        assert codes(blind) == (428, "if_match_missing")
        old = await team.post(f"/complaints/{held['reference']}/acknowledge", headers={"If-Match": '"v9"'})
        assert codes(old) == (412, "version_changed")
    async with training.client("member", member_id=MEMBER) as member:
        assert await listed(member) == [held["reference"]]


async def test_what_waits_too_long_is_listed_counted_and_exported(training: ServiceUnderTest) -> None:
    today = legal_day(training.runtime.clock.now())
    async with training.client() as anybody, training.client("training") as team:
        late = (await filed(anybody))["reference"]
        done = (await filed(anybody, kind="hazard", programme="ETI-01", session=None))["reference"]
        await ended(team, done)
    async with training.days_later(10) as later, later.client("network") as network:
        assert await listed(network) == [late, done] or await listed(network) == [done, late]
        assert await listed(network, overdue=True) == [late]
        assert await listed(network, overdue=False) == [done]
        assert await listed(network, kind="hazard", programme="ETI-01", status="closed") == [done]
        assert await listed(network, session="SES-2026-00012", channel="form") == [late]
        assert await listed(network, q="eti-") == [done]
        assert await listed(network, received_from=str(today), received_to=str(today), sort="reference") == [late, done]
        assert await listed(network, received_from=str(today + timedelta(days=1))) == []
        year = (await network.get("/complaints/summary", params={"year": today.year})).json()
        assert [(one["kind"], one["count"]) for one in year["by_kind"]] == [("complaint", 1), ("hazard", 1)]
        assert [one["programme"] for one in year["by_programme"]] == ["CIP-01", "ETI-01"]
        assert year["acknowledged"] == {"done": 1, "median_days": "0.0", "in_time": 1, "late": 1}
        lines = (await network.get("/complaints/export")).text.splitlines()
        assert len(lines) == 3
        assert FILED["name"] not in "".join(lines)
        promised = (await network.get("/complaints/deadlines")).json()
        assert (promised["acknowledge_days"], promised["answer_days"], promised["status"]) == (2, 15, "assumed")


@pytest.mark.parametrize("statement", ["UPDATE {} SET by = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_database_refuses_to_rewrite_the_history(training: ServiceUnderTest, statement: str) -> None:
    async with training.client() as anybody:
        await filed(anybody)
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text(statement.format("complaint_entry")))


async def test_what_is_tried_is_not_filed(training: ServiceUnderTest) -> None:
    async with training.client() as anybody, training.client("training") as team:
        tried = await anybody.post("/complaints", json=FILED, params={"dry_run": True})
        assert tried.status_code == 201
        assert codes(await followed(anybody, tried.json()["key"])) == (404, "complaint_link_not_found")
        assert await listed(team) == []


async def test_the_same_filing_sent_twice_is_one_and_its_key_is_given_once(training: ServiceUnderTest) -> None:
    async with training.client("member", member_id=MEMBER) as member:
        sent = {"Idempotency-Key": "une-fois"}
        assert (await member.post("/complaints", json=FILED, headers=sent)).status_code == 201
        assert codes(await member.post("/complaints", json=FILED, headers=sent)) == (409, "answer_given_once")
        assert len(await listed(member)) == 1


async def test_two_who_answer_at_once_answer_once(training: ServiceUnderTest) -> None:
    async with training.client() as anybody, training.client("training") as team:
        given = await asyncio.gather(*(filed(anybody) for _ in range(6)))
        year = legal_day(training.runtime.clock.now()).year
        assert sorted(one["reference"] for one in given) == [f"REC-{year}-{rank:05d}" for rank in range(1, 7)]
        path = f"/complaints/{given[0]['reference']}"
        tag = {"If-Match": (await team.get(path)).headers["etag"]}
        both = await asyncio.gather(
            *(team.post(f"{path}/answer", json={"text": f"Réponse {n}"}, headers=tag) for n in range(2))
        )
        assert sorted(one.status_code for one in both) == [200, 412]
        assert len(await mails(training)) == 1


async def test_nothing_of_a_complaint_is_on_the_bus(training: ServiceUnderTest) -> None:
    async with training.client() as anybody, training.client("training") as team:
        await ended(team, (await filed(anybody))["reference"])
    assert await training.published() == []
