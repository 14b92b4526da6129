"""Of several activities, the one that rates a structure, by the rule of the grid."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.errors import Conflict
from common.wording import counted
from dues.grids.domain.grid import Grid, SeveralActivities


class NoActivity(Conflict):
    """The structure has no activity to rate."""

    code = "no_activity"
    title = "Aucune activité"


class MainActivityUnclear(Conflict):
    """Of several activities, not exactly one is marked as the main one."""

    code = "main_activity_unclear"
    title = "Activité principale indéterminée"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity of a structure, as membership names it: the kind may be one that no grid knows yet."""

    kind: str
    main: bool


def rated_activity(grid: Grid, activities: Sequence[Activity]) -> Activity:
    """Return the activity whose rate applies to the whole base.

    Of equal rates the main activity's is kept, or else that of the activity named first: their caps may differ.
    Raises ``NoActivity``, ``MainActivityUnclear``, ``RateNotFound``.
    """
    if grid.several_activities.value is SeveralActivities.MAIN_ACTIVITY or len(activities) < 2:
        return main_activity(activities)
    main_first = sorted(activities, key=lambda activity: not activity.main)
    return max(main_first, key=lambda activity: grid.group_of(activity.kind).rate.value)


def main_activity(activities: Sequence[Activity]) -> Activity:
    """Return the activity that sets the rate: the only one, or the one marked main.

    Raises ``NoActivity``, ``MainActivityUnclear``.
    """
    if not activities:
        raise NoActivity("Aucune activité n'est déclarée : le taux de la structure est inconnu.")
    if len(activities) == 1:
        return activities[0]
    marked = [activity for activity in activities if activity.main]
    if len(marked) != 1:
        main = counted(len(marked), "marquée comme principale", "marquées comme principales")
        raise MainActivityUnclear(
            f"La structure a {len(activities)} activités, dont {main} : "
            "il en faut une et une seule pour choisir le taux."
        )
    return marked[0]
