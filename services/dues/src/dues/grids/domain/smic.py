"""The hourly SMIC: which rate is in force on a day, and the refusal to guess the next one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.errors import Conflict
from common.sourced import Datum
from common.wording import write_day


class SmicNotPublished(Conflict):
    """The rate that an act needs is not in the table yet."""

    code = "smic_not_published"
    title = "SMIC horaire non publié"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmicRate:
    """A gross hourly SMIC of metropolitan France, in euros, and the first day it applies."""

    since: date
    hourly: Datum[Decimal]


SmicTable = tuple[SmicRate, ...]


def require_sound_table(table: SmicTable) -> None:
    """Accept a table that has one rate a day, each more than nothing. Raises ValueError."""
    if len({rate.since for rate in table}) < len(table):
        raise ValueError("two rates of the SMIC since one day")
    if any(rate.hourly.value <= 0 for rate in table):
        raise ValueError("a rate of the SMIC of nothing or less")


def hourly_smic(table: Iterable[SmicRate], *, on: date) -> SmicRate:
    """Return the rate in force on a day.

    A rate never passes a New Year: the SMIC is set again each 1 January, so every year of the table opens with its
    own entry, even if unchanged. That is how the table says until when it is known. Raises ``SmicNotPublished``.
    """
    known = [rate for rate in table if rate.since.year == on.year and rate.since <= on]
    if not known:
        raise SmicNotPublished(
            f"Le SMIC horaire brut en vigueur au {write_day(on)} n'est pas renseigné : "
            "ajoutez-le à la table du SMIC, avec sa source, dès sa publication.",
            extra={"missing": "hourly_smic", "on": on.isoformat()},
        )
    return max(known, key=lambda rate: rate.since)
