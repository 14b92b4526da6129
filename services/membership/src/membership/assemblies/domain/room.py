"""Who is in the room and for whom: attendance, proxies, and the votes that makes, against those of the roll."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from membership.assemblies.domain.rules import AssemblyKind, AssemblyRule
from membership.electoral_roll.domain import Exclusion, RollLine


class NotEntitled(Conflict):
    """The structure does not vote: the roll says why."""

    code = "not_entitled"


class ProxyToOneself(Conflict):
    """A proxy is given to another structure."""

    code = "proxy_to_oneself"


class ProxyGiven(Conflict):
    """A structure gives one proxy; it revokes it before it gives another."""

    code = "proxy_given"


class ProxyChained(Conflict):
    """Who holds a proxy gives none: a vote passes through one hand only."""

    code = "proxy_chained"


class HolderUnavailable(Conflict):
    """The structure cannot hold the proxy; why is its own business."""

    code = "holder_unavailable"


class TooManyProxies(Conflict):
    """A structure holds no more proxies than the rule allows."""

    code = "too_many_proxies"


class ProxyOutside(Conflict):
    """The rule keeps proxies within a delegation or a college."""

    code = "proxy_outside"


class ProxyTooLate(Conflict):
    """Proxies are given and revoked until the first vote."""

    code = "proxy_too_late"


class ProxyNotFound(NotFound):
    """The structure gave no proxy, or is not within reach."""

    code = "proxy_not_found"


class WithdrawalUnexplained(Invalid):
    """Whoever takes back for a structure what it gave says why."""

    code = "withdrawal_unexplained"


class AlreadyPresent(Conflict):
    """The structure is recorded as present: it leaves before it comes again."""

    code = "already_present"


class NotPresent(NotFound):
    """The structure is not recorded as present."""

    code = "not_present"


@dataclass(frozen=True, slots=True)
class Attending:
    """One stay of a structure in the room: by one of its people, or by a name taken at the desk for the minutes."""

    id: UUID
    member_id: UUID
    contact_id: UUID | None
    name: str | None
    arrived_at: datetime
    left_at: datetime | None = None

    def is_there(self, at: datetime) -> bool:
        """Tell whether it was in the room at an instant."""
        return self.arrived_at <= at and (self.left_at is None or at < self.left_at)


@dataclass(frozen=True, slots=True)
class Proxy:
    """What one structure entrusts to another, until it is revoked."""

    id: UUID
    giver_id: UUID
    holder_id: UUID
    given_at: datetime
    given_by: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None

    def stood(self, at: datetime) -> bool:
        """Tell whether it was given at an instant, and not revoked."""
        return self.given_at <= at and (self.revoked_at is None or at < self.revoked_at)


@dataclass(frozen=True, slots=True)
class Voice:
    """A structure whose votes are in the room: its own, or cast for it by ``holder_id``."""

    member_id: UUID
    votes: int
    holder_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A proxy that does not count now, and why."""

    giver_id: UUID
    holder_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Room:
    """The votes in the room at an instant, and those of the whole roll."""

    voices: tuple[Voice, ...]
    lapsed: tuple[Lapsed, ...]
    enrolled_structures: int
    enrolled: int
    needed: int

    @property
    def present(self) -> int:
        """Votes of the structures that are there themselves."""
        return sum(voice.votes for voice in self.voices if voice.holder_id is None)

    @property
    def represented(self) -> int:
        """Votes of the structures that another votes for."""
        return sum(voice.votes for voice in self.voices if voice.holder_id is not None)

    @property
    def votes(self) -> int:
        """All the votes in the room."""
        return self.present + self.represented

    @property
    def has_quorum(self) -> bool:
        """Whether enough of the roll's votes are there; with a quorum of none, whether anybody is."""
        return self.votes >= max(1, self.needed)


# What does not change before the assembly: the rest (renewal, dues, seniority) is judged on the frozen roll.
_LASTING = {Exclusion.LEFT, Exclusion.NO_COLLEGE, Exclusion.NO_VOTE}


def require_explained(reason: str | None, *, by_itself: bool) -> None:
    """Let a structure take back what it gave without a word; whoever acts for it says why.

    Raises WithdrawalUnexplained.
    """
    if reason is None and not by_itself:
        raise WithdrawalUnexplained("Dites pourquoi : vous agissez pour la structure, et la raison est gardée.")


def may_vote(line: RollLine, *, frozen: bool) -> bool:
    """Tell whether a structure votes, or may once the roll is frozen."""
    return line.entitled or (not frozen and not _LASTING & {one.code for one in line.reasons})


def entitled(line: RollLine | None, name: str = "", *, frozen: bool = True, told: bool = True) -> RollLine:
    """Return the line of a structure that votes; until the roll is frozen, of one that may. Raises NotEntitled.

    ``told``: whether the one who asks may know why it does not.
    """
    if line is not None and may_vote(line, frozen=frozen):
        return line
    if not told:
        raise NotEntitled("Cette structure ne vote pas à cette assemblée.")
    why = " ".join(reason.message for reason in line.reasons) if line else "Elle n'est pas sur la liste."
    raise NotEntitled(f"{line.name if line else name or 'La structure'} ne vote pas. {why}")


# Pouvoirs : nombre, périmètre et interdiction des chaînes à confirmer dans les statuts (assumed, data/assembly.toml).
def require_proxy(
    giver: RollLine, holder: RollLine, standing: Collection[Proxy], rule: AssemblyRule, *, told: bool = True
) -> None:
    """Let a structure entrust its votes to another; ``standing`` are the proxies that nobody revoked.

    ``told``: whether the one who asks may know of the other proxies of the holder. Raises ProxyToOneself, ProxyGiven,
    ProxyChained, ProxyOutside, HolderUnavailable, TooManyProxies.
    """
    if giver.member_id == holder.member_id:
        raise ProxyToOneself("Un pouvoir se donne à une autre structure.")
    if any(one.giver_id == giver.member_id for one in standing):
        raise ProxyGiven(f"{giver.name} a déjà donné pouvoir : révoquez-le d'abord.")
    if any(one.holder_id == giver.member_id for one in standing):
        raise ProxyChained(f"{giver.name} tient un pouvoir : elle n'en donne pas.")
    if not rule.across_delegations and giver.delegation != holder.delegation:
        raise ProxyOutside("Un pouvoir se donne au sein de la même délégation.")
    if not rule.across_colleges and giver.college != holder.college:
        raise ProxyOutside("Un pouvoir se donne au sein du même collège.")
    _require_free(holder, standing, rule, told=told)


def _require_free(holder: RollLine, standing: Collection[Proxy], rule: AssemblyRule, *, told: bool) -> None:
    has_given = any(one.giver_id == holder.member_id for one in standing)
    holds_most = sum(one.holder_id == holder.member_id for one in standing) >= rule.most_proxies
    if not told and (has_given or holds_most):
        raise HolderUnavailable("Cette structure ne peut pas tenir votre pouvoir : choisissez-en une autre.")
    if has_given:
        raise ProxyChained(f"{holder.name} a donné pouvoir : elle n'en tient pas.")
    if holds_most:
        raise TooManyProxies(
            f"{holder.name} tient déjà {rule.most_proxies} pouvoirs, le plus qu'il est permis.",
            extra={"most_proxies": rule.most_proxies},
        )


def room(
    roll: Mapping[UUID, RollLine],
    present: Collection[UUID],
    proxies: Collection[Proxy],
    kind: AssemblyKind,
    rule: AssemblyRule,
    *,
    second: bool,
) -> Room:
    """Count the votes in the room: of each structure present its own, and those of the proxies that it may use.

    A structure that comes votes itself, and its proxy lapses; so does one to a structure that is not there.
    """
    voices = [Voice(one, roll[one].votes) for one in present if one in roll and roll[one].entitled]
    there = {voice.member_id for voice in voices}
    held: Counter[UUID] = Counter()
    lapsed = []
    for proxy in sorted(proxies, key=lambda one: (one.given_at, one.id)):
        why = _lapse(proxy, roll, there, held, rule)
        if why is not None:
            lapsed.append(Lapsed(proxy.giver_id, proxy.holder_id, why))
            continue
        held[proxy.holder_id] += 1
        voices.append(Voice(proxy.giver_id, roll[proxy.giver_id].votes, proxy.holder_id))
    voting = [line for line in roll.values() if line.entitled]
    enrolled = sum(line.votes for line in voting)
    return Room(tuple(voices), tuple(lapsed), len(voting), enrolled, rule.quorum(kind, enrolled, second=second))


def _lapse(
    proxy: Proxy, roll: Mapping[UUID, RollLine], there: Collection[UUID], held: Counter[UUID], rule: AssemblyRule
) -> str | None:
    giver = roll.get(proxy.giver_id)
    if giver is None or not giver.entitled:
        return "La structure qui l'a donné ne vote pas."
    if proxy.giver_id in there:
        return "La structure qui l'a donné est présente : elle vote elle-même."
    if proxy.holder_id not in there:
        return "La structure qui le tient n'est pas présente, ou ne vote pas."
    if held[proxy.holder_id] >= rule.most_proxies:
        return f"La structure qui le tient en a déjà {rule.most_proxies}."
    return None
