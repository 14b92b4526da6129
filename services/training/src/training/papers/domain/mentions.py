"""What each kind of paper must say, by its text, and what it entails that it says something else: dated data.

``data/mentions.toml`` gives the source of each line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from common.errors import FieldError
from common.labels import Labelled
from training.papers.domain.kinds import PaperKind, Term, Terms
from training.papers.domain.refusals import PaperIncomplete


class Consequence(Labelled):
    """What a paper that would say something else entails, from the least to the most."""

    NONE = "none", "rien n'a changé"
    INFORM = "inform", "le papier reste valable, le changement se signale"
    REPLACE = "replace", "le papier est remplacé"
    SIGN_AGAIN = "sign_again", "le papier est remplacé, et à signer de nouveau"
    WITHDRAW = "withdraw", "le papier n'a plus d'objet"

    @property
    def rank(self) -> int:
        """How much it entails."""
        return list(Consequence).index(self)

    @property
    def outdates(self) -> bool:
        """Whether the paper is worth nothing any more."""
        return self.rank >= Consequence.REPLACE.rank


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing that a kind of paper says. ``article``: the text that asks for it; none where it is only useful."""

    term: Term
    article: str
    change: Consequence
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """What a kind of paper says from a day on, in order."""

    kind: PaperKind
    since: date
    status: str
    source: str
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Lack:
    """A mention that a paper has not."""

    term: Term
    message: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What a paper would say otherwise now; an empty side said, or says, nothing."""

    term: Term
    before: tuple[str, ...]
    after: tuple[str, ...]
    consequence: Consequence

    @property
    def text(self) -> str:
        """Write it on one line.

        >>> Difference(Term.PERIOD, ("du 3 au 4 mars 2027",), ("du 10 au 11 mars 2027",), Consequence.REPLACE).text
        'Dates : du 3 au 4 mars 2027 → du 10 au 11 mars 2027'
        """
        before, after = (" ; ".join(side) or "rien" for side in (self.before, self.after))
        return f"{self.term.label} : {before} → {after}"


def settled(rule: KindRule, said: Terms) -> Terms:
    """Return what a paper of a kind says, of all that could be said."""
    return {one.term: said[one.term] for one in rule.mentions if said.get(one.term)}


def lacks(rule: KindRule, terms: Terms) -> Iterator[Lack]:
    """Tell which mentions a paper has not, each with the text that asks for it."""
    for one in rule.mentions:
        if one.required and not terms.get(one.term):
            yield Lack(one.term, f"{one.term.label} : mention manquante ({one.article}).")


def require_whole(papers: Iterable[tuple[KindRule, Terms]]) -> None:
    """Let papers be issued that say all that their texts ask for. Raises PaperIncomplete, with all that lacks."""
    found = {(rule.kind, lack.term): lack for rule, terms in papers for lack in lacks(rule, terms)}
    if found:
        told = [f"{kind.label.capitalize()}, {lack.message}" for (kind, _), lack in found.items()]
        raise PaperIncomplete(
            " ".join(told),
            errors=[
                FieldError(f"/{kind.value}/{term.value}", term.value, lack.message)
                for (kind, term), lack in found.items()
            ],
        )


def compare(rule: KindRule, before: Terms, after: Terms | None) -> tuple[Difference, ...]:
    """Return what a paper would say otherwise now, in the order of its mentions; nothing of one without an object."""
    if after is None:
        return ()
    changes = {one.term: one.change for one in rule.mentions}
    terms = [*changes, *(term for term in before if term not in changes)]
    return tuple(
        Difference(term, before.get(term, ()), after.get(term, ()), changes.get(term, Consequence.REPLACE))
        for term in terms
        if before.get(term, ()) != after.get(term, ())
    )


def consequence_of(differences: Iterable[Difference], after: Terms | None) -> Consequence:
    """Return the most that differences entail. A paper that would not be made any more is withdrawn."""
    if after is None:
        return Consequence.WITHDRAW
    found = (one.consequence for one in differences)
    return max(found, key=lambda one: one.rank, default=Consequence.NONE)
