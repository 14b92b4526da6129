"""The picture of a year by delegation, in which no single structure can be recognised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median
from typing import Final

from common.errors import Conflict
from common.secrecy import hidden_parts, is_too_few, shown_rows
from common.wording import write_day
from membership.banks.domain import Bank

FEWEST: Final = 5
"""Fewer structures than this are hidden. Assumed: no source sets it."""


class PictureNotOver(Conflict):
    """A picture is drawn once its year is over: two pictures of a running year, compared, would show one structure."""

    code = "picture_year_not_over"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one structure brings to the picture: where it is, its points by theme, its level."""

    delegation: str | None
    points: Mapping[str, int | None]
    level: str


@dataclass(frozen=True, slots=True)
class ThemeCell:
    """The mean and the median of a theme, in points."""

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


def require_over(year: int, today: date) -> None:
    """Let only a year be shown that is over. Raises PictureNotOver."""
    if year >= today.year:
        raise PictureNotOver(
            f"L'image de {year} se lit à partir du {write_day(date(year + 1, 1, 1))} : avant, la différence entre deux"
            " lectures montrerait une structure."
        )


def draw(bank: Bank, contributions: Sequence[Contribution], fewest: int = FEWEST) -> Picture:
    """Return the picture, without what counts too few structures, nor what would tell it by subtraction.

    Where the parts' own counts are hidden, everything of them is. A theme is also hidden where too few structures
    have it; the levels, where a part's row or the rest of the country beside it counts too few in one of them.
    """
    by_part: dict[str | None, list[Contribution]] = {}
    for one in contributions:
        by_part.setdefault(one.delegation, []).append(one)
    hidden = hidden_parts({part: len(ones) for part, ones in by_part.items()}, fewest)
    themes = [theme.code for theme in bank.themes]
    closed = {
        theme: hidden | hidden_parts({part: _having(theme, ones) for part, ones in by_part.items()}, fewest)
        for theme in themes
    }
    rows = {part: _levels(bank, ones) for part, ones in by_part.items()}
    whole = _levels(bank, contributions)
    few = hidden_parts(whole, fewest)
    told = frozenset() if few else shown_rows(rows, fewest) - hidden
    too_few = is_too_few(len(contributions), fewest)
    return Picture(
        country=Region(
            structures=None if too_few else len(contributions),
            themes={theme: _cell(theme, contributions, fewest) for theme in themes},
            levels={level: None if level in few else count for level, count in whole.items()},
        ),
        parts={
            part: Region(
                structures=None if part in hidden else len(ones),
                themes={theme: None if part in closed[theme] else _cell(theme, ones, fewest) for theme in themes},
                levels={level: count if part in told else None for level, count in rows[part].items()},
            )
            for part, ones in by_part.items()
        },
    )


def _having(theme: str, ones: Sequence[Contribution]) -> int:
    return sum(one.points.get(theme) is not None for one in ones)


def _levels(bank: Bank, ones: Sequence[Contribution]) -> dict[str, int]:
    return {level.code: sum(one.level == level.code for one in ones) for level in bank.levels}


def _cell(theme: str, ones: Sequence[Contribution], fewest: int) -> ThemeCell | None:
    points = [found for one in ones if (found := one.points.get(theme)) is not None]
    if is_too_few(len(points), fewest):
        return None
    return ThemeCell(mean=_rounded(Fraction(sum(points), len(points))), median=_rounded(Fraction(median(points))))


def _rounded(value: Fraction) -> int:
    return int(value + Fraction(1, 2))
