"""What is asked of a structure after an accompaniment, and what becomes of its answer."""

from dataclasses import dataclass
from datetime import date, timedelta

from common.wording import write_day
from membership.bookings.domain.refusals import SatisfactionTooLate


@dataclass(frozen=True, slots=True)
class Question:
    """One question, answered from 1 to 5."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SurveyRule:
    """What is asked, for how many days an answer changes and stays named, and how many make an average."""

    since: date
    changeable_days: int
    named_days: int
    minimum: int
    status: str
    source: str
    questions: tuple[Question, ...]


def require_asked(held_on: date, rule: SurveyRule, today: date) -> None:
    """Let an answer be given while answers are named. Raises SatisfactionTooLate."""
    last = held_on + timedelta(days=rule.named_days)
    if today > last:
        raise SatisfactionTooLate(f"Votre avis était attendu jusqu'au {write_day(last)}.")
