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


# What the configuration ``french`` of PostgreSQL stops at (Snowball's list), without accents: nothing is indexed under
# it. Less "ai", an activity, and "est", where some are; and "chez", "sans", which say nothing here either.
_EMPTY_WORDS = frozenset({
    "a", "aie", "aient", "aies", "ait", "as", "au", "aura", "aurai", "auraient", "aurais", "aurait", "auras",
    "aurez", "auriez", "aurions", "aurons", "auront", "aux", "avaient", "avais", "avait", "avec", "avez", "aviez",
    "avions", "avons", "ayant", "ayante", "ayantes", "ayants", "ayez", "ayons", "c", "ce", "ces", "chez", "d",
    "dans", "de", "des", "du", "elle", "en", "es", "et", "etaient", "etais", "etait", "etant", "etante", "etantes",
    "etants", "ete", "etee", "etees", "etes", "etiez", "etions", "eu", "eue", "eues", "eumes", "eurent", "eus",
    "eusse", "eussent", "eusses", "eussiez", "eussions", "eut", "eutes", "eux", "fumes", "furent", "fus", "fusse",
    "fussent", "fusses", "fussiez", "fussions", "fut", "futes", "il", "j", "je", "l", "la", "le", "les", "leur",
    "lui", "m", "ma", "mais", "me", "meme", "mes", "moi", "mon", "n", "ne", "nos", "notre", "nous", "on", "ont",
    "ou", "par", "pas", "pour", "qu", "que", "qui", "s", "sa", "sans", "se", "sera", "serai", "seraient", "serais",
    "serait", "seras", "serez", "seriez", "serions", "serons", "seront", "ses", "soient", "sois", "soit", "sommes",
    "son", "sont", "soyez", "soyons", "suis", "sur", "t", "ta", "te", "tes", "toi", "ton", "tu", "un", "une", "vos",
    "votre", "vous", "y",
})  # fmt: skip
_MOST_WORDS = 6


def words_of(question: str) -> list[str]:
    """Return the words that a search looks for, six at most; all of them must be found. Of little words alone, none.

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
