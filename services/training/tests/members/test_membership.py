"""Whether a structure was a member on a day, and where it stood with its dues: what a price is explained by."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from common.contracts.dues import DuesStandingChanged, StandingState
from common.contracts.membership import MemberState, MemberUpdated
from common.contracts.roles import Role
from common.rights import Grant, Scope
from common.subscriptions import Event
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from training.members.domain import (
    KnownMember,
    MemberMerged,
    Membership,
    MemberUnknown,
    Standing,
    is_member_on,
    known_by,
)
from training.members.queries import joined_with_member, members_behind, membership_on, require_member
from training.members.tables import MemberStanding
from training.members.use_cases import hear_standing

MEMBER, DUPLICATE, STRANGER = UUID(int=1), UUID(int=2), UUID(int=3)
JOINED, LEFT = date(2026, 1, 5), date(2026, 9, 1)
KNOWN = KnownMember(
    id=MEMBER, reference="ADH-00001", name="Structure d'essai", siren=None, siret=None, status="active",
    category="active", delegation="occitanie", department="31", joined_on=JOINED,
)  # fmt: skip


def member(member_id: UUID = MEMBER, **fields: Any) -> MemberUpdated:
    told: dict[str, Any] = {
        "reference": f"ADH-{member_id.int}", "name": f"Structure {member_id.int}", "siren": None, "status": "active",
        "activities": (), "delegation": "occitanie", "department": "31", "address": None, "joined_on": JOINED,
    }  # fmt: skip
    return MemberUpdated(state=MemberState(id=member_id, **{**told, **fields}), changed=("name",))


def standing(member_id: UUID, code: str, since: date, year: int = 2026) -> DuesStandingChanged:
    key = uuid5(member_id, str(year))
    return DuesStandingChanged(
        state=StandingState(id=key, member_id=member_id, year=year, standing=code, since=since)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "left_on", "day", "is_member"),
    [
        # Contrat membership.member : left_on est le premier jour où la structure n'est plus adhérente.
        pytest.param("active", None, date(2026, 1, 4), False, id="la veille de son adhésion"),
        pytest.param("active", None, JOINED, True, id="le jour de son adhésion"),
        pytest.param("active", None, date(2030, 1, 1), True, id="tant qu'elle n'est pas partie"),
        pytest.param("suspended", None, date(2026, 6, 1), True, id="suspendue : adhérente, sans ses droits"),
        pytest.param("left", LEFT, date(2026, 8, 31), True, id="la veille de son départ"),
        pytest.param("left", LEFT, LEFT, False, id="le jour de son départ"),
        pytest.param("frozen", None, date(2026, 6, 1), False, id="un état que nul ne connaît est inactif"),
        pytest.param("merged", None, date(2026, 6, 1), False, id="un doublon n'est pas une structure"),
    ],
)
def test_who_is_a_member_on_a_day(status: str, left_on: date | None, day: date, is_member: bool) -> None:
    known = KnownMember(**{**{name: getattr(KNOWN, name) for name in KNOWN.__slots__}, "status": status,
                           "left_on": left_on})  # fmt: skip
    assert is_member_on(known, day) is is_member


UP, LATE = (
    Standing(2026, "up_to_date", date(2026, 2, 1), None, date(2026, 2, 1)),
    Standing(2026, "overdue", date(2026, 5, 1), None, date(2026, 5, 3)),
)
BEFORE = Standing(2025, "exempt", date(2025, 3, 1), None, date(2025, 3, 1))


@pytest.mark.parametrize(
    ("day", "known"),
    [
        pytest.param(date(2025, 1, 1), (), id="rien n'était dit"),
        pytest.param(date(2026, 1, 31), (BEFORE,), id="de l'année d'avant seule"),
        pytest.param(date(2026, 2, 1), (UP, BEFORE), id="dit ce jour-là"),
        pytest.param(date(2026, 5, 2), (UP, BEFORE), id="en retard depuis la veille, mais pas encore dit"),
        pytest.param(date(2026, 5, 3), (LATE, BEFORE), id="dit en retard"),
    ],
)
def test_what_was_known_of_the_dues_on_a_day(day: date, known: tuple[Standing, ...]) -> None:
    assert known_by((BEFORE, UP, LATE), day) == known
    held = Membership(member=KNOWN, day=day, is_member=True, standings=known)
    assert held.standing_of(2024) is None
    assert held.standing_of(2025) == (BEFORE if BEFORE in known else None)


async def proof(training: ServiceUnderTest, member_id: UUID, day: date) -> Membership:
    async with training.runtime.database.reading(Actor("test")) as read:
        return await membership_on(read, member_id, day)


async def hear(training: ServiceUnderTest, told_on: date, fact: DuesStandingChanged, sequence: int) -> None:
    at = datetime(told_on.year, told_on.month, told_on.day, 12, tzinfo=UTC)
    async with training.runtime.database.transaction(Actor("service:training")) as tx:
        await hear_standing(tx, Event(UUID(int=sequence), sequence, at, fact))


async def test_the_dues_are_proven_as_they_were_known_on_a_day(training: ServiceUnderTest) -> None:
    await training.receive(member(left_on=LEFT, status="left"))
    for told_on, code, sequence in (
        (date(2026, 2, 1), "up_to_date", 1),
        (date(2026, 5, 3), "overdue", 2),
        (date(2026, 5, 3), "overdue", 2),
        (date(2026, 6, 1), "plan", 3),
    ):
        await hear(training, told_on, standing(MEMBER, code, told_on), sequence)
    proofs = [await proof(training, MEMBER, date(2026, month, 15)) for month in (1, 2, 5, 10)]
    assert [one.is_member for one in proofs] == [True, True, True, False]
    assert [[told.code for told in one.standings] for one in proofs] == [[], ["up_to_date"], ["overdue"], ["plan"]]
    assert len(await training.rows("SELECT * FROM member_standing")) == 3
    assert proofs[0].member.category == "active"


async def test_what_dues_told_is_heard_from_the_bus_and_never_rewritten(training: ServiceUnderTest) -> None:
    today = training.runtime.clock.now().date()
    await training.receive(member(), standing(MEMBER, "grace", today), standing(MEMBER, "up_to_date", today))
    [held] = (await proof(training, MEMBER, today)).standings
    assert (held.code, held.since) == ("up_to_date", today)
    assert [row.standing for row in await training.rows("SELECT standing FROM member_standing ORDER BY sequence")] == [
        "grace", "up_to_date",
    ]  # fmt: skip
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text("UPDATE member_standing SET standing = 'exempt'"))


async def test_a_duplicate_is_its_structure(training: ServiceUnderTest) -> None:
    today = training.runtime.clock.now().date()
    await training.receive(
        member(),
        standing(MEMBER, "up_to_date", today),
        standing(DUPLICATE, "overdue", today),
        standing(DUPLICATE, "exempt", today, 2025),
        member(DUPLICATE, status="merged", merged_into=MEMBER),
    )
    held = await proof(training, DUPLICATE, today)
    assert (held.member.id, held.is_member) == (MEMBER, True)
    assert [(one.year, one.code) for one in held.standings] == [(2026, "up_to_date"), (2025, "exempt")]
    with pytest.raises(MemberUnknown):
        await proof(training, STRANGER, today)


async def test_a_structure_is_asked_for_within_reach(training: ServiceUnderTest) -> None:
    await training.receive(member(), member(DUPLICATE, status="merged", merged_into=MEMBER), member(UUID(int=4)))
    whole = Grant(Actor("équipe"), Scope.ALL)
    own = Grant(Actor("structure", frozenset({Role.MEMBER}), member_id=MEMBER), Scope.OWN)
    async with training.runtime.database.reading(Actor("test")) as read:
        assert (await require_member(read, own, MEMBER)).name == "Structure 1"
        for grant, member_id, refusal in (
            (whole, DUPLICATE, MemberMerged),
            (own, DUPLICATE, MemberUnknown),
            (own, UUID(int=4), MemberUnknown),
            (whole, STRANGER, MemberUnknown),
        ):
            with pytest.raises(refusal) as told:
                await require_member(read, grant, member_id)
            assert type(told.value) is refusal
        behind = await members_behind(read, [DUPLICATE, MEMBER, STRANGER])
        assert {record: known.id for record, known in behind.items()} == {DUPLICATE: MEMBER, MEMBER: MEMBER}


async def test_what_is_of_a_duplicate_is_listed_under_its_structure(training: ServiceUnderTest) -> None:
    today = training.runtime.clock.now().date()
    await training.receive(
        member(), member(DUPLICATE, status="merged", merged_into=MEMBER), standing(DUPLICATE, "overdue", today)
    )
    table: Any = MemberStanding.__table__  # type: ignore[attr-defined]
    async with training.runtime.database.reading(Actor("test")) as read:
        for grant, found in (
            (Grant(Actor("équipe"), Scope.ALL), [(MEMBER, "Structure 1", "occitanie")]),
            (Grant(Actor("autre", member_id=STRANGER), Scope.OWN), []),
        ):
            query = joined_with_member(select(), table.c.member_id, grant).select_from(table)
            assert [tuple(row) for row in await read.session.execute(query)] == found
