"""What a simulation computes with, fixed when it is asked for: two grids, a SMIC, and what is supposed."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from common.money import format_euros
from common.sourced import Datum, DatumStatus
from common.wording import write_day
from dues.grids.domain import Grid, SmicNotPublished, SmicRate, SmicTable, hourly_smic
from dues.simulations.domain.refusals import SmicPublished


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Both grids stand for the year that is simulated; ``reference_year`` is the one the reference was voted for.

    ``renewed_in`` is the year whose members are supposed to stay, for a year that has not come.
    """

    asked_on: date
    reference_year: int
    reference: Grid
    draft: Grid
    smic: SmicRate
    use_published_medians: bool
    renewed_in: int | None

    @property
    def year(self) -> int:
        """The year that is simulated."""
        return self.draft.year


def scenario_of(
    reference: Grid,
    draft: Grid,
    year: int,
    smic: SmicTable,
    smic_hourly: Decimal | None,
    *,
    use_published_medians: bool,
    today: date,
) -> Scenario:
    """Return what the simulation of a year computes with. Raises ``SmicNotPublished``, ``SmicPublished``."""
    return Scenario(
        asked_on=today,
        reference_year=reference.year,
        reference=_carried_over(reference, year),
        draft=replace(draft, year=year),
        smic=_smic(smic, date(year, 1, 1), smic_hourly),
        use_published_medians=use_published_medians,
        renewed_in=today.year if year > today.year else None,
    )


def assumptions(scenario: Scenario) -> tuple[str, ...]:
    """Tell what the figures rest on, in French sentences: what is supposed, and what is still to be confirmed."""
    return tuple(dict.fromkeys(_assumptions(scenario)))


def _assumptions(scenario: Scenario) -> Iterator[str]:
    new_year, hourly = write_day(date(scenario.year, 1, 1)), format_euros(scenario.smic.hourly.value)
    yield f"Référence : la grille {scenario.reference_year}, {scenario.reference.vote.value}."
    if scenario.smic.hourly.status is DatumStatus.ASSUMED:
        yield f"SMIC horaire au {new_year} : {hourly}. {scenario.smic.hourly.note}"
    else:
        yield f"SMIC horaire au {new_year} : {hourly} ({scenario.smic.hourly.source})."
    yield (
        f"Bases : comptes {scenario.draft.base_year}, telles que déclarées le {write_day(scenario.asked_on)}"
        + (
            " ; à défaut, la médiane publiée pour le type d'activité."
            if scenario.use_published_medians
            else " ; sans base déclarée, une structure qui doit une part variable n'est pas comptée."
        )
    )
    if scenario.renewed_in is not None:
        yield f"Les adhérentes de {scenario.renewed_in} sont supposées le rester en {scenario.year}."
    yield "Les totaux ne comptent que les structures dont le montant est connu sous les deux grilles."
    for datum in _data(scenario.reference):
        if datum.status is DatumStatus.ASSUMED:
            yield f"Grille de référence, à confirmer : {datum.note}"


def _carried_over(grid: Grid, year: int) -> Grid:
    """Return a grid as if it stayed in force for a later year, and say so where it says what voted it."""
    if grid.year == year:
        return grid
    vote = Datum(
        value=f"celle de {grid.year}, {grid.vote.value}, supposée reconduite pour {year}",
        status=DatumStatus.ASSUMED,
        source=grid.vote.source,
        note=f"Aucune grille n'est votée pour {year}.",
    )
    return replace(grid, year=year, vote=vote)


def _smic(table: SmicTable, on: date, given: Decimal | None) -> SmicRate:
    try:
        published = hourly_smic(table, on=on)
    except SmicNotPublished:
        if given is None:
            raise
        note = f"Le SMIC du {write_day(on)} n'est pas publié."
        datum = Datum(value=given, status=DatumStatus.ASSUMED, source="Hypothèse de la simulation", note=note)
        return SmicRate(since=on, hourly=datum)
    if given is not None:
        raise SmicPublished(
            f"Le SMIC horaire au {write_day(on)} est publié ({format_euros(published.hourly.value)}) : "
            "une simulation de cette année le prend, sans hypothèse."
        )
    return published


def _data(grid: Grid) -> Iterator[Datum[Any]]:
    held = [getattr(grid, field.name) for field in fields(grid)]
    for group in grid.groups:
        held += [group.rate, group.cap_hours]
    held += [share.percent for share in grid.shares]
    return (datum for datum in held if isinstance(datum, Datum))
