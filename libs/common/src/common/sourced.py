"""A value that the law, an assembly or a report sets: never bare, always with its status and its source. Pure."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from common.labels import Labelled

T_co = TypeVar("T_co", covariant=True)


class DatumStatus(Labelled):
    """How sure a value is. An assumed one stays visible everywhere until someone confirms it."""

    PUBLISHED = "published", "publié"
    ASSUMED = "assumed", "à confirmer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum(Generic[T_co]):
    """A value, how sure it is, and where it was read (a short French citation). An assumed one says why."""

    value: T_co
    status: DatumStatus
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.status is DatumStatus.ASSUMED and not self.note:
            raise ValueError(f"{self.value}: an assumed value says in its note why it is assumed")
