"""Who may do what with a request, what lists answer, and what reads cost."""

from typing import Any
from uuid import UUID

import pytest

from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from dues.reliefs.queries import exempt_years, exempted, under_study

from .solidarity import (
    BRETAGNE,
    DUE,
    LONE,
    OCCITANIE,
    OTHER,
    OWN,
    PDF,
    WHY,
    Solidarity,
    call_members,
    days_later,
    three_called,
)

PEOPLE: dict[str, tuple[str, dict[str, Any]]] = {
    "finances": ("finance", {}),
    "réseau": ("network", {}),
    "conseil": ("board", {}),
    "sa délégation": ("delegation", OCCITANIE),
    "une autre délégation": ("delegation", BRETAGNE),
    "elle-même": ("member", {"member_id": OWN}),
    "une autre structure": ("member", {"member_id": OTHER}),
}
READ = (200, 200, 200, 200, 404, 200, 404)
FINANCE_ALONE = (403, 403, 403, 403, 403, 403)
NOBODYS = UUID(int=99)
REASON = {"json": {"reason": "Essai"}}
ADVICE = {"json": {"opinion": "reserved", "text": "Essai"}}
# Each route of one request of ``OWN`` under study, and what everybody is answered.
ROUTES = [
    pytest.param("GET", "", {}, READ, id="lire"),
    pytest.param("GET", "/letter", {}, (409, 409, 409, 409, 404, 409, 404), id="la lettre"),
    pytest.param("GET", f"/attachments/{NOBODYS}", {}, (404,) * 7, id="une pièce"),
    pytest.param("POST", "/attachments", {"files": {"file": PDF}}, (201, 403, 403, 201, 404, 201, 404), id="joindre"),
    pytest.param("DELETE", f"/attachments/{NOBODYS}", {}, (404, 403, 403, 404, 404, 404, 404), id="sans pièce"),
    pytest.param("POST", "/advise", ADVICE, (403, 403, 403, 200, 404, 403, 403), id="donner un avis"),
    pytest.param("POST", "/withdraw", REASON, (200, 403, 403, 200, 404, 200, 404), id="retirer"),
    pytest.param("POST", "/decide", {}, (409, *FINANCE_ALONE), id="décider"),
    pytest.param("POST", "/revoke", REASON, (409, *FINANCE_ALONE), id="annuler une remise"),
]


async def told(now: Solidarity, method: str, path: str, **sent: Any) -> tuple[int, ...]:
    answers = [await now.ask(method, path, role, who=who, **sent) for role, who in PEOPLE.values()]
    return tuple(answer.status_code for answer in answers)


async def one_asked(dues: ServiceUnderTest) -> dict[str, Any]:
    await three_called(dues, 0)
    return await Solidarity(dues).asked()


async def one_attached(dues: ServiceUnderTest) -> tuple[dict[str, Any], str]:
    await three_called(dues, 0)
    return await Solidarity(dues).attached()


async def two_asked(dues: ServiceUnderTest) -> None:
    """The second structure asked before the first."""
    await three_called(dues, 0)
    await Solidarity(dues).asked(member_id=str(OTHER))
    await Solidarity(dues).asked()


async def three_asked(dues: ServiceUnderTest) -> None:
    """One is granted its reduction, two more are under study."""
    await three_called(dues, 10)
    now = Solidarity(dues)
    await now.granted()
    await now.asked(member_id=str(OTHER))
    await now.asked(member_id=str(LONE), asks="plan")


@pytest.mark.parametrize(("method", "path", "sent", "answers"), ROUTES)
async def test_who_may_do_what_with_a_request(
    dues: ServiceUnderTest, arranged: Arrange, method: str, path: str, sent: dict[str, Any], answers: tuple[int, ...]
) -> None:
    one, now = await arranged(dues, one_asked), Solidarity(dues)
    if path == "/decide":
        said = {"decided_by": "Bureau", "sitting_on": str(now.today), "reason": "Essai"}
        sent = {"json": {"outcome": "refusal", **said}}
    headers, preview = {"If-Match": etag(one["version"])}, {"dry_run": "true"} if method == "POST" else None
    assert await told(now, method, f"/reliefs/{one['id']}{path}", headers=headers, params=preview, **sent) == answers


TAKES_AWAY = (200, 403, 403, 200, 404, 200, 404)


@pytest.mark.parametrize(("name", "status"), list(zip(PEOPLE, TAKES_AWAY, strict=True)), ids=list(PEOPLE))
async def test_who_takes_a_document_away(dues: ServiceUnderTest, arranged: Arrange, name: str, status: int) -> None:
    one, kept = await arranged(dues, one_attached)
    now = Solidarity(dues)
    role, who = PEOPLE[name]
    answer = await now.detach(one, kept, role, who=who)
    assert answer.status_code == status, answer.text
    left = (await now.get(f"/reliefs/{one['id']}"))["attachments"]
    assert [found["id"] for found in left] == ([] if status == 200 else [kept])


async def test_who_asks_for_whom(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged, 0)
    body = {"member_id": str(OWN), "asks": "reduction", "reason": WHY}
    path = "/reliefs?dry_run=true"
    assert await told(now, "POST", path, json=body) == (201, 403, 403, 201, 404, 201, 404)
    rules = [await now.get("/reliefs/rule", role, who=who) for role, who in PEOPLE.values()]
    assert all(rule == rules[0] for rule in rules)
    assert (rules[0]["days"], rules[0]["status"]) == (15, "assumed")


async def test_each_lists_counts_exports_and_sums_what_is_within_its_reach(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged)
    own = (await now.granted(amount="300.00"))["reference"]
    other = (await now.asked(member_id=str(OTHER)))["reference"]
    seen = {}
    for name, (role, who) in PEOPLE.items():
        page = await now.get("/reliefs", role, who=who, sort="reference", total=True)
        export = (await now.ask("GET", "/reliefs/export", role, who=who)).text
        seen[name] = [one["reference"] for one in page["items"]]
        assert page["total"] == len(seen[name]) == len(export.splitlines()) - 1
        assert {one for one in (own, other) if one in export} == set(seen[name])
        assert WHY not in export
        summary = await now.get("/reliefs/summary", role, who=who)
        assert sum(line["requests"] for line in summary["lines"]) == len(seen[name])
        assert summary["granted"] == ("300.00" if own in seen[name] else "0.00")
    both = [own, other]
    assert seen == {
        "finances": both,
        "réseau": both,
        "conseil": both,
        "sa délégation": [own],
        "elle-même": [own],
        "une autre délégation": [other],
        "une autre structure": [other],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=granted", 1),
        ("status=submitted&status=advised", 2),
        ("under_study=true", 2),
        ("under_study=false", 1),
        ("asks=plan", 1),
        ("delegation=bretagne", 1),
        ("delegation=occitanie", 2),
        (f"member_id={OWN}", 1),
        ("year=2026", 3),
        ("year=2025", 0),
        ("q=SOL-", 3),
        ("q=Structure%20001", 1),
    ],
)
async def test_filters_narrow_the_list_and_the_export_alike(
    dues: ServiceUnderTest, arranged: Arrange, query: str, found: int
) -> None:
    await arranged(dues, three_asked)
    now = Solidarity(dues)
    page = (await now.ask("GET", f"/reliefs?{query}&total=true")).json()
    export = (await now.ask("GET", f"/reliefs/export?{query}")).text.splitlines()
    assert (page["total"], len(page["items"]), len(export) - 1) == (found, found, found)


@pytest.mark.parametrize(
    ("sort", "members"),
    [("name", [OWN, OTHER]), ("-name", [OTHER, OWN]), ("reference", [OTHER, OWN]), ("-reference", [OWN, OTHER])],
)
async def test_the_list_is_sorted_as_asked(
    dues: ServiceUnderTest, arranged: Arrange, sort: str, members: list[UUID]
) -> None:
    await arranged(dues, two_asked)
    listed = (await Solidarity(dues).get("/reliefs", sort=sort))["items"]
    assert [one["member_id"] for one in listed] == [str(member_id) for member_id in members]


async def test_the_summary_is_of_the_year_of_the_decision_by_delegation(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged)
    one = await now.granted(amount="300.00")
    await now.asked(member_id=str(OTHER))
    year = now.today.year
    assert (await now.get("/reliefs/summary", year=year))["lines"] == [
        line(year, "bretagne", under_study=1),
        line(year, "occitanie", reductions=1, granted="300.00"),
    ]
    assert (await now.get("/reliefs/summary", year=year - 1))["lines"] == []
    await now.act(one, "revoke", reason="Pièces fausses")
    assert (await now.get("/reliefs/summary"))["granted"] == "0.00"


def line(year: int, delegation: str, **given: Any) -> dict[str, Any]:
    none = {"requests": 1, "under_study": 0, "reductions": 0, "plans": 0, "refused": 0, "granted": "0.00"}
    return {"year": year, "delegation": delegation, **none, **given}


async def statements(now: Solidarity, one: dict[str, Any]) -> dict[str, int]:
    counts = {}
    paths = ("", "?total=true", "/export", "/summary", f"/{one['id']}", f"/{one['id']}/letter")
    async with now.dues.client("finance") as client:
        for path in paths:
            with now.dues.statements() as sent:
                assert (await client.get(f"/reliefs{path}")).status_code == 200
            counts[path] = len(sent)
    everyone = [OWN, OTHER, LONE]
    async with now.dues.runtime.database.transaction(Actor("finance", frozenset({"finance"}))) as tx:
        with now.dues.statements() as sent:
            await under_study(tx, everyone)
            await exempted(tx, everyone)
            await exempt_years(tx, [])
        counts["asked by others"] = len(sent)
    return counts


async def test_a_read_takes_as_many_statements_for_three_requests_as_for_one(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged, 20)
    one = await now.granted()
    alone = await statements(now, one)
    await now.asked(member_id=str(OTHER))
    async with days_later(dues, 16) as then:
        third = await then.asked(member_id=str(LONE), asks="plan")
        await then.act(third, "withdraw", reason="Essai")
    assert await statements(now, one) == alone
    assert (await now.call())["paid"] == DUE
