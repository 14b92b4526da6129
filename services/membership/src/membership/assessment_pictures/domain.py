"""Pictures by delegation in which no single structure can be recognised: of a period that is over, and the present."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from typing import Final
from uuid import UUID

from common.errors import Conflict
from common.secrecy import hidden_columns, hidden_parts, is_whole_hidden, shown_rows
from common.wording import write_day
from membership.banks.domain import Bank, Scores, in_points, level_of

WHOLE: Final = "*"
"""The measure that is all themes together."""


class PictureNotOver(Conflict):
    """A picture is drawn once its period is over: two pictures of a running one, compared, would show one structure."""

    code = "picture_year_not_over"


@dataclass(frozen=True, slots=True)
class PictureRule:
    """How many years a picture takes, and below how many structures it hides. Dated data, with source and status.

    Periods follow each other from ``since`` and share no day: nobody finds by difference who came in between.
    """

    since: date
    years: int
    fewest: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Period:
    """The years of a picture, both days included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one structure brings to the picture: where it is, its points by theme and of the ``WHOLE``, its level."""

    delegation: str | None
    points: Mapping[str, int | None]
    level: str


@dataclass(frozen=True, slots=True)
class Handed:
    """One assessment as it was submitted, and by whom then: neither changes any more."""

    structure: UUID
    day: date
    brought: Contribution


@dataclass(frozen=True, slots=True)
class ThemeCell:
    """The mean and the median of a theme, or of the whole, in points."""

    mean: int
    median: int


@dataclass(frozen=True, slots=True)
class Region:
    """One delegation's row, or the country's. What is None is hidden: it counts too few, or would give away another."""

    structures: int | None
    themes: Mapping[str, ThemeCell | None]
    levels: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """The country and its parts; the part ``None`` is what no delegation covers."""

    country: Region
    parts: Mapping[str | None, Region]


Parts = Mapping[str | None, Sequence[Contribution]]
Points = Mapping[str | None, Sequence[int]]
"""What structures bring, and the points of a measure, by where they are."""


def period_of(rule: PictureRule, year: int) -> Period:
    """Return the period of a rule that a year is in."""
    first = year - (year - rule.since.year) % rule.years
    return Period(date(first, 1, 1), date(first + rule.years - 1, 12, 31))


def require_over(period: Period, today: date) -> None:
    """Let only a period be shown that is over. Raises PictureNotOver."""
    if period.last >= today:
        raise PictureNotOver(
            f"L'image de {period.first.year} à {period.last.year} se lit à partir du"
            f" {write_day(period.last + timedelta(days=1))} : avant, la différence entre deux lectures montrerait une"
            " structure."
        )


def contribution(reference: Bank, delegation: str | None, bank: Bank, scores: Scores) -> Contribution:
    """Return what a structure's scores bring to a picture, by whichever version of the family it answered.

    Points are a share of each bank's own whole, written in points of the picture's bank; so is the level.
    """

    def written(points: int | None) -> int | None:
        return None if points is None else in_points(Fraction(points, bank.out_of), reference.out_of)

    whole = written(scores.whole.points)
    themes = {theme.code: scores.themes.get(theme.code) for theme in reference.themes}
    points = {code: written(one.points) if one else None for code, one in themes.items()}
    level = "" if whole is None else level_of(reference, whole).code
    return Contribution(delegation, {**points, WHOLE: whole}, level)


def draw(bank: Bank, contributions: Sequence[Contribution], fewest: int) -> Picture:
    """Return the picture, without what counts too few structures, nor what would tell it by subtraction.

    A delegation knows its own structures one by one: nothing is told that it could find others by. Where the parts'
    own counts are hidden, everything of them is. A theme is also hidden where too few structures have it, or where
    all say the same; the levels, where a part's row or the rest of the country beside it counts too few in one.
    """
    by_part = _by_delegation(contributions)
    counts = {part: len(ones) for part, ones in by_part.items()}
    hidden = hidden_parts(counts, fewest, insiders=True)
    measures = (WHOLE, *(theme.code for theme in bank.themes))
    cells = {measure: _cells(bank, measure, by_part, hidden, fewest) for measure in measures}
    rows = {part: _levels(bank, ones) for part, ones in by_part.items()}
    few = hidden_columns(rows, fewest) if rows else frozenset(level.code for level in bank.levels)
    told = frozenset() if few else shown_rows(rows, fewest, insiders=True) - hidden
    country = None if is_whole_hidden(counts, hidden, fewest, insiders=True) else len(contributions)
    return Picture(
        country=Region(
            structures=country,
            themes={measure: _country_cell(bank, measure, by_part, cells[measure], fewest) for measure in measures},
            levels={
                level: None if level in few or country is None else count
                for level, count in _levels(bank, contributions).items()
            },
        ),
        parts={
            part: Region(
                structures=None if part in hidden else len(ones),
                themes={measure: cells[measure][part] for measure in measures},
                levels={level: count if part in told else None for level, count in rows[part].items()},
            )
            for part, ones in by_part.items()
        },
    )


@dataclass(frozen=True, slots=True)
class Present:
    """What the structures of a running period come to, as far as is told. ``counted_to`` is the last day it counts."""

    structures: int | None
    themes: Mapping[str, ThemeCell | None]
    counted_to: date | None


def draw_present(bank: Bank, handed: Sequence[Handed], fewest: int, *, insiders: bool) -> Present:
    """Return the picture of what was submitted so far, in the order in which it was, as far as it is settled."""
    cells = {}
    for measure in (WHOLE, *(theme.code for theme in bank.themes)):
        points = _latest_points(measure, settled(bank, measure, handed, fewest, insiders=insiders))
        cells[measure] = None if not points or _is_telling(bank, points, insiders=insiders) else _cell(_all_of(points))
    counted = settled(bank, WHOLE, handed, fewest, insiders=insiders)
    return Present(
        structures=len({one.structure for one in counted}) or None,
        themes=cells,
        counted_to=counted[-1].day if counted else None,
    )


def settled(bank: Bank, measure: str, handed: Sequence[Handed], fewest: int, *, insiders: bool) -> list[Handed]:
    """Return what a present picture counts of a measure: every full block of what was submitted, but the last one.

    Two pictures then differ by whole blocks, and the picture of the period, once it is over, by the last full one at
    least: what comes between two readings is never of few structures. ``handed`` is in the order of submission, and
    is only ever added to at its end. With ``insiders``, a block is of as many structures outside any one delegation,
    which knows its own.
    """
    blocks: list[list[Handed]] = []
    block: list[Handed] = []
    for one in handed:
        if one.brought.points.get(measure) is not None:
            block.append(one)
            if _is_full(bank, measure, block, fewest, insiders=insiders):
                blocks.append(block)
                block = []
    return [one for full in blocks[:-1] for one in full]


def _is_full(bank: Bank, measure: str, block: Sequence[Handed], fewest: int, *, insiders: bool) -> bool:
    """Tell whether a block says nothing of one structure: it is of enough, and they do not all say the same."""
    points = _latest_points(measure, block)
    counts = [len(found) for found in points.values()]
    largest = max(counts) if insiders else 0
    return sum(counts) - largest >= fewest and not _is_telling(bank, points, insiders=insiders)


def _latest_points(measure: str, handed: Sequence[Handed]) -> Points:
    """Return each structure's points, those it submitted last, by where it was."""
    latest = {one.structure: one.brought for one in handed}
    return {part: _points(measure, ones) for part, ones in _by_delegation(latest.values()).items()}


def _by_delegation(contributions: Iterable[Contribution]) -> Parts:
    """Return contributions by where their structures are."""
    parts: dict[str | None, list[Contribution]] = {}
    for one in contributions:
        parts.setdefault(one.delegation, []).append(one)
    return parts


def _cells(
    bank: Bank, measure: str, parts: Parts, hidden: Collection[str | None], fewest: int
) -> dict[str | None, ThemeCell | None]:
    """Return one measure's cell of each part; where all say the same, each structure's points would be told.

    What is hidden is known together, and by a delegation of it without its own: nor do these all say the same.
    """
    points = {part: _points(measure, ones) for part, ones in parts.items()}
    same = {part for part, found in points.items() if _says_one_thing(bank, found)}
    counts = {part: len(found) for part, found in points.items()}
    closed = {*hidden, *hidden_parts(counts, fewest, told=same, insiders=True)}
    others = sorted(points.keys() - closed, key=lambda part: counts[part])
    while others and _is_telling(bank, {part: points[part] for part in closed}, insiders=True):
        closed.add(others.pop(0))
    return {part: None if part in closed else _cell(found) for part, found in points.items()}


def _country_cell(
    bank: Bank, measure: str, parts: Parts, cells: Mapping[str | None, ThemeCell | None], fewest: int
) -> ThemeCell | None:
    points = {part: _points(measure, ones) for part, ones in parts.items()}
    counts = {part: len(found) for part, found in points.items()}
    rest = {part: points[part] for part, cell in cells.items() if cell is None}
    if is_whole_hidden(counts, rest, fewest, insiders=True):
        return None
    if any(_is_telling(bank, known, insiders=True) for known in (points, rest)):
        return None
    return _cell(_all_of(points))


def _points(measure: str, ones: Sequence[Contribution]) -> list[int]:
    return [found for one in ones if (found := one.points.get(measure)) is not None]


def _is_telling(bank: Bank, points: Points, *, insiders: bool) -> bool:
    """Tell whether a mean says what each structure answered, or, with ``insiders``, each one outside a delegation."""
    rests = [points]
    if insiders:
        rests += [{part: points[part] for part in points if part != known} for known in points if known]
    return any(_says_one_thing(bank, _all_of(rest)) for rest in rests)


def _says_one_thing(bank: Bank, points: Sequence[int]) -> bool:
    """Tell whether points are all the same, or at an end of the scale."""
    return bool(points) and (len(set(points)) == 1 or _cell(points).mean in (0, bank.out_of))


def _all_of(points: Points) -> list[int]:
    return [one for found in points.values() for one in found]


def _levels(bank: Bank, ones: Sequence[Contribution]) -> dict[str, int]:
    return {level.code: sum(one.level == level.code for one in ones) for level in bank.levels}


def _cell(points: Sequence[int]) -> ThemeCell:
    return ThemeCell(mean=_rounded(Fraction(sum(points), len(points))), median=_rounded(Fraction(median(points))))


def _rounded(value: Fraction) -> int:
    return int(value + Fraction(1, 2))
