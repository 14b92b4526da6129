"""API shapes of pictures."""

from collections.abc import Mapping
from datetime import date
from typing import Self

from pydantic import Field

from common.types import Schema
from membership.assessment_pictures.domain import WHOLE, Present, Region, ThemeCell
from membership.assessments.schemas import Code
from membership.banks.domain import Bank


class PictureParams(Schema):
    """Which picture: of what, and when."""

    family: Code = Field(examples=["cap"], description="La démarche ; ses versions s'y réunissent")
    year: int = Field(ge=2015, le=2100, examples=[2026], description="Une année de la période")


class ThemePictureOut(Schema):
    """Un thème."""

    code: str
    name: str
    mean: int | None = Field(description="Moyenne des structures, en points ; absente si elle est masquée")
    median: int | None


class WholePictureOut(Schema):
    """Tous les thèmes ensemble."""

    mean: int | None = Field(description="Moyenne des structures, en points ; absente si elle est masquée")
    median: int | None


class LevelPictureOut(Schema):
    """Un niveau de maturité."""

    code: str
    label: str
    structures: int | None = Field(description="Absent s'il est masqué")


class RowOut(Schema):
    """Une délégation, ou le pays."""

    delegation: str | None
    name: str
    members: int = Field(description="Combien de structures adhérentes au dernier jour")
    structures: int | None = Field(
        description="Combien y comptent, parties depuis ou non, là où elles étaient en remettant ; absent si masqué"
    )
    whole: WholePictureOut
    themes: list[ThemePictureOut]


class RegionOut(RowOut):
    """Une délégation, ou le pays, dans l'image d'une période finie."""

    levels: list[LevelPictureOut]

    @classmethod
    def of(cls, bank: Bank, delegation: str | None, name: str, members: int, region: Region) -> Self:
        """Write a row of the picture."""
        return cls(
            delegation=delegation,
            name=name,
            members=members,
            structures=region.structures,
            whole=_whole(region.themes),
            themes=_themes(bank, region.themes),
            levels=[
                LevelPictureOut(code=level.code, label=level.label, structures=region.levels[level.code])
                for level in bank.levels
            ],
        )


class PresentRowOut(RowOut):
    """Une délégation, ou le pays, dans l'image d'aujourd'hui."""

    counted_to: date | None = Field(description="Jour de la dernière auto-évaluation qui y compte")

    @classmethod
    def of(cls, bank: Bank, delegation: str | None, name: str, members: int, present: Present) -> Self:
        """Write a row of the picture."""
        return cls(
            delegation=delegation,
            name=name,
            members=members,
            structures=present.structures,
            whole=_whole(present.themes),
            themes=_themes(bank, present.themes),
            counted_to=present.counted_to,
        )


def _whole(cells: Mapping[str, ThemeCell | None]) -> WholePictureOut:
    whole = cells.get(WHOLE)
    return WholePictureOut(mean=whole.mean if whole else None, median=whole.median if whole else None)


def _themes(bank: Bank, cells: Mapping[str, ThemeCell | None]) -> list[ThemePictureOut]:
    return [
        ThemePictureOut(
            code=theme.code,
            name=theme.name,
            mean=cell.mean if (cell := cells.get(theme.code)) else None,
            median=cell.median if cell else None,
        )
        for theme in bank.themes
    ]


class PictureOut(Schema):
    """L'image d'une période, où aucune structure ne se reconnaît."""

    family: str
    bank: str = Field(description="La version qui servait au dernier jour : ses thèmes, ses points, ses niveaux")
    bank_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    first: date
    last: date = Field(
        description="Chaque structure compte une fois : sa dernière auto-évaluation remise jusqu'à ce jour"
    )
    out_of: int
    fewest: int = Field(description="Moins de structures que cela : masqué, et de quoi le retrouver par soustraction")
    rule_status: str = Field(description="De la période et du minimum : published ou assumed")
    rule_source: str
    country: RegionOut
    delegations: list[RegionOut]


class PresentPictureParams(Schema):
    """Of what the present picture is."""

    family: Code = Field(examples=["cap"], description="La démarche ; ses versions s'y réunissent")


class PresentPictureOut(Schema):
    """L'image d'aujourd'hui : la période en cours, par blocs dont aucun ne montre une structure."""

    family: str
    bank: str = Field(description="La version qui sert aujourd'hui : ses thèmes, ses points")
    bank_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    first: date = Field(description="Premier jour de la période en cours")
    last: date = Field(description="Hier : ce qui est remis aujourd'hui peut compter demain")
    out_of: int
    fewest: int = Field(
        description="Elle ne bouge que d'autant de structures au moins, et laisse attendre autant d'autres"
    )
    rule_status: str = Field(description="De la période et du minimum : published ou assumed")
    rule_source: str
    country: PresentRowOut
    delegations: list[PresentRowOut] = Field(
        description="Celles dont on peut lire chaque auto-évaluation : la sienne, ou toutes pour le réseau"
    )
