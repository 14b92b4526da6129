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
    CONVENED = "convened", "convoquée"


@dataclass(frozen=True, slots=True)
class Convocation:
    """One structure that votes, or was convened when it did, and what was sent to it.

    ``notice`` is what says its state: the first that left and stayed, the one under way, or the last that failed.
    """

    member: Member
    enrolled: bool
    state: ConvocationState
    notice: Notice | None
    reach: Reach

    @property
    def convened_on(self) -> date | None:
        """The day on which it was convened."""
        return self.notice.sent_on if self.notice and self.state is ConvocationState.CONVENED else None

    @property
    def late_reason(self) -> str | None:
        """Why it was convened after the last day, where it was."""
        return self.notice.late_reason if self.notice and self.convened_on else None

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
    """How many structures that vote were convened, and how many are left."""

    enrolled: int
    convened: int
    sending: int
    to_send: int
    unreached: int
    first_on: date | None
    last_on: date | None
    late: int
    late_reasons: tuple[str, ...]


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


def convocation_state(notices: Sequence[Notice]) -> tuple[ConvocationState, Notice | None]:
    """Return where the convocation of a structure stands by what was sent to it, the oldest first, and what says so."""
    for status, state in _SAID_BY:
        found = next((one for one in notices if one.status is status), None)
        if found is not None:
            return state, found
    return ConvocationState.TO_CONVENE, notices[-1] if notices else None


_SAID_BY = ((NoticeStatus.SENT, ConvocationState.CONVENED), (NoticeStatus.WAITING, ConvocationState.SENDING))


def count_convocations(convocations: Collection[Convocation]) -> ConvocationCount:
    """Count the convocations of the structures that vote; days and reasons are of all that left."""
    voting = [one for one in convocations if one.enrolled]
    days = [one.convened_on for one in convocations if one.convened_on]
    reasons = [one.late_reason for one in convocations if one.late_reason]
    unreached = sum(one.is_unreached for one in voting)
    left = sum(one.state is ConvocationState.TO_CONVENE for one in voting)
    return ConvocationCount(
        enrolled=len(voting),
        convened=sum(one.state is ConvocationState.CONVENED for one in voting),
        sending=sum(one.state is ConvocationState.SENDING for one in voting),
        to_send=left - unreached,
        unreached=unreached,
        first_on=min(days, default=None),
        last_on=max(days, default=None),
        late=len(reasons),
        late_reasons=tuple(dict.fromkeys(reasons)),
    )
