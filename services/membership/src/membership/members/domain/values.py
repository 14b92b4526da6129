"""How a structure is written in the register's entries, and read from them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from common.characters import normalise
from membership.members.domain.activities import ActivityKind, Convention
from membership.members.domain.entries import (
    Entry,
    NotInRegisterThen,
    Subject,
    Topic,
    Value,
    counting,
    in_force,
    values_of,
)
from membership.members.domain.structure import (
    Admission,
    Correspondence,
    Departure,
    DepartureCause,
    LastActivity,
    Member,
    MemberCategory,
    MemberStatus,
    Purpose,
    ordered,
)

_NAME, _STATUS, _CATEGORY = Subject(Topic.NAME), Subject(Topic.STATUS), Subject(Topic.CATEGORY)
_MERGED, _RETRACTED = Subject(Topic.MERGED), Subject(Topic.RETRACTED)
NOT_PRESENT = {_MERGED, _RETRACTED}
"""What the register says of a record that is no structure."""
ALWAYS = {_NAME, _STATUS, _CATEGORY}
"""What the register says of every structure, from its first day on."""
_NOTHING: Mapping[str, Any] = {}


def written(member: Member) -> dict[Subject, Value]:
    """Write a structure as one value by subject. The delegation that covers an address is written with it."""
    return {
        _NAME: {"name": member.name, "normalized": normalise(member.name)},
        _STATUS: {"status": member.status.value, **_admission(member.admission), **_departure(member.departure)},
        _CATEGORY: {"category": member.category.value},
        **dict(_where_known(member)),
        **_renewal(member),
        **{
            Subject(Topic.ACTIVITY, kind.value): _convention(member.conventions.get(kind)) for kind in member.activities
        },
        **{Subject(Topic.GROUP, str(group)): {} for group in member.groups},
        **{
            Subject(Topic.CORRESPONDENCE, purpose.value): asdict(address)
            for purpose, address in member.correspondence.items()
        },
    }


def _where_known(member: Member) -> Iterator[tuple[Subject, Value]]:
    for topic, names in (
        (Topic.IDENTIFIERS, ("siren", "siret")),
        (Topic.ADDRESS, ("street", "postcode", "city", "department", "covering_delegation")),
    ):
        value = {name: getattr(member, name) for name in names}
        if any(value.values()):
            yield Subject(topic), value
    if member.chosen_main:
        yield Subject(Topic.MAIN_ACTIVITY), {"kind": member.chosen_main.value}
    if member.imposed_delegation:
        yield Subject(Topic.DELEGATION), {"code": member.imposed_delegation}
    if member.merged_into:
        yield _MERGED, {"into": str(member.merged_into)}
    if member.retracted:
        yield _RETRACTED, {}


def _admission(admission: Admission | None) -> Value:
    if admission is None:
        return {}
    return {
        "joined_on": admission.joined_on.isoformat(),
        "sitting_id": str(admission.sitting_id),
        "minutes_reference": admission.minutes_reference,
    }


def _departure(departure: Departure | None) -> Value:
    if departure is None:
        return {}
    successor = {"successor": str(departure.successor)} if departure.successor else {}
    said_on = {"said_on": departure.said_on.isoformat()} if departure.said_on else {}
    return {"left_on": departure.left_on.isoformat(), "cause": departure.cause.value, **successor, **said_on}


def _renewal(member: Member) -> dict[Subject, Value]:
    if member.admission is None:
        return {}
    by = {"sitting_id": str(member.admission.sitting_id)}
    return {Subject(Topic.RENEWAL, str(year)): by for year in member.renewed_years}


def _convention(convention: Convention | None) -> Value:
    if convention is None:
        return {}
    ends_on = convention.ends_on.isoformat() if convention.ends_on else None
    return {"convention": convention.number, "ends_on": ends_on}


def on_day(member: Member, entries: Iterable[Entry], as_of: date, known_at: datetime | None = None) -> Member:
    """Return ``member`` as it was on a day, from what was known at an instant. Raises NotInRegisterThen."""
    values = values_of(in_force(entries, as_of, known_at))
    if not values.keys() >= ALWAYS:
        raise NotInRegisterThen("La structure n'était pas encore au registre.")
    return stood(member, values, as_of)


def require_activities(member: Member, before: Collection[Entry], after: Collection[Entry]) -> None:
    """Refuse a change after which the structure has no activity on some day when it had one. Raises LastActivity.

    What is announced counts: two ends that are each allowed may together leave none.
    """
    had, has = (
        counting(entry for entry in entries if entry.subject.topic is Topic.ACTIVITY) for entries in (before, after)
    )
    for day in sorted({entry.effective_on for entry in (*had, *has)}):
        if in_force(had, day) and not in_force(has, day):
            raise LastActivity(
                f"{member.name} n'aurait plus aucune activité le {day:%d/%m/%Y} : inscrivez d'abord celle qui remplace."
            )


def nested(values: Mapping[Subject, Value]) -> dict[str, dict[str, Value]]:
    """Put values by topic, then by key: as the database holds them."""
    held: dict[str, dict[str, Value]] = {}
    for subject, value in values.items():
        held.setdefault(subject.topic.value, {})[subject.key] = value
    return held


class Kept(NamedTuple):
    """What the register keeps of a structure, in its table or as of a day: enough for the rules."""

    id: UUID
    reference: str
    version: int
    as_of: date | None
    held: Mapping[str, Mapping[str, Value]]


def stood(member: Member, values: Mapping[Subject, Value], as_of: date | None) -> Member:
    """Return ``member`` as values say that it stood on a day; its id, reference and version stay."""
    return read(Kept(member.id, member.reference, member.version, as_of, nested(values)))


def read(kept: Kept) -> Member:
    """Return the structure that is kept."""
    held = kept.held
    [name], [status], [category] = (held[topic].values() for topic in (Topic.NAME, Topic.STATUS, Topic.CATEGORY))
    activities = {ActivityKind(kind): value for kind, value in held.get(Topic.ACTIVITY, _NOTHING).items()}
    main = _sole(held, Topic.MAIN_ACTIVITY)
    chosen_main = ActivityKind(main["kind"]) if main else None
    identifiers, address = _sole(held, Topic.IDENTIFIERS), _sole(held, Topic.ADDRESS)
    merged = _sole(held, Topic.MERGED)
    return Member(
        id=kept.id,
        reference=kept.reference,
        version=kept.version,
        as_of=kept.as_of,
        name=name["name"],
        status=MemberStatus(status["status"]),
        admission=_read_admission(status),
        departure=_read_departure(status),
        renewed_years=tuple(sorted(map(int, held.get(Topic.RENEWAL, _NOTHING)))),
        category=MemberCategory(category["category"]),
        activities=ordered(activities, chosen_main),
        chosen_main=chosen_main,
        conventions={
            kind: Convention(value["convention"], _day(value["ends_on"]))
            for kind, value in activities.items()
            if value.get("convention")
        },
        siren=identifiers.get("siren"),
        siret=identifiers.get("siret"),
        street=address.get("street"),
        postcode=address.get("postcode"),
        city=address.get("city"),
        department=address.get("department"),
        covering_delegation=address.get("covering_delegation"),
        imposed_delegation=_sole(held, Topic.DELEGATION).get("code"),
        groups=frozenset(map(UUID, held.get(Topic.GROUP, _NOTHING))),
        merged_into=UUID(merged["into"]) if merged else None,
        retracted=Topic.RETRACTED.value in held,
        correspondence={
            Purpose(purpose): Correspondence(**value)
            for purpose, value in held.get(Topic.CORRESPONDENCE, _NOTHING).items()
        },
    )


def _sole(held: Mapping[str, Mapping[str, Value]], topic: Topic) -> Value:
    """Return the value of a topic that has one subject, empty where nothing is said of it."""
    value: Value = held.get(topic, _NOTHING).get("", _NOTHING)
    return value


def _read_admission(status: Value) -> Admission | None:
    if "joined_on" not in status:
        return None
    return Admission(
        joined_on=date.fromisoformat(status["joined_on"]),
        sitting_id=UUID(status["sitting_id"]),
        minutes_reference=status["minutes_reference"],
    )


def _read_departure(status: Value) -> Departure | None:
    if "left_on" not in status:
        return None
    successor = UUID(status["successor"]) if "successor" in status else None
    said_on = _day(status.get("said_on"))
    return Departure(date.fromisoformat(status["left_on"]), DepartureCause(status["cause"]), successor, said_on)


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
