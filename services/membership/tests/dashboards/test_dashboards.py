"""The dashboards: every figure counts exactly the rows of the list that it names, for whoever reads it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import event

from common.contracts.dues import DuesInvoiced, InvoiceState
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.members.domain import ActivityKind

from ..accompaniments.test_catalogue import offered, opened
from ..assessments.test_alone import submitted
from ..bookings.test_bookings import booked
from ..declarants.test_follow_up import member
from ..declarations.test_declaring import FIGURES, declared, form
from ..encounters.test_encounters import year_of
from ..interviews.test_interviews import held
from ..members.test_dates import TODAY, enter, on
from ..members.test_register import receive, structure
from ..members.test_standing import stands
from ..next_steps.test_next_steps import id_of, step
from ..renewals.test_renewals import OCTOBER, at
from ..renewals.test_renewals import opened as renewal
from ..satisfaction.test_satisfaction import opinion
from ..sittings.test_minutes import act
from ..support_requests.test_support import fact, request

ROOT = "/membership/v1"
TOLD = ("up_to_date", "grace", "overdue", "plan", "exempt", "unknown")
ACCOMPANIED = ("slots", "booked", "held", "structures", "answers")
ALWAYS = {
    *(f"members.{status}" for status in ("active", "suspended", "candidate")),
    *(f"members.kind.{kind}" for kind in ActivityKind),
    *(f"encounters.{code}" for code in ("to_meet", "met", "not_met", "by_interview", "by_meeting")),
    "next_steps.open", "next_steps.overdue", "dues.called", "dues.not_called", "applications.without_opinion",
    *(f"dues.{code}" for code in TOLD),
    "measures.open", "support.open", "support.late", "assessments.cap", "assessments.cap-rse",
    *(f"accompaniments.{code}" for code in ACCOMPANIED),
}  # fmt: skip
IN_SEASON = {"declarations.answered", "declarations.missing", "declarations.exempt", "renewals.not_informed"}


async def a_busy_year(membership: ServiceUnderTest) -> None:
    """Something to count in each figure that an ordinary day has, some of it where no delegation is."""
    async with membership.client("network", "board") as client:
        ids = await year_of(client)
        await member(client, "X", "77", kinds=("etti", "ai"))
        await receive(client, **structure("F"))
        await receive(client, **structure("Sans délégation", "67", "67000"))
        interview = id_of(await held(client, ids["A"]))
        await step(client, interview_id=interview, due_on=on(-1))
        await step(client, interview_id=interview)
        measure = {"kind": "suspension", "grounds": "Part fixe impayée."}
        etag = (await client.get(f"/members/{ids['C']}")).headers["etag"]
        opened_one = await client.post(f"/members/{ids['C']}/measures", json=measure, headers={"If-Match": etag})
        assert opened_one.status_code == 201, opened_one.text
        await request(client, ids["A"])
    long_ago = TODAY - timedelta(days=30)
    await membership.receive(fact(ids["H"], asked_on=long_ago), fact(str(uuid4()), asked_on=long_ago))
    await membership.receive(called(UUID(ids["A"])), called(UUID(ids["B"])), stands(ids["A"], "overdue"))
    async with membership.client("member", member_id=UUID(ids["A"])) as own:
        await submitted(own)
        await submitted(own, "cap-rse-2026")


def called(member_id: UUID) -> DuesInvoiced:
    state = InvoiceState(
        id=uuid4(),
        number="COT-1",
        member_id=member_id,
        year=TODAY.year,
        status="issued",
        total=Decimal("800.00"),
        issued_on=TODAY,
        due_on=TODAY,
    )
    return DuesInvoiced(state=state, campaign_id=uuid4(), shares=())


async def reads(client: httpx.AsyncClient, figure: dict[str, Any]) -> int:
    assert figure["list"].startswith(f"{ROOT}/")
    separator = "&" if "?" in figure["list"] else "?"
    answer = await client.get(f"{figure['list'].removeprefix(ROOT)}{separator}total=true&limit=1")
    assert answer.status_code == 200, (figure["code"], figure["list"], answer.text)
    return int(answer.json()["total"])


async def hold_together(client: httpx.AsyncClient, figures: list[dict[str, Any]]) -> None:
    for figure in figures:
        assert await reads(client, figure) == figure["value"], figure
        assert figure["definition"].endswith(".")


def values(dashboard: dict[str, Any]) -> dict[str, int]:
    return {figure["code"]: figure["value"] for figure in dashboard["figures"]}


async def test_every_figure_is_the_total_of_its_list(membership: ServiceUnderTest, arranged: Arrange) -> None:
    await arranged(membership, a_busy_year)
    async with membership.client("network") as client:
        shown = (await client.get("/dashboards")).json()
        by_code = {one["delegation"]: one for one in shown["items"]}
        assert (len(by_code), shown["year"]) == (14, TODAY.year)
        assert set(values(shown["total"])) == ALWAYS
        for dashboard in (shown["total"], by_code["occitanie"], by_code["idf"], by_code["bretagne"]):
            await hold_together(client, dashboard["figures"])
        assert [code for code, value in values(shown["total"]).items() if value == 0] == [
            "members.suspended",
            *(f"members.kind.{kind}" for kind in ActivityKind if kind not in ("ai", "etti")),
            *(f"dues.{code}" for code in TOLD if code not in ("overdue", "unknown")),
            *(f"accompaniments.{code}" for code in ACCOMPANIED),
        ]
        occitanie, idf = values(by_code["occitanie"]), values(by_code["idf"])
        assert (occitanie["encounters.met"], occitanie["encounters.to_meet"], idf["encounters.met"]) == (3, 6, 1)
        assert (occitanie["support.open"], occitanie["support.late"], idf["support.late"]) == (1, 0, 1)
        assert values(shown["total"])["support.open"] == 3, "the one that is to be placed counts too"
        assert (occitanie["next_steps.open"], occitanie["next_steps.overdue"]) == (2, 1)
        assert values(shown["total"])["members.active"] == occitanie["members.active"] + idf["members.active"]
        assert values(shown["total"])["members.candidate"] == occitanie["members.candidate"] + 1
        alone = (await client.get("/dashboards/occitanie")).json()
        assert alone == by_code["occitanie"]


async def test_the_figures_of_a_season_are_those_of_their_lists(membership: ServiceUnderTest) -> None:
    """In October the renewal of the next year informs, and the campaign on last year's accounts has been held."""
    async with at(membership, OCTOBER) as client:
        ids = {name: await member(client, name) for name in "ABCD"}
        await member(client, "H", "77")
        accounts = OCTOBER.year - 1
        closes_on = (OCTOBER + timedelta(days=30)).isoformat()
        campaign = {"year": accounts, "questionnaire": "2025"}
        opened = await client.post("/declaration-campaigns", json={**campaign, "closes_on": closes_on})
        assert opened.status_code == 201, opened.text
        await declared(client, form(f"/members/{ids['A']}", accounts), FIGURES)
        excused = f"/declaration-campaigns/{accounts}/follow-up/{ids['B']}/exempt"
        await client.post(excused, json={"reason": "créée cette année"})
        await renewal(client)
        shown = (await client.get("/dashboards")).json()
        assert set(values(shown["total"])) == ALWAYS | IN_SEASON
        occitanie = next(one for one in shown["items"] if one["delegation"] == "occitanie")
        season = {code: value for code, value in values(occitanie).items() if code in IN_SEASON}
        assert season == {
            "declarations.answered": 1, "declarations.missing": 2, "declarations.exempt": 1, "renewals.not_informed": 4,
        }  # fmt: skip
        for dashboard in (shown["total"], occitanie):
            await hold_together(client, [one for one in dashboard["figures"] if one["code"] in IN_SEASON])


async def test_accompaniments_count_where_the_structure_was_when_it_booked(membership: ServiceUnderTest) -> None:
    """What a delegation did stays its own, in its dashboard as in the figures of the year, when a structure leaves."""
    year = int(on(2)[:4])
    async with membership.client("network", "board") as network:
        ids = {
            name: await member(network, name, department)
            for name, department in (("A", "31"), ("B", "31"), ("C", "77"))
        }
        offer, general = await offered(network), await offered(network, None, kind="zest")
        [slot], [dropped], [open_one] = [
            await opened(network, offer, 2, begins=f"{hour}:00", ends=f"{hour + 1}:00", capacity=3)
            for hour in (10, 12, 14)
        ]
        [other] = await opened(network, general, 2, begins="16:00", ends="17:00", capacity=3)
        paths = [await booked(network, slot, ids[name]) for name in "AB"]
        paths += [await booked(network, other, ids[name]) for name in "AC"]
        absent = await booked(network, open_one, ids["B"], allowance_reason="Épreuve")
        given_up = await booked(network, dropped, ids["B"], allowance_reason="Épreuve")
        await act(network, f"/accompaniment-slots/{dropped['id']}", "POST", "cancel", reason="Malade")
        assert (await network.get(given_up)).json()["state"] == "cancelled"
    async with membership.days_later(3) as later:
        async with later.client("network", "board") as network:
            for path in paths:
                assert (await act(network, path, "POST", "hold")).status_code == 200
            await act(network, absent, "POST", "absent")
            await enter(network, f"/members/{ids['A']}", topic="delegation", code="idf", reason="groupe")
            async with later.client("member", member_id=UUID(ids["A"])) as own:
                for path in (paths[0], paths[2]):
                    assert (await own.post(f"{path}/satisfaction", json=opinion())).status_code == 201
            shown = (await network.get("/dashboards", params={"year": year})).json()
            figures = (await network.get("/accompaniment-satisfaction/figures", params={"year": year})).json()["items"]
            by_code = {one["delegation"]: one for one in shown["items"]}
            boards = {"total": shown["total"], **{code: by_code[code] for code in ("occitanie", "idf")}}
            for board in boards.values():
                await hold_together(network, [one for one in board["figures"] if one["group"] == "accompaniments"])
            counted = {
                code: [values(board)[f"accompaniments.{one}"] for one in ACCOMPANIED] for code, board in boards.items()
            }
            assert counted == {"total": [3, 5, 4, 3, 2], "occitanie": [2, 4, 3, 2, 2], "idf": [0, 1, 1, 1, 0]}
            assert {one["delegation"]: one["held"] for one in figures if one["kind"] == "zest"} == {
                None: 2,
                "occitanie": 1,
                "idf": 1,
            }
            structures = await network.get("/accompaniment-bookings", params={"once": True, "state": "held"})
            assert sorted(one["name"] for one in structures.json()["items"]) == ["A", "B", "C"]
        async with later.client("delegation", delegation="occitanie") as client:
            own_board = (await client.get("/dashboards/occitanie", params={"year": year})).json()
            await hold_together(client, own_board["figures"])
            answers = (await client.get("/accompaniment-satisfaction/answers", params={"year": year})).json()["items"]
            assert {tuple(sorted(one)) for one in answers} == {
                ("accompaniment_id", "delegation", "kind", "kind_label", "year")
            }
        async with later.client("delegation", delegation="bretagne") as client:
            assert (await client.get("/accompaniment-satisfaction/answers")).json()["items"] == []
        async with later.client("member", member_id=UUID(ids["A"])) as client:
            assert (await client.get("/accompaniment-satisfaction/answers")).status_code == 403


async def test_a_delegation_reads_its_own_dashboard_and_its_lists(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    await arranged(membership, a_busy_year)
    async with membership.client("network", "board") as network:
        everything = (await network.get("/dashboards/idf")).json()
    async with membership.client("delegation", delegation="idf") as client:
        shown = (await client.get("/dashboards")).json()
        assert ([one["delegation"] for one in shown["items"]], shown["total"]) == (["idf"], None)
        assert shown["items"][0] == everything
        await hold_together(client, shown["items"][0]["figures"])
        hidden = await client.get("/dashboards/occitanie")
        assert (hidden.status_code, hidden.json()["code"]) == (404, "delegation_not_found")
    async with membership.client("delegation") as client:
        assert (await client.get("/dashboards")).json()["items"] == []
    for role in ("board", "finance", "member"):
        async with membership.client(role) as client:
            for path in ("/dashboards", "/dashboards/idf"):
                assert (await client.get(path)).status_code == 403, (role, path)


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        pytest.param({"year": TODAY.year + 1}, 400, "year_not_begun", id="une année à venir"),
        pytest.param({"year": 1999}, 422, None, id="une année d'avant"),
    ],
)
async def test_a_year_that_has_no_dashboard(
    membership: ServiceUnderTest, params: dict[str, Any], status: int, code: str | None
) -> None:
    async with membership.client("network") as client:
        refused = await client.get("/dashboards", params=params)
        assert (refused.status_code, refused.json().get("code") if code else None) == (status, code)
        assert (await client.get("/dashboards/nulle-part")).json()["code"] == "delegation_not_found"


async def test_all_dashboards_take_one_query_a_figure(membership: ServiceUnderTest) -> None:
    """Not one a delegation: with 14 of them there are no more queries than figures."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    engine = membership.runtime.database.engine.sync_engine
    async with membership.client("network") as client:
        event.listen(engine, "before_cursor_execute", note)
        try:
            shown = (await client.get("/dashboards")).json()
        finally:
            event.remove(engine, "before_cursor_execute", note)
    counts = [one for one in asked if "GROUP BY" in one]
    assert len(counts) == len(shown["total"]["figures"])
    assert len(asked) <= len(counts) + 3  # the transaction's own, the campaign, the renewal
