"""Who may do what with a plan, what lists answer, and what reads cost."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from dues.plans.queries import running_instalments, running_plans_of

from ..campaigns.test_campaign import joined, open_campaign, run
from ..receipts.desk import TODAY
from .conftest import OTHER, OWN, Finance

PEOPLE: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "finances": (("finance",), {}),
    "réseau": (("network",), {}),
    "conseil": (("board",), {}),
    "sa délégation": (("delegation",), {"delegation": "occitanie"}),
    "une autre délégation": (("delegation",), {"delegation": "bretagne"}),
    "elle-même": (("member",), {"member_id": OWN}),
    "une autre structure": (("member",), {"member_id": OTHER}),
}
WHY = {"reason": "Essai"}
AMENDMENT = {**WHY, "schedule": {"count": 2, "first_on": TODAY}}
READ = (200, 200, 200, 200, 404, 200, 404)
FINANCE_ALONE = (403, 403, 403, 403, 403, 403)
# Each route of one plan, and what everybody is answered: the plan of ``OWN``.
ROUTES = [
    pytest.param("GET", "", None, READ, id="lire"),
    pytest.param("GET", "/pdf", None, READ, id="imprimer"),
    pytest.param("POST", "/amend", AMENDMENT, (200, *FINANCE_ALONE), id="modifier"),
    pytest.param("POST", "/break", WHY, (409, *FINANCE_ALONE), id="constater la rupture"),
    pytest.param("POST", "/end", WHY, (200, *FINANCE_ALONE), id="arrêter"),
]


async def asked(dues: ServiceUnderTest, who: str, method: str, path: str, **sent: Any) -> httpx.Response:
    roles, claims = PEOPLE[who]
    async with dues.client(*roles, **claims) as client:
        return await client.request(method, f"/plans{path}", **sent)


@pytest.mark.parametrize(("method", "path", "body", "answers"), ROUTES)
async def test_who_may_do_what_with_a_plan(
    finance: Finance, method: str, path: str, body: dict[str, Any] | None, answers: tuple[int, ...]
) -> None:
    plan = await finance.agree(2)
    sent: dict[str, Any] = {"headers": {"If-Match": etag(1)}, "params": {"dry_run": "true"}, "json": body}
    told = {}
    for who in PEOPLE:
        answer = await asked(finance.dues, who, method, f"/{plan['id']}{path}", **(sent if body else {}))
        told[who] = answer.status_code
    assert told == dict(zip(PEOPLE, answers, strict=True))


async def test_only_finance_agrees_a_plan_and_whoever_reads_reads_the_rule(finance: Finance) -> None:
    body = finance.asked(2)
    agreeing = {who: (await asked(finance.dues, who, "POST", "?dry_run=true", json=body)).status_code for who in PEOPLE}
    assert agreeing == {who: 201 if who == "finances" else 403 for who in PEOPLE}
    rules = [(await asked(finance.dues, who, "GET", "/limits")).json() for who in PEOPLE]
    assert all(rule == rules[0] for rule in rules)
    assert (rules[0]["most_instalments"], rules[0]["least_amount"], rules[0]["status"]) == (12, "50.00", "assumed")


async def test_each_lists_counts_and_exports_what_is_within_its_reach(finance: Finance) -> None:
    own = (await finance.agree(2))["reference"]
    other = (await finance.agree(2, member_id=str(OTHER)))["reference"]
    both, seen = [other, own], {}
    for who in PEOPLE:
        page = (await asked(finance.dues, who, "GET", "?total=true&sort=-reference")).json()
        seen[who] = [plan["reference"] for plan in page["items"]]
        assert page["total"] == len(seen[who])
        export = (await asked(finance.dues, who, "GET", "/export")).text
        assert {reference for reference in both if reference in export} == set(seen[who])
    assert seen == {
        "finances": both,
        "réseau": both,
        "conseil": both,
        "sa délégation": [own],
        "une autre délégation": [other],
        "elle-même": [own],
        "une autre structure": [other],
    }
    [mine] = (await asked(finance.dues, "elle-même", "GET", "")).json()["items"]
    assert (mine["allowed_actions"], mine["blockers"]) == (["download"], {})


async def test_the_list_is_filtered_sorted_and_paged(finance: Finance) -> None:
    first = await finance.agree(2)
    second = await finance.agree(1, member_id=str(OTHER), first_on=finance.months_on(2))
    await finance.enter("800.00", member_id=str(OTHER))
    [call] = first["schedule"]["calls"]
    one, two = first["reference"], second["reference"]
    wanted = {
        "sort=reference": [one, two],
        "sort=-name": [two, one],
        "sort=agreed_on": [one, two],
        "state=running": [one],
        "state=kept": [two],
        "state=broken&state=ended": [],
        f"member_id={OTHER}": [two],
        f"invoice_id={call['invoice_id']}": [one],
        "delegation=bretagne": [two],
        "late=true": [],
        "late=false&sort=reference": [one, two],
        "broken_proposed=false&sort=reference": [one, two],
        "q=002 ges": [two],
        f"q={one}": [one],
    }
    assert {query: await finance.listed(query) for query in wanted} == wanted
    page = (await finance.client.get("/plans?limit=1&sort=reference")).json()
    rest = (await finance.client.get(f"/plans?limit=1&sort=reference&cursor={page['next_cursor']}")).json()
    assert [plan["reference"] for plan in (*page["items"], *rest["items"])] == [one, two]
    await finance.to_plan(first, "end", reason="Prêt obtenu")
    assert await finance.listed("state=ended") == [one]
    export = (await finance.client.get("/plans/export?state=ended")).text
    assert one in export
    assert "Prêt obtenu" in export
    assert two not in export
    assert (await finance.client.get("/plans?sort=left")).json()["code"] == "sort_unknown"


async def test_the_filter_of_late_plans_counts_as_the_plans_do(finance: Finance) -> None:
    cheque = await finance.enter("100.00", method="cheque", cheque_number="1", cheque_bank="B")
    await finance.agree(4, schedule={"count": 4, "first_on": TODAY, "every_months": 1})
    call = (await finance.calls())["1"]["id"]
    acts: list[Callable[[], Any]] = [
        lambda: finance.enter("175.00"),
        lambda: finance.credit(call, "200.00"),
        lambda: finance.done(cheque, "return", reason="AM04", returned_on=TODAY),
        lambda: finance.enter("175.00"),
        lambda: finance.enter("150.00"),
    ]
    seen = [await late_on(finance, days) for days in (0, 1, 40, 100)]
    for act in acts:
        await act()
        seen += [await late_on(finance, days) for days in (0, 1, 40, 100)]
    assert all(filtered == told for filtered, told in seen)
    assert {told for _, told in seen} == {(False, False), (True, False), (True, True)}


async def late_on(finance: Finance, days: int) -> tuple[tuple[bool, bool], tuple[bool, bool]]:
    """Return whether the lists of late plans name the only one, and whether it says so itself."""
    async with finance.dues.days_later(days) as later, later.client("finance") as client:
        then = Finance(later, client)
        [plan] = (await client.get("/plans")).json()["items"]
        filtered = (bool(await then.listed("late=true")), bool(await then.listed("broken_proposed=true")))
        return filtered, (plan["late_since"] is not None, plan["broken_proposed"])


async def test_a_read_takes_as_many_statements_of_three_plans_as_of_one(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ges"), joined(2, "ges"), joined(3, "ges"))
    async with dues.client("finance") as client:
        await run(dues, client, (await open_campaign(client))["id"])
        finance = Finance(dues, client)
        plan = await finance.agree(4)
        paths = ("", "/export", f"/{plan['id']}", f"/{plan['id']}/pdf", "?late=false&state=running")
        alone = [await statements(dues, client, path) for path in paths]
        for rank in (2, 3):
            await finance.agree(4, member_id=str(UUID(int=rank)))
        await finance.to_plan(plan, "amend", **AMENDMENT)
        assert [await statements(dues, client, path) for path in paths] == alone
        calls = [UUID(call["id"]) for call in (await finance.calls()).values()]
    assert await counted(dues, calls) == await counted(dues, calls[:1]) == (2, 2)


async def statements(dues: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> int:
    with dues.statements() as sent:
        answer = await client.get(f"/plans{path}")
        assert answer.status_code == 200, answer.text
    return len(sent)


async def counted(dues: ServiceUnderTest, calls: list[UUID]) -> tuple[int, int]:
    """Return how many statements take the reads that other capabilities make."""
    async with dues.runtime.database.reading(Actor("test")) as read:
        with dues.statements() as of_instalments:
            await running_instalments(read, due_by=read.today, member_ids=[OWN, OTHER][: len(calls)])
        with dues.statements() as of_plans:
            await running_plans_of(read, calls)
    return len(of_instalments), len(of_plans)
