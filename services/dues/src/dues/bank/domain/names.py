"""Whether a bank and the register write the name of one structure: cut short, without accents, with its legal form."""

from common.characters import normalise

_LEGAL_WORDS = frozenset(
    [
        "association",
        "asso",
        "assoc",
        "ass",
        "loi",
        "1901",
        "sarl",
        "sas",
        "sasu",
        "scic",
        "scop",
        "eurl",
        "sa",
        "coop",
        "cooperative",
        "a",
        "de",
        "des",
        "du",
        "d",
        "la",
        "le",
        "les",
        "l",
        "et",
        "en",
        "au",
        "aux",
        "pour",
        "par",
    ]
)
_SPELT_OUT = {
    "association intermediaire": "ai",
    "atelier et chantier d insertion": "aci",
    "atelier chantier d insertion": "aci",
    "entreprise de travail temporaire d insertion": "etti",
    "entreprise d insertion": "ei",
    "groupe economique solidaire": "ges",
}
_TELLING = 4
"""Letters from which a word says which structure it is: a sigle alone is every structure's."""


def words_of(name: str) -> frozenset[str]:
    """Return the words by which a name is told from another, sigles with their points or spelt out alike.

    >>> sorted(words_of("ASSOC. A.I. de la Vallée")), sorted(words_of("Association intermédiaire La Vallee"))
    (['ai', 'vallee'], ['ai', 'vallee'])
    """
    folded = f" {normalise(name)} "
    for spelt, sigle in _SPELT_OUT.items():
        folded = folded.replace(f" {spelt} ", f" {sigle} ")
    return frozenset(word for word in _joined(folded.split()) if word not in _LEGAL_WORDS)


def same_name(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether one name's words are all in the other's, and one of them tells which structure it is.

    >>> same_name(words_of("A.I. GARONNE"), words_of("Garonne Services AI"))
    True
    """
    common = one & other
    return any(len(word) >= _TELLING for word in common) and common in (one, other)


def _joined(words: list[str]) -> list[str]:
    """Put the letters of a sigle written with points together again."""
    joined: list[str] = []
    letters = ""
    for word in [*words, ""]:
        if len(word) == 1:
            letters += word
            continue
        if letters:
            joined.append(letters)
            letters = ""
        joined.append(word)
    return [word for word in joined if word]
