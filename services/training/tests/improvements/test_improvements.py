"""The register of improvement through the API: watched, feared, planned, done, verified; nothing of it rewritten."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from training.improvements.queries.summary import evidence

from .arrangements import WATCH, acted, day, noted, planned, risk


def codes(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def listed(client: httpx.AsyncClient, path: str, **params: Any) -> list[str]:
    answer = await client.get(f"/improvements/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return [one["reference"] for one in answer.json()["items"]]


async def test_a_watch_item_is_exploited_by_an_action_or_by_a_reason(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        decree, fair = (
            await noted(team),
            await noted(team, kind="jobs", title="Salon des métiers", dated_on="2026-10-01"),
        )
        assert decree.startswith("VEI-")
        assert await listed(team, "watch-items") == [fair, decree]
        held = (await team.get(f"/improvements/watch-items/{decree}")).json()
        assert (held["status"], held["indicator"], held["allowed_actions"]) == ("open", 23, ["set_aside"])
        assert held["says"] == WATCH["says"]
        aside = await acted(team, f"/improvements/watch-items/{fair}", "set-aside", reason="Rien de neuf")
        assert (aside.json()["status"], aside.json()["reason"]) == ("set_aside", "Rien de neuf")
        again = await acted(team, f"/improvements/watch-items/{fair}", "set-aside", reason="Rien de neuf")
        assert codes(again) == (409, "watch_item_exploited")
        plan = (await planned(team, training, "watch", decree, indicators=[23, 1])).json()
        assert (plan["indicators"], plan["status"], plan["owner"]) == ([1, 23], "planned", "Responsable pédagogique")
        now = (await team.get(f"/improvements/watch-items/{decree}")).json()
        assert (now["status"], now["actions"], now["allowed_actions"]) == ("acted_on", [plan["reference"]], [])
        assert await listed(team, "watch-items", status="open") == []
        assert await listed(team, "watch-items", kind="jobs", dated_from="2026-09-01", dated_to="2026-10-01") == [fair]
        assert await listed(team, "watch-items", q="décret") == [decree]
        assert codes(await team.get("/improvements/watch-items/VEI-0")) == (404, "watch_item_not_found")


async def test_a_risk_is_weighed_reviewed_and_closed(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        opened = await team.post("/improvements/risks", json=risk(training))
        held = opened.json()
        path = f"/improvements/risks/{held['reference']}"
        assert opened.headers["location"] == f"/training/v1{path}"
        assert (held["level"], held["review_due"], held["allowed_actions"]) == (9, False, ["review", "close"])
        small = (await team.post("/improvements/risks", json=risk(training, likelihood=1, severity=1))).json()
        assert await listed(team, "risks") == [held["reference"], small["reference"]]
        assert await listed(team, "risks", level_from=9, owner="Responsable pédagogique") == [held["reference"]]
        soon = {"likelihood": 1, "severity": 3, "next_review_on": day(training, 1), "note": "Deux recrues"}
        assert codes(await acted(team, path, "review", **{**soon, "next_review_on": day(training, 0)})) == (
            400, "risk_review_in_past",
        )  # fmt: skip
        seen = (await acted(team, path, "review", **soon)).json()
        assert [(one["step"], one["likelihood"], one["note"]) for one in seen["history"]] == [
            ("opened", 3, None),
            ("reviewed", 1, "Deux recrues"),
        ]
        assert codes(await team.post(f"{path}/close", json={"reason": "Fini"})) == (428, "if_match_missing")
        late = await team.post(f"{path}/close", json={"reason": "Fini"}, headers={"If-Match": '"v1"'})
        assert codes(late) == (412, "version_changed")
    async with training.days_later(3) as later, later.client("training") as team:
        assert await listed(team, "risks", review_due=True) == [held["reference"]]
        assert await listed(team, "risks", review_due=False) == [small["reference"]]
        closed = (await acted(team, path, "close", reason="Deux formatrices en place")).json()
        assert (closed["status"], closed["review_due"], closed["allowed_actions"]) == ("closed", False, [])
        assert codes(await acted(team, path, "close", reason="Encore")) == (409, "risk_closed")
        assert codes(await planned(team, later, "risk", held["reference"])) == (409, "improvement_cause_settled")
        assert codes(await team.get("/improvements/risks/RIS-0")) == (404, "risk_not_found")
        scale = (await team.get("/improvements/risks/scale")).json()
        assert ([one["value"] for one in scale["severity"]], scale["status"]) == ([1, 2, 3, 4], "assumed")


async def test_an_action_without_effect_is_replaced(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        first = (await planned(team, training, "audit", "NC-3")).json()["reference"]
        path = f"/improvements/actions/{first}"
        assert codes(await acted(team, path, "finish")) == (409, "improvement_action_not_in_progress")
        assert (await acted(team, path, "start", note="Devis demandé")).json()["status"] == "in_progress"
        assert codes(await acted(team, path, "start")) == (409, "improvement_action_not_planned")
        put_off = await acted(team, path, "reschedule", due_on=day(training, 60), reason="Fournisseur absent")
        assert put_off.json()["due_on"] == day(training, 60)
        past = await acted(team, path, "reschedule", due_on=day(training, -1), reason="Erreur")
        assert codes(past) == (400, "improvement_action_due_in_past")
        assert codes(await acted(team, path, "verify", effective=True, note="Vu")) == (
            409,
            "improvement_action_not_done",
        )
        done = (await acted(team, path, "finish")).json()
        assert (done["status"], done["allowed_actions"]) == ("done", ["verify"])
        early = await planned(team, training, "action", first)
        assert codes(early) == (409, "improvement_cause_settled")
        failed = (await acted(team, path, "verify", effective=False, note="Même constat au printemps")).json()
        assert failed["status"] == "ineffective"
        assert (await team.get("/improvements/summary")).json()["unanswered_failures"] == 1
        second = (await planned(team, training, "action", first)).json()["reference"]
        assert (await team.get("/improvements/summary")).json()["unanswered_failures"] == 0
        told = (await team.get(path)).json()
        assert told["replaced_by"] == [second]
        assert [(one["step"], one["note"], one["due_on"]) for one in told["history"]] == [
            ("plan", None, day(training, 30)),
            ("start", "Devis demandé", day(training, 30)),
            ("reschedule", "Fournisseur absent", day(training, 60)),
            ("finish", None, day(training, 60)),
            ("find_ineffective", "Même constat au printemps", day(training, 60)),
        ]
        assert (await acted(team, f"/improvements/actions/{second}", "abandon", reason="Doublon")).status_code == 200
        again = await acted(team, f"/improvements/actions/{second}", "abandon", reason="Doublon")
        assert codes(again) == (409, "improvement_action_ended")
        assert (await team.get("/improvements/summary")).json()["unanswered_failures"] == 1


async def test_an_action_has_a_cause_that_stands_and_indicators_of_the_day(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        for kind in ("risk", "watch", "action"):
            assert codes(await planned(team, training, kind, "X-1")) == (400, "improvement_cause_unknown")
        for kind in ("complaint", "report"):
            assert codes(await planned(team, training, kind, "REC-2026-00001")) == (400, "improvement_cause_unknown")
        assert codes(await planned(team, training, "audit", "NC-3", indicators=[34])) == (400, "indicator_unknown")
        late = await planned(team, training, "audit", "NC-3", due_on=day(training, -1))
        assert codes(late) == (400, "improvement_action_due_in_past")
        assert codes(await team.get("/improvements/actions/ACT-0")) == (404, "improvement_action_not_found")
        assert await listed(team, "actions") == []


async def test_the_list_the_export_and_the_figures_say_the_same(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        decree = await noted(team)
        soon = (await planned(team, training, "audit", "NC-3", due_on=day(training, 0))).json()["reference"]
        late = (await planned(team, training, "watch", decree, indicators=[23, 32], owner="Direction")).json()[
            "reference"
        ]
        assert await listed(team, "actions") == [soon, late]
        assert await listed(team, "actions", sort="-due_on") == [late, soon]
        assert await listed(team, "actions", cause_kind="watch") == [late]
        assert await listed(team, "actions", cause="NC-3") == [soon]
        assert await listed(team, "actions", indicator=[32, 99]) == [late]
        assert await listed(team, "actions", owner="Direction", due_from=day(training, 1)) == [late]
        assert await listed(team, "actions", due_to=day(training, 0), q="seconde") == [soon]
    async with training.days_later(1) as later, later.client("board") as board:
        assert await listed(board, "actions", overdue=True) == [soon]
        assert await listed(board, "actions", overdue=False, status="planned") == [late]
        figures = (await board.get("/improvements/summary")).json()
        assert (figures["open_actions"], figures["overdue_actions"], figures["watch_to_exploit"]) == (2, 1, 0)
        assert [(one["indicator"], one["open"], one["overdue"]) for one in figures["by_indicator"]] == [
            (21, 1, 1),
            (23, 1, 0),
            (32, 1, 0),
        ]
        lines = (await board.get("/improvements/actions/export")).text.splitlines()
        assert [line.split(";")[0] for line in lines[1:]] == [soon, late]
        for path, first in (("risks", "reference"), ("watch-items", "reference")):
            exported = await board.get(f"/improvements/{path}/export", params={"format": "csv"})
            assert exported.text.lstrip("\ufeff").startswith(first), exported.text
        assert (await board.get(f"/improvements/actions/{soon}")).json()["allowed_actions"] == []
        assert (await planned(board, later, "audit", "NC-4")).status_code == 403


async def test_what_is_tried_is_not_done(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        tried = await team.post("/improvements/watch-items", json=WATCH, params={"dry_run": True})
        assert tried.status_code == 201
        assert await listed(team, "watch-items") == []


@pytest.mark.parametrize("table", ["improvement_action_entry", "improvement_risk_entry"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET by = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_database_refuses_to_rewrite_a_history(
    training: ServiceUnderTest, table: str, statement: str
) -> None:
    async with training.client("training") as team:
        await planned(team, training, "audit", "NC-3")
        await team.post("/improvements/risks", json=risk(training))
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text(statement.format(table)))


async def test_the_register_proves_what_it_held_between_two_days(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        decree = await noted(team)
        await noted(team, kind="teaching")
        plan = (await planned(team, training, "watch", decree, indicators=[21, 32])).json()["reference"]
        await acted(team, f"/improvements/actions/{plan}", "start")
        await team.post("/improvements/risks", json=risk(training))
    async with training.days_later(1) as later, later.client("training") as team:
        await acted(team, f"/improvements/actions/{plan}", "finish")

        async def held(first: int, last: int) -> list[tuple[int, str, int]]:
            async with later.runtime.database.reading(Actor("t", roles=frozenset({"training"}))) as read:
                found = await evidence(read, read.today + timedelta(days=first), read.today + timedelta(days=last))
            return [(one.indicator, one.what, one.count) for one in found]

        assert await held(-1, -1) == [
            (23, "veilles relevées", 1),
            (25, "veilles relevées", 1),
            (23, "veilles exploitées", 1),
            (32, "risques relevés ou revus", 1),
            (21, "actions prévues", 1),
            (32, "actions prévues", 1),
        ]
        assert await held(0, 0) == [(21, "actions faites", 1), (32, "actions faites", 1)]
