"""Two spellings of one name compare equal, and the types of a structure are recognised as printed.

Types as the federation prints them: rapport d'activité 2024; the rest is decided in ADR 0013.
"""

import pytest

from membership.members.domain import ACTIVITY_SPELLINGS, ActivityKind, activity_of, normalise


@pytest.mark.parametrize(
    ("imprime", "autre_ecriture"),
    [
        ("LA RÉGIE", "La Regie"),
        ("INTER'EM", "Inter’Em"),
        ("LE PETIT MAGASIN - SAUVY INSERTION", "Le petit magasin, Sauvy   insertion"),
        ("CŒUR D'EMPLOI", "Coeur d'emploi"),
        ("CLERMONT-L'HÉRAULT", "Clermont l'He\u0301rault"),
        ("BATI +", "Bati"),
    ],
)
def test_une_meme_structure(imprime: str, autre_ecriture: str) -> None:
    assert normalise(imprime) == normalise(autre_ecriture)


@pytest.mark.parametrize(
    ("nom", "autre_nom"), [("ENTRAIDE", "ENTRAIDE PARTAGE TRAVAIL"), ("INTER'EM", "INTEREM"), ("AMIE", "AVIE")]
)
def test_deux_noms(nom: str, autre_nom: str) -> None:
    assert normalise(nom) != normalise(autre_nom)


@pytest.mark.parametrize(
    ("ecrit", "type_reconnu"),
    [
        ("AI", ActivityKind.AI),
        ("aci", ActivityKind.ACI),
        ("ETT-ESS", ActivityKind.ETT_ESS),
        ("ETT ESS", ActivityKind.ETT_ESS),
        ("SAP Proxim'", ActivityKind.SAP_PROXIM),
        ("Proxim’", ActivityKind.SAP_PROXIM),
        ("Entreprise à but d'emploi", ActivityKind.EBE),
        ("autres", ActivityKind.OTHER),
        ("ESAT", None),
        ("", None),
    ],
)
def test_types_reconnus(ecrit: str, type_reconnu: ActivityKind | None) -> None:
    assert type_reconnu == activity_of(ecrit)


def test_no_spelling_means_two_kinds() -> None:
    spellings = [normalise(spelling) for accepted in ACTIVITY_SPELLINGS.values() for spelling in accepted]

    assert set(ActivityKind) == set(ACTIVITY_SPELLINGS)
    assert len(spellings) == len(set(spellings))
