"""What keeps a member from being reminded for a time: a hold, a promise made to its region."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from common.errors import Blocker
from common.labels import Labelled
from common.wording import write_day
from dues.reminders.domain.levels import ReminderRule
from dues.reminders.domain.refusals import HoldDaysWrong, HoldEnded, RegionCallWrong


class HoldReason(Labelled):
    """Why a member, or one of its calls, is not reminded for a time."""

    DISPUTED = "disputed", "somme contestée"
    INSTALMENTS = "instalments", "échelonnement en discussion"
    SOLIDARITY = "solidarity", "demande de solidarité"
    DIFFICULTY = "difficulty", "structure en difficulté"
    CORRECTION = "correction", "appel à corriger"
    OTHER = "other", "autre raison"


class HoldState(Labelled):
    """Where a hold stands on a day."""

    COMING = "coming", "à venir"
    IN_FORCE = "in_force", "en cours"
    ENDED = "ended", "terminée"
    LIFTED = "lifted", "levée"


class CallOutcome(Labelled):
    """What came of a region's call."""

    PROMISED = "promised", "règlement promis"
    REACHED = "reached", "jointe, sans engagement"
    NO_ANSWER = "no_answer", "pas de réponse"
    DISPUTED = "disputed", "conteste la somme"
    DIFFICULTY = "difficulty", "dit être en difficulté"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Reminders stopped, of a member or of one call, from a day to another, both included; lifted, from that day on."""

    id: UUID
    member_id: UUID
    invoice_id: UUID | None
    reason: HoldReason
    since: date
    until: date
    lifted_on: date | None

    def state_on(self, day: date) -> HoldState:
        """Return where it stands: it ends by itself."""
        if self.lifted_on is not None and self.lifted_on <= day:
            return HoldState.LIFTED
        if day < self.since:
            return HoldState.COMING
        return HoldState.IN_FORCE if day <= self.until else HoldState.ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionCall:
    """A call that a region made to a member, and the day by which it then promised to pay, if it did."""

    member_id: UUID
    day: date
    outcome: CallOutcome
    promised_for: date | None


def require_hold_days(since: date, until: date, rule: ReminderRule, today: date) -> None:
    """Let a hold begin today or later and last as long as the rule says at most. Raises HoldDaysWrong."""
    if since < today:
        raise HoldDaysWrong("Une suspension commence aujourd'hui ou plus tard.")
    latest = since + timedelta(days=rule.longest_hold_days)
    if not since <= until <= latest:
        raise HoldDaysWrong(
            f"Une suspension dure {rule.longest_hold_days} jours au plus : de ce jour, jusqu'au {write_day(latest)}.",
            extra={"latest": str(latest)},
        )


def require_liftable(hold: Hold, today: date) -> None:
    """Let a hold that has not ended be lifted. Raises HoldEnded."""
    state = hold.state_on(today)
    if state in (HoldState.ENDED, HoldState.LIFTED):
        raise HoldEnded(f"Cette suspension est déjà {state.label}.")


def require_call(call: RegionCall, rule: ReminderRule, today: date) -> None:
    """Let a region note a call of a past day, with the day of a promise where one was made. Raises RegionCallWrong."""
    if call.day > today:
        raise RegionCallWrong("Un appel se note une fois passé.")
    if (call.outcome is CallOutcome.PROMISED) != (call.promised_for is not None):
        raise RegionCallWrong("Un règlement promis l'est pour un jour, et seul un règlement promis en a un.")
    latest = call.day + timedelta(days=rule.longest_promise_days)
    if call.promised_for is not None and not call.day <= call.promised_for <= latest:
        raise RegionCallWrong(
            f"Une promesse vaut {rule.longest_promise_days} jours au plus : jusqu'au {write_day(latest)}. "
            "Au-delà, posez une suspension.",
            extra={"latest": str(latest)},
        )


def why_held(hold: Hold) -> Blocker:
    """Return what a hold in force keeps from being sent, and until when. Its text is not repeated."""
    code = "held" if hold.invoice_id is None else "call_held"
    return Blocker(code, f"Relances suspendues jusqu'au {write_day(hold.until)} : {hold.reason.label}.")


def why_studied(reference: str) -> Blocker:
    """Return what a request for solidarity under study keeps from being sent. What it says is not repeated."""
    return Blocker("relief_under_study", f"Demande de solidarité {reference} à l'étude.")


def why_planned(reference: str, next_on: date) -> Blocker:
    """Return what a plan that is kept keeps from being sent of its calls."""
    return Blocker("in_plan", f"Échéancier {reference} tenu, prochaine échéance le {write_day(next_on)}.")


def why_promised(call: RegionCall, on: date) -> Blocker | None:
    """Return what a promise keeps from being sent until its day, that day included."""
    if call.promised_for is None or on > call.promised_for:
        return None
    return Blocker("promised", f"Règlement promis à la délégation pour le {write_day(call.promised_for)}.")
