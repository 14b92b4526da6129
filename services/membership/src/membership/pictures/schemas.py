"""API shapes of pictures."""

from typing import Self

from pydantic import Field

from common.types import Schema
from membership.assessments.schemas import Code
from membership.banks.domain import Bank
from membership.pictures.domain import Region


class PictureParams(Schema):
    """Which picture: of what, and when."""

    bank: Code = Field(examples=["cap-2026"])
    year: int = Field(ge=2000, le=2100, examples=[2026], description="Une année finie")


class ThemePictureOut(Schema):
    """Un thème."""

    code: str
    name: str
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
    structures: int | None = Field(description="Combien ont remis cette auto-évaluation ; absent s'il est masqué")
    themes: list[ThemePictureOut]
    levels: list[LevelPictureOut]

    @classmethod
    def of(cls, bank: Bank, delegation: str | None, name: str, region: Region) -> Self:
        """Write a row of the picture."""
        cells = region.themes
        return cls(
            delegation=delegation,
            name=name,
            structures=region.structures,
            themes=[
                ThemePictureOut(
                    code=theme.code,
                    name=theme.name,
                    mean=cell.mean if (cell := cells[theme.code]) else None,
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
    """L'image d'une année, où aucune structure ne se reconnaît."""

    bank: str
    bank_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    year: int
    out_of: int
    fewest: int = Field(description="Moins de structures que cela : masqué, et de quoi le retrouver par soustraction")
    country: RegionOut
    delegations: list[RegionOut]
