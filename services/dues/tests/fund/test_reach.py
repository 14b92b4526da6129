"""Who may do what with the fund, what each delegation sees of it, and what reads cost."""

from typing import Any
from uuid import UUID

import pytest

from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .projects import BRETAGNE, CALL, OCCITANIE, PDF, PROJECT, Fund, day, days_later, fund, paying, two_paid

PEOPLE: dict[str, tuple[str, dict[str, Any]]] = {
    "finances": ("finance", {}),
    "réseau": ("network", {}),
    "conseil": ("board", {}),
    "sa délégation": ("delegation", OCCITANIE),
    "une autre délégation": ("delegation", BRETAGNE),
    "une structure": ("member", {"member_id": UUID(int=1)}),
}
FILE = {"files": {"file": PDF}, "data": {"kind": "support"}}
RETURN = {"amount": "1.00", "returned_on": day(0), "bank_reference": "V", "reason": "Reste"}
NOBODYS = UUID(int=7)

# Each route, and what each of those people is answered of a call that is open and of an application of Occitanie.
GENERAL = [
    pytest.param("GET", "/statement", {}, (200, 200, 200, 403, 403, 403), id="le relevé"),
    pytest.param("GET", "/movements", {}, (200, 200, 200, 403, 403, 403), id="ses lignes"),
    pytest.param("GET", "/movements/export", {}, (200, 200, 200, 403, 403, 403), id="leur export"),
    pytest.param("GET", "/schedule", {}, (200, 200, 200, 200, 200, 403), id="les versements"),
    pytest.param("GET", "/calls", {}, (200, 200, 200, 200, 200, 403), id="les appels"),
    pytest.param("POST", "/calls", {"json": CALL}, (201, 201, 403, 403, 403, 403), id="écrire un appel"),
    pytest.param("GET", "/applications", {}, (200, 200, 200, 200, 200, 403), id="les demandes"),
    pytest.param("GET", "/applications/export", {}, (200, 200, 200, 200, 200, 403), id="leur export aussi"),
]
OF_A_CALL = [
    pytest.param("GET", "", {}, (200, 200, 200, 200, 200, 403), id="lire"),
    pytest.param("PUT", "", {"json": CALL}, (409, 409, 403, 403, 403, 403), id="corriger"),
    pytest.param("DELETE", "", {}, (409, 409, 403, 403, 403, 403), id="effacer"),
    pytest.param("POST", "/open", {}, (409, 409, 403, 403, 403, 403), id="ouvrir"),
    pytest.param(
        "POST",
        "/decisions",
        {"json": {"sitting_on": day(0), "decisions": []}},
        (409, 403, 403, 403, 403, 403),
        id="décider",
    ),
    pytest.param("GET", "/summary", {}, (200, 200, 200, 403, 403, 403), id="la synthèse"),
    pytest.param("POST", "/applications", {"json": PROJECT}, (403, 403, 403, 201, 201, 403), id="demander"),
]
OF_AN_APPLICATION = [
    pytest.param("GET", "", {}, (200, 200, 404, 200, 404, 403), id="lire"),
    pytest.param("PUT", "", {"json": PROJECT}, (403, 403, 403, 200, 404, 403), id="corriger"),
    pytest.param("POST", "/submit", {}, (403, 403, 403, 409, 404, 403), id="déposer"),
    pytest.param("POST", "/withdraw", {}, (403, 403, 403, 200, 404, 403), id="retirer"),
    pytest.param("POST", "/attachments", FILE, (403, 403, 403, 201, 404, 403), id="joindre"),
    pytest.param("GET", f"/attachments/{NOBODYS}", {}, (404, 404, 404, 404, 404, 403), id="une pièce"),
    pytest.param("DELETE", f"/attachments/{NOBODYS}", {}, (403, 403, 403, 404, 404, 403), id="ôter une pièce"),
    pytest.param("GET", "/letter", {}, (409, 409, 404, 409, 404, 403), id="la lettre"),
    pytest.param("POST", "/payments", {"json": paying(1, day(0))}, (409, 403, 403, 403, 403, 403), id="verser"),
    pytest.param("POST", "/report", {"json": {"received_on": day(0)}}, (409, 403, 403, 403, 403, 403), id="bilan"),
    pytest.param("POST", "/release", {"json": {"reason": "Fin"}}, (409, 403, 403, 403, 403, 403), id="libérer"),
    pytest.param("POST", "/return", {"json": RETURN}, (409, 403, 403, 403, 403, 403), id="rendre"),
]


async def told(now: Fund, method: str, path: str, sent: dict[str, Any], version: int = 1) -> tuple[int, ...]:
    headers = {"If-Match": etag(version)}
    dry = {} if method == "GET" else {"dry_run": "true"}
    answers = [
        await now.ask(method, path, role, who=who, headers=headers, params=dry, **sent) for role, who in PEOPLE.values()
    ]
    return tuple(answer.status_code for answer in answers)


@pytest.mark.parametrize(("method", "path", "sent", "answers"), GENERAL)
async def test_who_reads_the_fund_and_writes_its_calls(
    dues: ServiceUnderTest, method: str, path: str, sent: dict[str, Any], answers: tuple[int, ...]
) -> None:
    assert await told(Fund(dues), method, path, sent) == answers


async def call_opened(dues: ServiceUnderTest) -> dict[str, Any]:
    await two_paid(dues)
    return await Fund(dues).call()


async def one_submitted(dues: ServiceUnderTest) -> dict[str, Any]:
    return await Fund(dues).application(await call_opened(dues))


@pytest.mark.parametrize(("method", "path", "sent", "answers"), OF_A_CALL)
async def test_who_may_do_what_with_a_call(
    dues: ServiceUnderTest, arranged: Arrange, method: str, path: str, sent: dict[str, Any], answers: tuple[int, ...]
) -> None:
    call = await arranged(dues, call_opened)
    assert await told(Fund(dues), method, f"/calls/{call['id']}{path}", sent, call["version"]) == answers


@pytest.mark.parametrize(("method", "path", "sent", "answers"), OF_AN_APPLICATION)
async def test_who_may_do_what_with_an_application(
    dues: ServiceUnderTest, arranged: Arrange, method: str, path: str, sent: dict[str, Any], answers: tuple[int, ...]
) -> None:
    one = await arranged(dues, one_submitted)
    assert await told(Fund(dues), method, f"/applications/{one['id']}{path}", sent, one["version"]) == answers


async def seen(now: Fund) -> dict[str, list[str]]:
    """What each of those people sees of the applications, by delegation and state."""
    found = {}
    for name, (role, who) in list(PEOPLE.items())[:-1]:
        page = await now.get("/applications", role, who=who, sort="delegation", total=True)
        export = (await now.ask("GET", "/applications/export", role, who=who)).text.splitlines()
        assert page["total"] == len(page["items"]) == len(export) - 1
        found[name] = [f"{one['delegation']} {one['status']}" for one in page["items"]]
    return found


async def test_the_board_reads_what_was_submitted_once_the_call_is_closed(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        await now.application(call)
        await now.application(call, BRETAGNE, submitted=False)
        submitted, draft = ["occitanie submitted"], ["bretagne draft"]
        whole = {"finances": submitted, "réseau": submitted, "sa délégation": submitted, "une autre délégation": draft}
        assert await seen(now) == {**whole, "conseil": []}
        assert (await now.get(f"/calls/{call['id']}", "board"))["totals"] is None
    async with days_later(dues, 10) as then:
        assert await seen(then) == {**whole, "conseil": submitted}
        assert (await then.get(f"/calls/{call['id']}", "board"))["totals"]["asked"] == "80.00"
        assert (await then.get(f"/calls/{call['id']}", "delegation", who=OCCITANIE))["totals"] is None


async def test_who_bears_two_roles_reads_as_both(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        await now.application(call, submitted=False)
        await now.application(call, BRETAGNE)
        page = await now.get("/applications", "delegation", "network", who=OCCITANIE, sort="delegation")
        assert [one["status"] for one in page["items"]] == ["submitted", "draft"]
        assert ["withdraw" in one["allowed_actions"] for one in page["items"]] == [False, True]


async def test_a_delegation_that_its_token_does_not_name_asks_for_nothing(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(dues, arranged) as now:
        path = f"/calls/{(await now.call())['id']}/applications"
        answer = await now.ask("POST", path, "delegation", json=PROJECT)
        assert (answer.status_code, answer.json()["code"]) == (403, "fund_delegation_missing")


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        pytest.param(
            "/applications",
            {
                "year=2026": 2,
                "year=2025": 0,
                "delegation=bretagne": 1,
                "status=awarded": 1,
                "status=awarded&status=submitted": 2,
                "unpaid=true": 1,
                "unpaid=false": 1,
                "q=commun": 2,
                "q=00002": 1,
                f"call_id={NOBODYS}": 0,
                "sort=-asked": 2,
                "sort=title": 2,
            },
            id="les demandes",
        ),
        pytest.param(
            "/movements",
            {
                "kind=received": 2,
                "kind=committed&kind=paid": 2,
                "source_kind=award": 2,
                "delegation=occitanie": 2,
                f"source_id={NOBODYS}": 0,
                f"day_from={day(10)}": 2,
                f"day_to={day(0)}": 2,
                "q=PRJ": 2,
                "q=structure 002": 1,
                "sort=piece": 4,
                "sort=-amount": 4,
            },
            id="les lignes",
        ),
    ],
)
async def test_a_list_and_its_export_are_filtered_alike(
    dues: ServiceUnderTest, arranged: Arrange, path: str, queries: dict[str, int]
) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        first = await now.application(call)
        await now.application(call, BRETAGNE)
    async with days_later(dues, 10) as then:
        await then.act(await then.awarded(call, first), "payments", **paying(1, day(10)))
        listed = {one: len((await then.get(f"{path}?{one}"))["items"]) for one in queries}
        assert listed == queries
        unsorted = {one: count for one, count in queries.items() if not one.startswith("sort")}
        exports = {one: (await then.ask("GET", f"{path}/export?{one}")).text for one in unsorted}
        assert {one: len(export.splitlines()) - 1 for one, export in exports.items()} == unsorted
        page = await then.get(f"{path}?limit=1")
        assert len((await then.get(f"{path}?cursor={page['next_cursor']}"))["items"]) == max(queries.values()) - 1


async def test_calls_are_filtered_by_the_state_of_the_day(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        await now.call(opened=False, title="Brouillon")
        await now.call(title="Ouvert", envelope="10.00", max_award=None)
        await now.call(title="Annoncé", envelope="10.00", max_award=None, opens_on=day(2), closes_on=day(20))
        states = {"state=draft": 1, "state=open": 1, "state=announced": 1, "state=open&state=draft": 2, "q=nonc": 1}
        assert {one: len((await now.get(f"/calls?{one}"))["items"]) for one in states} == states
    async with days_later(dues, 10) as then:
        states = {"state=closed": 1, "state=open": 1, "state=decided": 0, "year=2026": 3, "year=2027": 0}
        assert {one: len((await then.get(f"/calls?{one}"))["items"]) for one in states} == states


async def test_a_read_takes_as_many_statements_of_three_as_of_one(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        small = {"asked": "20.00", "costs": [{"label": "Animation", "amount": "140.00"}]}
        ones = [await now.application(call, **small)]
        paths = ["/statement", "/movements", "/movements/export", "/calls", f"/calls/{call['id']}", "/applications"]
        paths += ["/applications/export", f"/applications/{ones[0]['id']}", f"/calls/{call['id']}/summary"]
        alone = [await statements(now, path) for path in paths]
        await now.call(envelope="10.00", max_award=None)
        await now.call(opened=False)
        ones += [await now.application(call, who, **small) for who in (OCCITANIE, BRETAGNE)]
        assert [await statements(now, path) for path in paths] == alone
    async with days_later(dues, 10) as then:
        await then.decide(call, *({"application_id": one["id"], "amount": "20.00"} for one in ones))
        assert [await statements(then, path) for path in paths] == alone


async def statements(now: Fund, path: str) -> int:
    with now.dues.statements() as sent:
        assert (await now.ask("GET", path)).status_code == 200
    return len(sent)
