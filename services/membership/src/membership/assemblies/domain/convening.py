"""Who was convened to an assembly, when, and who could not be: told from what was sent, never stored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from common.errors import Conflict, Invalid
from common.labels import Labelled
from common.wording import write_day
from membership.assemblies.domain.assembly import Assembly, last_convening_day
from membership.assemblies.domain.rules import AssemblyRule
from membership.members.domain import Member
from membership.notices.domain import About, Notice, NoticePurpose, NoticeStatus, Reach, why_unmailed


class ConvocationTooLate(Conflict):
    """After the last day a convocation leaves with its reason, and none once the assembly's day is past."""

    code = "convocation_too_late"


class ConvocationTooEarly(Invalid):
    """No convocation left before the members were convened: its agenda was not fixed."""

    code = "convocation_too_early"


class ConvocationState(Labelled):
    """Where the convocation of one structure stands."""

    TO_CONVENE = "to_convene", "à convoquer"
    SENDING = "sending", "envoi en cours"
    ELSEWHERE = "elsewhere", "convoquée ailleurs"
    CONVENED = "convened", "convoquée"


@dataclass(frozen=True, slots=True)
class Convocation:
    """One structure that votes, or was convened when it did, and what was sent to it.

    ``notice`` is what says its state: the first that left and stayed, the one under way, or the last that failed.
    ``last_day`` is the last on which it is convened in time.
    """

    member: Member
    enrolled: bool
    state: ConvocationState
    notice: Notice | None
    reach: Reach
    last_day: date

    @property
    def convened_on(self) -> date | None:
        """The day on which it was convened."""
        return self.notice.sent_on if self.notice and self.state is ConvocationState.CONVENED else None

    @property
    def is_late(self) -> bool:
        """Whether it was convened after the last day: a mail that was asked for in time may leave late."""
        return self.convened_on is not None and self.convened_on > self.last_day

    @property
    def late_reason(self) -> str | None:
        """Why it was convened after the last day, where it was and somebody said so."""
        return self.notice.late_reason if self.notice and self.is_late else None

    @property
    def may_be_sent(self) -> bool:
        """Whether a convocation may be sent to it from here."""
        return self.enrolled and self.state in (ConvocationState.TO_CONVENE, ConvocationState.ELSEWHERE)

    @property
    def is_unreached(self) -> bool:
        """Whether no mail would reach it: a letter, or an address to find."""
        return self.state is ConvocationState.TO_CONVENE and self.reach is not Reach.MAIL

    @property
    def problems(self) -> tuple[str, ...]:
        """What somebody has to look at: what failed, and why no mail can be sent."""
        if self.state is not ConvocationState.TO_CONVENE:
            return ()
        unmailed = why_unmailed(self.member, self.reach)
        found = (self.notice.problem if self.notice else None, unmailed.message if unmailed else None)
        return tuple(one for one in found if one)


@dataclass(frozen=True, slots=True)
class ConvocationCount:
    """How many structures that vote were convened, and how many are left: to be sent to, or out of reach by mail.

    ``elsewhere`` were by what the proof says, ``failed`` are those left to which what was sent did not come.
    """

    enrolled: int
    convened: int
    sending: int
    elsewhere: int
    to_send: int
    unreached: int
    failed: int
    first_on: date | None
    last_on: date | None
    late: int
    late_reasons: tuple[str, ...]
    unexplained: int


def about(assembly: Assembly) -> About:
    """Return what the convocations to an assembly are about."""
    return About(NoticePurpose.CONVOCATION, str(assembly.id))


def late_reason_on(assembly: Assembly, rule: AssemblyRule, day: date, reason: str | None) -> str | None:
    """Let a convocation leave on a day; return why it leaves late, where it does.

    Raises ConvocationTooEarly, ConvocationTooLate.
    """
    if assembly.convened_on is None or day < assembly.convened_on:
        raise ConvocationTooEarly("Une convocation part le jour où les membres sont convoqués, ou après.")
    last = last_convening_day(assembly, rule)
    if day > assembly.held_on or (day > last and reason is None):
        raise ConvocationTooLate(
            f"L'assemblée du {write_day(assembly.held_on)} se convoque jusqu'au {write_day(last)} ; après, et au plus"
            " tard ce jour-là, dites pourquoi (late_reason).",
            extra={"last_day": last.isoformat()},
        )
    return reason if day > last else None


def convened_elsewhere(assembly: Assembly, joined_on: date) -> bool:
    """Tell whether a structure was convened by what the proof of it says: all that were members on that day."""
    return bool(assembly.convened_by and assembly.convened_on and joined_on <= assembly.convened_on)


def convocation_state(notices: Sequence[Notice], *, elsewhere: bool = False) -> tuple[ConvocationState, Notice | None]:
    """Return where the convocation of a structure stands by what was sent to it, the oldest first, and what says so.

    What was sent and failed counts for more than what was done ``elsewhere``.
    """
    for status, state in _SAID_BY:
        found = next((one for one in notices if one.status is status), None)
        if found is not None:
            return state, found
    if elsewhere and not notices:
        return ConvocationState.ELSEWHERE, None
    return ConvocationState.TO_CONVENE, notices[-1] if notices else None


_SAID_BY = ((NoticeStatus.SENT, ConvocationState.CONVENED), (NoticeStatus.WAITING, ConvocationState.SENDING))


def count_convocations(convocations: Collection[Convocation]) -> ConvocationCount:
    """Count the convocations of the structures that vote; days and reasons are of all that left, each counted once."""
    voting = [one for one in convocations if one.enrolled]
    days = [one.convened_on for one in convocations if one.convened_on]
    late = {one.notice.id: one.late_reason for one in convocations if one.notice and one.is_late}
    reasons = [reason for reason in late.values() if reason]
    unreached = sum(one.is_unreached for one in voting)
    left = [one for one in voting if one.state is ConvocationState.TO_CONVENE]
    return ConvocationCount(
        enrolled=len(voting),
        convened=sum(one.state is ConvocationState.CONVENED for one in voting),
        sending=sum(one.state is ConvocationState.SENDING for one in voting),
        elsewhere=sum(one.state is ConvocationState.ELSEWHERE for one in voting),
        to_send=len(left) - unreached,
        unreached=unreached,
        failed=sum(one.notice is not None for one in left),
        first_on=min(days, default=None),
        last_on=max(days, default=None),
        late=len(late),
        late_reasons=tuple(dict.fromkeys(reasons)),
        unexplained=len(late) - len(reasons),
    )
