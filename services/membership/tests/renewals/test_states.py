"""Where structures stand, in SQL and by the rule, over registers of every kind; and two who decide at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID

import structlog
from sqlalchemy import text

from common.identifiers import new_id
from common.rights import Grant, Scope
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor, Tx
from membership.members import repository as register
from membership.members.domain import Entry, Member, Subject, Topic, on_day
from membership.members.use_cases import candidate
from membership.members.use_cases import register as enter_in_register
from membership.renewals import repository, use_cases
from membership.renewals.domain import Renewal, RenewalState, Standing, state_of
from membership.renewals.schemas import ExceptionsIn

from ..members.test_dates import TODAY
from .test_renewals import JANUARY, OCTOBER, YEAR, at, joined, membership, opened, said_no, states

__all__ = ["membership"]
NEW_YEAR = date(YEAR, 1, 1)
EVE, FEBRUARY, NOVEMBER = NEW_YEAR - timedelta(days=1), date(YEAR, 2, 1), date(YEAR - 1, 11, 15)
ACTOR = Actor("test")
FIRST, AGAIN = str(UUID(int=1)), str(UUID(int=2))
JOINED = date(2020, 1, 1)
Situation = tuple[date, str, str, str | None]
"""From which day, where the structure stands, by which admission, and why it left."""
IN: Situation = (JOINED, "active", FIRST, None)
REGISTERS: dict[str, Sequence[Situation]] = {
    "adhérente": [IN],
    "suspendue": [IN, (NOVEMBER, "suspended", FIRST, None)],
    "suspendue, puis réintégrée": [IN, (OCTOBER, "suspended", FIRST, None), (FEBRUARY, "active", FIRST, None)],
    "refuse": [IN, (NEW_YEAR, "left", FIRST, "not_renewed")],
    "démissionne ce jour-là": [IN, (NEW_YEAR, "left", FIRST, "resigned")],
    "absorbée la veille": [IN, (EVE, "left", FIRST, "absorbed")],
    "exclue en février": [IN, (FEBRUARY, "left", FIRST, "excluded")],
    "suspendue, puis exclue": [IN, (NOVEMBER, "suspended", FIRST, None), (FEBRUARY, "left", FIRST, "excluded")],
    "sortie, de retour avant": [
        IN,
        (date(2022, 1, 1), "left", FIRST, "resigned"),
        (date(2024, 5, 1), "active", AGAIN, None),
    ],
    "sortie, de retour après": [IN, (EVE, "left", FIRST, "resigned"), (FEBRUARY, "active", AGAIN, None)],
    "sort, et revient dans l'année": [
        IN,
        (FEBRUARY, "left", FIRST, "resigned"),
        (date(YEAR, 5, 1), "active", AGAIN, None),
    ],
    "admise pour le 1er janvier": [(NEW_YEAR, "active", FIRST, None)],
    "admise en décembre": [(date(YEAR - 1, 12, 20), "active", FIRST, None)],
}
TOLD = ("", "letter", "returned", "waiting", "sent", "late")


@dataclass(frozen=True, slots=True)
class Case:
    """One structure: what the register says of it, what was done to tell it, and what was decided."""

    situations: Sequence[Situation]
    told: str
    renewed: bool
    excepted: bool


CASES = [
    Case(situations, *done) for situations, *done in product(REGISTERS.values(), TOLD, (False, True), (False, True))
]


def expected(
    case: Case, entries: Sequence[Entry], member: Member, renewal: Renewal, today: date
) -> RenewalState | None:
    """Tell where a structure stands by the rules, None where it is not up for renewal."""
    then, last = on_day(member, entries, renewal.renews_on), on_day(member, entries, date.max)
    if then.joined_on is None or then.joined_on >= renewal.renews_on:
        return None
    if then.departure is not None and then.departure.left_on != renewal.renews_on:
        return None
    later = last.departure if last.admission == then.admission else None
    departure = then.departure or later
    standing = Standing(
        departure=then.departure.cause if then.departure else None,
        leaves_on=departure.left_on if departure else None,
        renewed=renewal.year in then.renewed_years,
        excepted=case.excepted,
        notified_on=OCTOBER if case.told in ("letter", "sent") else None,
        sending=case.told == "waiting",
    )
    return state_of(standing, renewal, today)


def entries_of(case: Case, member: Member, now: datetime) -> list[Entry]:
    def entry(subject: Subject, day: date, value: dict[str, str]) -> Entry:
        return Entry(new_id(), member.id, subject, day, now, "test", value)

    since = {by: min(day for day, _, other, _ in case.situations if other == by) for _, _, by, _ in case.situations}
    situations = [
        entry(
            Subject(Topic.STATUS),
            day,
            {
                "status": status,
                "joined_on": since[by].isoformat(),
                "sitting_id": by,
                "minutes_reference": "PV",
                **({"left_on": day.isoformat(), "cause": cause} if cause else {}),
            },
        )
        for day, status, by, cause in case.situations
    ]
    years = [entry(Subject(Topic.RENEWAL, str(YEAR)), NEW_YEAR, {"sitting_id": FIRST})] if case.renewed else []
    return [*situations, *years]


async def tell(tx: Tx, renewal: Renewal, case: Case, member: Member) -> None:
    """Leave the traces of a notice, as they are after it went, came back or still waits."""
    if not case.told:
        return
    notice = {"id": new_id(), "renewal": str(renewal.id), "member": member.id, "now": tx.now}
    if case.told in ("letter", "returned", "late"):
        back = OCTOBER if case.told == "returned" else None
        posted_on = OCTOBER if case.told != "late" else NEW_YEAR - timedelta(days=20)
        await tx.session.execute(
            text(
                "INSERT INTO notice (id, purpose, about, member_id, means, posted_on, recipient, subject, text,"
                " returned_on, returned_reason, recorded_at, recorded_by) VALUES (:id, 'renewal', :renewal, :member,"
                " 'letter', :posted_on, 'x', 'x', 'x', :back, :why, :now, 'test')"
            ),
            {**notice, "posted_on": posted_on, "back": back, "why": "x" if back else None},
        )
        return
    sent = datetime.combine(OCTOBER, tx.now.timetz()) if case.told == "sent" else None
    mail = {"mail": new_id(), "status": case.told, "sent": sent}
    await tx.session.execute(
        text(
            "INSERT INTO mail (id, recipient, subject, text, message_id, status, posted_at, waiting_since, next_at,"
            " settled_at) VALUES (:mail, 'a@b.example', '', '', '', :status, :now, :now, :now, :sent)"
        ),
        {**mail, "now": tx.now},
    )
    await tx.session.execute(
        text(
            "INSERT INTO notice (id, purpose, about, member_id, means, mail_id, recorded_at, recorded_by)"
            " VALUES (:id, 'renewal', :renewal, :member, 'mail', :mail, :now, 'test')"
        ),
        {**notice, "mail": mail["mail"]},
    )


async def test_the_query_and_the_rule_tell_the_same_of_every_structure(membership: ServiceUnderTest) -> None:
    async with (
        membership.days_later((OCTOBER - TODAY).days) as then,
        then.runtime.database.transaction(ACTOR) as tx,
    ):
        renewal = repository.to_domain(await repository.get(tx, await use_cases.open_year(tx, YEAR)))
        members = await enter_in_register(tx, [candidate(name=f"S{rank}") for rank in range(len(CASES))], tx.today)
        await tx.session.execute(text("UPDATE member_entry SET effective_on = '2019-01-01'"))
        entries = {}
        for case, member in zip(CASES, members, strict=True):
            entries[member.id] = entries_of(case, member, tx.now + timedelta(seconds=1))
            await tell(tx, renewal, case, member)
        await register.add_entries(tx, [entry for some in entries.values() for entry in some])
        for case, member in zip(CASES, members, strict=True):
            if case.excepted:
                await repository.add_exceptions(tx, renewal.id, [member.id], "x")
        known: dict[UUID, list[Entry]] = {member.id: [] for member in members}
        for entry in await register.entries_of(tx, list(known)):
            known[entry.member_id].append(entry)
    reached = set()
    for today in (OCTOBER, renewal.notice_until, NEW_YEAR - timedelta(days=20), JANUARY):
        async with membership.runtime.database.reading(ACTOR) as read:
            query, state = repository.lines(renewal, Grant(ACTOR, Scope.ALL), today)
            rows = (await read.session.execute(query.add_columns(state.label("state")))).all()
        told = {row[-2].id: RenewalState(row[-1]) for row in rows}
        for case, member in zip(CASES, members, strict=True):
            wanted = expected(case, known[member.id], member, renewal, today)
            assert told.get(member.id) is wanted, (today, case)
        reached |= set(told.values())
    assert reached == set(RenewalState) - {RenewalState.NOT_CONCERNED}


async def test_two_renewals_open_at_once_do_not_answer_for_each_other(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        member_id = await joined(client, "Alpha")
    async with at(membership, JANUARY) as client:
        renewal, following = await opened(client), await opened(client, YEAR + 1)
        body = {"members": [member_id], "reason": "reprise"}
        await client.post(f"{renewal}/exceptions", json=body)
        assert (await states(client, renewal), await states(client, following)) == (
            {"Alpha": "renewed"},
            {"Alpha": "to_notify"},
        )
        await said_no(client, following, member_id)
        assert (await client.get(f"/members/{member_id}")).json()["renewed_years"] == [YEAR]
        assert await states(client, renewal) == {"Alpha": "renewed"}


async def test_a_renewal_waits_for_an_exception_that_is_taken_back(membership: ServiceUnderTest) -> None:
    """The exception is read once the renewal is held: taken back meanwhile, it renews nobody."""
    async with membership.client("network", "board") as client:
        member_id = UUID(await joined(client, "Alpha"))
    async with at(membership, OCTOBER) as client:
        renewal_id = UUID((await opened(client)).rpartition("/")[2])
        body = {"members": [str(member_id)], "reason": "jointe par téléphone"}
        assert (await client.post(f"/renewals/{renewal_id}/exceptions", json=body)).status_code == 200
    database = membership.runtime.database
    wanted = ExceptionsIn(members=[member_id], reason="erreur")

    async def renewing() -> list[str]:
        async with database.transaction(ACTOR) as tx:
            receipt = await use_cases.renew_slice(tx, renewal_id, 0, after=None, limit=10)
            return [line.outcome for line in receipt]

    async with database.transaction(ACTOR) as tx:
        await use_cases.withdraw_exceptions(tx, Grant(ACTOR, Scope.ALL), renewal_id, wanted)
        run = asyncio.create_task(renewing())
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

        async def waits() -> bool:
            return run.done() or await membership.rows(waiting) != []

        await eventually(waits, awaited="the renewal waiting for the exception")
    assert await run == []


async def test_a_year_that_nobody_opened_is_warned_of(membership: ServiceUnderTest) -> None:
    with structlog.testing.capture_logs() as logs:
        async with at(membership, JANUARY):
            pass
    assert [
        (line["event"], line["year"], line["log_level"]) for line in logs if line["event"].startswith("renewal")
    ] == [("renewal_not_opened", YEAR, "warning")]
