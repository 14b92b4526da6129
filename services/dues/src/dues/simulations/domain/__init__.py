"""What each member would owe under a draft grid beside what it owes today, and what that makes of the whole."""

from dues.simulations.domain.comparison import Compared, GridRole, Outcome, compare_members
from dues.simulations.domain.refusals import (
    SimulatedMemberUnknown,
    SimulationNotFound,
    SimulationUnfinished,
    SmicPublished,
    require_finished,
)
from dues.simulations.domain.scenario import Scenario, assumptions, scenario_of
from dues.simulations.domain.summary import (
    COMPARED,
    Band,
    Figure,
    Filters,
    Part,
    Reason,
    Simulated,
    Summary,
    Sums,
    summarise,
)

__all__ = [
    "COMPARED",
    "Band",
    "Compared",
    "Figure",
    "Filters",
    "GridRole",
    "Outcome",
    "Part",
    "Reason",
    "Scenario",
    "Simulated",
    "SimulatedMemberUnknown",
    "SimulationNotFound",
    "SimulationUnfinished",
    "SmicPublished",
    "Summary",
    "Sums",
    "assumptions",
    "compare_members",
    "require_finished",
    "scenario_of",
    "summarise",
]
