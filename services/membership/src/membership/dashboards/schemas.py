"""API shapes of the dashboards."""

from pydantic import Field

from common.types import Schema
from membership.dashboards.domain import FigureGroup
from membership.interviews.schemas import CountedYear


class DashboardParams(Schema):
    """Which year."""

    year: CountedYear | None = Field(None, description="Cette année par défaut")


class DashboardFigureOut(Schema):
    """Un chiffre, ce qu'il compte, et la liste de ses lignes."""

    code: str
    group: FigureGroup
    group_label: str
    label: str
    definition: str
    value: int
    list: str = Field(
        description="La liste des lignes comptées : son total est ce chiffre",
        examples=["/membership/v1/encounters/2026/members?met=false&delegation=occitanie"],
    )


class DashboardOut(Schema):
    """Le tableau de bord d'une délégation, ou de toutes."""

    delegation: str | None = Field(description="Vide pour l'ensemble")
    name: str
    year: int
    figures: list[DashboardFigureOut]


class DashboardsOut(Schema):
    """Les tableaux de bord d'une année, dans le périmètre de l'appelant."""

    year: int
    items: list[DashboardOut]
    total: DashboardOut | None = Field(
        description="Pour le réseau : l'ensemble, y compris ce qu'aucune délégation ne couvre"
    )
