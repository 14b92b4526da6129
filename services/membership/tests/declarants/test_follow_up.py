"""A year's campaign and its follow-up: who is expected, who answered, who was called, who is excused."""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.contracts.membership import ActivityCorrected
from common.testing.harness import ServiceUnderTest
from membership.declarants.domain import Count
from membership.declarations.domain import DeclarationState, state_of

from ..declarations.test_declaring import FIGURES, declared, form, make, opened, put
from ..departures.test_departures import told
from ..members.test_dates import on
from ..members.test_register import admit, receive, structure

CAMPAIGN = "/declaration-campaigns/2025"
FOLLOW_UP = f"{CAMPAIGN}/follow-up"


@pytest.mark.parametrize(
    ("revisions", "exempt", "drafted", "state"),
    [
        (0, False, False, "not_started"),
        (0, False, True, "draft"),
        (0, True, True, "exempt"),
        (1, True, False, "declared"),
        (1, False, True, "declared"),
        (3, False, False, "corrected"),
    ],
    ids=["rien", "saisie", "dispensée", "dispensée, a déclaré", "déclarée, correction en cours", "corrigée"],
)
def test_where_a_structure_stands(revisions: int, exempt: bool, drafted: bool, state: str) -> None:
    assert state_of(revisions, exempt=exempt, drafted=drafted) is DeclarationState(state)


@pytest.mark.parametrize(
    ("count", "rate"),
    [
        pytest.param(Count(expected=543, answered=154), "28.4", id="l'enquête de 2025"),
        pytest.param(Count(expected=10, exempt=2, answered=8), "100.0", id="les dispenses se déduisent"),
        pytest.param(Count(expected=2, exempt=2), None, id="personne n'a à répondre"),
    ],
)
def test_the_rate_of_answers(count: Count, rate: str | None) -> None:
    assert (None if count.rate is None else str(count.rate)) == rate


async def member(client: httpx.AsyncClient, name: str, department: str = "31", kinds: Any = ("ai",)) -> str:
    fields = {**structure(name, department, f"{department}000"), "activities": list(kinds)}
    application = await receive(client, **fields)
    await admit(client, application, f"PV-{name}")
    return str(application["member_id"])


async def names(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get(FOLLOW_UP, params={"total": True, **params})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == len(page["items"])
    return [line["name"] for line in page["items"]]


def exported_lines(answer: httpx.Response) -> list[dict[str, str]]:
    """Read an export in CSV."""
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


async def test_a_campaign_says_who_has_not_answered(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network", "board") as client:
        lines = (await client.get(FOLLOW_UP)).json()["items"]
        assert {line["name"]: line["state"] for line in lines} == {
            "A": "declared", "B": "corrected", "C": "draft", "D": "exempt", "E": "not_started",
        }  # fmt: skip
        assert await names(client, state=["not_started", "draft"]) == ["C", "E"]
        assert await names(client, delegation="idf") == ["B", "E"]
        assert await names(client, kind="aci") == ["C"]
        assert await names(client, late=True) == []
        campaign = (await client.get(CAMPAIGN)).json()
    assert campaign["count"] == {
        "expected": 5, "exempt": 1, "answered": 2, "draft": 1, "not_started": 1, "late": 0, "rate": "50.0",
    }  # fmt: skip
    by_delegation = {code: (one["expected"], one["answered"]) for code, one in campaign["by_delegation"].items()}
    assert by_delegation == {"idf": (2, 1), "occitanie": (3, 1)}
    assert {kind: one["expected"] for kind, one in campaign["by_kind"].items()} == {"aci": 1, "ai": 5}
    assert (campaign["rule_status"], campaign["joined_by"]) == ("assumed", None)


@pytest.mark.parametrize(
    ("roles", "who", "seen"),
    [
        pytest.param(("network",), {}, ["A", "B", "C", "D", "E"], id="le réseau voit tout"),
        pytest.param(("finance",), {}, ["A", "B", "C", "D", "E"], id="les finances aussi"),
        pytest.param(("delegation",), {"delegation": "idf"}, ["B", "E"], id="une délégation voit les siennes"),
        pytest.param(("delegation",), {}, [], id="une délégation sans nom ne voit rien"),
    ],
)
async def test_each_follows_its_own_in_lists_counts_and_exports(
    membership: ServiceUnderTest, ids: dict[str, str], roles: tuple[str, ...], who: dict[str, Any], seen: list[str]
) -> None:
    async with membership.client(*roles, **who) as client:
        assert await names(client) == seen
        campaign = (await client.get(CAMPAIGN)).json()
        assert campaign["count"]["expected"] == len(seen)
        assert sum(one["expected"] for one in campaign["by_delegation"].values()) == len(seen)
        export = await client.get(f"{FOLLOW_UP}/export", params={"state": ["corrected", "not_started"]})
        lines = exported_lines(export)
        assert [line["nom"] for line in lines] == [name for name in seen if name in "BE"]
        for name, member_id in ids.items():
            answer = await client.get(f"{FOLLOW_UP}/{member_id}")
            assert answer.status_code == (200 if name in seen else 404), name


async def test_the_board_reads_the_counts_and_no_line(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("board") as client:
        assert (await client.get(CAMPAIGN)).json()["count"]["answered"] == 2
        assert (await client.get("/questionnaires/2025")).status_code == 200
        for path in (FOLLOW_UP, f"{FOLLOW_UP}/export", f"{FOLLOW_UP}/{ids['A']}", form(f"/members/{ids['A']}")):
            assert (await client.get(path)).status_code == 403, path


async def test_a_structure_knows_its_campaign_and_not_the_notes_about_it(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("member", member_id=UUID(ids["D"])) as client:
        assert (await client.get(FOLLOW_UP)).status_code == 403
        campaign = (await client.get(CAMPAIGN)).json()
        assert (campaign["count"]["expected"], campaign["allowed_actions"]) == (1, [])
        own = (await client.get(form(f"/members/{ids['D']}"))).json()
        assert (own["state"], own["exemption_reason"]) == ("exempt", "créée en 2026")


async def test_a_page_follows_another_whatever_the_order(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network", "board") as client:
        for name, day in (("E", -3), ("C", -1)):
            path = f"{FOLLOW_UP}/{ids[name]}/notes"
            noted = await client.post(path, json={"means": "call", "text": "À rappeler.", "made_on": on(day)})
            assert noted.status_code == 201, noted.text
        for sort, expected in (
            ("name", ["A", "B", "C", "D", "E"]),
            ("delegation,-name", ["E", "B", "D", "C", "A"]),
            ("last_contact_on,name", ["A", "B", "D", "E", "C"]),
            ("-last_contact_on,name", ["C", "E", "A", "B", "D"]),
        ):
            seen, cursor = [], None
            while True:
                params = {"sort": sort, "limit": 2, **({"cursor": cursor} if cursor else {})}
                page = (await client.get(FOLLOW_UP, params=params)).json()
                seen += [line["name"] for line in page["items"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
            assert seen == expected, sort


async def test_a_structure_is_found_by_its_name(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await member(client, "L'Étoile")
        await member(client, "La Cordée")
        await opened(client, 2025)
        assert await names(client, q="etoile") == ["L'Étoile"]
        assert await names(client, q="etoile verte") == []


async def test_a_delegation_notes_whom_it_called(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    path = f"{FOLLOW_UP}/{ids['E']}"
    async with membership.client("delegation", delegation="idf") as client:
        body = {"means": "call", "text": "Bilan chez l'expert-comptable jusqu'au 15."}
        await client.post(f"{path}/notes", json={**body, "made_on": on(-2)})
        noted = (await client.post(f"{path}/notes", json={"means": "mail", "text": "Rappel envoyé."})).json()
        assert [(one["means"], one["made_on"]) for one in noted["notes"]] == [("mail", on(0)), ("call", on(-2))]
        assert (noted["last_contact_on"], noted["last_contact_means"]) == (on(0), "mail")
        assert noted["allowed_actions"] == ["note", "remind"]
        early = await client.post(f"{path}/notes", json={**body, "made_on": on(1)})
        assert (early.status_code, early.json()["code"]) == (400, "note_in_future")
        assert (await client.post(f"{path}/exempt", json={"reason": "-"})).status_code == 403
        assert (await client.post(f"{FOLLOW_UP}/{ids['A']}/notes", json=body)).status_code == 404
    async with membership.client("finance") as client:
        shown = (await client.get(path)).json()
        assert (shown["notes"], shown["last_contact_on"]) == ([], on(0)), "what was said is the delegation's"


async def test_an_exemption_is_granted_once_and_taken_back_in_the_open(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network", "board") as client:
        path = f"{FOLLOW_UP}/{ids['D']}"
        twice = await client.post(f"{path}/exempt", json={"reason": "-"})
        assert (twice.status_code, twice.json()["code"]) == (409, "already_exempt")
        back = (await client.post(f"{path}/withdraw-exemption", json={"reason": "elle a des comptes"})).json()
        assert (back["state"], back["allowed_actions"]) == ("not_started", ["note", "remind", "exempt"])
        [kept] = back["exemptions"]
        assert (kept["reason"], kept["withdrawal_reason"]) == ("créée en 2026", "elle a des comptes")
        none = await client.post(f"{path}/withdraw-exemption", json={"reason": "-"})
        assert (none.status_code, none.json()["code"]) == (409, "not_exempt")
        again = (await client.post(f"{path}/exempt", json={"reason": "absorbée"})).json()
        assert [one["reason"] for one in again["exemptions"]] == ["créée en 2026", "absorbée"]
        done = await declared(client, form(f"/members/{ids['D']}"), FIGURES)
        assert done["state"] == "declared", "nothing refuses a structure's figures"


async def test_a_candidate_is_not_followed(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        candidate = (await receive(client, **structure("F")))["member_id"]
        await opened(client, 2025)
        answer = await client.post(f"{FOLLOW_UP}/{candidate}/exempt", json={"reason": "-"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_followed")


async def test_a_closed_campaign_counts_as_of_its_last_day(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    """One that leaves after is still among the expected; one that left before is not, and one that declared shows."""
    async with membership.client("network", "board") as client:
        resigned = await told(client, f"/members/{ids['E']}", notice_waived=True, effective_on=on(0))
        assert resigned.status_code == 200, resigned.text
        assert await names(client) == ["A", "B", "C", "D"]
        declared_then_left = await told(client, f"/members/{ids['A']}", notice_waived=True, effective_on=on(0))
        assert declared_then_left.status_code == 200
        [line] = [one for one in (await client.get(FOLLOW_UP)).json()["items"] if one["name"] == "A"]
        assert (line["expected"], line["state"]) == (False, "declared")
        assert (await client.get(CAMPAIGN)).json()["count"]["expected"] == 3
    async with membership.days_later(31) as later, later.client("network", "board") as client:
        closed = await client.post(f"{CAMPAIGN}/close", headers={"If-Match": '"v1"'})
        assert (closed.json()["status"], closed.json()["closed_on"]) == ("closed", on(31))
        twice = await client.post(f"{CAMPAIGN}/close", headers={"If-Match": '"v2"'})
        assert (twice.status_code, twice.json()["code"]) == (409, "declaration_campaign_closed")
    async with membership.days_later(32) as after, after.client("network", "board") as client:
        gone = await told(client, f"/members/{ids['C']}", received_on=on(32), notice_waived=True, effective_on=on(32))
        assert gone.status_code == 200, gone.text
        assert (await client.get(CAMPAIGN)).json()["count"]["expected"] == 3


async def test_a_campaign_ends_on_the_day_that_was_told(membership: ServiceUnderTest) -> None:
    """It is not closed before, and is given no end that has passed."""
    async with membership.client("network") as client:
        await opened(client, 2025, days=2)
    async with membership.days_later(2) as last_day, last_day.client("network") as client:
        shown = (await client.get(CAMPAIGN)).json()
        assert (shown["allowed_actions"], shown["blockers"]["close"][0]["code"]) == (
            ["extend"],
            "declaration_campaign_running",
        )
        early = await client.post(f"{CAMPAIGN}/close", headers={"If-Match": '"v1"'})
        assert (early.status_code, early.json()["code"]) == (409, "declaration_campaign_running")
    async with membership.days_later(10) as later, later.client("network") as client:
        body = {"closes_on": on(9), "reason": "comptes approuvés en juin"}
        past = await client.post(f"{CAMPAIGN}/extend", json=body, headers={"If-Match": '"v1"'})
        assert (past.status_code, past.json()["code"]) == (400, "closing_day_too_early")
        today = await client.post(
            f"{CAMPAIGN}/extend", json={**body, "closes_on": on(10)}, headers={"If-Match": '"v1"'}
        )
        assert (today.status_code, today.json()["closes_on"]) == (200, on(10))


async def test_a_campaign_is_extended_with_a_reason(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await opened(client, 2025, days=10)
        sooner = await client.post(
            f"{CAMPAIGN}/extend", json={"closes_on": on(10), "reason": "-"}, headers={"If-Match": '"v1"'}
        )
        assert (sooner.status_code, sooner.json()["code"]) == (400, "closing_day_too_early")
        body = {"closes_on": on(20), "reason": "comptes approuvés en juin"}
        extended = await client.post(f"{CAMPAIGN}/extend", json=body, headers={"If-Match": '"v1"'})
        assert (extended.json()["closes_on"], extended.headers["etag"]) == (on(20), '"v2"')
        assert extended.json()["extensions"][0]["reason"] == "comptes approuvés en juin"
        late = await client.post(f"{CAMPAIGN}/extend", json=body, headers={"If-Match": '"v1"'})
        assert late.status_code == 412
        assert late.json()["current"] == extended.json()


async def test_what_came_late_is_in_time_once_everybody_has_more_of_it(membership: ServiceUnderTest) -> None:
    """A declares in time, B two days late; then everybody is given a month more, and C comes after even that."""
    async with membership.client("network", "board") as client:
        ids = {name: await member(client, name) for name in "ABC"}
        await opened(client, 2024, 2025, days=2)
        await declared(client, form(f"/members/{ids['A']}"), FIGURES)
    async with membership.days_later(4) as later, later.client("network") as client:
        for year in (2024, 2025):
            await declared(client, form(f"/members/{ids['B']}", year), FIGURES)
        assert await late(client) == ["B"]
        path = form(f"/members/{ids['B']}")
        await put(client, path, {**FIGURES, "taxes@ai": "7"})
        body = {"closes_on": on(30), "reason": "comptes approuvés en juin"}
        shown = await client.post(
            f"{CAMPAIGN}/extend", params={"dry_run": True}, json=body, headers={"If-Match": '"v1"'}
        )
        assert (shown.json()["count"]["late"], await late(client)) == (0, ["B"])
        extended = await client.post(f"{CAMPAIGN}/extend", json=body, headers={"If-Match": '"v1"'})
        assert (extended.status_code, extended.json()["count"]["late"]) == (200, 0), extended.text
        assert await late(client) == []
        before = (await client.get(form(f"/members/{ids['B']}", 2024))).json()
        assert before["late"] is True, "another year's campaign was not extended"
        assert (await make(client, path, "correct", reason="oubli")).json()["late"] is False
    fact = (await membership.published())[-1]
    assert isinstance(fact, ActivityCorrected)
    assert fact.state.late is False
    async with membership.days_later(31) as after, after.client("network") as client:
        await declared(client, form(f"/members/{ids['C']}"), FIGURES)
        assert await late(client) == ["C"]


async def late(client: httpx.AsyncClient) -> list[str]:
    """Return who declared late, as the list, the count, the export and each form say alike."""
    listed = await names(client, late=True)
    assert (await client.get(CAMPAIGN)).json()["count"]["late"] == len(listed)
    lines = (await client.get(FOLLOW_UP)).json()["items"]
    forms = {line["name"]: (await client.get(form(f"/members/{line['member_id']}"))).json() for line in lines}
    assert [name for name, shown in forms.items() if shown["late"]] == listed
    exported = exported_lines(await client.get(f"{FOLLOW_UP}/export"))
    assert [line["nom"] for line in exported if line["tardive"] == "oui"] == listed
    return listed


async def test_who_declares_while_everybody_gets_more_time_is_judged_by_the_new_day(
    membership: ServiceUnderTest,
) -> None:
    async with membership.client("network", "board") as client:
        ids = [await member(client, name) for name in "ABCDEF"]
        await opened(client, 2025, days=0)
    async with membership.days_later(1) as later, later.client("network") as client:
        for member_id in ids:
            await put(client, form(f"/members/{member_id}"), FIGURES)
        body = {"closes_on": on(9), "reason": "comptes approuvés en juin"}
        extended, *made = await asyncio.gather(
            client.post(f"{CAMPAIGN}/extend", json=body, headers={"If-Match": '"v1"'}),
            *(client.post(f"{form(f'/members/{one}')}/declare", headers={"If-Match": '"v1"'}) for one in ids),
        )
        assert {answer.status_code for answer in (extended, *made)} == {200}
        assert await late(client) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"year": 2023, "closes_on": on(9)}, 404, "questionnaire_not_found", id="pas de questionnaire"),
        pytest.param(
            {"year": int(on(0)[:4]), "questionnaire": "2025", "closes_on": on(9)}, 409, "year_not_over", id="en cours"
        ),
        pytest.param({"year": 2025, "closes_on": on(-1)}, 400, "closing_day_too_early", id="un jour passé"),
        pytest.param({"year": 2024, "closes_on": on(9)}, 409, "declaration_campaign_exists", id="une seule par année"),
    ],
)
async def test_a_campaign_that_is_not_opened(
    membership: ServiceUnderTest, body: dict[str, Any], status: int, code: str
) -> None:
    async with membership.client("network") as client:
        await opened(client, 2024)
        refused = await client.post("/declaration-campaigns", json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert [one["year"] for one in (await client.get("/declaration-campaigns")).json()["items"]] == [2024]
    async with membership.client("finance") as client:
        assert (await client.post("/declaration-campaigns", json=body)).status_code == 403


async def test_campaigns_come_page_after_page_the_latest_first(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        for year in (2024, 2025):
            await opened(client, year)
        first = (await client.get("/declaration-campaigns", params={"limit": 1, "total": True})).json()
        rest = (await client.get("/declaration-campaigns", params={"cursor": first["next_cursor"]})).json()
        assert ([one["year"] for one in first["items"]], first["total"]) == ([2025], 2)
        assert ([one["year"] for one in rest["items"]], rest["next_cursor"]) == ([2024], None)
        wrong = await client.get("/declaration-campaigns", params={"sort": "status"})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "sort_unknown")
