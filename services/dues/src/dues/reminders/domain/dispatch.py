"""How a letter left, as whoever posted it says afterwards."""

from dataclasses import dataclass
from datetime import date

from common.labels import Labelled
from dues.reminders.domain.refusals import ReminderDispatchWrong, ReminderNotPrinted, ReminderSent


class Means(Labelled):
    """How a letter leaves."""

    POST = "post", "lettre simple"
    REGISTERED = "registered", "lettre recommandée"
    EMAIL = "email", "courriel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """How and when a letter left, and under which number."""

    means: Means
    sent_on: date
    reference: str | None


def require_unsent(sent_on: date | None, *, printed: bool) -> None:
    """Let only a printed letter leave, once. Raises ReminderSent, ReminderNotPrinted."""
    if sent_on is not None:
        raise ReminderSent("L'envoi de cette relance est déjà noté.")
    if not printed:
        raise ReminderNotPrinted("Cette lettre n'est pas encore imprimée.")


def require_dispatch(dispatch: Dispatch, reminded_on: date, today: date) -> None:
    """Let a letter leave between the day it was made and today, a registered one with its number.

    Raises ReminderDispatchWrong.
    """
    if not reminded_on <= dispatch.sent_on <= today:
        raise ReminderDispatchWrong("Une lettre part entre le jour où elle est faite et aujourd'hui.")
    if dispatch.means is Means.REGISTERED and not dispatch.reference:
        raise ReminderDispatchWrong("Une lettre recommandée a un numéro : donnez-le.")
