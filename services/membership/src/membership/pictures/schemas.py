"""API shapes of pictures."""

from datetime import date
from typing import Self

from pydantic import Field

from common.types import Schema
from membership.assessments.schemas import Code
from membership.banks.domain import Bank
from membership.pictures.domain import WHOLE, Region


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


class RegionOut(Schema):
    """Une délégation, ou le pays."""

    delegation: str | None
    name: str
    members: int = Field(description="Combien de structures adhérentes au dernier jour de la période")
    structures: int | None = Field(description="Combien d'entre elles ont remis une auto-évaluation ; absent si masqué")
    whole: WholePictureOut
    themes: list[ThemePictureOut]
    levels: list[LevelPictureOut]

    @classmethod
    def of(cls, bank: Bank, delegation: str | None, name: str, members: int, region: Region) -> Self:
        """Write a row of the picture."""
        cells, whole = region.themes, region.themes.get(WHOLE)
        return cls(
            delegation=delegation,
            name=name,
            members=members,
            structures=region.structures,
            whole=WholePictureOut(mean=whole.mean if whole else None, median=whole.median if whole else None),
            themes=[
                ThemePictureOut(
                    code=theme.code,
                    name=theme.name,
                    mean=cell.mean if (cell := cells.get(theme.code)) else None,
                    median=cell.median if cell else None,
                )
                for theme in bank.themes
            ],
            levels=[
                LevelPictureOut(code=level.code, label=level.label, structures=region.levels[level.code])
                for level in bank.levels
            ],
        )


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
