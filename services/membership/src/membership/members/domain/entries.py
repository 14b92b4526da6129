"""The register as dated entries: what was true on a day, and what was known of it at an instant.

Nothing is overwritten. An entry says that from a day on something holds of a structure (its address, an activity, who
holds a seat), until the next entry on the same subject; for one subject and one day the entry recorded last counts. So
two dates answer every question: as of which day, and known at which instant. A subject has one value on a day, whatever
was recorded and in which order: a seat cannot have two holders, nor a structure two names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled


class Topic(Labelled):
    """What an entry can be about; several subjects of one topic are told apart by a key (a kind, a seat)."""

    NAME = "name", "nom"
    IDENTIFIERS = "identifiers", "SIREN et SIRET"
    ADDRESS = "address", "adresse"
    DELEGATION = "delegation", "délégation imposée"
    ACTIVITY = "activity", "activité"
    MAIN_ACTIVITY = "main_activity", "activité principale"
    CATEGORY = "category", "catégorie d'adhérent"
    STATUS = "status", "situation dans la fédération"
    RENEWAL = "renewal", "renouvellement de l'adhésion"
    GROUP = "group", "appartenance à un groupe"
    CORRESPONDENCE = "correspondence", "adresse de correspondance"
    CONTACT = "contact", "personne"
    MANDATE = "mandate", "titulaire d'un siège"
    MERGED = "merged", "doublon réuni à une autre structure"
    RETRACTED = "retracted", "entrée au registre annulée"


STRUCTURE = frozenset(Topic) - {Topic.CONTACT, Topic.MANDATE}
"""Topics that say what a structure itself is; the others are about its people, whom fewer may know."""


ANSWERING = ("billing", "treasurer", "director", "president")
"""The seats of those who answer for a structure's invoices: the one made for it, or else the first of those who lead
it. The order is assumed: no source gives one."""

RESTRUCTURED = "restructuring:"
"""How the source of an entry begins that a restructuring carried."""

REUNITED = "duplicate:"
"""How the source of an entry begins that the merge of a duplicate carried."""


TICK = timedelta(microseconds=1)
"""By how much what is recorded after something else is recorded later, at least."""


class Subject(NamedTuple):
    """What one value is held of: a topic, and which of several."""

    topic: Topic
    key: str = ""


Value = Mapping[str, Any]
"""What holds of a subject, in words that JSON has."""


class EntryNotFound(NotFound):
    """No such entry of this structure."""

    code = "entry_not_found"


class EntrySuperseded(Conflict):
    """Only what counts can be withdrawn: a later entry has taken this one's place, or it was withdrawn before."""

    code = "entry_superseded"


class EntryOfADecision(Conflict):
    """Where a structure stands comes from decisions: another decision changes it, none is taken back here."""

    code = "entry_of_a_decision"


class NotInRegisterThen(NotFound):
    """The structure was not in the register on that day, as far as was known then."""

    code = "not_in_register_then"


class EntryNeeded(Invalid):
    """Without this entry the register would say nothing of the structure: correct it instead."""

    code = "entry_needed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register. ``value`` is None where the subject ended that day.

    ``withdraws`` names an entry of the same subject and day that was never so: what that day's page said before it
    counts again. ``announced`` is an entry for a day that had not come when it was recorded. ``reason`` and ``source``
    (a sitting, an import) are what its author gave for it.
    """

    id: UUID
    member_id: UUID
    subject: Subject
    effective_on: date
    recorded_at: datetime
    recorded_by: str
    value: Value | None
    withdraws: UUID | None = None
    announced: bool = False
    reason: str | None = None
    source: str | None = None


class Stated(NamedTuple):
    """What is to be entered of a subject from a day on, None where it ends, and what it comes from."""

    day: date
    subject: Subject
    value: Value | None
    source: str | None


class Revision(NamedTuple):
    """What corrects a register: entries that were never so, and what is stated in their place."""

    withdrawn: Sequence[Entry]
    stated: Sequence[Stated]


def counting(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that count, in the order of their days.

    Of each structure, subject and day it is the one recorded last, but for those that were withdrawn.
    """
    known = sorted(entries, key=lambda entry: entry.recorded_at)
    void = {entry.withdraws for entry in known}
    last = {
        (entry.member_id, entry.subject, entry.effective_on): entry
        for entry in known
        if entry.withdraws is None and entry.id not in void
    }
    return sorted(last.values(), key=lambda entry: entry.effective_on)


def in_force(entries: Iterable[Entry], as_of: date, known_at: datetime | None = None) -> dict[Subject, Entry]:
    """Return what holds on a day by subject, from what was known at an instant (by default all that is known)."""
    then = [
        entry
        for entry in entries
        if entry.effective_on <= as_of and (known_at is None or entry.recorded_at <= known_at)
    ]
    latest = {entry.subject: entry for entry in counting(then)}
    return {subject: entry for subject, entry in latest.items() if entry.value is not None}


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that nobody took back, later ones of the same subject and day beside those they replace."""
    known = list(entries)
    void = {entry.withdraws for entry in known}
    return [entry for entry in known if entry.withdraws is None and entry.id not in void]


def since(entries: Iterable[Entry], entry: Entry) -> date:
    """Return from which day on, without a break, a subject has had the value that an entry in force gives it.

    Learned late, the same value may have been entered for an earlier day.
    """
    began = entry.effective_on
    for earlier in reversed(counting(one for one in entries if one.subject == entry.subject)):
        if earlier.effective_on < began:
            if earlier.value != entry.value:
                break
            began = earlier.effective_on
    return began


def values_of(entries: Mapping[Subject, Entry]) -> dict[Subject, Value]:
    """Return the values of entries in force."""
    return {subject: entry.value for subject, entry in entries.items() if entry.value is not None}


def is_answered_for(entries: Iterable[Entry], day: date) -> bool:
    """Tell whether somebody of a structure answers for its invoices on a day."""
    held = in_force(entries, day)
    return any(Subject(Topic.MANDATE, seat) in held for seat in ANSWERING)


def differences(before: Mapping[Subject, Value], after: Mapping[Subject, Value]) -> dict[Subject, Value | None]:
    """Return what must be recorded for ``before`` to become ``after``; None where a subject ends."""
    subjects = dict.fromkeys([*before, *after])
    return {subject: after.get(subject) for subject in subjects if before.get(subject) != after.get(subject)}


def reason_shown(entries: Iterable[Entry], brought_to: date | None, day: date) -> str | None:
    """Return the reason given with what shows on a day: what was just recorded, or what has come to hold since the day
    its structure was last brought to.
    """
    showing = [entry for entry in entries if entry.effective_on <= day and entry.subject.topic in STRUCTURE]
    came = [entry for entry in showing if brought_to is not None and entry.effective_on > brought_to]
    return max(came or showing, key=lambda entry: entry.recorded_at).reason if showing else None


def is_withdrawable(entry: Entry) -> bool:
    """Tell whether an entry could be taken back as a mistake, by itself.

    Where a structure stands comes from decisions, a renewal from its campaign, and what a restructuring or the merge of
    a duplicate carried is undone as a whole.
    """
    part_of_an_act = entry.source is not None and entry.source.startswith((RESTRUCTURED, REUNITED))
    return entry.subject.topic in STRUCTURE - {Topic.STATUS, Topic.RENEWAL} and not part_of_an_act


def to_withdraw(entries: Iterable[Entry], entry_id: UUID) -> Entry:
    """Return an entry that may be withdrawn: it counts, and it is not a decision's.

    Raises EntryNotFound, EntrySuperseded, EntryOfADecision.
    """
    known = list(entries)
    found = next((entry for entry in known if entry.id == entry_id and entry.subject.topic in STRUCTURE), None)
    if found is None:
        raise EntryNotFound("Cette inscription n'existe pas.")
    if found not in counting(known):
        raise EntrySuperseded("Cette inscription ne compte plus : elle a été remplacée ou retirée.")
    if not is_withdrawable(found):
        raise EntryOfADecision(
            "Décision, renouvellement, restructuration, doublons réunis : cette inscription ne se retire pas seule."
        )
    return found
