"""The words of a search of the catalogue: which are looked for, and what a misspelt one may have meant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from common.characters import normalise
from training.programmes.domain.content import Content, Part, ProgrammeKind

_MOST_WORDS = 8
_MOST_MEANT = 3
_SHORTEST_GUESSED = 4
_TWO_WRONG_FROM = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A word of a search, and the words of the catalogue that it was taken for: itself, where it is known.

    ``begun``: as it is known, but only as the beginning of others.
    """

    word: str
    meant: tuple[str, ...]
    begun: bool = False

    @property
    def is_guess(self) -> bool:
        """Whether it was taken for others."""
        return self.meant != (self.word,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The texts under which a programme is found, from the heaviest to the lightest, compared as ``normalise`` does."""

    title: str
    objectives: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The distinct words of them all."""
        return sorted(set(f"{self.title} {self.objectives} {self.rest}".split()))


def searched(code: str, kind: ProgrammeKind, content: Content, theme: str, parts: Iterable[Part]) -> Searched:
    """Return the texts of a programme: its title and code first, its objectives and theme, then the rest."""
    modes, recognition = (one.label for one in content.modes), content.recognition
    rest = [
        content.summary, content.audience, content.prerequisites, content.methods, content.assessment, kind.label,
        *modes, recognition.label if recognition else "", content.recognition_number or "",
        *(f"{part.code} {part.title}" for part in parts),
    ]  # fmt: skip
    return Searched(
        title=normalise(f"{content.title} {code}"),
        objectives=normalise(" ".join((*content.objectives, theme))),
        rest=normalise(" ".join(rest)),
    )


def words_of(question: str) -> list[str]:
    """Return the words that a search looks for, eight at most; a letter alone is none.

    >>> words_of("L'évaluation en entreprise d'insertion")
    ['evaluation', 'en', 'entreprise', 'insertion']
    """
    return [word for word in dict.fromkeys(normalise(question).split()) if len(word) > 1][:_MOST_WORDS]


def is_guessable(word: str) -> bool:
    """Tell whether a word is long enough to be looked for misspelt, and not a number."""
    return len(word) >= _SHORTEST_GUESSED and word.isalpha()


def within(word: str, candidates: Sequence[str]) -> list[str]:
    """Return the candidates that a word may have meant: a letter wrong or, in a long word, two.

    >>> within("acompagnement", ["accompagnement", "accompagnements", "compagnie"])
    ['accompagnement', 'accompagnements']
    """
    most = 2 if len(word) >= _TWO_WRONG_FROM else 1
    return [one for one in candidates if abs(len(one) - len(word)) <= most and distance(word, one) <= most]


def nearest(word: str, candidates: Sequence[str]) -> tuple[str, ...]:
    """Return those of some candidates at the least distance from a word, three at most.

    >>> nearest("acompagnement", ["accompagnement", "accompagnements"])
    ('accompagnement',)
    """
    measured = [(distance(word, one), one) for one in candidates]
    least = min((far for far, _ in measured), default=0)
    return tuple(one for far, one in measured if far == least)[:_MOST_MEANT]


def distance(left: str, right: str) -> int:
    """Return how many letters are missing, too many, wrong or swapped with the next (Damerau, Levenshtein).

    >>> distance("formtion", "formation"), distance("tutuer", "tuteur")
    (1, 1)
    """
    *_, last = _rows(left, right)
    return last[-1]


def _rows(left: str, right: str) -> Iterator[list[int]]:
    earlier, above = [0], list(range(len(right) + 1))
    for row, letter in enumerate(left, start=1):
        here = [row]
        for column, other in enumerate(right, start=1):
            cost = min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != other))
            swapped = row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other
            here.append(min(cost, earlier[column - 2] + 1) if swapped else cost)
        earlier, above = above, here
        yield here
