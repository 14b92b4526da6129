"""What keeps a grid from being applied: everything that is wrong with it at once, each where it stands."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from common.errors import Conflict, FieldError
from common.money import CENT
from dues.grids.domain.grid import ActivityKind, Beneficiary, Grid, Group

# "jusqu'à 10 %" for the mutual fund: activity report 2024.
MUTUAL_FUND_AT_MOST = Decimal(10)
# Dues are those of a calendar year: a term beyond it is a typing error.
_DUE_DAYS_AT_MOST = 365


class GridUnusable(Conflict):
    """The grid has defects: no due can be computed with it. ``errors`` says each."""

    code = "grid_unusable"
    title = "Grille inutilisable"


def defects(grid: Grid) -> tuple[FieldError, ...]:
    """Return all that is wrong with a grid, each with a JSON pointer into it; none, and it can be applied."""
    return (*_fixed(grid), *_groups(grid), *_kinds(grid), *_due_days(grid), *_shares(grid))


def require_usable(grid: Grid) -> None:
    """Raise ``GridUnusable`` with every defect of the grid, if it has any."""
    found = defects(grid)
    if found:
        count = "un défaut" if len(found) == 1 else f"{len(found)} défauts"
        raise GridUnusable(f"La grille {grid.year} a {count} : {found[0].message}", errors=found)


def _fixed(grid: Grid) -> Iterator[FieldError]:
    amount = grid.fixed.value
    if amount < 0 or amount != amount.quantize(CENT):
        yield FieldError("/fixed", "fixed_not_usable", "La part fixe est un montant positif ou nul, en centimes.")


def _groups(grid: Grid) -> Iterator[FieldError]:
    for rank, group in enumerate(grid.groups):
        yield from _group(f"/groups/{rank}", group)


def _group(place: str, group: Group) -> Iterator[FieldError]:
    if not group.kinds:
        yield FieldError(
            f"{place}/kinds", "group_empty", f"Le groupe « {group.label} » ne contient aucun type d'activité."
        )
    if not 0 <= group.rate.value <= 1:
        yield FieldError(
            f"{place}/rate",
            "rate_out_of_range",
            f"Le taux du groupe « {group.label} » est une fraction de la base, de 0 à 1 (0,006 pour 0,6 %).",
        )
    if group.has_variable_part and group.cap_hours is None:
        yield FieldError(
            f"{place}/cap_hours",
            "cap_missing",
            f"Le groupe « {group.label} » a une part variable sans plafond en heures de SMIC.",
        )
    if group.cap_hours is not None and group.cap_hours.value <= 0:
        yield FieldError(
            f"{place}/cap_hours",
            "cap_not_positive",
            f"Le plafond du groupe « {group.label} » est un nombre d'heures de SMIC supérieur à zéro.",
        )


def _kinds(grid: Grid) -> Iterator[FieldError]:
    """Every kind stands in one group: none is left out, none is rated twice."""
    places: dict[ActivityKind, str] = {}
    for rank, group in enumerate(grid.groups):
        for place, kind in enumerate(group.kinds):
            if kind in places:
                message = f"Le type {kind.label} est déjà dans le groupe « {places[kind]} »."
                yield FieldError(f"/groups/{rank}/kinds/{place}", "kind_in_two_groups", message)
            places.setdefault(kind, group.label)
    for kind in ActivityKind:
        if kind not in places:
            yield FieldError("/groups", "kind_without_group", f"Le type {kind.label} n'est dans aucun groupe.")


def _due_days(grid: Grid) -> Iterator[FieldError]:
    if not 0 <= grid.due_days.value <= _DUE_DAYS_AT_MOST:
        message = f"Le délai de règlement va de 0 à {_DUE_DAYS_AT_MOST} jours."
        yield FieldError("/due_days", "due_days_out_of_range", message)


def _shares(grid: Grid) -> Iterator[FieldError]:
    named = Counter(share.beneficiary for share in grid.shares)
    for rank, share in enumerate(grid.shares):
        place, percent = f"/shares/{rank}/percent", share.percent.value
        if not 0 <= percent <= 100:
            message = f"La part « {share.beneficiary.label} » va de 0 à 100 %."
            yield FieldError(place, "share_out_of_range", message)
        elif share.beneficiary is Beneficiary.MUTUAL_FUND and percent > MUTUAL_FUND_AT_MOST:
            message = f"Le fonds mutualisé reçoit « jusqu'à {MUTUAL_FUND_AT_MOST} % » (rapport d'activité 2024)."
            yield FieldError(place, "mutual_fund_too_large", message)
        if named[share.beneficiary] > 1:
            message = f"La part « {share.beneficiary.label} » est donnée {named[share.beneficiary]} fois."
            yield FieldError(f"/shares/{rank}/beneficiary", "beneficiary_twice", message)
    total = sum((share.percent.value for share in grid.shares), Decimal(0))
    if total != 100:
        written = f"{total.normalize():f}".replace(".", ",")
        yield FieldError("/shares", "shares_not_whole", f"Les parts font {written} % : elles doivent faire 100 %.")


def require_sound(grid: Grid, year: int) -> None:
    """Accept the grid of a year that has no defect. Raises ValueError: what ships is mended before it serves."""
    if grid.year != year:
        raise ValueError(f"the grid of {year} says that it is that of {grid.year}")
    if found := defects(grid):
        raise ValueError(f"the grid of {year}: {' '.join(one.message for one in found)}")
