"""A call by the API, from its draft to the last euro of its awards; and the call of 2015, with its published totals."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.money import split
from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..envelopes.treasury import joined
from .jury import BEST, CALL, ONE, OTHER, PROJECT, THIRD, TODAY, WORST, Fund, closed, fund, no, refused, yes

LATER = str(TODAY + timedelta(days=10))


async def test_a_call_from_its_draft_to_its_last_euro(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one = await now.application(call, partners=[str(THIRD)])
        two = await now.application(call, OTHER, trainees=30, asked="7000.00")
        assert (one["reference"], two["reference"]) == ("FMS-2026-00001", "FMS-2026-00002")
    async with closed(training) as then:
        for juror, marks in (("training", WORST), ("board", BEST)):
            assert (await then.judge(one, juror, marks)).status_code == 201
        assert (await then.judge(two, "training", {"reach": 4, "quality": 5})).status_code == 201
        call = await then.seen(call)
        assert (await then.act(call, "rank")).status_code == 200
        ranked = (await then.get("/solidarity-applications", sort="title"))["items"]
        assert {each["reference"]: (each["rank"], each["score"]) for each in ranked} == {
            "FMS-2026-00001": (2, "50.00"),
            "FMS-2026-00002": (1, "85.00"),
        }
        less = yes(one, "3000.00", trainees=6, reason="Six places.")
        tried = await then.decide(call, yes(two, "7000.00"), less, params={"dry_run": True})
        assert [(told["member_name"], told["outcome"]) for told in tried.json()["letters"]] == [
            ("Structure 002", "kept"),
            ("Structure 001", "reduced"),
        ]
        assert await then.stands() == ("20000.00", "0.00", "0.00", "20000.00")
        decided = await then.decide(call, yes(two, "7000.00"), less)
        assert (decided.status_code, decided.json()["letters"]) == (200, tried.json()["letters"])
        assert await then.stands() == ("20000.00", "10000.00", "0.00", "10000.00")
        assert call["totals"] | {} == {
            "projects": 2, "enterprises": 3, "asked": "13000.00", "people_asked": 42, "kept": 2, "awarded": "10000.00",
            "people": 36, "left": "0.00", "spent": "0.00", "people_trained": 0, "hours_given": "0.00",
        }  # fmt: skip
        bill = {"label": "2 jours", "spent_on": LATER, "trainees": 5, "hours": "14", "amount": "2500.00"}
        path = f"/solidarity-applications/{one['id']}/spending"
        assert (await then.ask("POST", path, json=bill)).json()["award"]["left"] == "500.00"
        assert refused(await then.ask("POST", path, json={**bill, "amount": "500.01"})) == (
            409,
            "solidarity_award_short",
        )
        early = {**bill, "amount": "1.00", "spent_on": str(TODAY)}
        assert refused(await then.ask("POST", path, json=early)) == (400, "solidarity_day_wrong")
        assert [line["label"] for line in (await then.get(path))["items"]] == ["2 jours"]
        one = await then.seen(one)
        assert (await then.act(one, "close")).status_code == 200
        assert (one["award"]["left"], one["award"]["closed_on"]) == ("0.00", LATER)
        assert await then.stands() == ("20000.00", "7000.00", "2500.00", "10500.00")
        assert refused(await then.ask("POST", path, json=bill)) == (409, "solidarity_award_closed")
        assert (await then.seen(call))["totals"]["people_trained"] == 5


async def test_an_award_pays_for_its_structure_after_the_others(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one = await now.application(call)
    async with closed(training) as then:
        await then.judge(one)
        call = await then.seen(call)
        await then.act(call, "rank")
        assert (await then.decide(call, yes(one))).status_code == 200
        asked = {"member_id": str(ONE), "price": "6500.00", "seats": 10, "hours": "14", "starts_on": LATER}
        stack = (await then.ask("POST", "/funding/compose", "member", ONE, json=asked)).json()
        assert [(share["kind"], share["amount"]) for share in stack["shares"]] == [("award", "6000.00")]
        assert stack["remainder"] == "500.00"


async def the_call_of_2015(now: Fund) -> list[dict[str, Any]]:
    """51 projects of 56 structures: 51 that lead one, and five that are partners of the first five."""
    call = await now.call(budget="280153.00", max_award=None)
    applications = []
    for rank in range(1, 52):
        partners = [str(UUID(int=51 + rank))] if rank <= 5 else []
        project = {
            "partners": partners,
            "trainees": 30,
            "asked": "7600.00",
            "costs": [{"label": "-", "amount": "9000.00"}],
        }
        applications.append(await now.application(call, UUID(int=rank), **project))
    return [call, *applications]


async def test_the_call_of_2015_gives_its_published_totals(training: ServiceUnderTest, arranged: Arrange) -> None:
    """Source: Coorace, Rapport d'activité 2015. Names, projects and the amount of each are invented; totals are not."""
    async with fund(training, arranged) as now:
        await training.receive(*(joined(rank) for rank in range(4, 57)))
        money = {"amount": "260153.00", "happened_on": str(TODAY), "label": "Dotation", "cause": "Pour le rejeu"}
        await now.ask("POST", f"/funding/envelopes/{now.envelope}/contributions", json=money)
        call, *applications = await the_call_of_2015(now)
    async with closed(training) as then:
        for rank, one in enumerate(applications):
            assert (await then.judge(one, marks={"reach": 5 if rank < 37 else 2, "quality": 3})).status_code == 201
        call = await then.seen(call)
        assert (await then.act(call, "rank")).status_code == 200
        amounts = split(Decimal("280153.00"), [Decimal(1)] * 37)
        seats = [1063 // 37 + (rank < 1063 % 37) for rank in range(37)]
        kept = [
            yes(one, str(amount), trainees=trainees, reason="Ramenée au budget de l'appel.")
            for one, amount, trainees in zip(applications, amounts, seats, strict=False)
        ]
        answer = await then.decide(call, *kept, *(no(one) for one in applications[37:]))
        assert answer.status_code == 200, answer.text
        totals = call["totals"]
        assert {name: totals[name] for name in ("projects", "enterprises", "kept", "awarded", "people")} == {
            "projects": 51,
            "enterprises": 56,
            "kept": 37,
            "awarded": "280153.00",
            "people": 1063,
        }
        assert len(answer.json()["letters"]) == 51


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({"closes_on": str(TODAY - timedelta(days=1))}, "solidarity_call_wrong", id="clos avant d'ouvrir"),
        pytest.param({"max_award": "10000.01"}, "solidarity_call_wrong", id="une aide plus grande que le budget"),
        pytest.param({"criteria": CALL["criteria"][:1] * 2}, "solidarity_call_wrong", id="deux fois le même critère"),
        pytest.param({"envelope_id": str(ONE)}, "solidarity_envelope_wrong", id="une enveloppe inconnue"),
    ],
)
async def test_what_a_call_may_not_say(
    training: ServiceUnderTest, arranged: Arrange, said: dict[str, Any], why: str
) -> None:
    async with fund(training, arranged) as now:
        body = {**CALL, "envelope_id": now.envelope, **said}
        assert refused(await now.ask("POST", "/solidarity-calls", json=body)) == (400, why)


async def test_a_call_that_was_opened_does_not_change(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        draft = await now.call(opened=False)
        body = {**CALL, "envelope_id": now.envelope}
        path = f"/solidarity-calls/{draft['id']}"
        assert refused(await now.ask("GET", path, "member", ONE)) == (404, "solidarity_call_not_found")
        acts = {
            "change": ("PUT", "", body), "open": ("POST", "/open", {}), "delete": ("DELETE", "", {}),
            "rank": ("POST", "/rank", {}), "decide": ("POST", "/decide", {"decisions": []}),
        }  # fmt: skip
        async with training.client("training") as client:
            assert await try_acts(client, path, acts) == {"change", "open", "delete"}
            assert (await now.act(draft, "open")).status_code == 200
            assert await try_acts(client, path, acts) == set()
        member = await now.get(path, "member", ONE)
        assert (member["totals"], member["allowed_actions"]) == (None, ["apply"])
        rich = await now.call(opened=False, budget="20000.01", max_award=None)
        assert refused(await now.act(rich, "open")) == (409, "solidarity_budget_short")
        late = await now.call(opened=False)
        assert (
            await now.ask("DELETE", f"/solidarity-calls/{rich['id']}", headers={"If-Match": '"v1"'})
        ).status_code == 204
        other = {"kind": "other", "title": "X", "year": 2026, "funder": "X", "opens_on": LATER, "closes_on": LATER}
        wrong = (await now.ask("POST", "/funding/envelopes", json=other)).json()
        answer = await now.ask("POST", "/solidarity-calls", json={**body, "envelope_id": wrong["id"]})
        assert refused(answer) == (400, "solidarity_envelope_wrong")
    async with training.days_later(10) as then:
        assert refused(await Fund(then, now.envelope).act(late, "open")) == (409, "solidarity_call_past")
        async with then.client("training") as client:
            assert await try_acts(client, path, {"rank": acts["rank"], "decide": acts["decide"]}) == {"rank"}


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        pytest.param({"description": ""}, "/description", id="pas décrit"),
        pytest.param({"public": None}, "/public", id="public non dit"),
        pytest.param({"trainees": 0}, "/trainees", id="aucun stagiaire"),
        pytest.param({"hours": "0"}, "/hours", id="aucune heure"),
        pytest.param({"costs": []}, "/costs", id="sans budget"),
        pytest.param({"asked": "0"}, "/asked", id="rien de demandé"),
        pytest.param({"asked": "7000.01"}, "/asked", id="plus que ce qu'il coûte"),
        pytest.param(
            {"asked": "8000.01", "costs": [{"label": "-", "amount": "9000.00"}]},
            "/asked",
            id="plus que l'appel n'accorde",
        ),
    ],
)
async def test_what_an_application_lacks(
    training: ServiceUnderTest, arranged: Arrange, said: dict[str, Any], pointer: str
) -> None:
    async with fund(training, arranged) as now:
        draft = await now.application(await now.call(), submitted=False, **said)
        assert [fault["pointer"] for fault in draft["defects"]] == [pointer]
        answer = await now.act(draft, "submit", "member", ONE)
        assert refused(answer) == (400, "solidarity_application_incomplete")
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
        headers = {"If-Match": '"v1"'}
        path = f"/solidarity-applications/{draft['id']}"
        mended = await now.ask("PUT", path, "member", ONE, json=PROJECT, headers=headers)
        assert (mended.status_code, mended.json()["defects"]) == (200, [])
        assert (await now.act(mended.json(), "submit", "member", ONE)).status_code == 200


@pytest.mark.parametrize("partners", [[ONE], [OTHER, OTHER], [UUID(int=77)]], ids=["soi-même", "deux fois", "inconnu"])
async def test_a_partner_is_another_structure(
    training: ServiceUnderTest, arranged: Arrange, partners: list[UUID]
) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        body = {**PROJECT, "partners": [str(one) for one in partners]}
        answer = await now.ask("POST", f"/solidarity-calls/{call['id']}/applications", "member", ONE, json=body)
        assert refused(answer) == (400, "solidarity_partner_wrong")


async def test_an_application_is_written_until_the_call_closes_and_withdrawn_until_it_is_ranked(
    training: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(training, arranged) as now:
        soon = await now.call(opens_on=str(TODAY + timedelta(days=1)))
        early = await now.application(soon, submitted=False)
        assert refused(await now.act(early, "submit", "member", ONE)) == (409, "solidarity_call_not_open")
        call = await now.call()
        draft, sent = await now.application(call, submitted=False), await now.application(call)
        acts = {name: ("POST", f"/{name}", {}) for name in ("submit", "withdraw")} | {"change": ("PUT", "", PROJECT)}
        async with training.client("member", member_id=ONE) as client:
            assert await try_acts(client, f"/solidarity-applications/{draft['id']}", acts) == set(acts)
            assert await try_acts(client, f"/solidarity-applications/{sent['id']}", acts) == {"withdraw"}
        path = f"/solidarity-calls/{call['id']}/applications"
        nobody = await now.ask("POST", path, "member", json=PROJECT)
        assert refused(nobody) == (403, "solidarity_member_missing")
    async with closed(training) as then:
        assert refused(await then.act(draft, "submit", "member", ONE)) == (409, "solidarity_call_not_open")
        assert refused(await then.ask("POST", path, "member", ONE, json=PROJECT)) == (409, "solidarity_call_not_open")
        await then.judge(sent)
        call = await then.seen(call)
        assert (await then.act(call, "rank")).status_code == 200
        sent = await then.seen(sent, "member", ONE)
        assert refused(await then.act(sent, "withdraw", "member", ONE)) == (409, "solidarity_application_ended")
