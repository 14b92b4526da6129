"""The postcode gives the department, the department gives the delegation.

Fourteen delegations, none in Grand Est: rapport d'activité 2024.
"""

import csv
from pathlib import Path

import pytest

from membership.territory.domain import Delegation, Territory
from membership.territory.queries import load_territory

PUBLISHED = Path(__file__).parents[4] / "deploy/demo/data/delegations-2025.csv"
NONE = None


@pytest.mark.parametrize(
    ("cas", "code_postal", "departement"),
    [
        ("Ariège, zéro en tête", "09000", "09"),
        ("Haute-Garonne", "31250", "31"),
        ("Corse-du-Sud, Ajaccio", "20000", "2A"),
        ("Corse-du-Sud, Propriano", "20110", "2A"),
        ("Haute-Corse, Bastia", "20200", "2B"),
        ("Haute-Corse, Corte", "20250", "2B"),
        ("Guadeloupe", "97110", "971"),
        ("Saint-Martin, desservie par la Guadeloupe", "97150", "971"),
        ("La Réunion", "97400", "974"),
        ("Mayotte", "97600", "976"),
        ("collectivité qui n'est pas un département", "98800", NONE),
        ("armée, pas un département", "00100", NONE),
        ("quatre chiffres : rien n'est deviné", "8200", NONE),
        ("six chiffres", "310000", NONE),
        ("chiffres d'un autre alphabet", "٣١٢٥٠", NONE),
        ("saut de ligne à la fin", "31250\n", NONE),
        ("vide", "", NONE),
    ],
)
def test_departement_du_code_postal(cas: str, code_postal: str, departement: str | None) -> None:
    assert departement == load_territory().department_of(code_postal), cas


@pytest.mark.parametrize(
    ("cas", "departement", "code_postal", "delegation"),
    [
        ("sans code postal", "31", NONE, "occitanie"),
        ("le code postal l'emporte sur le département imprimé", "81", "75011", "idf"),
        ("code postal faux : le département imprimé", "82", "8200", "occitanie"),
        ("ni l'un ni l'autre", NONE, NONE, NONE),
        ("Corse avec Provence", "2B", "20200", "paca"),
        ("Mayotte avec La Réunion", "976", NONE, "oceanindien"),
        ("Grand Est n'a pas de délégation", "67", "67000", NONE),
        ("Martinique non plus", "972", "97200", NONE),
    ],
)
def test_delegation(cas: str, departement: str | None, code_postal: str | None, delegation: str | None) -> None:
    found = load_territory().delegation_of(departement, code_postal)

    assert delegation == (found.code if found else NONE), cas


def test_the_shipped_delegations_are_the_published_ones() -> None:
    published = list(csv.DictReader(PUBLISHED.read_text(encoding="utf-8").splitlines(), delimiter=";"))

    assert [(row["code"], row["nom"], frozenset(row["perimetre"].split(","))) for row in published] == [
        (delegation.code, delegation.name, delegation.departments) for delegation in load_territory().delegations
    ]


def test_france_has_101_departments() -> None:
    assert len(load_territory().departments) == 101


@pytest.mark.parametrize(
    ("covered", "fault"),
    [(["31", "99"], "99, which is not a department"), (["31", "09"], "09 is covered by ariege already")],
)
def test_a_territory_with_a_hole_or_an_overlap_is_not_built(covered: list[str], fault: str) -> None:
    ariege = Delegation("ariege", "Ariège", frozenset({"09"}))
    other = Delegation("autre", "Autre", frozenset(covered))

    with pytest.raises(ValueError, match=fault):
        Territory.of({"09": "Ariège", "31": "Haute-Garonne"}, [ariege, other])
