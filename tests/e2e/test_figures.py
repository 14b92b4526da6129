"""What structures say of themselves, and what the network may show of it: an edition, assessments, their picture."""

import csv
import io
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from common.testing.awaiting import eventually
from e2e.parts import api_of_another_day
from e2e.people import Person, Structure, admitted, colleagues, on, people, words_of
from e2e.platform import Platform

BANK = "cap-2026"
PICTURED = (date(2015, 1, 1), 3)
"""The first day of the assessments' first picture, and the years that each one takes."""


def _declares(member: Person, structure: Structure, kind: str, turnover: int) -> None:
    """Fill the year's form and send it."""
    form = f"{structure.path}/declarations/2025"
    activity = {"turnover": turnover, "charges": turnover, "headcount_permanent": 5, "headcount_pathway": 50}
    figures = [{"code": code, "activity": kind, "value": str(value)} for code, value in activity.items()]
    whole = {"code": "total_operating_income", "value": "5000000"}
    member.act(form, "draft", verb="PUT", figures=[whole, *figures])
    assert member.act(form, "declare")["state"] == "declared"


async def test_an_edition_says_one_thing_in_three_forms_and_nothing_of_fewer_than_five(platform: Platform) -> None:
    """Eight AI in Occitanie, five in Bretagne, three EBE: only AI have medians, and each sees itself beside them."""
    with people(platform, "network", "board", "finance") as (network, board, finance):
        network.send("declaration-campaigns", year=2025, closes_on=on(0))
        south = admitted(network, board, *(f"AI du Midi {rank}" for rank in range(8)))
        west = admitted(network, board, *(f"AI de l'Ouest {rank}" for rank in range(5)), department="35")
        few = admitted(network, board, *(f"EBE {rank}" for rank in range(3)), activities=["ebe"])
        turnovers = {one.id: 300_000 + 7_000 * rank for rank, one in enumerate([*south, *west, *few])}
        for kind, structures in (("ai", south), ("ai", west), ("ebe", few)):
            for one in structures:
                with people(platform, one.persona) as [member]:
                    _declares(member, one, kind, turnovers[one.id])
        async with api_of_another_day(platform, "membership", days_later=1) as later:
            Person(later("network")).act("declaration-campaigns/2025", "close")
        edition = f"observatory/editions/{network.send('observatory/editions', year=2025)['id']}"
        await eventually(lambda: network.read(edition)["status"] == "published", awaited="the edition")

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
            told = Decimal(in_table["AI", region or "national"]["Médiane"].replace(",", "."))
            assert told == Decimal(shown["ai", region]["median"])
        assert f"{Decimal(shown['ai', None]['median']):.0f}" in booklet
        assert (in_table["EBE", "national"]["Médiane"], in_table["EBE", "national"]["Masqué"]) == (
            "",
            "trop peu de structures",
        )
        assert "Moinsde5structuresontrépondu:ceportraitn'estpasdonné." in booklet.replace("’", "'")

        with people(platform, south[0].persona) as [lowest]:
            [activity] = lowest.read(f"{edition}/{south[0].path}")
            [beside] = [one for one in activity["compared"] if one["indicator"] == "turnover"]
            assert int(Decimal(beside["value"])) == turnovers[south[0].id]
            assert beside["position"] == "lowest_quarter"
            assert beside["country"] == shown["ai", None]
            assert lowest.denied(f"{edition}/{south[1].path}") == 404


def _levels(member: Person, level: int) -> list[dict[str, Any]]:
    """Answer every question of the bank alike."""
    themes = member.read(f"assessment-banks/{BANK}")["themes"]
    questions = [one for theme in themes for part in theme["parts"] for one in part["questions"]]
    return [{"question": one["code"], "level": level} for one in questions]


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
                occitanie.read("certifications", member=own.id, expiring_before=on(days))["items"] for days in (61, 60)
            )
            assert ([one["valid_until"] for one in soon], late) == ([on(60)], [])
            assert member.read("certifications", as_of=on(61), standing="expired", total=True)["total"] == 1


async def test_the_picture_of_a_period_shows_no_single_structure(platform: Platform) -> None:
    """Auvergne-Rhône-Alpes alone is shown: two others would tell the two of Bretagne to whom knows their own five."""
    regions = {"69": 6, "75": 5, "31": 5, "35": 2}
    with people(platform, "network", "board") as (network, board):
        for department, count in regions.items():
            names = (f"Image {department} {rank}" for rank in range(count))
            for rank, one in enumerate(admitted(network, board, *names, department=department)):
                with people(platform, one.persona) as [member]:
                    path = f"assessments/{member.send('assessments', bank=BANK, mode='alone')['id']}"
                    member.act(path, "answers", verb="PATCH", answers=_levels(member, rank % 5))
                    assert member.act(path, "submit")["points"] == rank % 5 * 25
        today = date.fromisoformat(on(0))
        first, years = PICTURED
        year = today.year + years - 1 - (today.year - first.year) % years
        async with api_of_another_day(platform, "membership", days_later=(date(year + 1, 1, 1) - today).days) as later:
            picture = Person(later("board")).read("assessments/picture", family="cap", year=year)
        shown = {row["delegation"]: row for row in picture["delegations"]}
        whole = {code: (row["structures"], row["whole"]["mean"]) for code, row in shown.items()}
        assert whole["aura"] == (6, round(sum((0, 25, 50, 75, 100, 0)) / 6))
        hidden = [row for code, row in shown.items() if code != "aura"]
        assert {whole[row["delegation"]] for row in hidden} == {(None, None)}
        assert {theme["mean"] for row in hidden for theme in row["themes"]} == {None}
        assert {level["structures"] for row in hidden for level in row["levels"]} == {None}
