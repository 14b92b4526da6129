"""The proof: no event lost, no effect doubled, none out of order.

Pure: what the clients noted and what the databases and the bus hold go in, findings come out. The ledgers of the two
services are the truth; every other record of what happened must agree with them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from uuid import UUID

from chaos.load import Command

Kind = Literal["lost", "doubled", "disordered"]
_Deed = tuple[UUID | None, UUID, int]
"""Which command put how much on which account."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What a command left in the accounts' database, once an account."""

    token: UUID
    account: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Event:
    """One event: in a ledger, on the bus, or among the effects of a reader."""

    id: UUID
    aggregate: UUID
    sequence: int
    token: UUID | None = None
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that a reader has set aside."""

    id: UUID
    settled_as: str | None
    why: str = "failed"


class _Effect(NamedTuple):
    """What one event must have done to its aggregate."""

    sequence: int
    event: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Flow:
    """All that there is to see of one topic: from the writer's ledger over the bus to the reader's effects."""

    name: str
    streams: Mapping[UUID, int]
    """The last sequence given to each aggregate."""
    ledger: Sequence[Event]
    unsent: int
    bus: Sequence[Sequence[Event]] | None
    """What the broker holds, partition by partition, in its order; None when its content was lost on purpose."""
    inbox: Set[UUID] | None
    """What the reader has taken charge of; None when it was made to forget."""
    applied: Sequence[Event]
    """Effects, in the order they took place."""
    totals: Mapping[UUID, int]
    """What the effects add up to, by aggregate."""
    copies: Mapping[UUID, tuple[int, int]] | None
    """The reader's copy: sequence and balance, where it keeps one."""
    parked: Sequence[Parked]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything after the dust has settled."""

    movements: Sequence[Movement]
    balances: Mapping[UUID, int]
    moved: Flow
    confirmed: Flow


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not be."""

    kind: Kind
    what: str


@dataclass(slots=True)
class Verdict:
    """What the checker says of a run."""

    commands: Counter[str] = field(default_factory=Counter)
    events: int = 0
    repeats: int = 0
    """Records on the bus beyond one for each event: what the inboxes absorbed."""
    discarded: int = 0
    findings: list[Finding] = field(default_factory=list)

    def count(self, kind: Kind) -> int:
        """Return how many findings are of a kind."""
        return sum(finding.kind == kind for finding in self.findings)

    @property
    def holds(self) -> bool:
        """Whether the promise holds."""
        return not self.findings

    def find(self, kind: Kind, what: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(kind, what))


def judge(commands: Iterable[Command], evidence: Evidence) -> Verdict:
    """Hold what the clients were told, what the ledgers say and what took effect against each other."""
    verdict = Verdict()
    sent = list(commands)
    verdict.commands = Counter(command.outcome for command in sent)
    _commands_match_movements(sent, evidence.movements, verdict)
    _movements_match_ledger(evidence.movements, evidence.moved.ledger, verdict)
    _sums_match(evidence.balances, _totals(evidence.movements), "le solde des comptes", verdict)
    for flow in (evidence.moved, evidence.confirmed):
        _judge_flow(flow, verdict)
    _follow_ups_match(evidence, verdict)
    return verdict


def _commands_match_movements(sent: Sequence[Command], movements: Sequence[Movement], verdict: Verdict) -> None:
    """Every ok is there once, every fail is not there, an unknown is there entirely or not at all."""
    done: dict[UUID, Counter[tuple[UUID, int]]] = defaultdict(Counter)
    for movement in movements:
        done[movement.token][movement.account, movement.amount] += 1
    for command in sent:
        found = done.pop(command.token, Counter())
        wanted = Counter((account, command.amount) for account in set(command.accounts))
        if command.outcome == "fail" and found:
            verdict.find("doubled", f"refusée au client, la commande {command.token} a eu lieu")
        elif max(found.values(), default=0) > 1:
            verdict.find("doubled", f"la commande {command.token} a eu lieu deux fois")
        elif found != wanted and (command.outcome == "ok" or found):
            verdict.find("lost", f"la commande {command.token} ({command.outcome}) n'a pas eu lieu en entier")
    for token in done:
        verdict.find("doubled", f"personne n'a demandé {token}")


def _movements_match_ledger(movements: Sequence[Movement], ledger: Sequence[Event], verdict: Verdict) -> None:
    """Every movement has its event, and no event is without its movement."""
    committed = Counter[_Deed]((movement.token, movement.account, movement.amount) for movement in movements)
    told = [event for event in ledger if event.token is not None]  # what is unreadable names no command
    published = Counter[_Deed]((event.token, event.aggregate, event.amount) for event in told)
    for deed in (committed - published).elements():
        verdict.find("lost", f"le mouvement {deed[0]} n'a pas de fait au registre")
    for deed in (published - committed).elements():
        verdict.find("doubled", f"le fait {deed[0]} du registre n'a pas de mouvement")


def _follow_ups_match(evidence: Evidence, verdict: Verdict) -> None:
    """Every entry in the books was said once by the books."""
    entered = Counter((event.aggregate, event.amount) for event in evidence.moved.applied)
    said = Counter((event.aggregate, event.amount) for event in evidence.confirmed.ledger)
    for _ in (entered - said).elements():
        verdict.find("lost", "une inscription n'a pas été annoncée")
    for _ in (said - entered).elements():
        verdict.find("doubled", "une inscription a été annoncée sans avoir eu lieu")


def _judge_flow(flow: Flow, verdict: Verdict) -> None:
    verdict.events += len(flow.ledger)
    discarded = {parked.id for parked in flow.parked if parked.settled_as == "discarded"}
    verdict.discarded += len(discarded)
    if flow.unsent:
        verdict.find("lost", f"{flow.name} : {flow.unsent} faits ne sont jamais partis")
    for parked in flow.parked:
        if parked.settled_as is None:
            verdict.find("lost", f"{flow.name} : l'événement {parked.id} reste mis de côté")
        if parked.why == "gap" and flow.bus is not None:
            verdict.find("lost", f"{flow.name} : {parked.id} a attendu un événement sauté, que le bus tenait pourtant")
    _ledger_is_dense(flow, verdict)
    _bus_is_ordered(flow, verdict)
    _inbox_is_complete(flow, verdict)
    _effects_are_once_and_in_order(flow, discarded, verdict)
    kept = [event for event in flow.ledger if event.id not in discarded]
    _sums_match(flow.totals, _totals_of(kept), f"{flow.name} : la somme du lecteur", verdict)
    if flow.copies is not None:
        _copies_match(flow, flow.copies, verdict)


def _ledger_is_dense(flow: Flow, verdict: Verdict) -> None:
    """The ledger holds 1..n of each aggregate, each once, up to the last sequence that was given."""
    found: dict[UUID, list[int]] = defaultdict(list)
    for event in flow.ledger:
        found[event.aggregate].append(event.sequence)
    for aggregate, last in flow.streams.items():
        sequences = sorted(found.pop(aggregate, []))
        if sequences != list(range(1, last + 1)):
            verdict.find("lost", f"{flow.name} : le registre de {aggregate} a {sequences}, attendu 1 à {last}")
    for aggregate in found:
        verdict.find("doubled", f"{flow.name} : {aggregate} est au registre sans avoir de suite")


def _bus_is_ordered(flow: Flow, verdict: Verdict) -> None:
    """Every event is on the bus, and nothing else.

    The first occurrences of an aggregate's events stand in one partition, in the order of its changes.
    """
    if flow.bus is None:
        return
    seen: set[UUID] = set()
    home: dict[UUID, int] = {}
    for number, partition in enumerate(flow.bus):
        last: dict[UUID, int] = {}
        for event in partition:
            verdict.repeats += event.id in seen
            if event.id not in seen and event.sequence < last.get(event.aggregate, 0):
                verdict.find("disordered", f"{flow.name} : sur le bus, {event.sequence} vient après son successeur")
            if event.id not in seen and home.setdefault(event.aggregate, number) != number:
                verdict.find("disordered", f"{flow.name} : {event.aggregate} est dans deux partitions")
            last[event.aggregate] = max(event.sequence, last.get(event.aggregate, 0))
            seen.add(event.id)
    published = {event.id for event in flow.ledger}
    for event_id in published - seen:
        verdict.find("lost", f"{flow.name} : {event_id} n'est pas sur le bus")
    for event_id in seen - published:
        verdict.find("doubled", f"{flow.name} : {event_id} est sur le bus et dans aucun registre")


def _inbox_is_complete(flow: Flow, verdict: Verdict) -> None:
    """The reader has taken charge of each event."""
    if flow.inbox is None:
        return
    for event in flow.ledger:
        if event.id not in flow.inbox:
            verdict.find("lost", f"{flow.name} : {event.id} n'est pas dans la boîte du lecteur")


def _effects_are_once_and_in_order(flow: Flow, discarded: set[UUID], verdict: Verdict) -> None:
    """The effects of an aggregate are those of the ledger, each once, in its order; what was given up is left out."""
    wanted: dict[UUID, list[_Effect]] = defaultdict(list)
    for event in sorted(flow.ledger, key=lambda one: one.sequence):
        if event.id not in discarded:
            wanted[event.aggregate].append(_Effect(event.sequence, event.id, event.amount))
    applied: dict[UUID, list[_Effect]] = defaultdict(list)
    for event in flow.applied:
        applied[event.aggregate].append(_Effect(event.sequence, event.id, event.amount))
    for aggregate in wanted.keys() | applied.keys():
        due, done = Counter(wanted[aggregate]), Counter(applied[aggregate])
        for effect in (due - done).elements():
            verdict.find("lost", f"{flow.name} : {aggregate}, {effect} n'a pas eu lieu")
        for effect in (done - due).elements():
            verdict.find("doubled", f"{flow.name} : {aggregate}, {effect} est de trop")
        if due == done and applied[aggregate] != wanted[aggregate]:
            order = [effect.sequence for effect in applied[aggregate]]
            verdict.find("disordered", f"{flow.name} : effets de {aggregate} dans l'ordre {order}")


def _copies_match(flow: Flow, copies: Mapping[UUID, tuple[int, int]], verdict: Verdict) -> None:
    """The reader's copy stands where the aggregate stands."""
    balances = _totals_of(flow.ledger)
    for aggregate, last in flow.streams.items():
        if copies.get(aggregate) != (last, balances.get(aggregate)):
            expected = (last, balances.get(aggregate))
            verdict.find("lost", f"{flow.name} : copie de {aggregate} {copies.get(aggregate)}, attendu {expected}")


def _sums_match(found: Mapping[UUID, int], wanted: Mapping[UUID, int], what: str, verdict: Verdict) -> None:
    for key in found.keys() | wanted.keys():
        difference = found.get(key, 0) - wanted.get(key, 0)
        if difference:
            verdict.find("doubled" if difference > 0 else "lost", f"{what} diffère de {difference} pour {key}")


def _totals(movements: Iterable[Movement]) -> dict[UUID, int]:
    totals: dict[UUID, int] = defaultdict(int)
    for movement in movements:
        totals[movement.account] += movement.amount
    return totals


def _totals_of(events: Iterable[Event]) -> dict[UUID, int]:
    totals: dict[UUID, int] = defaultdict(int)
    for event in events:
        totals[event.aggregate] += event.amount
    return totals
