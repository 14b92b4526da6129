"""A due explained in words and figures: one text for the API, the printed call and the answer on the phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.labels import Labelled
from common.money import format_euros
from common.wording import write_day
from dues.grids.domain.bases import Base, BaseOrigin
from dues.grids.domain.data import Datum, DatumStatus, least_sure
from dues.grids.domain.grid import Activity, Grid, Group, kind_label
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


def explain(
    grid: Grid,
    group: Group,
    activities: Sequence[Activity],
    main: Activity,
    variable: VariablePart | None,
    joined_on: date | None,
) -> tuple[ExplanationLine, ...]:
    """Tell how a due was computed, step by step, leaving out the steps that do not concern the structure."""
    lines = [
        _line(Step.GRID, f"Grille {grid.year}, {grid.vote.value}", None, grid.vote),
        _line(Step.FIXED, f"{format_euros(grid.fixed.value)} pour toutes les structures", grid.fixed.value, grid.fixed),
    ]
    if len(activities) > 1:
        kinds = ", ".join(kind_label(activity.kind) for activity in activities)
        text = f"{kind_label(main.kind)}, principale parmi {kinds} : {grid.several_activities.value.label}"
        lines.append(_line(Step.ACTIVITY, text, None, grid.several_activities))
    if joined_on is not None and joined_on.year == grid.year:
        text = f"Adhésion le {write_day(joined_on)} : {grid.joiners.value.label}"
        lines.append(_line(Step.JOINER, text, None, grid.joiners))
    if variable is None:
        lines += [
            _line(Step.RATE, f"Part fixe seule pour le groupe {group.label}", None, group.rate),
            _line(Step.VARIABLE, format_euros(Decimal(0)), Decimal("0.00"), group.rate),
        ]
    else:
        lines += _variable_lines(grid, group, variable)
    return (*lines, _total(lines))


def _variable_lines(grid: Grid, group: Group, part: VariablePart) -> list[ExplanationLine]:
    new_year = write_day(date(grid.year, 1, 1))
    hourly = format_euros(part.smic.hourly.value)
    cap = f"{part.cap_hours.value} × SMIC horaire brut au {new_year} ({hourly}) = {format_euros(part.cap)}, " + (
        "plafond atteint" if part.capped else "plafond non dépassé"
    )
    kept = "limitée au plafond" if part.capped else "sans plafonnement"
    product = (grid.base, part.base.amount, part.rate)
    limit = (part.cap_hours, part.smic.hourly)
    return [
        _line(Step.BASE, _base(grid, part.base), part.base.amount.value, grid.base, part.base.amount),
        _line(Step.RATE, f"{write_rate(part.rate.value)} pour le groupe {group.label}", None, part.rate),
        _line(Step.BEFORE_CAP, _product(part), part.before_cap, *product),
        _line(Step.CAP, cap, part.cap, *limit),
        _line(Step.VARIABLE, f"{format_euros(part.amount)}, {kept}", part.amount, *product, *limit),
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
