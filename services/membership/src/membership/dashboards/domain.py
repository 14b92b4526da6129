"""A delegation's dashboard: figures, each with what it counts and where its rows are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import NotFound
from common.labels import Labelled


class DelegationNotFound(NotFound):
    """No such delegation within reach."""

    code = "delegation_not_found"


class FigureGroup(Labelled):
    """What a figure is about."""

    MEMBERS = "members", "Adhérentes"
    ENCOUNTERS = "encounters", "Rencontres"
    DECLARATIONS = "declarations", "Déclarations d'activité"
    DUES = "dues", "Cotisations"
    BOARD = "board", "Candidatures et procédures"
    RENEWALS = "renewals", "Renouvellement"
    SUPPORT = "support", "Demandes d'appui"
    ACCOMPANIMENTS = "accompaniments", "Accompagnements"
    ASSESSMENTS = "assessments", "Auto-évaluations"


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted, for whoever reads the number; ``path`` and ``filters`` are the list that has these rows.

    ``by`` is the filter of that list that keeps one delegation's.
    """

    code: str
    group: FigureGroup
    label: str
    definition: str
    path: str
    filters: Mapping[str, Any]
    by: str = "delegation"


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure, counted by delegation; None stands for the structures that no delegation covers."""

    figure: Figure
    by_delegation: Mapping[str | None, int]

    def of(self, delegation: str) -> int:
        """Return the figure of one delegation."""
        return self.by_delegation.get(delegation, 0)

    @property
    def total(self) -> int:
        """The figure of the whole reach."""
        return sum(self.by_delegation.values())
