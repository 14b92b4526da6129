"""Who may vote on a day, in which college and with how many votes; and, of each who may not, every reason."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.dated import months_after
from common.labels import Labelled
from common.money import format_euros
from common.wording import write_day
from membership.members.domain import (
    ActivityKind,
    Call,
    Member,
    MemberCategory,
    MemberStatus,
    StandingCode,
    YearOfDues,
)


class Exclusion(Labelled):
    """Why a structure has no vote."""

    LEFT = "left", "sortie de la fédération"
    SUSPENDED = "suspended", "suspendue"
    NO_COLLEGE = "no_college", "dans aucun collège"
    NO_VOTE = "no_vote", "collège sans voix délibérative"
    TOO_RECENT = "too_recent", "adhésion trop récente"
    NOT_RENEWED = "not_renewed", "adhésion non renouvelée"
    UNPAID = "unpaid", "cotisation en retard"
    REMOVED = "removed", "retirée par décision"
    OMITTED = "omitted", "absente de la liste figée"


class Reserve(Labelled):
    """What is to be known of a line of the roll, and excludes nobody."""

    PAYMENT_UNKNOWN = "payment_unknown", "appelée, paiement non connu"
    NOT_CALLED = "not_called", "cotisation non appelée"
    NOT_DUE = "not_due", "cotisation à jour, reste à régler"
    GRACE = "grace", "cotisation échue, délai en cours"
    PLAN = "plan", "cotisation en échéancier"
    EXEMPT = "exempt", "exemptée de cotisation"
    LATE = "late", "cotisation en retard, sans exclure"
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
    contest_days: int
    status: str
    source: str
    colleges: tuple[College, ...]
    excluding_standings: tuple[str, ...] = ()
    """None in the rule of a roll that was frozen before dues told standings: no payment excluded anybody of it."""

    def college_of(self, member: Member) -> College | None:
        """Return the college that takes a structure."""
        return next((college for college in self.colleges if college.takes(member)), None)


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
def enrol(member: Member, dues: Collection[YearOfDues], rule: RollRule, day: date) -> RollLine:
    """Return a structure's line on the roll of a day: ``member`` and ``dues`` are as they were on that day.

    Every reason is said, not the first one only: who mends one should not then hear of another.
    """
    college = rule.college_of(member)
    reasons = tuple(_exclusions(member, college, dues, rule, day))
    return RollLine(
        member_id=member.id,
        reference=member.reference,
        name=member.name,
        delegation=member.delegation,
        joined_on=_joined(member),
        college=college.code if college else None,
        votes=college.votes if college and not reasons else 0,
        reasons=reasons,
        remarks=() if member.departure else tuple(_remarks(dues, rule, day)),
    )


def _exclusions(
    member: Member, college: College | None, dues: Collection[YearOfDues], rule: RollRule, day: date
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
    yield from _unpaid(dues, rule, day)


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


# Dues paid, those of earlier years too: to be confirmed in the statutes. What is not told excludes nobody, and of what
# was told excludes only what our calls bear out: a payment of which they already know comes before a late standing.
def _unpaid(dues: Collection[YearOfDues], rule: RollRule, day: date) -> Iterator[Reason]:
    for year in _asked(dues, rule, day):
        late = _late(year, rule, day)
        if late:
            calls = " ; ".join(map(_owed, late))
            yield Reason(Exclusion.UNPAID, f"Cotisation {year.year}, {year.label} : {calls}.")


def _remarks(dues: Collection[YearOfDues], rule: RollRule, day: date) -> Iterator[Remark]:
    if rule.dues_required and not any(year.year == day.year for year in dues):
        yield Remark(Reserve.NOT_CALLED, f"Cotisation {day.year} non appelée : rien n'est encore dû.")
    for year in _asked(dues, rule, day):
        if year.code == StandingCode.EXEMPT:
            yield Remark(Reserve.EXEMPT, f"Cotisation {year.year} exemptée par décision.")
        elif year.owed and not _late(year, rule, day):
            yield _remark(year, day)


_TOLD: dict[str, Reserve] = {
    StandingCode.UP_TO_DATE: Reserve.NOT_DUE,
    StandingCode.GRACE: Reserve.GRACE,
    StandingCode.PLAN: Reserve.PLAN,
    StandingCode.OVERDUE: Reserve.LATE,
}
"""What a standing is on the roll; one that we do not know is a payment that we do not know."""


def _remark(year: YearOfDues, day: date) -> Remark:
    code = _TOLD.get(year.code, Reserve.PAYMENT_UNKNOWN)
    over = code is Reserve.GRACE and year.until is not None and year.until < day
    label = f"{year.label}, passé le jour de cette liste" if over else year.label
    said = _named if year.told is None else _owed
    calls = " ; ".join(said(call) for call in year.calls if call.owed)
    return Remark(code, f"Cotisation {year.year}, {label} : {calls}.")


def _asked(dues: Collection[YearOfDues], rule: RollRule, day: date) -> list[YearOfDues]:
    """Return the years of which the rule asks that the dues be paid."""
    asked = [year for year in dues if rule.older_dues_count or year.year == day.year]
    return asked if rule.dues_required else []


def _late(year: YearOfDues, rule: RollRule, day: date) -> list[Call]:
    """Return the calls for which a structure has no vote: that stand against it, and were due before the day."""
    excluded = year.told is not None and year.told.code in rule.excluding_standings
    return [call for call in year.calls if excluded and call.owed and call.due_on < day]


def _named(call: Call) -> str:
    return f"appel {call.number} de {format_euros(call.total)}, échéance le {write_day(call.due_on)}"


def _owed(call: Call) -> str:
    return f"{_named(call)}, reste dû {format_euros(call.owed)}"


def _joined(member: Member) -> date:
    if member.joined_on is None:
        raise ValueError(f"{member.reference} never joined: it is on no roll")
    return member.joined_on
