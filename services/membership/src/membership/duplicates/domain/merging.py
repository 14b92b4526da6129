"""A pair of records and what a person decides of it; the merge of one into the other, and its undoing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from common.wording import counted
from membership.contacts.domain import ContactSeated, Seat, Trace, held_or_to_come
from membership.duplicates.domain.finding import Pair
from membership.members.domain import REUNITED, Entry, Member, Subject, Topic, Value, belongs, counting, in_force


class PairState(Labelled):
    """What was decided of a pair."""

    SUSPECTED = "suspected", "à examiner"
    DISMISSED = "dismissed", "ce ne sont pas des doublons"
    MERGED = "merged", "réunis"


class PairNotFound(NotFound):
    """No such pair within reach."""

    code = "duplicate_pair_not_found"


class PairOfOne(Invalid):
    """A duplicate is another record."""

    code = "duplicate_of_itself"


class PairDecided(Conflict):
    """What was decided of a pair is taken back first."""

    code = "duplicate_decided"


class PairNotDismissed(Conflict):
    """Only the decision that two records are two structures is taken back like this."""

    code = "duplicate_not_dismissed"


class NotOfThePair(Invalid):
    """The record that stays is one of the two."""

    code = "not_of_the_pair"


class MergeBlocked(Conflict):
    """Something has to be settled before the two records can be one: ``blockers`` name all of it."""

    code = "merge_blocked"


class NotMerged(Conflict):
    """There is no merge to undo."""

    code = "not_merged"


class MergeTooOld(Conflict):
    """After its time a merge is not undone."""

    code = "merge_too_old"


class MergeBuiltUpon(Conflict):
    """Something was built on the merge since: ``blockers`` name all of it."""

    code = "merge_built_upon"


@dataclass(frozen=True, slots=True)
class UndoRule:
    """For how many days a merge, or an import, can be undone. Dated data, with source and status."""

    since: date
    days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class SuspectedPair:
    """Two records that may be one structure's, and what was decided of them."""

    id: UUID
    pair: Pair
    state: PairState
    version: int


@dataclass(frozen=True, slots=True)
class Merge:
    """One record merged into another of the same structure."""

    id: UUID
    pair_id: UUID
    stays_id: UUID
    goes_id: UUID
    reason: str
    done_at: datetime
    undoable_until: date

    @property
    def origin(self) -> str:
        """What the register's entries say of where they come from."""
        return f"{REUNITED}{self.id}"


@dataclass(frozen=True, slots=True)
class Hindrances:
    """What other capabilities keep of a pair that stands against one of its records going. Codes with sentences."""

    of_rows: Sequence[Blocker] = ()
    same_entity: bool = False
    """Whether one of them formerly bore the SIREN of the other."""
    announced: Sequence[Entry] = ()
    """What is entered of the record that goes for days to come."""
    parts: int = 0
    """How many structures are part of it, as of a group."""
    holds_merge: bool = False
    """Whether another record was merged into it."""


@dataclass(frozen=True, slots=True)
class Returning:
    """What goes back to the record that was merged once the merge is undone.

    ``people`` are those that were carried, ``rows`` all rows, each by its table and id. ``traces`` is all that names
    the people of both records now.
    """

    people: Collection[UUID] = ()
    rows: Collection[tuple[str, UUID]] = ()
    traces: Sequence[Trace] = ()


def require_two(one: UUID, other: UUID) -> None:
    """Require two records. Raises PairOfOne."""
    if one == other:
        raise PairOfOne("Une structure n'est pas un doublon d'elle-même : désignez deux enregistrements.")


def require_undecided(pair: SuspectedPair) -> None:
    """Let a pair be decided that was not yet. Raises PairDecided."""
    if pair.state is PairState.DISMISSED:
        raise PairDecided("Ces deux structures ont été dites distinctes : rouvrez d'abord le cas.")
    if pair.state is PairState.MERGED:
        raise PairDecided("Ces deux enregistrements sont déjà réunis : annulez d'abord leur réunion.")


def require_dismissed(pair: SuspectedPair) -> None:
    """Let the decision be taken back that two records are two structures. Raises PairNotDismissed."""
    if pair.state is not PairState.DISMISSED:
        raise PairNotDismissed("Ce cas est déjà ouvert : il n'y a rien à reprendre.")


def other_of(pair: Pair, stays_id: UUID) -> UUID:
    """Return the record that goes. Raises NotOfThePair."""
    if stays_id not in pair:
        raise NotOfThePair("L'enregistrement qui reste est l'un des deux du cas.")
    return pair.second if stays_id == pair.first else pair.first


def staying(one: Member, other: Member) -> Member:
    """Return which record stays unless somebody chooses: the member, the one that joined first, the one entered first.

    Assumed: no source gives a rule.
    """
    return min(one, other, key=_precedence)


def _precedence(member: Member) -> tuple[bool, date, str]:
    return not belongs(member), member.joined_on or date.max, member.reference


def bore_the_other_s(one: Member, other: Member, sirens: Mapping[UUID, Collection[str]]) -> bool:
    """Tell whether one record formerly bore the SIREN of the other; ``sirens`` are all that each ever bore."""
    return other.siren in sirens[one.id] or one.siren in sirens[other.id]


def undoable_until(done_on: date, rule: UndoRule) -> date:
    """Return the last day on which what was done on a day can be undone.

    >>> undoable_until(date(2026, 11, 2), UndoRule(date(2000, 1, 1), 30, "assumed", ""))
    datetime.date(2026, 12, 2)
    """
    return done_on + timedelta(rule.days)


def merge_blockers(stays: Member, goes: Member, found: Hindrances) -> list[Blocker]:
    """Return all that has to be settled before ``goes`` can be merged into ``stays``."""
    blockers = []
    if stays.siren and goes.siren and stays.siren != goes.siren and not found.same_entity:
        blockers.append(
            Blocker(
                "two_legal_entities",
                f"Deux SIREN ({stays.siren}, {goes.siren}) : ce sont deux personnes morales. Si l'une a absorbé"
                " l'autre, inscrivez une fusion ; si un SIREN est faux, corrigez-le d'abord.",
            )
        )
    if belongs(goes) and not belongs(stays):
        blockers.append(
            Blocker("member_goes", f"{goes.name} est adhérente, l'autre ne l'est pas : gardez {goes.reference}.")
        )
    elif belongs(goes) and goes.status is not stays.status:
        blockers.append(
            Blocker(
                "standings_differ",
                f"{goes.reference} est {goes.status.label}, {stays.reference} est {stays.status.label} :"
                " le conseil dit d'abord laquelle des deux situations vaut.",
            )
        )
    if found.announced:
        days = ", ".join(sorted({f"{entry.effective_on:%d/%m/%Y}" for entry in found.announced}))
        blockers.append(
            Blocker("announced", f"{goes.reference} : des changements annoncés ({days}) sont à retirer, ou à attendre.")
        )
    if found.parts:
        blockers.append(
            Blocker("group_parts", f"{counted(found.parts, 'structure')} du groupe {goes.reference} à rattacher.")
        )
    if found.holds_merge:
        blockers.append(
            Blocker("holds_merge", f"Un doublon a déjà été réuni à {goes.reference} : gardez {goes.reference}.")
        )
    return [*blockers, *found.of_rows]


def undo_blockers(
    merge: Merge,
    records: tuple[Member, Member],
    known: Sequence[Entry],
    returning: Returning,
    *,
    declared: bool,
    today: date,
) -> list[Blocker]:
    """Return what was built on a merge since. ``known`` is all that was ever entered of the record that stays.

    ``records`` are the one that stays, and the other. People who were carried go back as they are known now: what was
    learned of them since is not in the way; what they were given for the record that stays is.
    """
    stays, goes = records
    blockers = []
    if stays.merged_into is not None:
        blockers.append(Blocker("merged_further", f"{stays.name} a été réunie à son tour : annulez d'abord cela."))
    entered = [entry for entry in known if entry.source == merge.origin and entry.withdraws is None]
    changed = {entry.subject for entry in entered if _changed_since(entry, known)}
    seats = sorted(subject.key for subject in changed if subject.topic is Topic.MANDATE)
    topics = sorted({subject.topic.label for subject in changed} - {Topic.MANDATE.label, Topic.CONTACT.label})
    if seats:
        blockers.append(Blocker("seat_given_since", "Un siège repris a été donné à quelqu'un d'autre depuis."))
    if topics:
        blockers.append(changed_since(topics))
    if declared:
        blockers.append(Blocker("declared_since", "Une déclaration reprise a été déclarée ou corrigée depuis."))
    # What the merge itself entered is withdrawn by its undoing: without it, the register is what it would be then.
    left = _without(entered, known)
    if belongs(goes) and _situations(left, today) != _situations(left, today, merge.done_at):
        blockers.append(
            Blocker(
                "standing_changed_since",
                f"La situation de {stays.name} a changé depuis, ou va changer : annuler la réunion laisserait"
                f" {goes.reference} {goes.status.label}. Revenez d'abord sur ce changement.",
            )
        )
    return [*blockers, *_parted_seats(left, returning, today), *_parted_rows(goes, returning)]


def changed_since(labels: Iterable[str]) -> Blocker:
    """Say that what is to go back to what it was is something else by now."""
    return Blocker("changed_since", f"Ce qui a été repris a changé depuis : {', '.join(labels)}.")


def _without(entered: Collection[Entry], known: Iterable[Entry]) -> list[Entry]:
    gone = {entry.id for entry in entered}
    return [entry for entry in known if entry.id not in gone and entry.withdraws not in gone]


def _situations(known: Sequence[Entry], today: date, known_at: datetime | None = None) -> list[Value | None]:
    """Return where a structure stands today and from each coming day on, from what was known at an instant."""
    told = [entry for entry in known if known_at is None or entry.recorded_at <= known_at]
    status = Subject(Topic.STATUS)
    now = in_force(told, today).get(status)
    coming = [entry for entry in counting(told) if entry.subject == status and entry.effective_on > today]
    return [entry.value for entry in (now, *coming) if entry is not None]


def _parted_seats(left: Sequence[Entry], returning: Returning, today: date) -> list[Blocker]:
    """Return the seats of the record that stays that somebody of the other would hold."""
    held = {one.seat for one in held_or_to_come(left, today) if one.contact_id in returning.people}
    labels = ", ".join(seat.label for seat in Seat if seat in held)
    sentence = (
        f"Donnés depuis à une personne qui repasserait à l'autre enregistrement : {labels}. Désignez d'abord la"
        " personne qui succède."
    )
    return [Blocker(ContactSeated.code, sentence)] if held else []


def _parted_rows(goes: Member, returning: Returning) -> list[Blocker]:
    """Return what would be of one record and name somebody of the other: it is ended, or corrected, first."""
    found = []
    for trace in returning.traces:
        is_back = trace.member_id == goes.id or (trace.keeping.table, trace.id) in returning.rows
        first = trace.engages or trace.amends
        if first and is_back != (trace.contact_id in returning.people):
            found.append(replace(first, message=f"Une personne serait de l'autre enregistrement. {first.message}"))
    return found


def _changed_since(entry: Entry, known: Iterable[Entry]) -> bool:
    return any(one.subject == entry.subject and one.recorded_at > entry.recorded_at for one in known)


def to_be_withdrawn(merge: Merge, known: Iterable[Entry]) -> list[Entry]:
    """Return what a merge entered of the record that stays, what was withdrawn since aside."""
    void = {entry.withdraws for entry in known}
    return [
        entry for entry in known if entry.source == merge.origin and entry.withdraws is None and entry.id not in void
    ]
