"""Which calls for dues a line of a statement pays, how sure that is, and why. A person reads the reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.money import format_euros
from dues.bank.domain.names import same_name, words_of
from dues.bank.domain.references import numbers_in, referenced_in
from dues.bank.domain.statement import BankLine
from dues.invoices.domain import OwedCall

BEST = 100
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class MatchingRule:
    """What each sign is worth, and from how many points on a match is sure. Dated data, with source and status.

    ``near`` is how many days a batch of transfers may be from the line that pays it without naming it; ``deposited``
    how many banking days a deposit may take to be booked, ``bounced`` how many days a cheque to come back. What begins
    with one of ``codes``, or says one of ``words``, is called a deposit by the bank.
    """

    since: date
    threshold: int
    end_to_end: int
    structured: int
    text: int
    amount: int
    iban: int
    name: int
    batch: int
    day: int
    near: int
    said: int
    codes: Sequence[str]
    words: Sequence[str]
    deposited: int
    bounced: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One sign that a line pays a call."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that a line may pay."""

    call: OwedCall
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The calls that a line may pay, best first; those that it pays for sure; what else a person should know."""

    candidates: tuple[Candidate, ...]
    sure: tuple[UUID, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around some lines: the calls that may be theirs, and for which members an account paid before."""

    calls: tuple[OwedCall, ...]
    payers: Mapping[str, frozenset[UUID]]
    by_number: Mapping[str, OwedCall] = field(init=False)
    by_owed: Mapping[Decimal, list[OwedCall]] = field(init=False)
    by_member: Mapping[UUID, list[OwedCall]] = field(init=False)
    words: Mapping[UUID, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the calls once for all lines."""
        by_owed: dict[Decimal, list[OwedCall]] = {}
        by_member: dict[UUID, list[OwedCall]] = {}
        for call in self.calls:
            if call.owed:
                by_owed.setdefault(call.owed, []).append(call)
                by_member.setdefault(call.member_id, []).append(call)
        object.__setattr__(self, "by_number", {call.number: call for call in self.calls})
        object.__setattr__(self, "by_owed", by_owed)
        object.__setattr__(self, "by_member", by_member)
        object.__setattr__(self, "words", {call.id: words_of(call.member_name) for call in self.calls})


def named_in(line: BankLine) -> frozenset[str]:
    """Return the numbers of calls that a line names, wherever it does."""
    return numbers_in(line.end_to_end) | numbers_in(line.text) | _referenced(line)


def _referenced(line: BankLine) -> frozenset[str]:
    """Return what the structured reference names, in its own place or where a payer typed it."""
    return referenced_in(line.structured) | referenced_in(line.end_to_end) | referenced_in(line.text)


def match(line: BankLine, around: Around, rule: MatchingRule) -> Matching:
    """Score the calls that a line may pay. The amount alone never makes a match, and what contradicts is not sure."""
    numbers = named_in(line)
    named = [around.by_number[number] for number in sorted(numbers) if number in around.by_number]
    open_named = [call for call in named if call.owed]
    adds_up = bool(open_named) and sum(call.owed for call in open_named) == line.amount
    signs = _Signs(line, around, rule, frozenset(call.id for call in open_named) if adds_up else frozenset())
    found = [signs.weigh(call) for call in _pool(line, around, open_named)]
    found.sort(key=lambda candidate: (-candidate.score, candidate.call.due_on, candidate.call.number))
    return Matching(tuple(found[: max(_SHOWN, len(open_named))]), _sure(found, open_named, signs), _notes(named))


def _pool(line: BankLine, around: Around, named: Sequence[OwedCall]) -> Iterable[OwedCall]:
    """Return the calls worth a look; of those that only have the amount, the ones with the name, or a handful."""
    pool = {call.id: call for call in named}
    for member_id in around.payers.get(line.party_iban or "", ()):
        pool |= {call.id: call for call in around.by_member.get(member_id, ())}
    alike = around.by_owed.get(line.amount, [])
    if len(alike) > _SHOWN:
        payer = words_of(line.party or "")
        alike = [call for call in alike if same_name(payer, around.words[call.id])]
    return (pool | {call.id: call for call in alike}).values()


class _Signs:
    """What a line shows, read once, weighed against each call."""

    def __init__(self, line: BankLine, around: Around, rule: MatchingRule, summed: frozenset[UUID]) -> None:
        self._line, self._around, self.rule, self.summed = line, around, rule, summed
        self._payer = words_of(line.party or "")
        self._payers = around.payers.get(line.party_iban or "", frozenset())
        self._numbers = (
            (rule.structured, "structured", "La référence structurée est celle de", _referenced(line)),
            (rule.end_to_end, "end_to_end", "L'identifiant de bout en bout est celui de", numbers_in(line.end_to_end)),
            (rule.text, "number", "Le libellé nomme", numbers_in(line.text)),
        )

    def contradicts(self, call: OwedCall) -> bool:
        """Tell whether this account has paid so far, and only for other members."""
        return bool(self._payers) and call.member_id not in self._payers

    def pays(self, call: OwedCall) -> bool:
        """Tell whether the amount is what is owed of the call, or of all calls that are named."""
        return call.id in self.summed or (not self.summed and call.owed == self._line.amount)

    def weigh(self, call: OwedCall) -> Candidate:
        points, reasons = 0, []
        for worth, code, words, numbers in self._numbers:
            if call.number in numbers:
                points = max(points, worth)
                reasons.append(Reason(code, f"{words} {call.number}."))
        for worth, reason in self._others(call):
            points += worth
            reasons.append(reason)
        return Candidate(call, max(0, min(points, BEST)), tuple(reasons))

    def _others(self, call: OwedCall) -> Iterable[tuple[int, Reason]]:
        owed = format_euros(call.owed)
        if len(self.summed) > 1 and call.id in self.summed:
            yield (
                self.rule.amount,
                Reason("amount", f"Le montant est ce qui reste dû des {len(self.summed)} appels nommés."),
            )
        elif self.pays(call):
            yield self.rule.amount, Reason("amount", "Le montant est ce qui reste dû.")
        else:
            yield 0, Reason("other_amount", f"Le montant n'est pas ce qui reste dû ({owed}).")
        if call.member_id in self._payers:
            yield self.rule.iban, Reason("iban", f"Ce compte a déjà payé pour {call.member_name}.")
        elif self.contradicts(call):
            yield 0, Reason("other_payer", "Ce compte n'a payé jusqu'ici que pour d'autres adhérentes.")
        if same_name(self._payer, self._around.words[call.id]):
            yield self.rule.name, Reason("name", f"Le nom du payeur est celui de {call.member_name}.")


def _sure(found: Sequence[Candidate], named: Sequence[OwedCall], signs: _Signs) -> tuple[UUID, ...]:
    """Return what a line pays for sure: all the calls that it names, or the only one that enough signs point at."""
    strong = {
        one.call.id: one.call
        for one in found
        if one.score >= signs.rule.threshold and signs.pays(one.call) and not signs.contradicts(one.call)
    }
    if named:
        return tuple(sorted(signs.summed)) if signs.summed and signs.summed <= strong.keys() else ()
    return tuple(strong) if len(strong) == 1 else ()


def _notes(named: Sequence[OwedCall]) -> tuple[str, ...]:
    return tuple(f"{call.number}, que la ligne nomme, n'a plus rien à régler." for call in named if not call.owed)
