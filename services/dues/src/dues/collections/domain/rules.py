"""What the scheme asks of a collection, and what follows one that came back: dated data, each with its status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from common.labels import Labelled
from common.sourced import Datum
from common.wording import write_day
from common.workdays import TARGET
from dues.collections.domain.refusals import FileTooLate, TooLate
from dues.mandates.domain import MandateKind
from dues.receipts.domain import ReturnAction


class SequenceType(Labelled):
    """What a collection is among those of its mandate, as the banks code it."""

    FRST = "FRST", "premier d'une suite"
    RCUR = "RCUR", "récurrent"
    OOFF = "OOFF", "ponctuel"


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterReturn:
    """What follows a return: the mandate rests until somebody takes it up again, or only another one will do."""

    suspends: bool
    other_mandate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionRules:
    """What holds for what is collected from a day on.

    ``most_presentations`` counts the first one. ``submission_days`` are banking days, ``notice_days`` are not.
    """

    since: date
    notice_days: Datum[int]
    submission_days: Datum[int]
    first_sequence: Datum[SequenceType]
    most_presentations: Datum[int]
    after_return: Datum[Mapping[ReturnAction, AfterReturn]]

    def last_notice_on(self, collection_on: date) -> date:
        """Return the last day on which a member may be told of a collection."""
        return collection_on - timedelta(self.notice_days.value)

    def last_file_on(self, collection_on: date) -> date:
        """Return the last day on which the bank may be handed the file."""
        return TARGET.before(collection_on, self.submission_days.value)


def sequence_of(kind: MandateKind, last_presented_on: date | None, rules: CollectionRules) -> SequenceType:
    """Return the sequence type of a collection under a mandate."""
    if kind is MandateKind.ONE_OFF:
        return SequenceType.OOFF
    return SequenceType.RCUR if last_presented_on else rules.first_sequence.value


def require_in_time(last_notice_on: date, today: date) -> None:
    """Refuse to tell members later than the scheme lets them be told. Raises TooLate."""
    if today > last_notice_on:
        raise TooLate(
            f"Il aurait fallu prévenir le {write_day(last_notice_on)} au plus tard : choisissez un jour plus lointain.",
            extra={"last_notice_on": str(last_notice_on)},
        )


def require_file_in_time(last_file_on: date, today: date) -> None:
    """Refuse a file that the bank could no longer present. Raises FileTooLate."""
    if today > last_file_on:
        raise FileTooLate(
            f"Le fichier devait être remis à la banque le {write_day(last_file_on)} au plus tard : annulez cette remise"
            " et préparez-en une autre."
        )
