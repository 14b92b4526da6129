"""Closing a sitting: what keeps it from being closed, said before anybody tries."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from common.errors import Conflict, Refusal, obstacle
from common.wording import counted
from membership.matters.domain import MatterKind
from membership.sittings.domain.attendance import AttendanceInconsistent, QuorumRule
from membership.sittings.domain.office import Seats, require_explained, without_mandate
from membership.sittings.domain.sitting import (
    Decision,
    Sitting,
    SittingStatus,
    require_open,
)


class AgendaUndecided(Conflict):
    """What stands on the agenda is decided, or taken off it, before the sitting is closed."""

    code = "agenda_undecided"


class MatterWithdrawn(Conflict):
    """An application that its structure took back is decided no more: the agenda and the votes let go of it first."""

    code = "matter_withdrawn"


class NotOnAgenda(Conflict):
    """Where there is an agenda, only what stands on it is decided: the board was called on it."""

    code = "not_on_agenda"


class SittingInFuture(Conflict):
    """A sitting is closed once it was held: its decisions have its date."""

    code = "sitting_in_future"


class QuorumNotReached(Conflict):
    """Too few of the board's members took part: the sitting cannot decide."""

    code = "quorum_not_reached"


class NothingDecided(Conflict):
    """A sitting is closed on its decisions; this one has none."""

    code = "nothing_decided"


def closing_blockers(
    sitting: Sitting, rule: QuorumRule, seats: Seats, today: date, withdrawn: Collection[UUID] = ()
) -> tuple[Refusal, ...]:
    """Say what keeps a sitting from being closed on a day.

    ``seats`` are those of the board on its own day; some of its matters may have been ``withdrawn``.
    """
    if settled := obstacle(partial(require_open, sitting)):
        return (settled,)
    blockers: list[Refusal] = []
    if sitting.held_on > today:
        sentence = f"La séance est datée du {sitting.held_on:%d/%m/%Y} : elle n'a pas encore eu lieu."
        blockers.append(SittingInFuture(sentence))
    blockers += _office_blockers(sitting, seats)
    needed = rule.needed(sitting.attendance.in_office)
    if sitting.attendance.taking_part < needed:
        taking_part = sitting.attendance.taking_part
        sentence = f"Le quorum est de {needed} administrateurs ; {taking_part} sont présents ou représentés."
        blockers.append(QuorumNotReached(sentence))
    if not sitting.decisions and not any(item.record for item in sitting.agenda):
        blockers.append(NothingDecided("Aucune décision n'est enregistrée."))
    return (*blockers, *_withdrawn_blockers(sitting, withdrawn), *_agenda_blockers(sitting, withdrawn))


def _withdrawn_blockers(sitting: Sitting, withdrawn: Collection[UUID]) -> list[Refusal]:
    blockers: list[Refusal] = []
    if titles := [item.title for item in sitting.agenda if item.matter_id in withdrawn]:
        sentence = f"À l'ordre du jour, et retirée par la structure : {', '.join(titles)}. Ôtez-la de l'ordre du jour."
        blockers.append(MatterWithdrawn(sentence))
    if votes := sum(one in withdrawn for one in sitting.decisions):
        sentence = f"{counted(votes, 'vote')} sur une candidature que la structure a retirée : retirez le vote."
        blockers.append(MatterWithdrawn(sentence))
    return blockers


def _office_blockers(sitting: Sitting, seats: Seats) -> list[Refusal]:
    """Hold those in office and those who came to the register of the board, which may have changed since."""
    in_office, reason = sitting.attendance.in_office, sitting.in_office_reason
    unexplained = obstacle(partial(require_explained, in_office, reason, len(seats)))
    blockers = [unexplained] if unexplained else []
    if strangers := without_mandate(sitting, seats):
        sentence = f"Sans mandat ce jour-là, d'après le registre : {', '.join(strangers)}. Redonnez les présences."
        blockers.append(AttendanceInconsistent(sentence))
    return blockers


def _agenda_blockers(sitting: Sitting, withdrawn: Collection[UUID]) -> list[Refusal]:
    """Hold the agenda and the votes together, where there is an agenda."""
    blockers: list[Refusal] = []
    announced = {item.matter_id: item.title for item in sitting.agenda if item.matter_id is not None}
    if undecided := [title for one, title in announced.items() if one not in (*sitting.decisions, *withdrawn)]:
        sentence = f"À l'ordre du jour et sans décision : {', '.join(undecided)}."
        blockers.append(AgendaUndecided(sentence))
    strays = sum(_is_stray(sitting, decision) for one, decision in sitting.decisions.items() if one not in announced)
    if sitting.agenda and strays:
        sentence = f"Hors de l'ordre du jour, {counted(strays, 'vote')} : ajoutez le point, ou retirez le vote."
        blockers.append(NotOnAgenda(sentence))
    return blockers


def _is_stray(sitting: Sitting, decision: Decision) -> bool:
    """Tell whether a vote had to be announced: a list that is taken over stands on the agenda as one point."""
    return not (sitting.takes_over and decision.kind is MatterKind.APPLICATION)


def close(sitting: Sitting, rule: QuorumRule, seats: Seats, today: date, withdrawn: Collection[UUID] = ()) -> Sitting:
    """Close a sitting, some of its matters being ``withdrawn``.

    Raises SittingClosed, SittingCancelled, SittingInFuture, InOfficeBelowBoard, InOfficeUnexplained,
    AttendanceInconsistent, QuorumNotReached, NothingDecided, MatterWithdrawn, AgendaUndecided, NotOnAgenda.
    """
    for refusal in closing_blockers(sitting, rule, seats, today, withdrawn):
        raise refusal
    return replace(sitting, status=SittingStatus.CLOSED, version=sitting.version + 1)
