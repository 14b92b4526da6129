"""What can be done about a structure where it stands: the rule of each act, for the act itself and for who shows it.

``statuses`` are all the entries that say where it stands, those of days to come among them. What depends on what is
asked (a day, a SIREN), or is kept by another capability (a measure still to be decided), is refused where it is asked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from common.errors import Conflict, NotFound, Refusal, obstacle
from membership.members.domain.entries import RESTRUCTURED, REUNITED, Entry, Subject, Topic, counting, standing
from membership.members.domain.status import (
    AlreadyMember,
    NotAMember,
    announced_departure,
    belongs,
    require_member,
    require_not_leaving,
    require_outside,
)
from membership.members.domain.structure import Admission, Departure, DepartureCause, Member, MemberStatus

_STATUS = Subject(Topic.STATUS)
_GIVEN_ELSEWHERE = {
    DepartureCause.ABSORBED: "Le jour de cette sortie est celui de la restructuration : annulez-la et reprenez-la.",
    DepartureCause.NOT_RENEWED: "Une adhésion non renouvelée finit un 1er janvier : ce jour ne se choisit pas.",
}


class NoDepartureAnnounced(NotFound):
    """No departure is to come: none was announced, or its day has come, or the board decided it."""

    code = "no_departure_announced"


class ApplicationAlreadyOpen(Conflict):
    """A structure has one application to be decided at most."""

    code = "application_already_open"


class NotLeft(Conflict):
    """Only the departure of a structure that has left has a day to correct; one to come is withdrawn."""

    code = "not_left"


class DayGivenElsewhere(Conflict):
    """A restructuring, a merge of duplicates or a renewal gave this day, and is undone as a whole."""

    code = "day_given_elsewhere"


class StatusToCome(Conflict):
    """Something is announced of this membership: it is withdrawn first, and announced again after."""

    code = "status_to_come"


def refused_acts(
    member: Member, statuses: Sequence[Entry], today: date, *, applying: bool
) -> dict[str, Refusal | None]:
    """Return each act that there is about a structure, with what refuses it where it stands, None where nothing does.

    One that is ``applying`` waits for the board to decide.
    """
    rules: dict[str, Callable[[], object]] = {
        "amend": lambda: None,  # whatever a structure is, what is known of it can be completed
        "leave": partial(require_not_leaving, _when_leaving(member, statuses, today)),
        "withdraw_departure": partial(departure_to_withdraw, member, statuses, today),
        "open_measure": partial(require_member, member),
        "apply_again": partial(require_free_to_apply, member, statuses, today, applying=applying),
        "correct_joining": partial(joining_to_correct, member, statuses, today),
        "correct_leaving": partial(leaving_to_correct, member, statuses),
    }
    return {act: obstacle(rule) for act, rule in rules.items()}


def departure_to_withdraw(member: Member, statuses: Iterable[Entry], today: date) -> Entry:
    """Return the departure that a structure announced, to be taken back before its day. Raises NoDepartureAnnounced."""
    entry = announced_departure(statuses, today)
    if entry is None:
        raise NoDepartureAnnounced(f"Aucun départ de {member.name} n'est annoncé.")
    return entry


def require_free_to_apply(member: Member, statuses: Iterable[Entry], today: date, *, applying: bool) -> None:
    """Let a structure apply that is no member, nor about to be one. Raises AlreadyMember, ApplicationAlreadyOpen."""
    require_outside(member)
    if applying:
        raise ApplicationAlreadyOpen(f"Une candidature de {member.name} est déjà à instruire.")
    coming = _to_come(member, statuses, today)
    if coming:
        raise AlreadyMember(f"{member.name} est déjà admise, à partir du {coming[0].effective_on:%d/%m/%Y}.")


def joining_to_correct(member: Member, entries: Iterable[Entry], today: date) -> tuple[Admission, list[Entry]]:
    """Return the admission whose day is to be corrected, and what the register says of that membership, in order.

    Raises NotAMember, DayGivenElsewhere, StatusToCome.
    """
    if member.admission is None:
        raise NotAMember(f"{member.name} n'a jamais été adhérente : elle est {member.status.label}.")
    said = [one for one in counting(entries) if one.subject == _STATUS and is_of_membership(one, member)]
    _require_own(said)
    for entry in said[1:]:
        if entry.effective_on > today:
            raise StatusToCome(
                f"Un changement est annoncé pour le {entry.effective_on:%d/%m/%Y} : revenez-y d'abord, puis annoncez-le"
                " de nouveau."
            )
    return member.admission, said


def leaving_to_correct(member: Member, entries: Iterable[Entry]) -> tuple[Admission, Departure, list[Entry]]:
    """Return the membership that ended, the departure whose day is to be corrected, and the entries that say it.

    Raises NotLeft, DayGivenElsewhere.
    """
    if member.departure is None or member.admission is None:
        raise NotLeft(f"{member.name} n'est pas sortie : elle est {member.status.label}.")
    departure = member.departure
    if departure.cause in _GIVEN_ELSEWHERE:
        raise DayGivenElsewhere(_GIVEN_ELSEWHERE[departure.cause])
    of_that_day = [one for one in standing(entries) if one.subject == _STATUS and one.effective_on == departure.left_on]
    said = [one for one in of_that_day if is_of_membership(one, member) and _says_left(one)]
    _require_own(said)
    return member.admission, departure, said


def is_of_membership(entry: Entry, member: Member) -> bool:
    """Tell whether an entry is of the membership that a structure has, or had last."""
    admitted_by = str(member.admission.sitting_id) if member.admission else None
    return (entry.value or {}).get("sitting_id") == admitted_by


def _when_leaving(member: Member, statuses: Sequence[Entry], today: date) -> Member:
    """Return a structure as its departure would find it: a member if it is to be one, leaving if it said so.

    Before the day that it announced it may leave all the same, as one that ceases to be: that announcement gives way.
    """
    leaving = announced_departure(statuses, today)
    if leaving is not None:
        return replace(
            member, departure=Departure(leaving.effective_on, DepartureCause((leaving.value or {})["cause"]))
        )
    if not belongs(member) and _to_come(member, statuses, today):
        return replace(member, status=MemberStatus.ACTIVE, departure=None)
    return member


def _to_come(member: Member, statuses: Iterable[Entry], today: date) -> list[Entry]:
    """Return where a structure is to stand after the day that it stands at; outside, it can only be admitted."""
    return [entry for entry in counting(statuses) if entry.effective_on > (member.as_of or today)]


def _says_left(entry: Entry) -> bool:
    return (entry.value or {}).get("status") == MemberStatus.LEFT.value


def _require_own(entries: Iterable[Entry]) -> None:
    for entry in entries:
        if entry.source is not None and entry.source.startswith((RESTRUCTURED, REUNITED)):
            raise DayGivenElsewhere(
                f"Ce que le registre dit du {entry.effective_on:%d/%m/%Y} vient d'une restructuration ou de doublons"
                " réunis : cela s'annule d'un tout."
            )
