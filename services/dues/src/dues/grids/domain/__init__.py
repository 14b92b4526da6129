"""The rules of dues: dated figures with their sources, the grid of a year, and what a structure owes."""

from dues.grids.domain.assessment import Assessment, assess
from dues.grids.domain.bases import (
    Base,
    BaseNotUsable,
    BaseOrigin,
    Median,
    PublishedMedians,
    declared_base,
    published_median,
)
from dues.grids.domain.data import Datum, DatumStatus, least_sure
from dues.grids.domain.explanation import ExplanationLine, Step
from dues.grids.domain.grid import (
    Activity,
    ActivityKind,
    BaseNature,
    Beneficiary,
    Grid,
    GridNotFound,
    Group,
    Joiners,
    MainActivityUnclear,
    NoActivity,
    RateNotFound,
    SeveralActivities,
    Share,
    kind_label,
    main_activity,
)
from dues.grids.domain.smic import SmicNotPublished, SmicRate, SmicTable, hourly_smic
from dues.grids.domain.variable_part import BaseMissing
from dues.grids.domain.wording import write_rate

__all__ = [
    "Activity",
    "ActivityKind",
    "Assessment",
    "Base",
    "BaseMissing",
    "BaseNature",
    "BaseNotUsable",
    "BaseOrigin",
    "Beneficiary",
    "Datum",
    "DatumStatus",
    "ExplanationLine",
    "Grid",
    "GridNotFound",
    "Group",
    "Joiners",
    "MainActivityUnclear",
    "Median",
    "NoActivity",
    "PublishedMedians",
    "RateNotFound",
    "SeveralActivities",
    "Share",
    "SmicNotPublished",
    "SmicRate",
    "SmicTable",
    "Step",
    "assess",
    "declared_base",
    "hourly_smic",
    "kind_label",
    "least_sure",
    "main_activity",
    "published_median",
    "write_rate",
]
