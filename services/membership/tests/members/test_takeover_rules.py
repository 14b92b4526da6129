"""What is entered of a structure that was a member before the register was kept, and from which day.

Decided in ADR 0035.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from membership.members.domain import (
    ActivityKind,
    Admission,
    AlreadyMember,
    Entry,
    Member,
    MemberStatus,
    Subject,
    Topic,
    Value,
    candidacies_after,
    counting,
    on_day,
    taken_over,
    written,
)

IMPORTED, TODAY = date(2026, 11, 2), date(2026, 11, 22)
BARE = Member(id=UUID(int=1), reference="STR-2026-00001", name="AVIE", activities=(ActivityKind.AI,), street="1 rue A")


def entries(said: Iterable[tuple[date, Subject, Value | None]]) -> list[Entry]:
    return [
        Entry(
            id=UUID(int=number),
            member_id=BARE.id,
            subject=subject,
            effective_on=day,
            recorded_at=datetime(2026, 11, 2, tzinfo=UTC) + timedelta(minutes=number),
            recorded_by="camille",
            value=value,
        )
        for number, (day, subject, value) in enumerate(said, start=1)
    ]


def known(*later: tuple[date, Subject, Value | None]) -> list[Entry]:
    return entries([*((IMPORTED, subject, value) for subject, value in written(BARE).items()), *later])


def admission(joined_on: date) -> Admission:
    return Admission(joined_on, UUID(int=9), "PV-R")


def days(stated: Any) -> dict[str, list[str]]:
    return {day.isoformat(): sorted(subject.topic.value for subject in values) for day, values in stated}


ALL = ["activity", "address", "category", "name", "status"]


@pytest.mark.parametrize(
    ("joined_on", "year", "stated", "moot"),
    [
        pytest.param(date(1987, 5, 3), 2026, {"1987-05-03": ALL, "2026-01-01": ["renewal"]}, 1, id="d'avant"),
        pytest.param(date(2026, 3, 1), 2026, {"2026-03-01": ALL}, 1, id="de l'année : renouvelée pour aucune"),
        pytest.param(date(2026, 3, 1), 2027, {"2026-03-01": ALL, "2027-01-01": ["renewal"]}, 1, id="de l'an passé"),
        pytest.param(IMPORTED, 2026, {"2026-11-02": ["status"]}, 0, id="le jour de l'import : la page est récrite"),
        pytest.param(date(2026, 11, 10), 2026, {"2026-11-10": ["status"]}, 0, id="après : candidate jusque-là"),
    ],
)
def test_what_is_entered(joined_on: date, year: int, stated: dict[str, list[str]], moot: int) -> None:
    register = known()
    assert days(taken_over(BARE, register, admission(joined_on), year, TODAY)) == stated
    assert len(candidacies_after(register, joined_on)) == moot


ADDRESS, IDENTIFIERS = Subject(Topic.ADDRESS), Subject(Topic.IDENTIFIERS)
MAIN, SECOND = Subject(Topic.MAIN_ACTIVITY), Subject(Topic.ACTIVITY, "aci")
GROUP = Subject(Topic.GROUP, str(UUID(int=5)))
LATER = date(2026, 11, 9)


@pytest.mark.parametrize(
    ("later", "subject", "said"),
    [
        pytest.param(None, ADDRESS, {"street": "1 rue A"}, id="telle qu'à l'import"),
        pytest.param(
            (LATER, ADDRESS, {"street": "9 rue Z"}), ADDRESS, {"street": "1 rue A"}, id="déménagée depuis : avant"
        ),
        pytest.param(
            (IMPORTED, ADDRESS, {"street": "2 rue B"}), ADDRESS, {"street": "2 rue B"}, id="corrigée : la correction"
        ),
        pytest.param(
            (LATER, IDENTIFIERS, {"siren": "900000001"}), IDENTIFIERS, {"siren": "900000001"}, id="complétée : toujours"
        ),
        pytest.param((date(2026, 12, 1), MAIN, {"kind": "aci"}), MAIN, None, id="annoncée : pas encore"),
        pytest.param((LATER, SECOND, {}), SECOND, None, id="une activité de plus : de son jour"),
        pytest.param((IMPORTED, GROUP, {}), GROUP, None, id="un groupe : de son jour"),
    ],
)
def test_a_structure_was_what_it_was_first_known_to_be(
    later: tuple[date, Subject, Value] | None, subject: Subject, said: Value | None
) -> None:
    register = known(*([later] if later else []))
    [(_, stated), _] = taken_over(BARE, register, admission(date(1987, 5, 3)), 2026, TODAY)
    found = stated.get(subject)
    assert found is None if said is None else found is not None and said.items() <= found.items()


def test_one_that_is_a_member_is_not_taken_over() -> None:
    status = (IMPORTED, Subject(Topic.STATUS), _active())
    with pytest.raises(AlreadyMember):
        taken_over(BARE, known(status), admission(date(1987, 5, 3)), 2026, TODAY)


def _active() -> Value:
    joined = {"joined_on": "2026-11-02", "sitting_id": str(UUID(int=8)), "minutes_reference": "PV-1"}
    return {"status": "active", **joined}


def test_the_register_then_says_a_member_on_every_day() -> None:
    register = known()
    stated = taken_over(BARE, register, admission(date(1987, 5, 3)), 2026, TODAY)
    taken_back = {entry.id for entry in candidacies_after(register, date(1987, 5, 3))}
    kept = [entry for entry in counting(register) if entry.id not in taken_back]
    said = [(entry.effective_on, entry.subject, entry.value) for entry in kept]
    after = entries([*said, *((day, subject, value) for day, values in stated for subject, value in values.items())])
    for day in (date(1987, 5, 3), date(2010, 1, 1), IMPORTED, TODAY):
        then = on_day(BARE, after, day)
        assert (then.status, then.joined_on, then.name) == (MemberStatus.ACTIVE, date(1987, 5, 3), "AVIE")
    assert on_day(BARE, after, date(2025, 12, 31)).renewed_years == ()
    assert on_day(BARE, after, TODAY).renewed_years == (2026,)
