"""What was declared stays readable and where it was: during a correction, after it, and in the statistics."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from membership.declarations import queries, repository
from membership.declarations.domain import Questionnaire

from ..arrangements import admitted_by
from ..departures.test_departures import joined
from .test_declaring import FIGURES, declared, form, make, opened, put

CORRECTED = {**FIGURES, "turnover@ai": "600000", "taxes@ai": "1200"}


def amounts(shown: Mapping[str, Any], *codes: str) -> list[tuple[str | None, str | None]]:
    """Return what is filled in and what is declared of some figures of a form."""
    by_code = {one["code"]: (one["value"], one["declared"]) for one in shown["figures"]}
    return [by_code[code] for code in codes]


async def test_what_was_declared_stays_readable_during_a_correction(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        first = await put(client, form(path), {"turnover@ai": "1"})
        assert amounts(first.json(), "turnover") == [("1.00", None)]
        await declared(client, form(path), FIGURES)
        saved = (await put(client, form(path), CORRECTED)).json()
        assert amounts(saved, "turnover", "taxes") == [("600000.00", "612400.50"), ("1200.00", None)]
    async with membership.client("finance") as client:
        shown = (await client.get(form(path))).json()
        assert amounts(shown, "turnover", "taxes") == [("612400.50", "612400.50"), (None, None)]
        assert (shown["draft"], shown["findings"], shown["comments"]) == (None, [], [])


async def test_who_only_reads_sees_no_draft_before_the_declaration(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        await put(client, form(path), {"turnover@ai": "1"})
    async with membership.client("finance") as client:
        shown = (await client.get(form(path))).json()
        assert (shown["state"], amounts(shown, "turnover")) == ("draft", [(None, None)])


async def test_each_revision_is_read_whole(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        none = await client.get(f"{form(path)}/revisions/1")
        assert (none.status_code, none.json()["code"]) == (404, "declaration_revision_not_found")
        await declared(client, form(path), FIGURES)
        await put(client, form(path), CORRECTED)
        assert (await make(client, form(path), "correct", reason="bilan définitif")).status_code == 200
    async with membership.client("finance") as client:
        first, second = [(await client.get(f"{form(path)}/revisions/{number}")).json() for number in (1, 2)]
        for revision, given in ((first, FIGURES), (second, CORRECTED)):
            assert {f"{one['code']}@{one['activity'] or ''}".rstrip("@") for one in revision["figures"]} == set(given)
        by_code = {one["code"]: (one["label"], one["value"], one["unit"]) for one in first["figures"]}
        assert by_code["turnover"] == ("Chiffre d'affaires (AI)", "612400.50", "eur")
        assert (first["changes"], second["reason"]) == ([], "bilan définitif")
        assert [(one["code"], one["before"], one["after"]) for one in second["changes"]] == [
            ("turnover", "612400.50", "600000.00"),
            ("taxes", None, "1200.00"),
        ]
        assert (await client.get(f"{form(path)}/revisions/3")).status_code == 404
    async with membership.client("board") as client:
        assert (await client.get(f"{form(path)}/revisions/1")).status_code == 403
    async with membership.client("member", member_id=UUID(int=7)) as client:
        assert (await client.get(f"{form(path)}/revisions/1")).status_code == 404


async def test_a_draft_is_dropped_and_what_is_declared_stands(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        path = form(own)
        await opened(client, 2025)
        nothing = await client.delete(f"{path}/draft", headers={"If-Match": '"v0"'})
        assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_drafted")
        await declared(client, path, FIGURES)
        etag = (await put(client, path, CORRECTED)).headers["etag"]
        blind = await client.delete(f"{path}/draft")
        assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
        dropped = await client.delete(f"{path}/draft", headers={"If-Match": etag})
        assert dropped.status_code == 200, dropped.text
        shown = dropped.json()
        assert (shown["state"], shown["draft"], len(shown["revisions"])) == ("declared", None, 1)
        assert amounts(shown, "turnover", "taxes") == [("612400.50", "612400.50"), (None, None)]
        late = await client.delete(f"{path}/draft", headers={"If-Match": etag})
        assert late.status_code == 412
    async with membership.client("finance") as client:
        seen = {"If-Match": dropped.headers["etag"]}
        assert (await client.delete(f"{path}/draft", headers=seen)).status_code == 403


async def test_no_revision_is_lost_behind_another(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """A second revision under a number already taken fails aloud; what was declared stays."""
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        await declared(client, form(path), FIGURES)
    member = UUID(path.rpartition("/")[2])
    async with membership.runtime.database.transaction(Actor("test"), dry_run=True) as tx:
        held = await repository.hold_declaration(tx, 2025, member)
        with pytest.raises(IntegrityError):
            await repository.add_last_revision(tx, held)


async def test_figures_for_statistics_are_read_by_the_questions_their_campaign_was_opened_with(
    membership: ServiceUnderTest, arranged: Arrange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later delivery of the same version may put its questions in another order."""
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        await opened(client, 2025)
        shipped = queries.questionnaires()["2025"]
        turned: Questionnaire = replace(shipped, questions=shipped.questions[::-1])
        monkeypatch.setattr(queries, "questionnaires", lambda: {"2025": turned})
        await declared(client, form(path), FIGURES)
    [(questions, kept)] = await membership.rows(
        "SELECT questions, amounts FROM declaration_campaign JOIN declaration_figures USING (year)"
    )
    assert tuple(questions) == tuple(question.code for question in shipped.questions)
    given = {code: amount for code, amount in zip(questions, kept, strict=True) if amount is not None}
    assert given == {"turnover": 612400.5, "charges": 700000, "headcount_permanent": 9, "headcount_pathway": 164}
    async with membership.runtime.database.reading(Actor("test")) as read:
        assert queries.questions_of(await queries.campaign_of(read, 2025)) == tuple(questions)
