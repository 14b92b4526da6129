"""Who may do what with reminders, what each sees of them, and what reads cost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .desk import FIRST, OTHER, OWN, THIRD, Desk, call_members, members_called, on_day

A, B, C = "Structure 001 ges", "Structure 002 ges", "Structure 003 ges"
PEOPLE: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "finances": (("finance",), {}),
    "réseau": (("network",), {}),
    "conseil": (("board",), {}),
    "sa délégation": (("delegation",), {"delegation": "occitanie"}),
    "une autre délégation": (("delegation",), {"delegation": "bretagne"}),
    "elle-même": (("member",), {"member_id": OWN}),
    "une autre structure": (("member",), {"member_id": OTHER}),
}
TODAY, LATER = "{today}", "{later}"
HOLD = {"member_id": str(OWN), "reason": "other", "note": "Essai", "until": LATER}
REGION_CALL = {"member_id": str(OWN), "day": TODAY, "outcome": "reached"}
POSTED = {"means": "post", "sent_on": TODAY}
# Each route of one thing, and what everybody is answered: the reminder, the run and the hold of ``OWN``.
ROUTES = [
    pytest.param("GET", "/reminders/{reminder}", {}, (200, 200, 200, 200, 404, 200, 404), id="lire une relance"),
    pytest.param("GET", "/reminders/{reminder}/pdf", {}, (200, 200, 200, 200, 404, 200, 404), id="sa lettre"),
    pytest.param("POST", "/reminders/{reminder}/sent", POSTED, (200, 200, 403, 403, 403, 403, 403), id="son envoi"),
    pytest.param("GET", "/reminders/members/{own}", {}, (200, 200, 200, 200, 404, 403, 403), id="où elle en est"),
    pytest.param("GET", "/reminders/calls/{call}", {}, (200, 200, 200, 200, 404, 403, 403), id="où en est un appel"),
    pytest.param("GET", "/reminders/runs/{run}", {}, (200, 200, 403, 403, 403, 403, 403), id="lire un envoi"),
    pytest.param("GET", "/reminders/runs/{run}/pdf", {}, (200, 200, 403, 403, 403, 403, 403), id="ses lettres"),
    pytest.param("POST", "/reminders/runs/{run}/sent", POSTED, (200, 200, 403, 403, 403, 403, 403), id="leur envoi"),
    pytest.param(
        "POST", "/reminders/runs", {"member_ids": [str(OTHER)]}, (202, 202, 403, 403, 403, 403, 403), id="relancer"
    ),
    pytest.param("POST", "/reminders/region-calls", REGION_CALL, (201, 201, 403, 201, 404, 403, 403), id="appel noté"),
    pytest.param("POST", "/reminder-holds", HOLD, (201, 201, 403, 201, 404, 403, 403), id="suspendre"),
    pytest.param("GET", "/reminder-holds/{hold}", {}, (200, 200, 200, 200, 404, 403, 403), id="lire une suspension"),
    pytest.param(
        "POST", "/reminder-holds/{hold}/lift", {"reason": "Essai"}, (200, 200, 403, 200, 404, 403, 403), id="la lever"
    ),
]
LISTS = {
    "/reminders": [{A, C}, {A, C}, {A, C}, {A}, {C}, {A}, set()],
    "/reminders/proposals": [{B}, {B}, {B}, {B}, set(), 403, 403],
    "/reminders/region-calls": [{A}, {A}, {A}, {A}, set(), 403, 403],
    "/reminder-holds": [{A}, {A}, {A}, {A}, set(), 403, 403],
}
EXPORTS = {"/reminders": "/reminders/export", "/reminders/proposals": "/reminders/proposals/export"}


async def furnished(desk: Desk) -> dict[str, str]:
    """Remind two of three members, hold one, note a call: one thing of each kind."""
    run = await desk.sent(OWN, THIRD)
    hold = (await desk.place()).json()
    [reminder] = await desk.listed(f"/reminders?member_id={OWN}")
    call = {"member_id": str(OWN), "day": str(desk.today), "outcome": "no_answer"}
    assert (await desk.ask("POST", "/reminders/region-calls", json=call)).status_code == 201
    call_id = reminder["calls"][0]["invoice_id"]
    return {"run": run["id"], "hold": hold["id"], "reminder": reminder["id"], "own": str(OWN), "call": call_id}


async def one_of_each(dues: ServiceUnderTest) -> dict[str, str]:
    """Three members were called, and there is one thing of each kind on the day of the first reminders."""
    await members_called(dues, (1, 2, 3))
    async with on_day(dues, FIRST) as desk:
        return await furnished(desk)


@pytest.mark.parametrize(("method", "path", "body", "answers"), ROUTES)
async def test_who_may_do_what(
    dues: ServiceUnderTest, arranged: Arrange, method: str, path: str, body: dict[str, Any], answers: tuple[int, ...]
) -> None:
    ids = await arranged(dues, one_of_each)
    async with on_day(dues, FIRST) as desk:
        days = {"today": desk.today, "later": desk.today + timedelta(days=5)}
        sent = {key: value.format(**days) if isinstance(value, str) else value for key, value in body.items()}
        asked: dict[str, Any] = {"json": sent, "params": {"dry_run": True}, "headers": {"If-Match": '"v1"'}}
        told = [
            (await desk.ask(method, path.format(**ids), *roles, who=who, **(asked if body else {}))).status_code
            for roles, who in PEOPLE.values()
        ]
    assert dict(zip(PEOPLE, told, strict=True)) == dict(zip(PEOPLE, answers, strict=True))


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_and_its_export_show_what_is_within_reach(
    dues: ServiceUnderTest, arranged: Arrange, path: str
) -> None:
    await arranged(dues, one_of_each)
    async with on_day(dues, FIRST) as desk:
        seen: list[Any] = []
        for roles, who in PEOPLE.values():
            answer = await desk.ask("GET", path, *roles, who=who, params={"total": True})
            if answer.status_code != 200:
                seen.append(answer.status_code)
                continue
            seen.append({one["member_name"] for one in answer.json()["items"]})
            assert answer.json()["total"] == len(seen[-1])
            if path in EXPORTS:
                export = (await desk.ask("GET", EXPORTS[path], *roles, who=who)).text
                assert {name for name in (A, B, C) if name in export} == seen[-1]
    assert seen == LISTS[path]


@pytest.mark.parametrize("path", ["/reminders/runs", "/reminders/gaps", "/reminders/levels"])
async def test_who_reads_the_rest(dues: ServiceUnderTest, path: str) -> None:
    answers = {
        "/reminders/runs": [200, 200, 403, 403, 403, 403, 403],
        "/reminders/gaps": [200, 200, 200, 200, 200, 403, 403],
        "/reminders/levels": [200] * 7,
    }
    async with on_day(dues, 0) as desk:
        told = [(await desk.ask("GET", path, *roles, who=who)).status_code for roles, who in PEOPLE.values()]
    assert told == answers[path]


async def test_the_levels_say_that_they_are_assumed(dues: ServiceUnderTest) -> None:
    async with on_day(dues, 0) as desk:
        rule = await desk.read("/reminders/levels", "member", member_id=OWN)
    assert (rule["status_label"], rule["region_days"], rule["region_days_are"]) == ("à confirmer", 5, "business")
    assert [(level["rank"], level["after_days"], level["registered"]) for level in rule["levels"]] == [
        (1, 15, False),
        (2, 45, False),
        (3, 75, True),
    ]


async def test_proposals_are_filtered_sorted_and_paged(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await call_members(dues, arranged)
    async with on_day(dues, FIRST) as desk:
        await desk.pay(THIRD, "300.00")
        await desk.place()
        found = {
            query: [name for name, _, _ in await desk.proposals(query)]
            for query in (
                "level=1",
                "level=2",
                "ready=true",
                "ready=false",
                "held=true",
                "blocker=held&blocker=promised",
                "delegation=bretagne",
                f"member_id={OTHER}",
                "amount_from=500.01",
                "days_late_from=15",
                "days_late_from=16",
                "q=003",
            )
        }
        by_amount = await desk.listed("/reminders/proposals?sort=-owed,name")
        page = await desk.read("/reminders/proposals?limit=1&total=true&sort=name")
        rest = await desk.listed(f"/reminders/proposals?sort=name&cursor={page['next_cursor']}")
        bad = await desk.ask("GET", "/reminders/proposals?sort=level")
    assert list(found.values()) == [[A, B, C], [], [B, C], [A], [A], [A], [C], [B], [A, B], [A, B, C], [], [C]]
    assert [(one["member_name"], one["late_total"]) for one in by_amount] == [
        (A, "800.00"),
        (B, "800.00"),
        (C, "500.00"),
    ]
    assert (page["total"], [one["member_name"] for one in rest]) == (3, [B, C])
    assert bad.json()["code"] == "sort_unknown"


@pytest.mark.parametrize(
    "path",
    ["/reminders", "/reminders/export", "/reminders/proposals", "/reminders/region-calls", "/reminder-holds/export"],
)
async def test_a_filter_names_no_more_structures_than_an_address_holds(dues: ServiceUnderTest, path: str) -> None:
    many = {"member_id": [str(UUID(int=rank)) for rank in range(201)]}
    async with dues.client("finance") as client:
        refused = await client.get(path, params=many)
        heard = await client.get(path, params={"member_id": many["member_id"][1:]})
    assert ([error["code"] for error in refused.json()["errors"]], heard.status_code) == (["too_long"], 200)


async def test_reminders_are_filtered(dues: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(dues, one_of_each)
    async with on_day(dues, FIRST) as desk:
        await desk.pay(THIRD)
        calls = {one["member_id"]: one["id"] for one in await desk.listed("/invoices")}
        found = {
            query: [one["member_name"] for one in await desk.listed(f"/reminders?sort=name&{query}")]
            for query in (
                f"run_id={ids['run']}",
                "level=1",
                "level=2",
                f"member_id={OWN}",
                f"invoice_id={calls[str(THIRD)]}",
                "delegation=bretagne",
                "settled=true",
                "settled=false",
                "dispatched=true",
                f"reminded_from={desk.today}&reminded_to={desk.today}",
                f"reminded_from={desk.today + timedelta(days=1)}",
                "q=001",
            )
        }
    assert list(found.values()) == [[A, C], [A, C], [], [A], [C], [C], [C], [A], [], [A, C], [], [A]]


READS = (
    "/reminders/proposals",
    "/reminders/proposals/export",
    "/reminders/gaps",
    "/reminders",
    "/reminders/export",
    "/reminders/runs",
    "/reminders/region-calls",
    "/reminder-holds",
    "/reminder-holds/export",
    "/reminders/members/{own}",
    "/reminders/calls/{call}",
    "/reminders/{reminder}",
    "/reminders/runs/{run}",
    "/reminder-holds/{hold}",
)


async def statements(desk: Desk, ids: dict[str, str]) -> dict[str, int]:
    counts = {}
    for path in READS:
        with desk.dues.statements() as sent:
            answer = await desk.ask("GET", path.format(**ids))
        assert answer.status_code == 200, answer.text
        counts[path] = len(sent)
    return counts


async def test_a_read_takes_as_many_statements_of_three_members_as_of_one(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged, range(1, 7))
    async with on_day(dues, FIRST) as desk:
        paid = [await desk.pay(UUID(int=rank)) for rank in (2, 4, 5)]
        ids = await furnished(desk)
        alone = await statements(desk, ids)
        for receipt in paid:
            seen = {"If-Match": f'"v{receipt["version"]}"'}
            path, why = f"/receipts/{receipt['id']}/cancel", {"reason": "Saisi par erreur"}
            assert (await desk.ask("POST", path, json=why, headers=seen)).status_code == 200
        await desk.sent(UUID(int=4))
        call = {"member_id": str(THIRD), "day": str(desk.today), "outcome": "no_answer"}
        assert (await desk.ask("POST", "/reminders/region-calls", json=call)).status_code == 201
        assert (await desk.place(member_id=str(THIRD))).status_code == 201
        assert len(await desk.proposals()) == 3
        assert await statements(desk, ids) == alone


async def test_a_run_takes_as_many_statements_for_three_members_as_for_one(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await call_members(dues, arranged, range(1, 6))
    async with on_day(dues, FIRST) as desk:
        with desk.dues.statements() as one:
            assert (await desk.send(OWN)).status_code == 202
        with desk.dues.statements() as others:
            assert (await desk.send(filter={})).status_code == 202
    assert len(others) == len(one)
