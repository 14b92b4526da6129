"""A due explained in words and figures: one text for the API, the printed call and the answer on the phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.labels import Labelled
from common.money import format_euros
from common.sourced import Datum, DatumStatus
from common.wording import write_day
from dues.grids.domain.activities import Activity
from dues.grids.domain.bases import Base, BaseOrigin
from dues.grids.domain.data import least_sure
from dues.grids.domain.grid import Grid, Group, SeveralActivities, kind_label
from dues.grids.domain.joiners import WHOLE_YEAR, joined_within, months_due, twelfths
from dues.grids.domain.variable_part import VariablePart
from dues.grids.domain.wording import write_exact_euros, write_rate


class Step(Labelled):
    """The steps of the computation, in the order in which they are read."""

    GRID = "grid", "Grille"
    FIXED = "fixed", "Part fixe"
    ACTIVITY = "activity", "Activité retenue"
    JOINER = "joiner", "Adhésion en cours d'année"
    BASE = "base", "Base"
    RATE = "rate", "Taux"
    BEFORE_CAP = "before_cap", "Part variable avant plafond"
    CAP = "cap", "Plafond"
    VARIABLE = "variable", "Part variable"
    TOTAL = "total", "Cotisation"
    ALREADY_CALLED = "already_called", "Déjà appelé"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationLine:
    """One step: its sentence, its amount in euros if it has one, its sources, and the notes of what is assumed."""

    step: Step
    text: str
    amount: Decimal | None
    status: DatumStatus
    sources: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def label(self) -> str:
        """The French name of the step."""
        return self.step.label


@dataclass(frozen=True, slots=True)
class Case:
    """The structure at hand. Without ``group`` it owes the fixed part alone, as an associate member."""

    activities: tuple[Activity, ...]
    rated: Activity
    group: Group | None
    variable: VariablePart | None
    joined_on: date | None
    associate: bool


def explain(grid: Grid, case: Case) -> tuple[ExplanationLine, ...]:
    """Tell how a due was computed, step by step, leaving out the steps that do not concern the structure."""
    lines = [_line(Step.GRID, f"Grille {grid.year}, {grid.vote.value}", None, grid.vote), _fixed(grid, case)]
    if len(case.activities) > 1 and case.group is not None:
        lines.append(_line(Step.ACTIVITY, _activity(grid, case), None, grid.several_activities))
    if case.joined_on is not None and joined_within(grid, case.joined_on):
        lines.append(_line(Step.JOINER, _joiner(grid, case.joined_on), None, grid.joiners))
    if case.group is None or case.variable is None:
        lines += _without_variable_part(grid, case.group)
    else:
        lines += _variable_lines(grid, case.group, case.variable, associate=case.associate)
    return (*lines, _total(lines))


def _fixed(grid: Grid, case: Case) -> ExplanationLine:
    whole, months = grid.fixed.value, months_due(grid, case.joined_on)
    text = f"{format_euros(whole)} pour toutes les structures"
    if months == WHOLE_YEAR:
        return _line(Step.FIXED, text, whole, grid.fixed)
    due = twelfths(whole, months)
    return _line(Step.FIXED, f"{text}, {_twelfths(months)} = {format_euros(due)}", due, grid.fixed, grid.joiners)


def _activity(grid: Grid, case: Case) -> str:
    kinds = ", ".join(kind_label(activity.kind) for activity in case.activities)
    by_rate = grid.several_activities.value is SeveralActivities.HIGHEST_RATE
    chosen = "au taux le plus élevé" if by_rate else "principale"
    return f"{kind_label(case.rated.kind)}, {chosen} parmi {kinds} : {grid.several_activities.value.label}"


def _joiner(grid: Grid, joined_on: date) -> str:
    months = months_due(grid, joined_on)
    text = f"Adhésion le {write_day(joined_on)} : {grid.joiners.value.label}"
    return text if months == WHOLE_YEAR else f"{text}, soit {months} sur {WHOLE_YEAR}"


def _twelfths(months: int) -> str:
    return f"× {months}/{WHOLE_YEAR}"


def _without_variable_part(grid: Grid, group: Group | None) -> list[ExplanationLine]:
    text = (
        f"Part fixe seule pour le groupe {group.label}" if group else f"Membre associé : {grid.associates.value.label}"
    )
    reason: Datum[object] = group.rate if group else grid.associates
    return [
        _line(Step.RATE, text, None, reason),
        _line(Step.VARIABLE, format_euros(Decimal(0)), Decimal("0.00"), reason),
    ]


def _variable_lines(grid: Grid, group: Group, part: VariablePart, *, associate: bool) -> list[ExplanationLine]:
    new_year = write_day(date(grid.year, 1, 1))
    hourly = format_euros(part.smic.hourly.value)
    cap = f"{part.cap_hours.value} × SMIC horaire brut au {new_year} ({hourly}) = {format_euros(part.cap)}, " + (
        "plafond atteint" if part.capped else "plafond non dépassé"
    )
    kept = "limitée au plafond" if part.capped else "sans plafonnement"
    due = f"{format_euros(part.amount)}, {kept}"
    if part.months != WHOLE_YEAR:
        due = f"{format_euros(part.whole_year)}, {kept}, {_twelfths(part.months)} = {format_euros(part.amount)}"
    rate = f"{write_rate(part.rate.value)} pour le groupe {group.label}"
    if associate:
        rate += f", membre associé : {grid.associates.value.label}"
    share = (grid.joiners,) if part.months != WHOLE_YEAR else ()
    product = (grid.base, part.base.amount, part.rate)
    limit = (part.cap_hours, part.smic.hourly)
    return [
        _line(Step.BASE, _base(grid, part.base), part.base.amount.value, grid.base, part.base.amount),
        _line(Step.RATE, rate, None, part.rate, *((grid.associates,) if associate else ())),
        _line(Step.BEFORE_CAP, _product(part), part.before_cap, *product),
        _line(Step.CAP, cap, part.cap, *limit),
        _line(Step.VARIABLE, due, part.amount, *product, *limit, *share),
    ]


def _base(grid: Grid, base: Base) -> str:
    nature = f"{grid.base.value.label} {grid.base_year}"
    amount = format_euros(base.amount.value)
    if base.origin is BaseOrigin.DECLARED:
        return f"{amount} : {nature} ({base.description})"
    return f"{amount} : {base.description}, à la place du {nature}"


def _product(part: VariablePart) -> str:
    text = f"{format_euros(part.base.amount.value)} × {write_rate(part.rate.value)} = {write_exact_euros(part.exact)}"
    if part.exact == part.before_cap:
        return text
    return f"{text}, arrondi au centime (demi-centime au-dessus) : {format_euros(part.before_cap)}"


def _total(lines: Sequence[ExplanationLine]) -> ExplanationLine:
    parts = [line.amount for line in lines if line.step in (Step.FIXED, Step.VARIABLE) and line.amount is not None]
    total = sum(parts, Decimal(0))
    assumed = any(line.status is DatumStatus.ASSUMED for line in lines)
    return ExplanationLine(
        step=Step.TOTAL,
        text=" + ".join(format_euros(part) for part in parts) + f" = {format_euros(total)}",
        amount=total,
        status=DatumStatus.ASSUMED if assumed else DatumStatus.PUBLISHED,
        sources=_distinct(source for line in lines for source in line.sources),
        notes=_distinct(note for line in lines for note in line.notes),
    )


def _line(step: Step, text: str, amount: Decimal | None, *data: Datum[object]) -> ExplanationLine:
    return ExplanationLine(
        step=step,
        text=text,
        amount=amount,
        status=least_sure(*data),
        sources=_distinct(datum.source for datum in data),
        notes=_distinct(datum.note for datum in data if datum.status is DatumStatus.ASSUMED),
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
