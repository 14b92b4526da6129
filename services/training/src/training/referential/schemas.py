"""API shapes of the quality referential."""

from datetime import date
from typing import Annotated

from pydantic import Field

from common.pagination import MOST_SHOWN
from common.types import Day, Schema
from training.referential.domain import AppliesTo, Standing, Weight

VersionCode = Annotated[str, Field(min_length=1, max_length=20, examples=["V9"])]


class IndicatorOut(Schema):
    """Un indicateur, en résumé : seul le décret fait foi."""

    number: int
    criterion: int
    criterion_label: str
    text: str
    applies_to: AppliesTo
    applies_to_label: str
    over_days: int | None = Field(description="Seulement d'une formation de plus de jours que cela")
    weight: Weight
    weight_label: str
    status: Standing
    unknown: str | None = Field(description="Ce qu'on n'en sait pas")


class ReferentialVersionOut(Schema):
    """Une version du référentiel."""

    code: str
    label: str
    since: date
    source: str
    status: Standing
    weights_status: Standing = Field(description="Sur quoi repose la gravité des manquements")
    weights_source: str
    unknown: list[str] = Field(description="Ce qu'on ne sait pas de cette version")


class QualityReferentialOut(ReferentialVersionOut):
    """Le référentiel d'un jour, et ses indicateurs qui valent pour ce que l'on fait."""

    total: int = Field(description="Nombre d'indicateurs de la version, tous publics confondus")
    items: list[IndicatorOut] = Field(max_length=MOST_SHOWN)


class ReferentialParams(Schema):
    """Of which day, and for what."""

    on: Day | None = Field(None, description="Le jour ; aujourd'hui s'il n'est pas dit")
    certifying: bool = Field(False, description="true : des formations mènent à une certification (RNCP, RS)")
    on_the_job: bool = Field(False, description="true : des formations sont en alternance ou en situation de travail")


class ReferentialComparisonParams(Schema):
    """Which two versions."""

    before: VersionCode = Field(description="Code de la version d'avant")
    after: VersionCode = Field(description="Code de celle d'après")


class IndicatorChangeOut(Schema):
    """Un indicateur qui diffère. Sans nouveau libellé, `unknown` dit ce qui n'a pas été lu."""

    number: int
    before: IndicatorOut | None = Field(description="Absent : l'indicateur est nouveau")
    after: IndicatorOut | None = Field(description="Absent : l'indicateur n'y est plus")


class ReferentialComparisonOut(Schema):
    """Deux versions côte à côte, par les indicateurs qui diffèrent."""

    before: ReferentialVersionOut
    after: ReferentialVersionOut
    items: list[IndicatorChangeOut] = Field(max_length=MOST_SHOWN)
