"""A base from the structure's own declaration: who said what, and which word counts."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from common import migrations
from common.contracts.membership import ActivityCorrected, ActivityDeclared, DeclarationState, FigureName
from common.subscriptions import Event
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest, assembled, settings_for
from common.testing.issuer import TestIssuer
from common.transaction import Actor
from dues.app import service
from dues.bases.domain import BaseSource, Statement, counting, is_heard
from dues.bases.use_cases import hear_declaration

from ..campaigns.test_campaign import joined, open_campaign, previewed

MEMBER = UUID(int=1)
PATH = f"/members/{MEMBER}/bases/2025"
BASE = FigureName(code="total_operating_income", activity=None)
MORNING = datetime(2026, 5, 4, 9, tzinfo=UTC)


def entered(number: int, amount: int, hours: int) -> Statement:
    at = MORNING + timedelta(hours=hours)
    return Statement(number, Decimal(amount), BaseSource.ENTERED, at, at.date(), "finance")


def declared(number: int, amount: int, hours: int, revision: int) -> Statement:
    at = MORNING + timedelta(hours=hours)
    return Statement(number, Decimal(amount), BaseSource.DECLARATION, at, at.date(), revision=revision)


@pytest.mark.parametrize(
    ("statements", "amount"),
    [
        pytest.param([entered(1, 100, 0)], 100, id="une saisie"),
        pytest.param([entered(1, 100, 0), declared(2, 200, 1, 1)], 200, id="puis la déclaration"),
        pytest.param([declared(1, 200, 0, 1), entered(2, 100, 1)], 100, id="une saisie après la déclaration"),
        pytest.param([entered(1, 100, 2), declared(2, 200, 1, 1)], 100, id="une déclaration d'avant, arrivée après"),
        pytest.param([declared(1, 200, 0, 1), declared(2, 300, 1, 2)], 300, id="une correction"),
        pytest.param([entered(1, 100, 0), entered(2, 150, 0)], 150, id="au même instant : la dernière arrivée"),
        pytest.param(
            [declared(1, 200, 5, 1), declared(2, 300, 0, 2)], 300, id="une correction d'une horloge en retard"
        ),
        pytest.param(
            [declared(1, 200, 5, 1), entered(2, 100, 1), declared(3, 300, 2, 2)],
            300,
            id="une saisie d'avant la correction, d'après l'heure de celle-ci",
        ),
        pytest.param(
            [declared(1, 200, 5, 1), declared(2, 300, 0, 2), entered(3, 100, 1)],
            100,
            id="une saisie d'après la correction, si la première révision ne compte plus",
        ),
    ],
)
def test_the_last_word_counts(statements: list[Statement], amount: int) -> None:
    assert counting(statements).amount == amount


def test_a_revision_is_heard_once() -> None:
    known = [entered(1, 100, 0), declared(2, 200, 1, 2)]
    assert [is_heard(known, revision) for revision in (1, 2, 3)] == [True, True, False]
    assert not is_heard(known[:1], 1)


def told(amount: str, revision: int = 1) -> ActivityDeclared | ActivityCorrected:
    state = DeclarationState(
        id=UUID(int=99),
        member_id=MEMBER,
        year=2025,
        revision=revision,
        form_version="2025",
        recorded_on=date(2026, 5, 4),
        late=False,
        total_operating_income=Decimal(amount),
        figures=(),
    )
    if revision == 1:
        return ActivityDeclared(state=state)
    return ActivityCorrected(state=state, previous_revision=revision - 1, changed=(BASE,))


async def test_a_declaration_makes_the_base_and_a_correction_changes_it(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"), told("748664.00"))
    async with dues.client("finance") as client:
        base = await client.get(PATH)
        assert (base.json()["amount"], base.json()["source"], base.json()["revision"]) == (
            "748664.00",
            "declaration",
            1,
        )
        assert (base.json()["declared_on"], base.headers["etag"]) == ("2026-05-04", '"v1"')
        campaign = await open_campaign(client)
        preview = await previewed(client, campaign["id"])
        assert preview["billable"][0]["assessment"]["variable"] == "4491.98"
        await dues.receive(told("751164.00", 2))
        corrected = (await client.get(PATH)).json()
        assert (corrected["amount"], corrected["revision"], corrected["version"]) == ("751164.00", 2, 2)
        assert [(one["amount"], one["counts"]) for one in corrected["statements"]] == [
            ("748664.00", False),
            ("751164.00", True),
        ]


async def test_what_finance_entered_is_replaced_in_the_open(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"))
    async with dues.client("finance") as client:
        first = await client.put(PATH, json={"amount": "700000.00"})
        assert (first.json()["source"], first.json()["revision"]) == ("entered", None)
        await dues.receive(told("748664.00"))
        stale = await client.put(PATH, json={"amount": "710000.00"}, headers={"If-Match": first.headers["etag"]})
        assert (stale.status_code, stale.json()["current"]["source"]) == (412, "declaration")
        base = stale.json()["current"]
        assert [(one["amount"], one["source_label"], one["counts"]) for one in base["statements"]] == [
            ("700000.00", "saisie dans les cotisations", False),
            ("748664.00", "déclaration d'activité", True),
        ]
        assert base["statements"][0]["stated_by"]
        unexplained = await client.put(PATH, json={"amount": "710000.00"}, headers={"If-Match": '"v2"'})
        assert (unexplained.status_code, unexplained.json()["code"]) == (400, "base_reason_missing")
        explained = {"amount": "710000.00", "reason": "comptes certifiés reçus"}
        again = (await client.put(PATH, json=explained, headers={"If-Match": '"v2"'})).json()
        assert (again["amount"], again["source"], again["version"]) == ("710000.00", "entered", 3)
        assert [one["reason"] for one in again["statements"]] == [None, None, "comptes certifiés reçus"]


async def test_a_declaration_held_up_on_its_way_does_not_undo_what_was_entered_since(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"))
    async with dues.client("finance") as client:
        await client.put(PATH, json={"amount": "700000.00"})
        async with dues.runtime.database.transaction(Actor("service:dues")) as tx:
            for _ in range(2):  # sent again, it is taken once
                await hear_declaration(tx, Event(uuid4(), 1, MORNING, told("748664.00")))
        base = (await client.get(PATH)).json()
        assert (base["amount"], base["source"], base["version"]) == ("700000.00", "entered", 2)
        assert [one["amount"] for one in base["statements"]] == ["748664.00", "700000.00"]


async def test_a_declaration_may_come_before_its_member(dues: ServiceUnderTest) -> None:
    """Members and declarations travel apart: neither waits for the other."""
    await dues.receive(told("748664.00"))
    async with dues.client("finance") as client:
        assert (await client.get(PATH)).status_code == 404
        await dues.receive(joined(1, "ai"))
        assert (await client.get(PATH)).json()["amount"] == "748664.00"


async def test_bases_of_the_first_version_are_statements_entered_by_hand(
    databases: Databases, issuer: TestIssuer, tmp_path: Path
) -> None:
    url = await databases.empty()
    settings = settings_for(service, url, issuer, tmp_path)
    await migrations.upgrade_async(service, settings, revision="0001")
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO declared_base VALUES ($1, 2025, 100.50, '2026-03-02', 'somebody', 3)", MEMBER)
    await connection.close()
    await migrations.upgrade_async(service, settings)
    async with assembled(service, url, issuer, tmp_path) as dues:
        await dues.receive(joined(1, "ai"), told("748664.00"))
        async with dues.client("finance") as client:
            base = (await client.get(PATH)).json()
    assert [(one["amount"], one["source"], one["stated_by"]) for one in base["statements"]] == [
        ("100.50", "entered", "somebody"),
        ("748664.00", "declaration", None),
    ]
    assert base["version"] == 4
    await databases.drop(url)
