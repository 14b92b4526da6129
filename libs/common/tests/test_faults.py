"""Which failures pass by themselves."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.errors import Conflict
from common.faults import is_transient, took_too_long
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        pytest.param(ConnectionResetError(), True, id="connexion coupée"),
        pytest.param(TimeoutError(), True, id="délai dépassé"),
        pytest.param(PoolTimeout(), True, id="toutes les connexions sont prises"),
        pytest.param(asyncpg.InternalClientError(), True, id="pilote coupé au milieu d'une opération"),
        pytest.param(FileNotFoundError(), False, id="fichier absent"),
        pytest.param(PermissionError(), False, id="droit manquant sur un fichier"),
        pytest.param(ValueError("no"), False, id="valeur refusée"),
        pytest.param(Conflict("non"), False, id="refus du métier"),
    ],
)
def test_errors_of_the_process(error: Exception, passes: bool) -> None:
    assert is_transient(error) is passes


@pytest.mark.parametrize(
    ("query", "value", "passes"),
    [
        pytest.param("SELECT pg_terminate_backend(pg_backend_pid())", None, True, id="session terminée"),
        pytest.param("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", None, True, id="requête trop longue"),
        pytest.param("SELECT CAST(:value AS integer)", 2**40, False, id="nombre hors du type"),
        pytest.param("SELECT CAST(:value AS text)", "\0", False, id="caractère nul"),
        pytest.param("INSERT INTO event_mark VALUES ('c', 't', NULL, 1)", None, False, id="contrainte"),
        pytest.param("SELECT 1 / 0", None, False, id="calcul impossible"),
    ],
)
async def test_errors_of_the_database(notebook: ServiceUnderTest, query: str, value: object, passes: bool) -> None:
    async def meet_the_error() -> None:
        async with notebook.runtime.database.transaction(Actor("test")) as tx:
            for statement in query.split(";"):
                await tx.session.execute(text(statement), {"value": value} if ":value" in statement else {})

    with pytest.raises(DBAPIError) as caught:
        await meet_the_error()
    assert is_transient(caught.value) is passes
    assert took_too_long(caught.value) is ("statement_timeout" in query)


async def test_a_deadlock_passes(notebook: ServiceUnderTest) -> None:
    """Two transactions wait for each other: PostgreSQL ends one of them, and says why."""
    lock = text("SELECT pg_advisory_xact_lock(:key)")
    first_has_its_lock = asyncio.Barrier(2)

    async def take(mine: int, theirs: int) -> None:
        async with notebook.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(lock, {"key": mine})
            await first_has_its_lock.wait()
            await tx.session.execute(lock, {"key": theirs})

    outcomes = await asyncio.gather(take(1, 2), take(2, 1), return_exceptions=True)
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [is_transient(error) for error in failed] == [True]
