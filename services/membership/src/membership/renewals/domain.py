"""Tacit renewal on 1 January: who was told in time and how it is known, who says no, and who is renewed.

Renewal, call for dues and payment are three facts: what is decided here depends on neither of the two others.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from common.dated import months_after
from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.labels import Labelled
from common.wording import write_day
from membership.members.domain import DepartureCause, Member


class RenewalNotFound(NotFound):
    """No such renewal."""

    code = "renewal_not_found"


class RenewalTooEarly(Conflict):
    """The renewal of a year is opened in the year before."""

    code = "renewal_too_early"


class RenewalExists(Conflict):
    """A year has one renewal."""

    code = "renewal_exists"


class NotUpForRenewal(NotFound):
    """The structure is not a member on the eve of the renewal, or is not within reach."""

    code = "not_up_for_renewal"


class NoticeWindowClosed(Conflict):
    """A notice sent too early or too late proves nothing."""

    code = "notice_window_closed"


class NoticeNotNeeded(Conflict):
    """The structure was told, or leaves: there is nothing to send to it."""

    code = "notice_not_needed"


class NoNoticeSent(NotFound):
    """No notice was sent to the structure: none can have come back, and there is nothing to prove."""

    code = "no_notice_sent"


class PostedInFuture(Invalid):
    """A letter was posted, a notice came back, a structure spoke, today or before."""

    code = "posted_in_future"


class ExceptionNotNeeded(Conflict):
    """An exception renews who could not be told: not one that was, nor one that leaves or is renewed already."""

    code = "exception_not_needed"


class NoException(NotFound):
    """No exception is made for the structure, or it is renewed already."""

    code = "no_exception"


class OptOutTooLate(Conflict):
    """From 1 January on, a member that wants to leave resigns."""

    code = "opt_out_too_late"


class SaidAnotherDay(Forbidden):
    """A structure speaks for today; what it said another day, the federation records."""

    code = "said_another_day"


class NoOptOut(NotFound):
    """The structure did not refuse its renewal, or it is no longer a member."""

    code = "no_opt_out"


class Means(Labelled):
    """How a structure is told."""

    MAIL = "mail", "courriel"
    LETTER = "letter", "courrier postal"


class NoticeStatus(Labelled):
    """What became of one notice."""

    WAITING = "waiting", "à envoyer"
    SENT = "sent", "envoyé"
    REFUSED = "refused", "refusé par le serveur du destinataire"
    ABANDONED = "abandoned", "abandonné après plusieurs jours d'essais"
    RETURNED = "returned", "revenu"


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


_NAMED = 5
PENDING = frozenset({RenewalState.TO_NOTIFY, RenewalState.SENDING, RenewalState.UNPROVEN})
"""Whom the federation still has something to do about before it renews."""
RENEWABLE = frozenset({RenewalState.NOTIFIED, RenewalState.EXCEPTED})
"""Who is renewed once the day has come."""


@dataclass(frozen=True, slots=True)
class RenewalRule:
    """When members are told, in months before 31 December. Dated data, with source and status."""

    since: date
    earliest_months: int
    latest_months: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Renewal:
    """The renewal of all memberships for a year, with its days as they were fixed when it was opened."""

    id: UUID
    year: int
    notice_from: date
    notice_until: date
    rule_status: str
    rule_source: str

    @property
    def renews_on(self) -> date:
        """The day from which memberships go on for another year."""
        return date(self.year, 1, 1)

    @property
    def opt_out_until(self) -> date:
        """The last day on which a member may refuse, which is the last of its membership then."""
        return self.renews_on - timedelta(days=1)

    def covers(self, day: date) -> bool:
        """Tell whether a notice sent on a day proves that a member was told in time."""
        return self.notice_from <= day <= self.notice_until


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides of one structure: how it stands in the register on 1 January, and what was done to tell it.

    ``notified_on`` is the first day in the window on which a notice left that did not come back.
    """

    departure: DepartureCause | None = None
    renewed: bool = False
    excepted: bool = False
    notified_on: date | None = None
    sending: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One structure of a renewal: what decides of it, and where it stands."""

    member: Member
    standing: Standing
    state: RenewalState


@dataclass(frozen=True, slots=True)
class PostedLetter:
    """A letter as it was posted. ``recipient`` is the structure's address, ``text`` what the letter said."""

    member_id: UUID
    posted_on: date
    tracking_number: str | None
    recipient: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one structure, and the proof of it.

    A mail's are its identifier, which the server of its recipient knows too, and that server's answer; a letter's, its
    tracking number.
    """

    id: UUID
    member_id: UUID
    means: Means
    status: NoticeStatus
    sent_on: date | None
    recorded_at: datetime
    recorded_by: str
    recipient: str | None = None
    message_id: str | None = None
    reply: str | None = None
    text: str | None = None
    tracking_number: str | None = None
    returned_on: date | None = None
    returned_reason: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it did not reach its structure, as far as is known."""
        return self.status not in (NoticeStatus.WAITING, NoticeStatus.SENT)

    @property
    def problem(self) -> str | None:
        """What went wrong, in words; None where nothing did."""
        if not self.has_failed:
            return None
        why = self.returned_reason or self.reply
        return f"{self.means.label} {self.status.label}{f' : {why}' if why else ''}"


def require_year(year: int, today: date) -> None:
    """Let a renewal be opened from the year before on; late, for a year begun, exceptions make it. Raises
    RenewalTooEarly.
    """
    if year > today.year + 1:
        raise RenewalTooEarly(f"Le renouvellement {year} s'ouvre à partir du 1er janvier {year - 1}.")


def open_renewal(renewal_id: UUID, year: int, rule: RenewalRule) -> Renewal:
    """Return the renewal of a year, with the days that a rule gives.

    >>> rule = RenewalRule(date(2000, 1, 1), 3, 1, "assumed", "")
    >>> renewal = open_renewal(UUID(int=1), 2027, rule)
    >>> renewal.notice_from, renewal.notice_until, renewal.opt_out_until
    (datetime.date(2026, 9, 30), datetime.date(2026, 11, 30), datetime.date(2026, 12, 31))
    """
    eve = date(year - 1, 12, 31)
    return Renewal(
        id=renewal_id,
        year=year,
        notice_from=months_after(eve, -rule.earliest_months),
        notice_until=months_after(eve, -rule.latest_months),
        rule_status=rule.status,
        rule_source=rule.source,
    )


def state_of(standing: Standing, renewal: Renewal, today: date) -> RenewalState:
    """Return where a structure stands in a renewal on a day."""
    if standing.departure is not None:
        opted_out = standing.departure is DepartureCause.NOT_RENEWED
        return RenewalState.OPTED_OUT if opted_out else RenewalState.LEAVING
    if standing.renewed:
        return RenewalState.RENEWED
    if standing.excepted:
        return RenewalState.EXCEPTED
    if standing.notified_on is not None:
        return RenewalState.NOTIFIED
    if standing.sending:
        return RenewalState.SENDING
    return RenewalState.TO_NOTIFY if today <= renewal.notice_until else RenewalState.UNPROVEN


def require_open_window(renewal: Renewal, day: date) -> None:
    """Let only a notice be sent on a day on which it proves something. Raises NoticeWindowClosed."""
    if not renewal.covers(day):
        raise NoticeWindowClosed(
            f"Les adhérentes sont informées du {write_day(renewal.notice_from)} au {write_day(renewal.notice_until)} : "
            "un envoi d'un autre jour ne prouve rien. Celle qui n'a pu l'être demande une exception.",
            extra={"notice_from": renewal.notice_from.isoformat(), "notice_until": renewal.notice_until.isoformat()},
        )


def require_past(day: date, today: date) -> None:
    """Refuse what is told of a day that has not come. Raises PostedInFuture."""
    if day > today:
        raise PostedInFuture(f"Le {write_day(day)} n'est pas venu.")


def require_untold(states: Mapping[str, RenewalState], renewal: Renewal) -> None:
    """Let a notice be recorded only of structures, by name, that were not told and stay. Raises NoticeNotNeeded."""
    _require_in(states, PENDING, NoticeNotNeeded, f"Rien à envoyer pour le renouvellement {renewal.year}")


def require_exceptional(states: Mapping[str, RenewalState], renewal: Renewal) -> None:
    """Let exceptions be made only for structures, by name, that need one. Raises ExceptionNotNeeded."""
    _require_in(states, PENDING, ExceptionNotNeeded, f"Aucune exception à faire au renouvellement {renewal.year}")


def require_excepted(states: Mapping[str, RenewalState]) -> None:
    """Let exceptions be taken back only of structures, by name, that have one. Raises NoException."""
    _require_in(states, {RenewalState.EXCEPTED}, NoException, "Aucune exception à retirer")


def require_in_time(renewal: Renewal, said_on: date, today: date) -> None:
    """Let a structure refuse until 31 December; said by then, it may be heard of later.

    Raises PostedInFuture, OptOutTooLate.
    """
    require_past(said_on, today)
    if said_on > renewal.opt_out_until:
        raise OptOutTooLate(
            f"Le renouvellement {renewal.year} se refuse jusqu'au {write_day(renewal.opt_out_until)} : "
            "depuis, une démission, avec son préavis, est possible.",
            extra={"opt_out_until": renewal.opt_out_until.isoformat()},
        )


def _require_in(
    states: Mapping[str, RenewalState],
    wanted: Collection[RenewalState],
    refusal: type[Conflict] | type[NotFound],
    sentence: str,
) -> None:
    others = [f"{name} ({state.label})" for name, state in states.items() if state not in wanted]
    if others:
        more = f" et {len(others) - _NAMED} autres" if len(others) > _NAMED else ""
        raise refusal(f"{sentence} : {', '.join(others[:_NAMED])}{more}.")


RUN_ACTIONS = ("record_letter", "record_return", "except", "withdraw_exception")
ITS_ACTIONS = ("opt_out", "withdraw_opt_out")


def possible_actions(line: Line, renewal: Renewal, today: date, last: Notice | None) -> list[str]:
    """Return what can be done about a structure where it stands: by who runs the renewal, or by whom it concerns."""
    stays = line.standing.departure is None
    possible = {
        "record_letter": line.state in PENDING and today >= renewal.notice_from,
        "record_return": stays and last is not None and last.status is NoticeStatus.SENT,
        "except": line.state in PENDING,
        "withdraw_exception": line.state is RenewalState.EXCEPTED,
        "opt_out": stays and today <= renewal.opt_out_until,
        "withdraw_opt_out": line.state is RenewalState.OPTED_OUT and today <= renewal.opt_out_until,
    }
    return [action for action in (*RUN_ACTIONS, *ITS_ACTIONS) if possible[action]]
