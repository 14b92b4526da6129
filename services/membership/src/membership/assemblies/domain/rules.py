"""What an assembly is held by: delays, proxies, quorum, majorities, ties. Dated data, with source and status."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from common.errors import Invalid
from common.labels import Labelled


class MajorityUnknown(Invalid):
    """No rule has a majority of this name."""

    code = "majority_unknown"


class AssemblyKind(Labelled):
    """What an assembly is called for."""

    ORDINARY = "ordinary", "assemblée générale ordinaire"
    EXTRAORDINARY = "extraordinary", "assemblée générale extraordinaire"


class TieRule(StrEnum):
    """How candidates with as many votes are parted: by the eldest membership, or not at all."""

    ELDEST_MEMBERSHIP = "eldest_membership"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class KindRule:
    """The share of the roll's votes that makes the quorum of one kind of assembly, its majorities, the usual one."""

    kind: AssemblyKind
    numerator: int
    denominator: int
    majority: str
    majorities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Majority:
    """The share of the votes cast that carries a resolution."""

    code: str
    name: str
    numerator: int
    denominator: int
    strict: bool
    abstentions_count: bool

    def needed(self, cast: int) -> int:
        """Return the least number of votes for that carries a resolution, of so many cast.

        >>> simple = Majority("simple", "", 1, 2, strict=True, abstentions_count=False)
        >>> two_thirds = Majority("two_thirds", "", 2, 3, strict=False, abstentions_count=False)
        >>> simple.needed(10), simple.needed(11), two_thirds.needed(10), two_thirds.needed(9)
        (6, 6, 7, 6)
        """
        if self.strict:
            return cast * self.numerator // self.denominator + 1
        return max(1, -(-cast * self.numerator // self.denominator))


@dataclass(frozen=True, slots=True)
class AssemblyRule:
    """Everything an assembly follows, kept with it from the moment it opens."""

    since: date
    convening_days: int
    roll_days_before: int
    most_proxies: int
    across_delegations: bool
    across_colleges: bool
    tie: TieRule
    status: str
    source: str
    kinds: tuple[KindRule, ...]
    majorities: tuple[Majority, ...]

    def quorum(self, kind: AssemblyKind, enrolled: int, *, second: bool) -> int:
        """Return the least number of votes present or represented, of all on the roll; none at a second convening."""
        if second:
            return 0
        rule = self._of(kind)
        return -(-enrolled * rule.numerator // rule.denominator)

    def majority_of(self, kind: AssemblyKind, code: str | None) -> Majority:
        """Return a majority by its code, or the usual one of the kind of assembly. Raises MajorityUnknown."""
        rule = self._of(kind)
        wanted = code or rule.majority
        found = next((one for one in self.majorities if one.code == wanted and wanted in rule.majorities), None)
        if found is None:
            allowed = ", ".join(rule.majorities)
            raise MajorityUnknown(f"« {wanted} » n'est pas une majorité que la {kind.label} permet ({allowed}).")
        return found

    def _of(self, kind: AssemblyKind) -> KindRule:
        return next(one for one in self.kinds if one.kind is kind)
