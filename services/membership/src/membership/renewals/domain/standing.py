"""Where a structure stands in a renewal, and what can be done about it there."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from common.errors import Conflict, NotFound, Refusal, obstacle
from common.labels import Labelled
from common.wording import write_day
from membership.members.domain import (
    DepartureCause,
    Entry,
    Member,
    NotAMember,
    Topic,
    counting,
)
from membership.notices.domain import require_postable
from membership.renewals.domain.days import Renewal, require_in_time


class NotUpForRenewal(NotFound):
    """The structure is not a member on the eve of the renewal, or is not within reach."""

    code = "not_up_for_renewal"


class NoNoticeSent(NotFound):
    """No notice was sent to the structure: there is nothing to prove."""

    code = "no_notice_sent"


class NoticeNotNeeded(Conflict):
    """The structure was told, or leaves: there is nothing to send to it."""

    code = "notice_not_needed"


class ExceptionNotNeeded(Conflict):
    """An exception renews who could not be told or announced a departure, not one that was told or refused."""

    code = "exception_not_needed"


class NoException(NotFound):
    """No exception is made for the structure, or it is renewed already."""

    code = "no_exception"


class NoOptOut(NotFound):
    """The structure did not refuse this renewal, or it is no longer a member."""

    code = "no_opt_out"


class RenewalState(Labelled):
    """Where one structure stands in a renewal."""

    TO_NOTIFY = "to_notify", "à informer"
    SENDING = "sending", "envoi en cours"
    NOTIFIED = "notified", "informée"
    UNPROVEN = "unproven", "non informée à temps"
    EXCEPTED = "excepted", "exception"
    OPTED_OUT = "opted_out", "ne renouvelle pas"
    LEAVING = "leaving", "sort pour une autre raison"
    RENEWED = "renewed", "renouvelée"
    NOT_CONCERNED = "not_concerned", "n'est plus concernée"


_NAMED = 5
PENDING = frozenset({RenewalState.TO_NOTIFY, RenewalState.SENDING, RenewalState.UNPROVEN})
"""Whom the federation still has something to do about before it renews."""
RENEWABLE = frozenset({RenewalState.NOTIFIED, RenewalState.EXCEPTED})
"""Who is renewed once the day has come."""
GOING = frozenset({RenewalState.OPTED_OUT, RenewalState.LEAVING})
"""Whose departure is known."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides of one structure: how it stands in the register on 1 January, and what was done to tell it.

    ``departure`` is why it is no longer a member then; ``leaves_on`` the day it leaves, then or later, as far as is
    announced. ``notified_on`` is the first day in the window on which a notice left that did not come back.
    """

    departure: DepartureCause | None = None
    leaves_on: date | None = None
    renewed: bool = False
    excepted: bool = False
    notified_on: date | None = None
    sending: bool = False

    @property
    def rests_on_nothing(self) -> bool:
        """Whether neither a notice that arrived nor an exception stands for its renewal."""
        return self.notified_on is None and not self.excepted


@dataclass(frozen=True, slots=True)
class Line:
    """One structure of a renewal: what decides of it, and where it stands."""

    member: Member
    standing: Standing
    state: RenewalState


@dataclass(frozen=True, slots=True)
class SaidNo:
    """A refusal as the register has it: the entry that says so, and the one that took it back."""

    entry: Entry
    taken_back: Entry | None

    @property
    def said_on(self) -> date | None:
        """The day on which the structure said so."""
        said = (self.entry.value or {}).get("said_on")
        return date.fromisoformat(said) if said else None


def state_of(standing: Standing, renewal: Renewal, today: date) -> RenewalState:
    """Return where a structure stands in a renewal on a day.

    Tacit renewal rests on silence: who announced a departure for later has spoken, and only a person renews it
    (ADR 0025).
    """
    if standing.departure is not None:
        opted_out = standing.departure is DepartureCause.NOT_RENEWED
        return RenewalState.OPTED_OUT if opted_out else RenewalState.LEAVING
    if standing.renewed:
        return RenewalState.RENEWED
    if standing.excepted:
        return RenewalState.EXCEPTED
    if standing.leaves_on is not None:
        return RenewalState.LEAVING
    if standing.notified_on is not None:
        return RenewalState.NOTIFIED
    if today > renewal.notice_until:
        return RenewalState.UNPROVEN
    return RenewalState.SENDING if standing.sending else RenewalState.TO_NOTIFY


def problem_of(line: Line, renewal: Renewal, today: date, failed: str | None) -> str | None:
    """Say what somebody has to look at: a notice that failed where the renewal rests on it, a renewal that is late."""
    if line.state in RENEWABLE and today >= renewal.renews_on:
        return "renouvellement pas encore inscrit : il est tenté chaque jour, le reçu du travail dit ce qui l'empêche"
    unfounded = line.state is RenewalState.RENEWED and line.standing.rests_on_nothing
    return failed if line.state in PENDING or unfounded else None


def require_untold(lines: Collection[Line], renewal: Renewal) -> None:
    """Let a notice be recorded only of structures that were not told and stay. Raises NoticeNotNeeded."""
    _require_in(_states(lines), PENDING, NoticeNotNeeded, f"Rien à envoyer pour le renouvellement {renewal.year}")


def require_exceptional(lines: Collection[Line], renewal: Renewal) -> None:
    """Let exceptions be made only for structures that need one, or leave later. Raises ExceptionNotNeeded."""
    states = {line.member.name: line.state for line in lines if not _leaves_later(line)}
    _require_in(states, PENDING, ExceptionNotNeeded, f"Aucune exception à faire au renouvellement {renewal.year}")


def require_excepted(lines: Collection[Line]) -> None:
    """Let exceptions be taken back only of structures that have one. Raises NoException."""
    _require_in(_states(lines), {RenewalState.EXCEPTED}, NoException, "Aucune exception à retirer")


def require_staying(line: Line, today: date) -> None:
    """Let only a structure refuse that is a member on 1 January, and has not left since. Raises NotAMember."""
    gone = line.standing.leaves_on is not None and line.standing.leaves_on <= today
    if line.state is RenewalState.NOT_CONCERNED or line.standing.departure is not None or gone:
        day = f" à partir du {write_day(line.standing.leaves_on)}" if line.standing.leaves_on else ""
        raise NotAMember(f"{line.member.name} n'est plus adhérente{day}.")


def require_refused(refusal: Entry | None, renewal: Renewal, name: str, today: date) -> Entry:
    """Return the refusal that may be taken back: of this renewal, before 1 January. Raises NoOptOut."""
    if refusal is None or today >= renewal.renews_on:
        raise NoOptOut(f"{name} n'a pas refusé le renouvellement {renewal.year}, ou n'est plus adhérente.")
    return refusal


def refusal_in_force(entries: Iterable[Entry], renewal: Renewal) -> Entry | None:
    """Return the entry by which a structure refuses a renewal, if it counts."""
    return next((entry for entry in counting(entries) if _refuses(entry, renewal)), None)


def refusals(entries: Iterable[Entry], renewal: Renewal) -> list[SaidNo]:
    """Return every refusal of a renewal, those taken back included, in the order in which they were recorded."""
    known = sorted(entries, key=lambda entry: entry.recorded_at)
    taken_back = {entry.withdraws: entry for entry in known if entry.withdraws is not None}
    return [SaidNo(entry, taken_back.get(entry.id)) for entry in known if _refuses(entry, renewal)]


RUN_ACTIONS = ("record_letter", "except", "withdraw_exception")
ITS_ACTIONS = ("opt_out", "withdraw_opt_out")


def obstacles(line: Line, renewal: Renewal, today: date, *, by_itself: bool) -> dict[str, Refusal | None]:
    """Return for each action on a structure what keeps it from being done today, None where nothing does.

    ``by_itself``: the structure acts, which speaks for today only.
    """
    said = today if by_itself else min(today, renewal.opt_out_until)
    checks: dict[str, list[Callable[[], object]]] = {
        "record_letter": [partial(require_untold, [line], renewal), partial(require_postable, [line.member])],
        "except": [partial(require_exceptional, [line], renewal)],
        "withdraw_exception": [partial(require_excepted, [line])],
        "opt_out": [partial(require_staying, line, today), partial(require_in_time, renewal, said, today)],
        "withdraw_opt_out": [partial(_require_opted_out, line, renewal, today)],
    }
    return {action: obstacle(*required) for action, required in checks.items()}


def _require_opted_out(line: Line, renewal: Renewal, today: date) -> None:
    if line.state is not RenewalState.OPTED_OUT:
        require_refused(None, renewal, line.member.name, today)
    elif today >= renewal.renews_on:
        raise NoOptOut(f"{line.member.name} n'est plus adhérente.")


def _leaves_later(line: Line) -> bool:
    return line.state is RenewalState.LEAVING and line.standing.departure is None


def _refuses(entry: Entry, renewal: Renewal) -> bool:
    refuses = (entry.value or {}).get("cause") == DepartureCause.NOT_RENEWED.value
    return entry.subject.topic is Topic.STATUS and entry.effective_on == renewal.renews_on and refuses


def _states(lines: Collection[Line]) -> dict[str, RenewalState]:
    return {line.member.name: line.state for line in lines}


def _require_in(
    states: Mapping[str, RenewalState],
    wanted: Collection[RenewalState],
    refusal: type[Conflict] | type[NotFound],
    sentence: str,
) -> None:
    others = [f"{name} ({state.label})" for name, state in sorted(states.items()) if state not in wanted]
    if others:
        more = f" et {len(others) - _NAMED} autres" if len(others) > _NAMED else ""
        raise refusal(f"{sentence} : {', '.join(others[:_NAMED])}{more}.")
