"""Loads the territory from the data files shipped with the service."""

from functools import cache

from common.shipped_data import shipped
from membership.territory.domain import Delegation, Territory, Zone


@cache
def load_territory() -> Territory:
    """Return the departments and delegations in force, read once per process."""
    return Territory.of(
        departments=shipped("membership.territory", "departments.toml")["departments"],
        delegations=(
            Delegation(entry["code"], entry["name"], frozenset(entry["departments"]))
            for entry in shipped("membership.territory", "delegations.toml")["delegations"]
        ),
    )


@cache
def zones() -> tuple[Zone, ...]:
    """Return the local times of the delegations that are not at the hour of Paris."""
    return tuple(Zone(**zone) for zone in shipped("membership.territory", "zones.toml")["zones"])
