"""Who may vote on a day, in which college and with how many votes; and, of each who may not, every reason."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.dated import months_after
from common.labels import Labelled
from common.wording import write_day
from membership.members.domain import ActivityKind, Member, MemberCategory, MemberStatus


class Exclusion(Labelled):
    """Why a structure has no vote."""

    LEFT = "left", "sortie de la fédération"
    SUSPENDED = "suspended", "suspendue"
    NO_COLLEGE = "no_college", "dans aucun collège"
    NO_VOTE = "no_vote", "collège sans voix délibérative"
    TOO_RECENT = "too_recent", "adhésion trop récente"
    NOT_RENEWED = "not_renewed", "adhésion non renouvelée"
    UNPAID = "unpaid", "cotisation échue et non payée"
    REMOVED = "removed", "retirée par décision"
    OMITTED = "omitted", "absente de la liste figée"


class Reserve(Labelled):
    """What is to be known of a line of the roll, and excludes nobody."""

    PAYMENT_UNKNOWN = "payment_unknown", "appelée, paiement non connu"
    NOT_CALLED = "not_called", "cotisation non appelée"
    NOT_DUE = "not_due", "cotisation appelée, pas encore échue"
    CORRECTED = "corrected", "corrigée par décision"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a structure does not vote, with the days and figures that say so."""

    code: Exclusion
    message: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody who reads a line should know."""

    code: Reserve
    message: str


@dataclass(frozen=True, slots=True)
class College:
    """Structures that vote together: one category, and the main activities it takes; none named takes them all."""

    code: str
    name: str
    category: MemberCategory
    activities: tuple[ActivityKind, ...]
    votes: int

    def takes(self, member: Member) -> bool:
        """Tell whether a structure belongs to it."""
        return member.category is self.category and (not self.activities or member.main_activity in self.activities)


@dataclass(frozen=True, slots=True)
class RollRule:
    """What voting asks of a structure. Dated data, with source and status."""

    since: date
    seniority_months: int
    renewal_required: bool
    dues_required: bool
    older_dues_count: bool
    payments_told: bool
    contest_days: int
    status: str
    source: str
    colleges: tuple[College, ...]

    def college_of(self, member: Member) -> College | None:
        """Return the college that takes a structure."""
        return next((college for college in self.colleges if college.takes(member)), None)


@dataclass(frozen=True, slots=True)
class Call:
    """A structure's call for dues, as the service dues told of it. ``status`` is its own word, kept as it came."""

    number: str
    year: int
    status: str
    total: str
    due_on: date


@dataclass(frozen=True, slots=True)
class RollLine:
    """One structure on the roll. It votes when nothing excludes it."""

    member_id: UUID
    reference: str
    name: str
    delegation: str | None
    joined_on: date
    college: str | None
    votes: int
    reasons: tuple[Reason, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def entitled(self) -> bool:
        """Whether the structure votes."""
        return self.votes > 0


# Statuts de la fédération, article sur la composition de l'assemblée : non lus (assumed, data/roll.toml).
def enrol(member: Member, calls: Collection[Call], rule: RollRule, day: date) -> RollLine:
    """Return a structure's line on the roll of a day: ``member`` and ``calls`` are as they were on that day.

    Every reason is said, not the first one only: who mends one should not then hear of another.
    """
    college = rule.college_of(member)
    reasons = tuple(_exclusions(member, college, calls, rule, day))
    return RollLine(
        member_id=member.id,
        reference=member.reference,
        name=member.name,
        delegation=member.delegation,
        joined_on=_joined(member),
        college=college.code if college else None,
        votes=college.votes if college and not reasons else 0,
        reasons=reasons,
        remarks=() if member.departure else tuple(_remarks(calls, rule, day)),
    )


def _exclusions(
    member: Member, college: College | None, calls: Collection[Call], rule: RollRule, day: date
) -> Iterator[Reason]:
    if member.departure:
        sentence = f"N'est plus adhérente depuis le {write_day(member.departure.left_on)}"
        yield Reason(Exclusion.LEFT, f"{sentence} ({member.departure.cause.label}).")
        return  # what else it lacks does not matter: it cannot mend it
    if member.status is MemberStatus.SUSPENDED:
        yield Reason(Exclusion.SUSPENDED, f"Suspendue par le conseil, et encore le {write_day(day)}.")
    if college is None:
        what = member.main_activity.label if member.main_activity else "aucune activité au registre"
        yield Reason(Exclusion.NO_COLLEGE, f"Aucun collège ne la prend : {member.category.label}, {what}.")
    elif not college.votes:
        yield Reason(Exclusion.NO_VOTE, f"Le collège « {college.name} » n'a pas voix délibérative.")
    yield from _seniority(_joined(member), rule, day)
    yield from _renewal(member, rule, day)
    yield from _dues(calls, rule, day)


# Seniority: a custom of associations, to be confirmed in the statutes. A structure votes from the day it is reached.
def _seniority(joined_on: date, rule: RollRule, day: date) -> Iterator[Reason]:
    reached = months_after(joined_on, rule.seniority_months)
    if reached > day:
        yield Reason(
            Exclusion.TOO_RECENT,
            f"Adhérente depuis le {write_day(joined_on)} ; il faut {rule.seniority_months} mois le {write_day(day)}, "
            f"elle les aura le {write_day(reached)}.",
        )


# Tacit renewal on 1 January: ADR 0025. Whoever joins within the year has nothing to renew.
def _renewal(member: Member, rule: RollRule, day: date) -> Iterator[Reason]:
    if rule.renewal_required and _joined(member).year < day.year and day.year not in member.renewed_years:
        last = f"la dernière fois pour {max(member.renewed_years)}" if member.renewed_years else "jamais renouvelée"
        yield Reason(Exclusion.NOT_RENEWED, f"Adhésion non renouvelée pour {day.year} ({last}).")


# Dues paid, those of earlier years too: to be confirmed in the statutes. What is not known excludes nobody.
def _dues(calls: Collection[Call], rule: RollRule, day: date) -> Iterator[Reason]:
    if not rule.dues_required:
        return
    for call in calls:
        counts = rule.older_dues_count or call.year == day.year
        if counts and _is_unpaid(call, rule) and call.due_on < day:
            yield Reason(
                Exclusion.UNPAID,
                f"Cotisation {call.year} de {_euros(call)} ({call.number}) échue le {write_day(call.due_on)} et "
                "non payée.",
            )


def _remarks(calls: Collection[Call], rule: RollRule, day: date) -> Iterator[Remark]:
    if not rule.dues_required:
        return
    of_the_year = [call for call in calls if call.year == day.year]
    if not of_the_year:
        yield Remark(Reserve.NOT_CALLED, f"Cotisation {day.year} non appelée : rien n'est encore dû.")
    for call in of_the_year:
        what = f"Cotisation {call.year} de {_euros(call)} appelée ({call.number}, échéance le {write_day(call.due_on)})"
        if _is_unpaid(call, rule):
            if call.due_on >= day:
                yield Remark(Reserve.NOT_DUE, f"{what}, pas encore échue.")
        elif call.status not in _SETTLED:
            yield Remark(Reserve.PAYMENT_UNKNOWN, f"{what}, paiement non connu.")


_SETTLED = {"paid", "credited", "voided"}
_OVERDUE = {"overdue"}
_OWED = {"issued", "partly_paid"}


def _is_unpaid(call: Call, rule: RollRule) -> bool:
    """Tell whether a call is known not to be paid: it is said so, or payments are told and this one's was not."""
    return call.status in _OVERDUE or (rule.payments_told and call.status in _OWED)


def _euros(call: Call) -> str:
    return f"{call.total.replace('.', ',')} €"


def _joined(member: Member) -> date:
    if member.joined_on is None:
        raise ValueError(f"{member.reference} never joined: it is on no roll")
    return member.joined_on
