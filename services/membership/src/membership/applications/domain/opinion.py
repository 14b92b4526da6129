"""What the regional delegation thinks of an application, for the board to know before it votes."""

from dataclasses import dataclass
from datetime import date

from common.errors import Forbidden
from common.labels import Labelled


class Advice(Labelled):
    """What a delegation advises."""

    FAVOURABLE = "favourable", "favorable"
    RESERVED = "reserved", "réservé"
    UNFAVOURABLE = "unfavourable", "défavorable"


class OpinionsHidden(Forbidden):
    """An opinion is for the board: the structure it is about does not read it, nor sort by it."""

    code = "opinions_hidden"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One opinion; a later one of the same delegation takes its place, and both are kept."""

    delegation: str
    advice: Advice
    text: str
    given_on: date
    given_by: str
