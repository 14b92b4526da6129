"""The words that a search of the public directory is made of, and what the lists call so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from membership.members.domain import normalise


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector of the list; ``cpv`` are the divisions of the public procurement vocabulary it is bought under."""

    code: str
    name: str
    cpv: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


_EMPTY_WORDS = frozenset({
    "a", "au", "aux", "avec", "chez", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par",
    "pour", "qui", "s", "sans", "sur", "un", "une",
})  # fmt: skip
_MOST_WORDS = 6


def words_of(question: str) -> list[str]:
    """Return the words that a search looks for, six at most; all of them must be found.

    >>> words_of("Entretien d'espaces verts à Béziers")
    ['entretien', 'espaces', 'verts', 'beziers']
    """
    words = dict.fromkeys(normalise(question).split())
    return [word for word in words if word not in _EMPTY_WORDS][:_MOST_WORDS]


SHORTEST_GUESSED = 4
"""Letters under which a word is only found whole, as it is written: a shorter one resembles too many."""


def is_guessable(word: str) -> bool:
    """Tell whether a word is long enough to be looked for misspelt."""
    return len(word) >= SHORTEST_GUESSED


def named_by(word: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the codes of which a name has a word like this one, a plural or an ending aside.

    >>> named_by("verts", {"green": ["Espaces verts"], "clean": ["Propreté"]})
    ['green']
    """
    return [code for code, given in names.items() if any(_alike(word, part) for part in _words_in(given))]


def _words_in(names: Iterable[str]) -> list[str]:
    return [part for name in names for part in normalise(name).split() if part not in _EMPTY_WORDS]


def _alike(word: str, part: str) -> bool:
    shorter, longer = sorted((word, part), key=len)
    return word == part or (len(shorter) >= SHORTEST_GUESSED and longer.startswith(shorter))


def of_divisions(codes: Iterable[str], sectors: Iterable[Sector]) -> list[str]:
    """Return the sectors bought under some CPV codes, whole or only their division: its first two digits."""
    divisions = {code[:2] for code in codes}
    return [sector.code for sector in sectors if divisions & set(sector.cpv)]
