"""What structures say of themselves, and what the network may show of it: an edition, assessments, their picture."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

import httpx
import pytest

from common.testing.awaiting import eventually
from e2e.parts import api_of_another_day
from e2e.people import Person, Structure, admitted, colleagues, declares, on, people, words_of
from e2e.platform import Platform

BANK, RSE = "cap-2026", "cap-rse-2026"
YEARS = (2024, 2025)
"""Of accounts: those that two editions compare."""
PICTURED = (date(2015, 1, 1), 3)
"""The first day of the assessments' first picture, and the years that each one takes."""


@dataclass(frozen=True)
class Told:
    """Two years of accounts that the same structures declared, and their editions."""

    south: Sequence[Structure]
    west: Sequence[Structure]
    few: Sequence[Structure]
    turnovers: Mapping[str, int]
    edition: str
    """That of the last year; the year before, every turnover was a tenth less."""


@pytest.fixture(scope="module")
async def told(platform: Platform) -> Told:
    """Eight AI in Occitanie, five in Bretagne, three EBE declare 2024 and 2025; both years are published."""
    with people(platform, "network", "board") as (network, board):
        for year in YEARS:
            network.send("declaration-campaigns", year=year, closes_on=on(0))
        south = admitted(network, board, *(f"AI du Midi {rank}" for rank in range(8)))
        west = admitted(network, board, *(f"AI de l'Ouest {rank}" for rank in range(5)), department="35")
        few = admitted(network, board, *(f"EBE {rank}" for rank in range(3)), activities=["ebe"])
        turnovers = {one.id: 300_000 + 7_000 * rank for rank, one in enumerate([*south, *west, *few])}
        for kind, structures in (("ai", south), ("ai", west), ("ebe", few)):
            for one in structures:
                with people(platform, one.persona) as [member]:
                    declares(member, one, kind, turnovers[one.id] * 9 // 10, YEARS[0])
                    declares(member, one, kind, turnovers[one.id], YEARS[1])
        async with api_of_another_day(platform, "membership", days_later=1) as later:
            for year in YEARS:
                Person(later("network")).act(f"declaration-campaigns/{year}", "close")
        _, edition = [await _published(network, year) for year in YEARS]
        return Told(south, west, few, turnovers, edition)


async def _published(network: Person, year: int) -> str:
    edition = f"observatory/editions/{network.send('observatory/editions', year=year)['id']}"
    await eventually(lambda: network.read(edition)["status"] == "published", awaited=f"the edition of {year}")
    return edition


def test_an_edition_says_one_thing_in_three_forms_and_nothing_of_fewer_than_five(
    platform: Platform, told: Told
) -> None:
    """Only AI have medians, and each sees itself beside them."""
    south, west, turnovers, edition = told.south, told.west, told.turnovers, told.edition
    with people(platform, "finance") as [finance]:
        shown = {
            (one["kind"], one["delegation"]): cell
            for one in finance.read(f"{edition}/document")["portraits"]
            for cell in one["cells"]
            if cell["indicator"] == "turnover"
        }
        for region, structures in ((None, [*south, *west]), ("occitanie", south), ("bretagne", west)):
            found = Decimal(median(turnovers[one.id] for one in structures))
            cell = shown["ai", region]
            assert (cell["count"], cell["hidden"]) == (len(structures), None)
            # On few structures, what is told is rounded.
            assert abs(Decimal(cell["median"]) - found) <= found / 200
        hidden = shown["ebe", None]
        assert (hidden["hidden"], hidden["count"], hidden["median"], hidden["total"]) == ("too_few", None, None, None)

        table = finance.get(f"{edition}/export").text.removeprefix("\ufeff")
        lines = [line for line in csv.DictReader(io.StringIO(table), delimiter=";") if line["Code"] == "turnover"]
        in_table = {(line["Activité"].partition(" ")[0], line["Délégation"]): line for line in lines}
        booklet = words_of(finance.get(f"{edition}/pdf").content).replace(" ", "")
        for region in (None, "occitanie", "bretagne"):
            written = Decimal(in_table["AI", region or "national"]["Médiane"].replace(",", "."))
            assert written == Decimal(shown["ai", region]["median"])
        assert f"{Decimal(shown['ai', None]['median']):.0f}" in booklet
        assert (in_table["EBE", "national"]["Médiane"], in_table["EBE", "national"]["Masqué"]) == (
            "",
            "trop peu de structures",
        )
        assert "Moinsde5structuresd'unmêmetypeontrépondu:ceportraitn'estpasdonné." in booklet.replace("’", "'")

        with people(platform, south[0].persona) as [lowest]:
            [activity] = lowest.read(f"{edition}/{south[0].path}")["items"]
            [beside] = [one for one in activity["compared"] if one["indicator"] == "turnover"]
            assert int(Decimal(beside["value"])) == turnovers[south[0].id]
            assert beside["position"] == "lowest_quarter"
            assert beside["country"] == shown["ai", None]
            assert lowest.denied(f"{edition}/{south[1].path}") == 404


def test_a_region_has_its_booklet_with_the_years_that_compare(platform: Platform, told: Told) -> None:
    """Where five answered; elsewhere it is withheld, and says why."""
    with people(platform, "delegation-occitanie") as [region]:
        asked = {"kind": "ai", "delegation": "occitanie", "indicator": "turnover"}
        [turnover] = region.read("observatory/evolution", **asked)["items"]
        assert ([one["year"] for one in turnover["points"]], turnover["not_comparable"]) == (list(YEARS), [])
        medians = [Decimal(one["cell"]["median"]) for one in turnover["points"]]
        last = Decimal(median(told.turnovers[one.id] for one in told.south))
        for shown, found in zip(medians, (last * 9 / 10, last), strict=True):
            assert abs(shown - found) <= found / 200
        booklets = {one["delegation"]: one for one in region.read(f"{told.edition}/booklets")["items"]}
        assert (booklets["occitanie"]["withheld"], booklets["aura"]["withheld"] is None) == (None, False)
        assert region.denied(f"{told.edition}/booklets/aura") == 409
        booklet = words_of(region.get(f"{told.edition}/booklets/occitanie").content).replace(" ", "")
        assert "Indicateur20242025" in booklet
        assert f"Chiffred'affaires{medians[0]:.0f}€{medians[1]:.0f}€" in booklet.replace("’", "'")
        assert "Bretagne" not in booklet


def _levels(member: Person, level: int, bank: str = BANK) -> list[dict[str, Any]]:
    """Answer every question of the bank alike."""
    themes = member.read(f"assessment-banks/{bank}")["themes"]
    questions = [one for theme in themes for part in theme["parts"] for one in part["questions"]]
    return [{"question": one["code"], "level": level} for one in questions]


def _submitted(member: Person, level: int, bank: str = BANK) -> tuple[str, int]:
    """Assess a structure alone, from one end to the other; return where, and its points."""
    path = f"assessments/{member.send('assessments', bank=bank, mode='alone')['id']}"
    member.act(path, "answers", verb="PATCH", answers=_levels(member, level, bank))
    return path, member.act(path, "submit")["points"]


async def test_a_cap_rse_is_reviewed_by_a_link_and_its_progress_told_a_year_later(platform: Platform) -> None:
    """Who is invited has no account: the link opens one assessment and no other page."""
    mail = "relecture@cabinet.example"
    with people(platform, "network", "board") as (network, board):
        [own] = admitted(network, board, "La Responsable", department="59")
    with people(platform, own.persona) as [member], platform.public_client() as outside:
        first, points = _submitted(member, 1, RSE)
        assert points == 250
        invited = {"purpose": "review", "name": "Cabinet Exemple", "email": mail}
        invitation = member.send(f"{first}/invitations", **invited)
        assert invitation["read_at"] is None
        outside.headers["Invitation-Key"] = await _key(platform, mail)
        guest = Person(outside)
        seen = guest.read("assessment-invitation")
        assert (seen["structure"], seen["assessment"]["id"]) == (own.name, first.partition("/")[2])
        assert guest.denied(first) == 401
        _reviews_by_link(outside, seen["review"]["version"], "Des achats à relire.")
        assert [one["conclusion"] for one in member.read(first)["reviews"]] == ["Des achats à relire."]
        [listed] = member.read(f"{first}/invitations")["items"]
        assert listed["read_at"] is not None
        member.act(first, "close")
    async with api_of_another_day(platform, "membership", days_later=365) as later:
        then = Person(later(own.persona))
        second, points = _submitted(then, 3, RSE)
        progress = then.read(f"{second}/progress")
        assert (points, progress["before_on"], progress["same_version"]) == (750, on(0), True)
        assert (progress["whole"]["before"], progress["whole"]["after"]) == (250, 750)


async def _key(platform: Platform, address: str) -> str:
    """Return what the mail that was sent to an address carries, and nothing else does."""
    [mail] = await platform.query("membership", f"SELECT text FROM mail WHERE recipient = '{address}'")  # noqa: S608
    return str(mail["text"].partition("#")[2].split()[0])


def _reviews_by_link(outside: httpx.Client, version: int, conclusion: str) -> None:
    path = "/membership/v1/assessment-invitation/review"
    read = {"If-Match": f'"v{version}"'}
    written = outside.patch(path, json={"conclusion": conclusion}, headers=read)
    assert written.status_code == 200, written.text
    given = outside.post(f"{path}/give", headers={"If-Match": written.headers["etag"]})
    assert (given.status_code, given.json()["state"]) == (200, "given"), given.text


async def test_a_group_answers_blind_settles_and_is_reviewed_by_a_third_party_and_a_peer(platform: Platform) -> None:
    with people(platform, "network", "board", "delegation-bretagne") as (network, board, bretagne):
        own, peer = admitted(network, board, "Le Collectif", "La Voisine", department="35")
        with colleagues(platform, own, "director", "ann", "bob", "carl") as (director, *group):
            path = f"assessments/{director.send('assessments', bank=BANK, mode='group')['id']}"
            for one, level in zip(group, (1, 3, 3), strict=True):
                one.send(f"{path}/sheet")
                one.act(f"{path}/sheet", verb="PATCH", answers=_levels(one, level))
                one.act(f"{path}/sheet", "give")
            assert director.read(path)["group"]["spreads"] is None
            ended = director.act(path, "end-gathering")
            assert {tuple(one["levels"]) for one in ended["group"]["spreads"]} == {(0, 1, 0, 2, 0)}
            director.act(path, "answers", verb="PATCH", answers=_levels(director, 2))
            assert director.act(path, "submit")["points"] == 50
            third = f"{path}/reviews/{bretagne.send(f'{path}/reviews')['id']}"
            with people(platform, peer.persona) as [neighbour]:
                assert neighbour.denied(path) == 404
                invited = f"{path}/reviews/{director.send(f'{path}/peers', member_id=peer.id)['id']}"
                for reviewer, review in ((bretagne, third), (neighbour, invited)):
                    assert reviewer.read(path)["group"] is None
                    reviewer.act(review, verb="PATCH", conclusion="Réécrire le projet.")
                    reviewer.act(review, "give")
            assert [one["conclusion"] for one in director.read(path)["reviews"]] == ["Réécrire le projet."] * 2
            assert director.act(path, "close")["state"] == "closed"


def test_a_label_is_verified_and_found_before_it_ends(platform: Platform) -> None:
    with people(platform, "network", "board", "delegation-occitanie") as (network, board, occitanie):
        [own] = admitted(network, board, "La Qualité")
        with people(platform, own.persona) as [member]:
            told = {"label": "qualiopi", "certifier": "Organisme fictif", "evidence": "Certificat 1"}
            dates = {"obtained_on": on(-300), "valid_until": on(60)}
            recorded = f"certifications/{member.send('certifications', member_id=own.id, **told, **dates)['id']}"
            assert occitanie.act(recorded, "verify")["status"] == "verified"
            soon, late = (
                occitanie.read("certifications", member_id=own.id, expiring_before=on(days))["items"]
                for days in (61, 60)
            )
            assert ([one["valid_until"] for one in soon], late) == ([on(60)], [])
            assert member.read("certifications", as_of=on(61), standing="expired", total=True)["total"] == 1


async def test_no_picture_shows_a_single_structure(platform: Platform) -> None:
    """Of Auvergne-Rhône-Alpes five are told tomorrow and five wait; once the period is over, all ten are.

    It alone is shown: two others would tell the two of Bretagne to whom knows their own five.
    """
    regions = {"69": 10, "75": 5, "31": 5, "35": 2}
    with people(platform, "network", "board") as (network, board):
        for department, count in regions.items():
            names = (f"Image {department} {rank}" for rank in range(count))
            for rank, one in enumerate(admitted(network, board, *names, department=department)):
                with people(platform, one.persona) as [member]:
                    assert _submitted(member, rank % 5)[1] == rank % 5 * 25
    today = date.fromisoformat(on(0))
    first, years = PICTURED
    year = today.year + years - 1 - (today.year - first.year) % years
    over = date(year + 1, 1, 1)
    async with api_of_another_day(platform, "membership", days_later=1) as tomorrow:
        present = Person(tomorrow("delegation-aura")).read("assessment-pictures/present", family="cap")
    [row] = present["delegations"]
    counted = 5 if date.fromisoformat(on(1)) < over else None
    assert (row["delegation"], row["structures"], row["whole"]["mean"]) == ("aura", counted, counted and 50)
    async with api_of_another_day(platform, "membership", days_later=(over - today).days) as later:
        picture = Person(later("board")).read("assessment-pictures", family="cap", year=year)
    shown = {row["delegation"]: row for row in picture["delegations"]}
    whole = {code: (row["structures"], row["whole"]["mean"]) for code, row in shown.items()}
    assert whole["aura"] == (10, 50)
    hidden = [row for code, row in shown.items() if code != "aura"]
    assert {whole[row["delegation"]] for row in hidden} == {(None, None)}
    assert {theme["mean"] for row in hidden for theme in row["themes"]} == {None}
    assert {level["structures"] for row in hidden for level in row["levels"]} == {None}
