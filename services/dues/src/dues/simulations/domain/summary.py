"""What a simulation comes to: totals, who wins and loses, by delegation, kind, beneficiary and size of difference.

Every figure carries the filters of the list that has its rows, and of those rows it is the exact sum.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from common.money import format_euros
from dues.apportionment.domain import apportion
from dues.campaigns.domain import BLOCKER_LABELS
from dues.grids.domain import Grid, delegation_name, kind_label
from dues.simulations.domain.comparison import Outcome
from dues.simulations.domain.scenario import Scenario

_ZERO = Decimal("0.00")
_CENT = Decimal("0.01")
_STEPS = (Decimal(100), Decimal(500), Decimal(1000))
Filters = tuple[tuple[str, str], ...]
"""Names and values of filters, as the list of lines takes them."""
COMPARED: Filters = tuple(("outcome", one.value) for one in (Outcome.WINNER, Outcome.LOSER, Outcome.SAME))


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What is counted of one member. Amounts in euros; both are known unless it is blocked."""

    member_id: UUID
    delegation: str | None
    kind: str | None
    outcome: Outcome
    reference: Decimal | None
    draft: Decimal | None
    blockers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How many members, and what they owe together under each grid."""

    count: int
    reference: Decimal
    draft: Decimal

    @property
    def difference(self) -> Decimal:
        """What the draft adds."""
        return self.draft - self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One group of members, with those that win and those that lose."""

    code: str
    label: str
    sums: Sums
    winners: Sums
    losers: Sums
    filters: Filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one beneficiary receives under each grid, to the cent as the calls share it out."""

    code: str
    label: str
    reference: Decimal
    draft: Decimal
    filters: Filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The members whose difference lies between two bounds, both included; None is no bound."""

    label: str
    least: Decimal | None
    most: Decimal | None
    sums: Sums
    filters: Filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why some amounts are not known; a member with several reasons counts under each."""

    code: str
    label: str
    count: int
    filters: Filters


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All of it."""

    members: int
    blocked: int
    total: Figure
    by_delegation: tuple[Figure, ...]
    by_kind: tuple[Figure, ...]
    by_beneficiary: tuple[Part, ...]
    distribution: tuple[Band, ...]
    reasons: tuple[Reason, ...]


def summarise(scenario: Scenario, lines: Sequence[Simulated]) -> Summary:
    """Sum up what was simulated. Only members whose amount is known under both grids are summed."""
    compared = [line for line in lines if line.outcome is not Outcome.BLOCKED]
    blocked = [line for line in lines if line.outcome is Outcome.BLOCKED]
    return Summary(
        members=len(lines),
        blocked=len(blocked),
        total=_figure("all", "Toutes les structures", compared, COMPARED),
        by_delegation=_figures(compared, "delegation", lambda line: line.delegation, delegation_name),
        by_kind=_figures(compared, "kind", lambda line: line.kind, kind_label),
        by_beneficiary=_parts(scenario, compared),
        distribution=tuple(_band(least, most, compared) for least, most in _bounds()),
        reasons=_reasons(blocked),
    )


def _sums(lines: Iterable[Simulated]) -> Sums:
    held = list(lines)
    return Sums(
        count=len(held),
        reference=sum((line.reference or _ZERO for line in held), _ZERO),
        draft=sum((line.draft or _ZERO for line in held), _ZERO),
    )


def _figure(code: str, label: str, lines: Sequence[Simulated], filters: Filters) -> Figure:
    return Figure(
        code=code,
        label=label,
        sums=_sums(lines),
        winners=_sums(line for line in lines if line.outcome is Outcome.WINNER),
        losers=_sums(line for line in lines if line.outcome is Outcome.LOSER),
        filters=filters,
    )


def _figures(
    lines: Iterable[Simulated], name: str, key: Callable[[Simulated], str | None], label: Callable[[str], str]
) -> tuple[Figure, ...]:
    groups: defaultdict[str, list[Simulated]] = defaultdict(list)
    for line in lines:
        groups[key(line) or ""].append(line)
    return tuple(_figure(code, label(code), groups[code], (*COMPARED, (name, code))) for code in sorted(groups))


def _parts(scenario: Scenario, lines: Iterable[Simulated]) -> tuple[Part, ...]:
    amounts: defaultdict[tuple[str, str, str | None], list[Decimal]] = defaultdict(lambda: [_ZERO, _ZERO])
    for line in lines:
        for rank, (grid, total) in enumerate(((scenario.reference, line.reference), (scenario.draft, line.draft))):
            for key, amount in _shared_out(grid, total or _ZERO, line.delegation or ""):
                amounts[key][rank] += amount
    return tuple(
        Part(
            code=code,
            label=label,
            reference=reference,
            draft=draft,
            filters=COMPARED if delegation is None else (*COMPARED, ("delegation", delegation)),
        )
        for (code, label, delegation), (reference, draft) in sorted(amounts.items(), key=lambda entry: entry[0][0])
    )


def _shared_out(grid: Grid, total: Decimal, delegation: str) -> list[tuple[tuple[str, str, str | None], Decimal]]:
    """Share one due out, as its call does; of each part the code, the words, and the delegation it is of, if any."""
    return [
        ((part.code, part.beneficiary.label, None if part.code == part.beneficiary.value else delegation), part.amount)
        for part in apportion(total, grid.shares, delegation=delegation)
    ]


def _bounds() -> list[tuple[Decimal | None, Decimal | None]]:
    """Return the bands, from the largest decrease to the largest increase; those that owe as much stand apart."""
    edges = [_ZERO, *_STEPS]
    up: list[tuple[Decimal | None, Decimal | None]] = [(low + _CENT, high) for low, high in pairwise(edges)]
    up.append((edges[-1] + _CENT, None))
    down = [(None if most is None else -most, None if least is None else -least) for least, most in reversed(up)]
    return [*down, (_ZERO, _ZERO), *up]


def _band(least: Decimal | None, most: Decimal | None, lines: Iterable[Simulated]) -> Band:
    filters = list(COMPARED)
    if least is not None:
        filters.append(("difference_from", str(least)))
    if most is not None:
        filters.append(("difference_to", str(most)))
    return Band(
        label=_range(least, most),
        least=least,
        most=most,
        sums=_sums(line for line in lines if _lies(line, least, most)),
        filters=tuple(filters),
    )


def _lies(line: Simulated, least: Decimal | None, most: Decimal | None) -> bool:
    difference = (line.draft or _ZERO) - (line.reference or _ZERO)
    return (least is None or difference >= least) and (most is None or difference <= most)


def _range(least: Decimal | None, most: Decimal | None) -> str:
    """Write a band in whole euros: what its bounds leave to the cent, its place among the others says."""
    if least == most:
        return "inchangée"
    if most is None and least is not None:
        return f"hausse de plus de {_euros(least - _CENT)}"
    if least is None or most is None:
        return f"baisse de plus de {_euros(-(most or _ZERO) - _CENT)}"
    way, near, far = ("hausse", least, most) if least > 0 else ("baisse", -most, -least)
    return f"{way} jusqu'à {_euros(far)}" if near == _CENT else f"{way} de {_euros(near - _CENT)} à {_euros(far)}"


def _euros(amount: Decimal) -> str:
    return format_euros(amount).replace(",00", "")


def _reasons(blocked: Sequence[Simulated]) -> tuple[Reason, ...]:
    counts: defaultdict[str, int] = defaultdict(int)
    for line in blocked:
        for code in set(line.blockers):
            counts[code] += 1
    return tuple(
        Reason(
            code=code,
            label=BLOCKER_LABELS.get(code, code),
            count=counts[code],
            filters=(("outcome", Outcome.BLOCKED.value), ("blocker", code)),
        )
        for code in sorted(counts, key=lambda code: (-counts[code], code))
    )
