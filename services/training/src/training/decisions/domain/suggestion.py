"""What the rule would suggest of a session to decide, and why. Never a decision: somebody takes it.

A choice of this house (decision 0065): no text and no known vote of Coorace Formation says when a session is held.
"""

from dataclasses import dataclass

from common.money import format_euros
from common.wording import counted
from training.decisions.domain.decision import DecisionAct, Figures
from training.decisions.domain.sisters import Sister


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An act, and its reasons, the first the strongest. ``into``: the session to go to, of a merge."""

    act: DecisionAct
    reasons: tuple[str, ...]
    into: Sister | None = None


def suggest(figures: Figures, sisters: list[Sister], *, can_wait: bool) -> Suggestion:
    """Return what the rule would do. ``can_wait``: a working day is left before the first half-day."""
    missing = figures.minimum - figures.taken
    if missing <= 0:
        reason = (
            f"{counted(figures.taken, 'place prise', 'places prises')} : le minimum de {figures.minimum} est atteint."
        )
        return Suggestion(act=DecisionAct.CONFIRM, reasons=(reason, *_margin(figures)))
    thin = f"Il manque {counted(missing, 'inscription')} pour le minimum de {figures.minimum}."
    if can_wait and figures.expected is not None and figures.expected >= figures.minimum:
        reason = f"La prévision, {counted(figures.expected, 'place')}, atteint le minimum."
        return Suggestion(act=DecisionAct.POSTPONE, reasons=(reason, thin))
    roomy = next((one for one in sisters if one.free >= figures.taken), None)
    if figures.taken and roomy is not None:
        free = counted(roomy.free, "place libre", "places libres")
        reason = f"La session {roomy.reference} a {free}, et il y en a {figures.taken} de prises ici."
        return Suggestion(act=DecisionAct.MERGE, reasons=(thin, reason), into=roomy)
    if figures.taken and _costs_less_to_hold(figures):
        reason = "La tenir coûte moins que l'annuler aujourd'hui."
        return Suggestion(act=DecisionAct.CONFIRM, reasons=(reason, thin, *_margin(figures)))
    return Suggestion(act=DecisionAct.CANCEL, reasons=(thin, *_margin(figures)))


def _costs_less_to_hold(figures: Figures) -> bool:
    """Tell whether holding loses less than what cancelling loses for sure."""
    return figures.margin is not None and figures.margin >= -figures.cancelling


def _margin(figures: Figures) -> tuple[str, ...]:
    if figures.margin is None:
        return ("Aucun coût n'est saisi : la marge n'est pas connue.",)
    now, cancelled = format_euros(figures.margin), format_euros(figures.cancelling)
    return (f"Marge avec les places prises : {now} ; annuler aujourd'hui coûte {cancelled} à coup sûr.",)
