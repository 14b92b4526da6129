"""Reads of the territory: what every capability asks of it."""

from membership.territory.repository import load_territory, zones

__all__ = ["load_territory", "zones"]
