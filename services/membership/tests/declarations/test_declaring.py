"""A structure's form through the API: filled over days, declared once, corrected with a reason."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.contracts.membership import ActivityCorrected, ActivityDeclared, DeclarationState, FigureName
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by
from ..departures.test_departures import joined
from ..members.test_dates import enter, on
from ..members.test_register import receive, structure

FIGURES = {
    "total_operating_income": "748664.00",
    "turnover@ai": "612400.50",
    "charges@ai": "700000",
    "headcount_permanent@ai": "9",
    "headcount_pathway@ai": "164",
}


def figures(given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Read « code@activity » as the API does."""
    parts = ((*name.partition("@")[::2], value) for name, value in given.items())
    return [{"code": code, "activity": activity or None, "value": value} for code, activity, value in parts]


async def opened(client: httpx.AsyncClient, *years: int, days: int = 30) -> None:
    for year in years:
        answer = await client.post("/declaration-campaigns", json={"year": year, "closes_on": on(days)})
        assert answer.status_code == 201, answer.text


async def put(
    client: httpx.AsyncClient, path: str, given: Mapping[str, str], *, etag: str | None = None, **body: Any
) -> httpx.Response:
    """Save a draft, in the version that stands unless another is said."""
    seen = etag or (await client.get(path)).headers["etag"]
    json = {"figures": figures(given), **body}
    return await client.put(f"{path}/draft", json=json, headers={"If-Match": seen})


async def make(client: httpx.AsyncClient, path: str, act: str = "declare", **body: Any) -> httpx.Response:
    seen = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/{act}", json=body or None, headers={"If-Match": seen})


async def declared(client: httpx.AsyncClient, path: str, given: Mapping[str, str], **body: Any) -> dict[str, Any]:
    saved = await put(client, path, given, **body)
    assert saved.status_code == 200, saved.text
    answer = await make(client, path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def form(path: str, year: int = 2025) -> str:
    return f"{path}/declarations/{year}"


async def test_an_accountant_fills_the_form_over_days_and_declares(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as network:
        await opened(network, 2025)
    member = UUID(path.rpartition("/")[2])
    async with membership.client("member", member_id=member) as client:
        empty = await client.get(form(path))
        assert (empty.json()["id"], empty.json()["state"], empty.headers["etag"]) == (None, "not_started", '"v0"')
        assert empty.json()["activities"] == ["ai"]
        assert empty.json()["blockers"]["declare"][0]["code"] == "nothing_drafted"
        begun = (await put(client, form(path), {"turnover@ai": "612400.5"})).json()
        assert (begun["state"], begun["version"], begun["allowed_actions"]) == (
            "draft",
            1,
            ["save_draft", "drop_draft"],
        )
        [turnover] = [one for one in begun["figures"] if one["code"] == "turnover"]
        assert (turnover["value"], turnover["label"]) == ("612400.50", "Chiffre d'affaires (AI)")
        missing = {(one["code"], one["figures"][0]["code"]) for one in begun["findings"]}
        expected = {"total_operating_income", "charges", "headcount_permanent", "headcount_pathway"}
        assert missing == {("missing", code) for code in expected}
        early = await make(client, form(path))
        assert (early.status_code, early.json()["code"]) == (409, "findings_outstanding")
        assert len(early.json()["findings"]) == len(early.json()["errors"]) == 4
    async with membership.days_later(3) as later, later.client("member", member_id=member) as client:
        done = await declared(client, form(path), FIGURES)
    assert (done["state"], done["late"], done["draft"], done["findings"]) == ("declared", False, None, [])
    assert [revision["number"] for revision in done["revisions"]] == [1]
    fact = (await membership.published())[-1]
    assert isinstance(fact, ActivityDeclared)
    assert isinstance(fact.state, DeclarationState)
    assert (fact.state.member_id, fact.state.year, fact.state.revision) == (member, 2025, 1)
    assert f"{fact.state.total_operating_income:f}" == "748664.00"
    assert [(one.code, one.activity) for one in fact.state.figures[:2]] == [
        ("total_operating_income", None),
        ("turnover", "ai"),
    ]


async def test_a_correction_keeps_what_was_declared_and_says_what_changed(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    path = form(*await arranged(membership, admitted_by, joined, "A"))
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        early = await make(client, path, "correct", reason="-")
        assert (early.status_code, early.json()["code"]) == (409, "not_declared")
        await declared(client, path, FIGURES)
        again = await make(client, path)
        assert (again.status_code, again.json()["code"]) == (409, "already_declared")
        nothing = await make(client, path, "correct", reason="-")
        assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_drafted")
        same = (await put(client, path, FIGURES)).json()
        assert (same["state"], same["blockers"]["correct"][0]["code"]) == ("declared", "nothing_changed")
        await put(client, path, {**FIGURES, "total_operating_income": "751164.00", "taxes@ai": "1200"})
        answer = await make(client, path, "correct", reason="subvention reçue en janvier")
    assert answer.status_code == 200, answer.text
    corrected = answer.json()
    first, second = corrected["revisions"]
    assert (corrected["state"], first["changes"], second["reason"]) == ("corrected", [], "subvention reçue en janvier")
    assert [(one["label"], one["before"], one["after"]) for one in second["changes"]] == [
        ("Total des produits d'exploitation", "748664.00", "751164.00"),
        ("Impôts, taxes et cotisations (AI)", None, "1200.00"),
    ]
    fact = (await membership.published())[-1]
    assert isinstance(fact, ActivityCorrected)
    assert (fact.state.revision, fact.previous_revision) == (2, 1)
    assert fact.changed == (
        FigureName(code="total_operating_income", activity=None),
        FigureName(code="taxes", activity="ai"),
    )
    assert "subvention" not in fact.model_dump_json()


async def test_last_year_is_shown_and_never_declared_for_this_one(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """The version of 2024 asks for the subsidies of all local authorities at once, that of 2025 for two of them."""
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await opened(client, 2024, 2025)
        await declared(client, form(path, 2024), {**FIGURES, "subsidies_local@ai": "3000", "subsidies_esf@ai": "500"})
        shown = (await client.get(form(path))).json()
        previous = {one["code"]: one["previous"] for one in shown["figures"] if one["previous"]}
        assert previous["turnover"] == {"value": "612400.50", "year": 2024, "revision": 1}
        assert "subsidies_esf" in previous
        assert "subsidies_local" not in {one["code"] for one in shown["figures"]}
        assert {one["value"] for one in shown["figures"]} == {None}
        await put(client, form(path), {})
        refused = await make(client, form(path))
        assert refused.json()["code"] == "findings_outstanding"
        without = await put(client, form(path), {"subsidies_local@ai": "1"})
        assert [error["code"] for error in without.json()["errors"]] == ["question_unknown"]


async def test_a_warning_asks_for_a_comment_which_stays_with_the_revision(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await opened(client, 2024, 2025)
        await declared(client, form(path, 2024), FIGURES)
        less = {**FIGURES, "total_operating_income": "500000.00", "turnover@ai": "400000"}
        shown = (await put(client, form(path), less)).json()
        assert {(one["code"], one["activity"], one["severity"]) for one in shown["findings"]} == {
            ("income_changed", None, "warning"),
            ("turnover_changed", "ai", "warning"),
        }
        message = next(one["message"] for one in shown["findings"] if one["code"] == "turnover_changed")
        assert message == (
            "AI : Le chiffre d'affaires a beaucoup changé : 400\u202f000,00\xa0€, contre 612\u202f400,50\xa0€"
            " l'année d'avant (\u221234,7\xa0%)."
        )
        why = [
            {"check": "income_changed", "comment": "fin d'un marché"},
            {"check": "turnover_changed", "activity": "ai", "comment": "fin d'un marché"},
        ]
        half = (await put(client, form(path), less, comments=why[:1])).json()
        assert [one["settled"] for one in half["findings"]] == [True, False]
        assert (await make(client, form(path))).status_code == 409
        done = await declared(client, form(path), less, comments=why)
    explained = done["revisions"][0]["explained"]
    assert [(one["code"], one["comment"]) for one in explained] == [
        ("income_changed", "fin d'un marché"),
        ("turnover_changed", "fin d'un marché"),
    ]
    assert "marché" not in (await membership.published())[-1].model_dump_json()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param([{"code": "chiffre", "value": "1"}], "question_unknown", id="une question inconnue"),
        pytest.param([{"code": "turnover", "value": "1"}], "figure_not_asked", id="sans dire de quelle activité"),
        pytest.param(
            [{"code": "turnover", "activity": "etti", "value": "1"}],
            "figure_not_asked",
            id="d'une activité qu'elle n'a pas",
        ),
        pytest.param(
            [{"code": "turnover", "activity": "ai", "value": "612", "unit": "hours"}], "unit_wrong", id="en heures"
        ),
        pytest.param(
            [{"code": "headcount_pathway", "activity": "ai", "value": "1.5"}],
            "figure_too_precise",
            id="une personne et demie",
        ),
        pytest.param([{"code": "total_operating_income", "value": "1"}] * 2, "figure_twice", id="deux fois la même"),
    ],
)
async def test_a_figure_that_answers_no_question_is_refused(
    membership: ServiceUnderTest, arranged: Arrange, given: list[dict[str, Any]], code: str
) -> None:
    path = form(*await arranged(membership, admitted_by, joined, "A"))
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        refused = await client.put(f"{path}/draft", json={"figures": given}, headers={"If-Match": '"v0"'})
        assert (refused.status_code, refused.json()["code"]) == (400, "figures_refused")
        assert [error["code"] for error in refused.json()["errors"]] == [code]
        assert (await client.get(path)).json()["version"] == 0


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        pytest.param(["controle"], "check_unknown", id="un contrôle inconnu"),
        pytest.param(["income_changed"] * 2, "comment_twice", id="deux fois le même"),
        pytest.param(["turnover_changed@aci"], "check_not_made", id="d'une activité qu'elle n'a pas"),
        pytest.param(["temp_work_within_turnover@ai"], "check_not_made", id="qui ne porte pas sur cette activité"),
        pytest.param(["turnover_changed"], "check_not_made", id="sans dire de quelle activité"),
        pytest.param(["income_changed@ai"], "check_not_made", id="d'une activité, pour toute la structure"),
    ],
)
async def test_a_comment_is_of_a_check_that_is_made(
    membership: ServiceUnderTest, arranged: Arrange, checks: list[str], code: str
) -> None:
    path = form(*await arranged(membership, admitted_by, joined, "A"))
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        named = [check.partition("@")[::2] for check in checks]
        comments = [{"check": check, "activity": activity or None, "comment": "oui"} for check, activity in named]
        refused = await put(client, path, {}, comments=comments)
        assert (refused.status_code, refused.json()["code"]) == (400, "figures_refused")
        [error] = refused.json()["errors"]
        assert (error["pointer"], error["code"]) == (f"/body/comments/{len(checks) - 1}", code)


async def test_a_draft_can_be_looked_at_before_it_is_kept(membership: ServiceUnderTest, arranged: Arrange) -> None:
    path = form(*await arranged(membership, admitted_by, joined, "A"))
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        json = {"figures": figures({**FIGURES, "rsa_recipients@ai": "165"})}
        seen = {"If-Match": '"v0"'}
        shown = await client.put(f"{path}/draft", params={"dry_run": True}, json=json, headers=seen)
        assert [one["code"] for one in shown.json()["findings"]] == ["rsa_within_headcount"]
        assert (await client.get(path)).json()["state"] == "not_started"
    assert await membership.rows("SELECT 1 FROM activity_declaration") == []


async def test_of_two_who_save_at_once_one_is_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    path = form(*await arranged(membership, admitted_by, joined, "A"))
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        both = await asyncio.gather(
            put(client, path, {"turnover@ai": "1"}, etag='"v0"'), put(client, path, {"turnover@ai": "2"}, etag='"v0"')
        )
        assert sorted(answer.status_code for answer in both) == [200, 412]
        [told] = [answer.json() for answer in both if answer.status_code == 412]
        [kept] = [answer.json() for answer in both if answer.status_code == 200]
        assert (told["code"], told["current"]["figures"]) == ("version_changed", kept["figures"])
        blind = await client.put(f"{path}/draft", json={"figures": []})
        assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")


async def test_a_declaration_sent_twice_is_made_once(membership: ServiceUnderTest, arranged: Arrange) -> None:
    path = form(*await arranged(membership, admitted_by, joined, "A"))
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        etag = (await put(client, path, FIGURES)).headers["etag"]
        both = await asyncio.gather(*(client.post(f"{path}/declare", headers={"If-Match": etag}) for _ in range(2)))
        assert sorted(answer.status_code for answer in both) == [200, 412]
        etag = (await put(client, path, {**FIGURES, "taxes@ai": "1"})).headers["etag"]
        key = {"If-Match": etag, "Idempotency-Key": "correction-1"}
        first, again = [await client.post(f"{path}/correct", json={"reason": "oubli"}, headers=key) for _ in range(2)]
        assert (again.status_code, again.json()) == (200, first.json())
        assert again.headers["idempotency-replayed"] == "true"
    facts = [fact for fact in await membership.published() if fact.topic == "membership.activity"]
    assert [fact.wire_name for fact in facts] == ["activity.declared", "activity.corrected"]
    assert len(await membership.rows("SELECT 1 FROM declaration_revision")) == 2


@pytest.mark.parametrize("closed", [False, True], ids=["passé le dernier jour", "la campagne est close"])
async def test_what_comes_late_is_taken_and_marked(
    membership: ServiceUnderTest, arranged: Arrange, *, closed: bool
) -> None:
    path = form(*await arranged(membership, admitted_by, joined, "A"))
    async with membership.client("network", "board") as client:
        await opened(client, 2025, days=2)
    async with membership.days_later(2) as last_day, last_day.client("network") as client:
        await put(client, path, FIGURES)
        shown = await client.post(f"{path}/declare", params={"dry_run": True}, headers={"If-Match": '"v1"'})
        assert (shown.status_code, shown.json()["late"]) == (200, False)
    async with membership.days_later(3) as later, later.client("network") as client:
        if closed:
            done = await client.post("/declaration-campaigns/2025/close", headers={"If-Match": '"v1"'})
            assert done.status_code == 200, done.text
        assert (await make(client, path)).json()["late"] is True
    fact = (await membership.published())[-1]
    assert isinstance(fact, ActivityDeclared)
    assert fact.state.late is True


async def test_what_the_register_says_since_makes_a_figure_moot(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        await enter(client, path, topic="activity", kind="etti")
        shown = (await client.get(form(path))).json()
        assert shown["activities"] == ["ai", "etti"]
        asked = {(one["code"], one["activity"]) for one in shown["figures"]}
        assert ("temp_work_turnover", "etti") in asked
        assert ("temp_work_turnover", "ai") not in asked
        await put(client, form(path), {"turnover@etti": "1000"})
        await enter(client, path, topic="activity", kind="etti", ended=True)
        moot = (await client.get(form(path))).json()
        assert moot["activities"] == ["ai"]
        [finding] = [one for one in moot["findings"] if one["code"] == "not_asked"]
        assert "Chiffre d'affaires (ETTI)" in finding["message"]
        assert (await make(client, form(path))).status_code == 409


@pytest.mark.parametrize(
    ("roles", "who", "expected"),
    [
        pytest.param(("network",), {}, (200, 200), id="le réseau lit et saisit"),
        pytest.param(("finance",), {}, (200, 403), id="les finances lisent"),
        pytest.param(("board",), {}, (403, 403), id="le conseil ne voit pas les comptes des structures"),
        pytest.param(("delegation",), {"delegation": "occitanie"}, (200, 200), id="sa délégation"),
        pytest.param(("delegation",), {"delegation": "idf"}, (404, 404), id="une autre délégation"),
        pytest.param(("member",), {"own": True}, (200, 200), id="la structure elle-même"),
        pytest.param(("member",), {"member_id": UUID(int=7)}, (404, 404), id="une autre structure"),
        pytest.param(("ops",), {}, (403, 403), id="l'exploitation"),
        pytest.param((), {}, (401, 401), id="sans jeton"),
    ],
)
async def test_who_reads_and_who_fills_in(
    membership: ServiceUnderTest,
    arranged: Arrange,
    roles: tuple[str, ...],
    who: dict[str, Any],
    expected: tuple[int, int],
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as network:
        await opened(network, 2025)
    named = {"member_id": UUID(path.rpartition("/")[2])} if who.get("own") else who
    async with membership.client(*roles, **named) as client:
        read = await client.get(form(path))
        saved = await client.put(f"{form(path)}/draft", json={"figures": []}, headers={"If-Match": '"v0"'})
        assert (read.status_code, saved.status_code) == expected
        if expected == (200, 403):
            assert read.json()["allowed_actions"] == []


async def test_a_candidate_has_nothing_to_declare(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = form(f"/members/{(await receive(client, **structure('A')))['member_id']}")
        none = await client.get(path)
        assert (none.status_code, none.json()["code"]) == (404, "declaration_campaign_not_found")
        await opened(client, 2025)
        assert (await client.get(path)).json()["blockers"]["save_draft"][0]["code"] == "not_a_member"
        refused = await put(client, path, {})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")


async def test_a_front_end_builds_the_form_from_the_api(membership: ServiceUnderTest) -> None:
    async with membership.client("member", member_id=UUID(int=1)) as client:
        whole = (await client.get("/questionnaires/2025")).json()
        assert (whole["version"], whole["status"]) == ("2025", "assumed")
        temp = (await client.get("/questionnaires/2025", params={"kind": ["ett-ess"]})).json()
        codes = {question["code"] for question in temp["questions"]}
        assert "temp_work_turnover" in codes
        assert "headcount_pathway" not in codes
        assert "ages_sum" not in {check["code"] for check in temp["checks"]}
        assert {question["section"] for question in temp["questions"]} == {one["code"] for one in temp["sections"]}
        unknown = await client.get("/questionnaires/1999")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "questionnaire_not_found")
