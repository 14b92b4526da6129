"""A call of the solidarity funds: money that structures may ask for to train their people, until a day.

Source: Coorace, Rapport d'activité 2015 (« Fonds mutualisés solidaires » : 51 projects of 56 enterprises, 37 kept).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import format_euros
from common.wording import write_day
from training.solidarity_calls.domain.refusals import (
    SolidarityBudgetShort,
    SolidarityCallNotDraft,
    SolidarityCallNotOpen,
    SolidarityCallPast,
    SolidarityCallWrong,
    SolidarityDecided,
    SolidarityNotDecided,
    SolidarityNotRanked,
    SolidarityNotScoring,
)


class SolidarityCallState(Labelled):
    """Where a call stands. Of one that was opened, the day tells when it takes applications, and when no more."""

    DRAFT = "draft", "brouillon"
    ANNOUNCED = "announced", "annoncé"
    OPEN = "open", "ouvert"
    CLOSED = "closed", "clos, à noter"
    RANKED = "ranked", "classé, à décider"
    DECIDED = "decided", "décidé"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a score is given for, and how much it weighs among the others."""

    code: str
    label: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallText:
    """What a call says. Applications are taken from ``opens_on`` to ``closes_on``, both included, in Paris.

    ``scale``: the best mark of a criterion, 0 being the worst. ``scores_needed``: for each application, before it is
    ranked. ``spread_alarm``: difference between two jurors, in points of 100, from which a score is to be discussed.
    """

    title: str
    text: str
    year: int
    envelope_id: UUID
    opens_on: date
    closes_on: date
    budget: Decimal
    max_award: Decimal | None
    criteria: tuple[Criterion, ...]
    scale: int
    scores_needed: int
    spread_alarm: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call: the days on which it was opened, its ranking frozen, its awards decided."""

    id: UUID
    said: CallText
    opened_on: date | None = None
    ranked_on: date | None = None
    decided_on: date | None = None
    version: int = 1


def state_on(call: Call, day: date) -> SolidarityCallState:
    """Return where a call stands on a day."""
    if call.decided_on is not None:
        return SolidarityCallState.DECIDED
    if call.ranked_on is not None:
        return SolidarityCallState.RANKED
    if call.opened_on is None:
        return SolidarityCallState.DRAFT
    if day > call.said.closes_on:
        return SolidarityCallState.CLOSED
    return SolidarityCallState.OPEN if day >= call.said.opens_on else SolidarityCallState.ANNOUNCED


def require_sound(said: CallText) -> None:
    """Refuse a call that contradicts itself. Raises SolidarityCallWrong."""
    if said.closes_on < said.opens_on:
        raise SolidarityCallWrong("Un appel se clôt le jour de son ouverture, ou après.")
    if said.max_award is not None and said.max_award > said.budget:
        raise SolidarityCallWrong("Une aide ne dépasse pas le budget de son appel.")
    twice = [code for code, times in Counter(one.code for one in said.criteria).items() if times > 1]
    if twice:
        raise SolidarityCallWrong(f"Un critère a un code à lui : {', '.join(twice)}.")


def require_draft(call: Call) -> None:
    """Let only a draft change. Raises SolidarityCallNotDraft."""
    if call.opened_on is not None:
        raise SolidarityCallNotDraft("Cet appel est ouvert : les structures l'ont lu, il ne change plus.")


def require_openable(call: Call, available: Decimal, today: date) -> None:
    """Let a draft be opened while somebody can still answer, with money in its envelope.

    Raises SolidarityCallNotDraft, SolidarityCallPast, SolidarityBudgetShort.
    """
    require_draft(call)
    if call.said.closes_on < today:
        raise SolidarityCallPast(f"Le {write_day(call.said.closes_on)} est passé : personne ne pourrait y répondre.")
    if call.said.budget > available:
        raise SolidarityBudgetShort(
            f"L'enveloppe a {format_euros(available)} de disponible, pour un budget de "
            f"{format_euros(call.said.budget)}.",
            extra={"available": str(available)},
        )


def require_receiving(call: Call, today: date) -> None:
    """Let applications come in while the call is open, and none late. Raises SolidarityCallNotOpen."""
    if state_on(call, today) is not SolidarityCallState.OPEN:
        raise SolidarityCallNotOpen(
            f"Cet appel reçoit les demandes du {write_day(call.said.opens_on)} au {write_day(call.said.closes_on)} "
            "inclus."
        )


def require_preparing(call: Call, today: date) -> None:
    """Let an application be prepared as soon as the call is announced. Raises SolidarityCallNotOpen."""
    if state_on(call, today) is not SolidarityCallState.ANNOUNCED:
        require_receiving(call, today)


def require_scoring(call: Call, today: date) -> None:
    """Let scores be given from the closing to the ranking. Raises SolidarityNotScoring."""
    state = state_on(call, today)
    if state is not SolidarityCallState.CLOSED:
        raise SolidarityNotScoring(
            f"Les demandes se notent une fois l'appel clos et jusqu'à son classement ; il est « {state.label} »."
        )


def require_ranked(call: Call) -> None:
    """Let only a frozen ranking be decided on, once. Raises SolidarityNotRanked, SolidarityDecided."""
    if call.decided_on is not None:
        raise SolidarityDecided(f"Cet appel est décidé depuis le {write_day(call.decided_on)}.")
    if call.ranked_on is None:
        raise SolidarityNotRanked("Le classement n'est pas arrêté.")


def require_decided(call: Call) -> None:
    """Let a decision be printed once it is taken. Raises SolidarityNotDecided."""
    if call.decided_on is None:
        raise SolidarityNotDecided("Cet appel n'est pas décidé.")
