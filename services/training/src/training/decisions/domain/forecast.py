"""How many will have enrolled: from how the sessions that were held had filled at the same number of days before.

A cancelled session is no measure: nobody knows how many would have come. So what is told of the past leans to those
that filled; the explanation says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
from statistics import quantiles

from common.labels import Labelled


class ForecastBasis(Labelled):
    """Which past sessions a forecast rests on: the nearest ones that are enough."""

    PROGRAMME = "programme", "du même programme"
    THEME = "theme", "du même thème"
    ALL = "all", "de tout le catalogue"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRule:
    """How many past sessions a forecast needs, and how many of the latest are looked at."""

    since: date
    sessions_min: int
    sessions_most: int
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How a session that was held had filled. ``changes``: seats taken more, or fewer, by days before its first."""

    programme_code: str
    theme: str
    changes: Mapping[int, int]

    @property
    def final(self) -> int:
        """How many seats were taken in the end."""
        return sum(self.changes.values())

    def share_at(self, days: int) -> Fraction:
        """Return which share of the final number was taken so many days before."""
        return Fraction(sum(seats for day, seats in self.changes.items() if day >= days), self.final)


@dataclass(frozen=True, slots=True)
class Point:
    """The share taken so many days before: of the middle session, and between which quarters."""

    days: int
    share: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How many seats will be taken; ``expected`` None: nothing tells, and ``explanation`` says why."""

    expected: int | None = None
    low: int | None = None
    high: int | None = None
    basis: ForecastBasis | None = None
    sessions: int
    explanation: str


def comparable(
    past: Iterable[Filling], programme_code: str, theme: str, enough: int
) -> tuple[ForecastBasis | None, tuple[Filling, ...]]:
    """Return the nearest past sessions that are enough, and how near they are; None and all there are where none is."""
    held = tuple(one for one in past if one.final > 0)
    near = {
        ForecastBasis.PROGRAMME: tuple(one for one in held if one.programme_code == programme_code),
        ForecastBasis.THEME: tuple(one for one in held if one.theme == theme),
        ForecastBasis.ALL: held,
    }
    return next(((basis, found) for basis, found in near.items() if len(found) >= enough), (None, held))


def point(past: Sequence[Filling], days: int) -> Point:
    """Return the share taken so many days before, among two sessions or more."""
    low, middle, high = quantiles([one.share_at(days) for one in past], n=4, method="inclusive")
    return Point(days, middle, low, high)


def forecast(
    taken: int, days: int, maximum: int, past: Iterable[Filling], programme_code: str, theme: str, rule: ForecastRule
) -> Forecast:
    """Return how many seats will be taken of a session that has ``taken`` of them, so many days before its first."""
    basis, found = comparable(past, programme_code, theme, rule.sessions_min)
    if basis is None:
        text = f"Pas de prévision : {len(found)} session(s) tenue(s) et remplie(s), il en faut {rule.sessions_min}."
        return Forecast(sessions=len(found), explanation=text)
    if not taken:
        text = "Pas de prévision : aucune place n'est prise, il n'y a rien à prolonger."
        return Forecast(sessions=len(found), explanation=text)
    at = point(found, days)
    if at.share <= 0:
        text = f"Pas de prévision : à {days} jour(s), la moitié des sessions passées n'avaient encore personne."
        return Forecast(sessions=len(found), explanation=text)
    return Forecast(
        expected=min(_nearest(taken / at.share), maximum),
        low=min(floor(taken / at.high), maximum),
        high=min(ceil(taken / at.low), maximum) if at.low > 0 else maximum,
        basis=basis,
        sessions=len(found),
        explanation=(
            f"À {days} jour(s) du début, les {len(found)} sessions tenues {basis.label} avaient {_percent(at.share)} de"
            f" leurs places finales (la moitié d'entre elles, entre {_percent(at.low)} et {_percent(at.high)})."
            " Les sessions annulées n'y sont pas : nul ne sait combien seraient venus."
        ),
    )


def _nearest(figure: Fraction) -> int:
    return floor(figure + Fraction(1, 2))


def _percent(share: Fraction) -> str:
    return f"{_nearest(share * 100)} %"
