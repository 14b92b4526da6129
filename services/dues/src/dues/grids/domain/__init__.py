"""The rules of dues: dated figures with their sources, the grid of a year, and what a structure owes."""

from dues.grids.domain.activities import Activity, MainActivityUnclear, NoActivity, main_activity, rated_activity
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
from dues.grids.domain.data import least_sure
from dues.grids.domain.defects import MUTUAL_FUND_AT_MOST, GridUnusable, defects, require_sound, require_usable
from dues.grids.domain.delegations import DELEGATIONS, delegation_name
from dues.grids.domain.explanation import ExplanationLine, Step
from dues.grids.domain.grid import (
    ActivityKind,
    Associates,
    BaseNature,
    Beneficiary,
    Grid,
    GridNotFound,
    Group,
    Joiners,
    RateNotFound,
    SeveralActivities,
    Share,
    kind_label,
)
from dues.grids.domain.smic import SmicNotPublished, SmicRate, SmicTable, hourly_smic, require_sound_table
from dues.grids.domain.variable_part import BaseMissing
from dues.grids.domain.wording import write_rate

__all__ = [
    "DELEGATIONS",
    "MUTUAL_FUND_AT_MOST",
    "Activity",
    "ActivityKind",
    "Assessment",
    "Associates",
    "Base",
    "BaseMissing",
    "BaseNature",
    "BaseNotUsable",
    "BaseOrigin",
    "Beneficiary",
    "ExplanationLine",
    "Grid",
    "GridNotFound",
    "GridUnusable",
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
    "defects",
    "delegation_name",
    "hourly_smic",
    "kind_label",
    "least_sure",
    "main_activity",
    "published_median",
    "rated_activity",
    "require_sound",
    "require_sound_table",
    "require_usable",
    "write_rate",
]
