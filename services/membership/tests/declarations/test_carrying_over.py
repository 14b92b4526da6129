"""Last year's figures carried over into a draft: into its blanks only, on demand, and never declared unseen.

Decided in ADR 0024.
"""

from typing import Any
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.declarations.domain import (
    CARRIED_OVER,
    Declaration,
    Draft,
    Form,
    NothingToCarryOver,
    Place,
    carry_over,
    findings,
    of_both,
    places,
    save_draft,
)
from membership.declarations.queries import questionnaire_of

from ..arrangements import admitted_by
from ..departures.test_departures import joined
from ..members.test_dates import enter
from .test_declaring import FIGURES, declared, form, make, opened, put
from .test_rules import AI, AUTHOR, DECLARED, EMPTY, FORM, drafted, read

LAST_YEAR = "total_operating_income 1000, turnover@ai 600, charges@ai 550"
SAID = "J'ai vérifié."


def carried(declaration: Declaration, before: str = LAST_YEAR) -> Draft:
    """Carry over what was declared last year; return what is filled in then."""
    filled = carry_over(declaration, Form(FORM, (AI,), read(before), 1), AUTHOR)
    assert filled.version == declaration.version + 1
    assert filled.draft is not None
    return filled.draft


@pytest.mark.parametrize(
    ("declaration", "filled", "codes"),
    [
        pytest.param(EMPTY, LAST_YEAR, "total_operating_income turnover charges", id="rien n'est saisi"),
        pytest.param(
            drafted(EMPTY, "turnover@ai 7"),
            "total_operating_income 1000, turnover@ai 7, charges@ai 550",
            "total_operating_income charges",
            id="ce qui est saisi reste",
        ),
        pytest.param(
            drafted(EMPTY, "turnover@ai 0"),
            "total_operating_income 1000, turnover@ai 0, charges@ai 550",
            "total_operating_income charges",
            id="zéro est une réponse",
        ),
        pytest.param(
            drafted(EMPTY, "taxes@ai 5, turnover@aci 3"),
            f"{LAST_YEAR}, taxes@ai 5, turnover@aci 3",
            "total_operating_income turnover charges",
            id="dans l'ordre du formulaire, puis ce que le registre n'y met plus",
        ),
        pytest.param(
            DECLARED,
            LAST_YEAR,
            "turnover charges",
            id="une correction à commencer : ce qui est déclaré n'est pas un vide",
        ),
    ],
)
def test_last_year_fills_the_blanks_only(declaration: Declaration, filled: str, codes: str) -> None:
    draft = carried(declaration)
    assert list(draft.answers.items()) == list(read(filled).items())
    assert {place.code for place in draft.carried} == set(codes.split())


@pytest.mark.parametrize(
    ("declaration", "before"),
    [
        pytest.param(EMPTY, "", id="rien n'était déclaré l'an dernier"),
        pytest.param(drafted(EMPTY, LAST_YEAR), LAST_YEAR, id="tout est déjà saisi"),
        pytest.param(DECLARED, "total_operating_income 3", id="tout est déjà déclaré"),
    ],
)
def test_nothing_is_carried_over_where_there_is_no_blank_for_it(declaration: Declaration, before: str) -> None:
    with pytest.raises(NothingToCarryOver):
        carried(declaration, before)


@pytest.mark.parametrize(
    ("saved", "codes"),
    [
        pytest.param(LAST_YEAR, "total_operating_income turnover charges", id="enregistré tel quel"),
        pytest.param("turnover@ai 600.00, charges@ai 551", "turnover", id="un chiffre changé, un chiffre retiré"),
        pytest.param("turnover@ai 1, charges@ai 2", "", id="plus rien de l'an dernier"),
    ],
)
def test_a_figure_is_carried_over_until_it_is_given_another_value(saved: str, codes: str) -> None:
    filled = carry_over(EMPTY, Form(FORM, (AI,), read(LAST_YEAR), 1), AUTHOR)
    kept = drafted(filled, saved)
    assert kept.draft is not None
    assert {place.code for place in kept.draft.carried} == set(codes.split())
    typed_again = drafted(drafted(filled, "turnover@ai 1"), LAST_YEAR)
    assert typed_again.draft is not None
    assert typed_again.draft.carried == frozenset(), "what was typed is no longer carried over, whatever its value"


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        pytest.param("", None, id="rien de repris"),
        pytest.param("charges", "1 chiffre est repris", id="un chiffre"),
        pytest.param("turnover charges", "2 chiffres sont repris", id="plusieurs"),
    ],
)
def test_what_is_carried_over_is_to_be_confirmed(codes: str, message: str | None) -> None:
    standing = frozenset(Place(code, AI) for code in codes.split())
    for comments in ({}, {Place(CARRIED_OVER): SAID}):
        found = findings(Form(FORM, (AI,)), read(LAST_YEAR), comments, standing)
        told = [one for one in found if one.code == CARRIED_OVER]
        expected = [(f"{message} de l'an dernier sans changement", bool(comments), standing)] if message else []
        assert [(one.message.partition(" :")[0], one.is_settled, set(one.places)) for one in told] == expected


def test_what_is_carried_over_afterwards_is_confirmed_afterwards() -> None:
    said = {Place(CARRIED_OVER): SAID, Place("income_changed"): "fin d'un marché"}
    first = carry_over(EMPTY, Form(FORM, (AI,), read(LAST_YEAR), 1), AUTHOR)
    confirmed = save_draft(first, Draft(read("charges@ai 550"), said, AUTHOR.at, AUTHOR.by))
    again = carried(confirmed)
    assert again.comments == {Place("income_changed"): "fin d'un marché"}
    assert {place.code for place in again.carried} == {"total_operating_income", "turnover", "charges"}


def test_only_what_is_asked_this_year_of_its_activities_is_carried_over() -> None:
    """The subsidies of all local authorities at once were asked for 2024 only; it has its ACI no longer."""
    before = read("total_operating_income 1000, turnover@ai 600, subsidies_local@ai 30, turnover@aci 200")
    still_asked = of_both(before, questionnaire_of("2024"), places(FORM, (AI,)))
    filled = carry_over(EMPTY, Form(FORM, (AI,), still_asked, 1), AUTHOR)
    assert filled.draft is not None
    assert filled.draft.answers == read("total_operating_income 1000, turnover@ai 600")


def flagged(shown: dict[str, Any]) -> dict[str, str]:
    """Return what stands in a form as it was carried over."""
    return {one["code"]: one["value"] for one in shown["figures"] if one["carried_over"]}


async def test_a_structure_carries_over_looks_confirms_and_declares(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """The version of 2024 asks for the subsidies of all local authorities at once, that of 2025 does not."""
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as network:
        await opened(network, 2024, 2025)
        await declared(network, form(path, 2024), {**FIGURES, "subsidies_local@ai": "3000", "taxes@ai": "500"})
    async with membership.client("member", member_id=UUID(path.rpartition("/")[2])) as client:
        begun = await put(client, form(path), {"headcount_permanent@ai": "11"})
        assert "carry_over" in begun.json()["allowed_actions"]
        seen = {"If-Match": begun.headers["etag"]}
        shown = await client.post(f"{form(path)}/carry-over", params={"dry_run": True}, headers=seen)
        answer = await client.post(f"{form(path)}/carry-over", headers=seen)
        assert (answer.status_code, answer.json()["figures"]) == (200, shown.json()["figures"]), answer.text
        filled = answer.json()
        assert flagged(filled) == {
            "total_operating_income": "748664.00", "turnover": "612400.50", "charges": "700000.00",
            "headcount_pathway": "164", "taxes": "500.00",
        }  # fmt: skip
        [typed] = [one for one in filled["figures"] if one["code"] == "headcount_permanent"]
        assert (typed["value"], typed["previous"]["value"], typed["carried_over"]) == ("11", "9", False)
        [finding] = filled["findings"]
        assert (finding["code"], finding["severity"], len(finding["figures"])) == ("carried_over", "warning", 5)
        assert (filled["version"], filled["blockers"]["carry_over"][0]["code"]) == (2, "nothing_to_carry_over")
        refused = await make(client, form(path))
        assert refused.json()["code"] == "findings_outstanding"
        this_year = {**FIGURES, "headcount_permanent@ai": "11", "turnover@ai": "650000", "taxes@ai": "500"}
        said = [{"check": "carried_over", "comment": SAID}]
        kept = (await put(client, form(path), this_year, comments=said)).json()
        assert set(flagged(kept)) == {"total_operating_income", "charges", "headcount_pathway", "taxes"}
        assert [one["settled"] for one in kept["findings"]] == [True]
        done = (await make(client, form(path))).json()
    assert (done["state"], flagged(done)) == ("declared", {})
    assert [(one["code"], one["comment"]) for one in done["revisions"][0]["explained"]] == [("carried_over", SAID)]


async def test_nothing_is_carried_over_by_who_may_not_save_nor_unseen(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as network:
        await opened(network, 2024, 2025)
        none = await make(network, form(path), "carry-over")
        assert (none.status_code, none.json()["code"]) == (409, "nothing_to_carry_over")
        await declared(network, form(path, 2024), FIGURES)
        await enter(network, path, topic="activity", kind="etti")
        blind = await network.post(f"{form(path)}/carry-over")
        assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
        stale = await network.post(f"{form(path)}/carry-over", headers={"If-Match": '"v7"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    for roles, who, expected in (
        (("finance",), {}, 403),
        (("board",), {}, 403),
        (("delegation",), {"delegation": "idf"}, 404),
        (("member",), {"member_id": UUID(int=7)}, 404),
    ):
        async with membership.client(*roles, **who) as client:
            answer = await client.post(f"{form(path)}/carry-over", headers={"If-Match": '"v0"'})
            assert answer.status_code == expected, roles
    async with membership.client("delegation", delegation="occitanie") as client:
        filled = await client.post(f"{form(path)}/carry-over", headers={"If-Match": '"v0"'})
        assert filled.status_code == 200, filled.text
        assert {one["activity"] for one in filled.json()["figures"] if one["value"]} == {None, "ai"}
    async with membership.client("finance") as client:
        assert flagged((await client.get(form(path))).json()) == {}, "who only reads sees no draft"
