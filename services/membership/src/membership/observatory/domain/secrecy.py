"""Statistical secrecy: what a whole tells to anybody, and to a delegation that reads all its own structures. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.labels import Labelled
from common.secrecy import hidden_parts
from membership.members.domain import ActivityKind


class HiddenBecause(Labelled):
    """Why a figure is not shown."""

    TOO_FEW = "too_few", "trop peu de structures"
    DEDUCIBLE = "deducible", "se déduirait des autres"
    DOMINATED = "dominated", "une structure fait l'essentiel du total"


@dataclass(frozen=True, slots=True)
class SecrecyRule:
    """Below how many structures nothing is shown, nor quartiles, and which share of a total one structure may make.

    Dated data, with source and status.
    """

    since: date
    minimum: int
    quartiles_minimum: int
    largest_percent: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a figure is about: a kind of activity, or all of them, in a delegation or the whole country.

    Structures without a delegation are those of ``""``: a part of the country that is counted, and never shown.
    """

    kind: ActivityKind | None
    delegation: str | None


EVERYWHERE = Scope(None, None)
"""All kinds of activity, in the whole country."""


Quartiles = tuple[Decimal, Decimal, Decimal]
"""The first quartile, the median and the third."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the structures of a scope make of one indicator, before secrecy. ``largest`` is the largest value.

    Those who say zero are counted, and not ``giving``: a total is of those who give, and each of few subtracts itself.
    Without quartiles it is counted and added up only, and no cell is made of it.
    """

    count: int
    quartiles: Quartiles | None
    total: Decimal
    largest: Decimal
    giving: int


Unknown = Mapping[str | None, Summary]
"""What remains of a scope's total for whoever knows a part of it: anybody (None), and each delegation."""


def unknown(whole: Summary, parts: Mapping[str, Summary]) -> Unknown:
    """Return what each does not know of a whole in ``parts``: a delegation reads every figure of its own structures."""
    rests: dict[str | None, Summary] = {None: whole}
    rests |= {known: together(part for one, part in parts.items() if one != known) for known in parts if known}
    return rests


def names_few(unknown_: Unknown, rule: SecrecyRule) -> bool:
    """Tell whether what somebody does not know is of few; who knows all of it already learns nothing."""
    return any(0 < rest.count < rule.minimum for rest in unknown_.values())


def names_somebody(unknown_: Unknown, rule: SecrecyRule) -> bool:
    """Tell whether a total names a structure to somebody; who knows all of it already learns nothing."""
    return any(rest.count and is_of_few(rest, rule) for rest in unknown_.values())


def is_of_few(summary: Summary, rule: SecrecyRule) -> bool:
    """Tell whether a total is nearly a structure's own: of too few, or of one that makes most of it."""
    return summary.giving < rule.minimum or summary.largest * 100 > summary.total * rule.largest_percent


def together(summaries: Iterable[Summary]) -> Summary:
    """Return what distinct structures make together."""
    every = list(summaries)
    return Summary(
        count=sum(one.count for one in every),
        quartiles=None,
        total=sum((one.total for one in every), Decimal(0)),
        largest=max((one.largest for one in every), default=Decimal(0)),
        giving=sum(one.giving for one in every),
    )


def hidden_wholes(kinds: Mapping[Scope, Unknown], rule: SecrecyRule, told: Collection[Scope]) -> frozenset[Scope]:
    """Return which kinds to hide of a whole that is told: together, those hidden name nobody either."""
    counts = {scope: rests[None].giving for scope, rests in kinds.items()}
    named = {scope for scope, rests in kinds.items() if scope in told or names_somebody(rests, rule)}
    while True:
        hidden = hidden_parts(counts, rule.minimum, told=named)
        others = sorted((scope for scope in counts if scope not in hidden), key=counts.__getitem__)
        if not hidden or not others or not names_somebody(_at_worst([kinds[one] for one in hidden]), rule):
            return hidden
        named = {*hidden, others[0]}


def _at_worst(kinds: Collection[Unknown]) -> Unknown:
    """Return what several kinds leave unknown if the same structures have them all: as few, and as large, as can be."""
    rests = {}
    for knows in {knows for each in kinds for knows in each}:
        every = [each.get(knows, each[None]) for each in kinds]
        rests[knows] = Summary(
            count=max(one.count for one in every),
            quartiles=None,
            total=sum((one.total for one in every), Decimal(0)),
            largest=sum((one.largest for one in every), Decimal(0)),
            giving=max(one.giving for one in every),
        )
    return rests
