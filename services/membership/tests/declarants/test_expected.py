"""Who is expected to declare: the rule, and the lists that must say as it does, open or closed.

No text says who is expected: `assumed`, and decided in ADR 0024.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from common.dated import rule_on
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest, assembled
from common.testing.issuer import TestIssuer
from common.transaction import Actor
from membership.app import service
from membership.declarants import queries
from membership.declarants.domain import is_expected, joined_by
from membership.declarants.queries import expectation_rules, expected_on
from membership.members import repository as members
from membership.members.domain import (
    Admission,
    Departure,
    DepartureCause,
    Entry,
    Member,
    MemberStatus,
    Subject,
    Topic,
    written,
)
from membership.members.tables import MemberRow

from ..declarations.test_declaring import FIGURES, declared, form, opened
from ..members.test_dates import TODAY
from ..members.test_register import receive, structure
from .test_follow_up import CAMPAIGN, FOLLOW_UP, member, names

RULE = rule_on(expectation_rules(), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("status", "joined_on", "expected"),
    [
        pytest.param(MemberStatus.ACTIVE, date(2019, 1, 1), True, id="adhérente de longue date"),
        pytest.param(MemberStatus.SUSPENDED, date(2019, 1, 1), True, id="suspendue : elle l'est encore"),
        pytest.param(MemberStatus.ACTIVE, date(2026, 2, 1), True, id="adhérente depuis : cotisation sans prorata"),
        pytest.param(MemberStatus.LEFT, date(2019, 1, 1), False, id="sortie"),
        pytest.param(MemberStatus.CANDIDATE, None, False, id="candidate"),
    ],
)
def test_who_is_expected_to_declare_2025(status: MemberStatus, joined_on: date | None, expected: bool) -> None:
    assert RULE.status == "assumed"
    assert is_expected(status, joined_on, RULE, 2025) is expected


STANDINGS: dict[str, tuple[MemberStatus, date | None]] = {
    "A": (MemberStatus.ACTIVE, date(2019, 1, 1)),
    "B": (MemberStatus.SUSPENDED, date(2025, 12, 31)),
    "C": (MemberStatus.ACTIVE, date(2026, 1, 1)),
    "D": (MemberStatus.SUSPENDED, date(2026, 2, 1)),
    "E": (MemberStatus.LEFT, date(2019, 1, 1)),
    "F": (MemberStatus.CANDIDATE, None),
}


async def stand(membership: ServiceUnderTest, name: str, member_id: UUID) -> None:
    """Make a structure's row and its register say one of the standings."""
    status, joined_on = STANDINGS[name]
    admission = Admission(joined_on, UUID(int=1), "PV-1") if joined_on else None
    departure = Departure(TODAY, DepartureCause.RESIGNED) if status is MemberStatus.LEFT else None
    stands = Member(member_id, "", "", status=status, admission=admission, departure=departure)
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        row = {"status": status.value, "joined_on": joined_on, "left_on": departure and departure.left_on}
        await tx.session.execute(update(MemberRow).where(col(MemberRow.id) == member_id).values(**row))
        value = written(stands)[Subject(Topic.STATUS)]
        entry = Entry(uuid4(), member_id, Subject(Topic.STATUS), TODAY, tx.now, "test", value)
        await members.add_entries(tx, [entry])


@pytest.mark.parametrize("joiners", [True, False], ids=["celles qui ont adhéré depuis aussi", "sans elles"])
async def test_lists_say_who_is_expected_as_the_rule_does_open_or_closed(
    membership: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, *, joiners: bool
) -> None:
    rule = replace(RULE, joiners=joiners)
    monkeypatch.setattr(queries, "expectation_rules", lambda: (rule,))
    async with membership.client("network") as client:
        await opened(client, 2025)
        ids = {name: UUID((await receive(client, **structure(name)))["member_id"]) for name in STANDINGS}
        for name, member_id in ids.items():
            await stand(membership, name, member_id)
    expected = [name for name, standing in STANDINGS.items() if is_expected(*standing, rule, 2025)]
    async with membership.days_later(31) as later, later.client("network") as client:
        for status in ("open", "closed"):
            if status == "closed":
                await client.post(f"{CAMPAIGN}/close", headers={"If-Match": '"v1"'})
            assert (await client.get(CAMPAIGN)).json()["status"] == status
            assert await names(client) == expected
            for name, member_id in ids.items():
                answer = await client.get(f"{FOLLOW_UP}/{member_id}")
                assert answer.status_code == (200 if name in expected else 404), name


async def test_of_one_structure_the_register_of_the_others_is_not_read(
    databases: Databases, issuer: TestIssuer, tmp_path: Path
) -> None:
    asked = expected_on(TODAY, date(2025, 12, 31), UUID(int=5))
    written = str(asked.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    untouched = await databases.fresh(service)  # what other tests left would tell the planner something else
    async with assembled(service, untouched, issuer, tmp_path) as membership:
        plan = [line for [line] in await membership.rows(f"EXPLAIN {written}")]
    await databases.drop(untouched)
    assert any(f"Index Cond: ((member_id = '{UUID(int=5)}'" in line for line in plan), plan


def test_a_rule_can_leave_out_those_that_joined_since() -> None:
    strict = replace(RULE, joiners=False)
    assert joined_by(strict, 2025) == date(2025, 12, 31)
    assert is_expected(MemberStatus.ACTIVE, date(2025, 12, 31), strict, 2025)
    assert not is_expected(MemberStatus.ACTIVE, date(2026, 1, 1), strict, 2025)


async def test_a_stricter_rule_leaves_newcomers_out_open_or_closed(
    membership: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "expectation_rules", lambda: (replace(RULE, joiners=False),))
    async with membership.client("network", "board") as client:
        newcomer = await member(client, "A")
        await opened(client, 2025)
        assert await names(client) == []
        await declared(client, form(f"/members/{newcomer}"), FIGURES)
    for status in ("open", "closed"):
        async with membership.days_later(31) as later, later.client("network") as client:
            if status == "closed":
                await client.post(f"{CAMPAIGN}/close", headers={"If-Match": '"v1"'})
            [line] = (await client.get(FOLLOW_UP)).json()["items"]
            assert (line["expected"], line["state"]) == (False, "declared")
            campaign = (await client.get(CAMPAIGN)).json()
            assert (campaign["status"], campaign["joined_by"]) == (status, "2025-12-31")
            assert campaign["count"]["expected"] == 0
