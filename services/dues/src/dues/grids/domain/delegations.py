"""The names of the regional delegations, that dues knows by their codes."""

from collections.abc import Mapping
from typing import Final

DELEGATIONS: Final[Mapping[str, str]] = {
    "aura": "Auvergne-Rhône-Alpes",
    "bfc": "Bourgogne-Franche-Comté",
    "bretagne": "Bretagne",
    "cvdl": "Centre-Val de Loire",
    "hdf": "Hauts-de-France",
    "idf": "Île-de-France",
    "normandie": "Normandie",
    "nouvelleaquitaine": "Nouvelle-Aquitaine",
    "occitanie": "Occitanie",
    "pdl": "Pays de la Loire",
    "paca": "Provence-Alpes-Côte d'Azur et Corse",
    "guadeloupe": "Guadeloupe",
    "guyane": "Guyane",
    "oceanindien": "Océan Indien",
}
"""Names by code, as the activity report of 2024 has them (deploy/demo/data/delegations-2025.csv)."""


def delegation_name(code: str | None) -> str:
    """Return the name of a delegation for whoever reads it, an unknown code as it is; nothing where there is none.

    >>> delegation_name("idf"), delegation_name("corse"), delegation_name(None)
    ('Île-de-France', 'corse', '')
    """
    return DELEGATIONS.get(code, code) if code else ""
