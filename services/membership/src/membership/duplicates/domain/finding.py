"""Which records of the register may be of one and the same structure, and why.

Pairs are looked for within blocks of records that share a key, never among all pairs: the time grows with the register,
not with its square.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple
from uuid import UUID

from common.labels import Labelled
from membership.members.domain import Identity, normalise


class Reason(Labelled):
    """Why two records may be one structure's, the surest first."""

    SAME_SIRET = "same_siret", "même SIRET, actuel ou passé"
    SAME_SIREN = "same_siren", "même SIREN, actuel ou passé"
    SAME_CONVENTION = "same_convention", "même numéro de convention"
    SAME_NAME = "same_name", "nom presque identique au même endroit"
    REPORTED = "reported", "signalé par une personne"


class Pair(NamedTuple):
    """Two records, in the order of their ids: a pair is one whichever is named first."""

    first: UUID
    second: UUID


class Suspicion(NamedTuple):
    """How likely two records are one structure's, out of 100, and why."""

    score: int
    reasons: tuple[Reason, ...]


# Assumed: how far each reason goes by itself. They order what a person looks at; none of them decides.
_SCORES = {Reason.SAME_SIRET: 100, Reason.SAME_SIREN: 95, Reason.SAME_CONVENTION: 85}
REPORTED_SCORE = 50
_MORE = 5
"""What each further reason adds."""

_ALIKE = 0.75
"""From which part of their three-letter pieces in common on two names are near-identical."""

# Legal forms, acronyms of activities and small words say nothing of which structure it is.
_COMMON_WORDS = frozenset(
    (
        "association", "assoc", "asso", "ai", "aci", "ei", "etti", "ett", "ess", "sap", "ebe", "ges", "sarl", "sas",
        "sa", "scic", "scop", "le", "la", "les", "l", "un", "une", "de", "du", "des", "d", "et", "en", "a", "au", "aux",
        "pour", "par", "sur",
    )
)  # fmt: skip
_WINDOW = 20
"""In a block that is larger, a record is compared with so many that follow it in the order of names."""


def pair_of(one: UUID, other: UUID) -> Pair:
    """Name two records as a pair."""
    return Pair(min(one, other), max(one, other))


def suspect(records: Sequence[Identity]) -> dict[Pair, Suspicion]:
    """Return the pairs that may be one structure's."""
    found: defaultdict[Pair, dict[Reason, int]] = defaultdict(dict)
    for reason, keys in _SURE.items():
        for one, other in _sharing(records, keys):
            found[pair_of(records[one].id, records[other].id)][reason] = _SCORES[reason]
    names = [_Name.of(record.name) for record in records]
    for one, other in _sharing(records, name_keys):
        alike = names[one].like(names[other])
        if alike >= _ALIKE and not _are_two_entities(records[one], records[other]):
            found[pair_of(records[one].id, records[other].id)][Reason.SAME_NAME] = round(80 * alike)
    return {pair: suspicion(reasons) for pair, reasons in found.items()}


def suspicion(reasons: Mapping[Reason, int]) -> Suspicion:
    """Sum reasons up, the surest first."""
    kept = [reason for reason in Reason if reason in reasons]
    if Reason.SAME_SIRET in reasons:
        kept = [reason for reason in kept if reason is not Reason.SAME_SIREN]  # the one says the other
    score = max(reasons[reason] for reason in kept) + _MORE * (len(kept) - 1)
    return Suspicion(min(100, score), tuple(kept))


def likeness(one: str, other: str) -> float:
    """Return how much two names have in common, from 0 to 1; two that bear other numbers have nothing.

    >>> round(likeness("Association Régain Services", "Regain Service"), 2)
    0.9
    >>> likeness("Tremplin 31", "Tremplin 32")
    0.0
    """
    return _Name.of(one).like(_Name.of(other))


class _Name(NamedTuple):
    """A name as it is compared: the numbers in it, and its pieces of three letters."""

    numbers: tuple[str, ...]
    pieces: frozenset[str]

    @classmethod
    def of(cls, name: str) -> "_Name":
        words = significant(name)
        text = f"  {' '.join(words)} "
        pieces = frozenset(text[start : start + 3] for start in range(len(text) - 2))
        return cls(tuple(word for word in words if word.isdigit()), pieces)

    def like(self, other: "_Name") -> float:
        if self.numbers != other.numbers:
            return 0.0
        return 2 * len(self.pieces & other.pieces) / (len(self.pieces) + len(other.pieces))


def significant(name: str) -> tuple[str, ...]:
    """Return the words of a name that say which structure it is, or all where none does."""
    words = normalise(name).split()
    return tuple(word for word in words if word not in _COMMON_WORDS) or tuple(words)


def name_keys(record: Identity) -> Iterator[Hashable]:
    """Return the keys under which a record may be found again by its name, one letter of a word being wrong.

    And, wherever in its department it is, by its whole name: an address may be another one, or missing.
    """
    words = significant(record.name)
    if record.department is not None:
        yield record.department, words
    if record.postcode is not None:
        for word in words:
            yield record.postcode, "begins", word[:3]
            yield record.postcode, "ends", word[-3:]


def _are_two_entities(one: Identity, other: Identity) -> bool:
    """Tell whether two records bear two SIRENs: its key is checked at entry, so neither is a slip of the other."""
    return one.siren is not None and other.siren is not None and one.siren != other.siren


_SURE: Mapping[Reason, Callable[[Identity], Iterable[Hashable]]] = {
    Reason.SAME_SIRET: lambda record: record.sirets,
    Reason.SAME_SIREN: lambda record: record.sirens,
    Reason.SAME_CONVENTION: lambda record: record.conventions,
}


def _sharing(records: Sequence[Identity], keys: Callable[[Identity], Iterable[Hashable]]) -> Iterator[tuple[int, int]]:
    """Yield the places of each two records that share a key, once."""
    blocks: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for key in set(keys(record)):
            blocks[key].append(place)
    seen: set[int] = set()
    for block in blocks.values():
        for one, other in _neighbours(records, block):
            pair = one * len(records) + other
            if pair not in seen:
                seen.add(pair)
                yield one, other


def _neighbours(records: Sequence[Identity], block: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the places of each two records to compare, the smaller first."""
    if len(block) <= _WINDOW:
        yield from combinations(block, 2)
        return
    ordered = sorted(block, key=lambda place: records[place].name)
    for rank, one in enumerate(ordered):
        for other in ordered[rank + 1 : rank + 1 + _WINDOW]:
            yield (one, other) if one < other else (other, one)
