"""What people do with a roll: freeze it, contest a line, answer, correct, seal it when the assembly opens."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant, Scope
from common.transaction import Tx
from membership.electoral_roll import queries, repository
from membership.electoral_roll.domain import (
    Contest,
    ContestStatus,
    Correction,
    NotOnRoll,
    Roll,
    RollExists,
    RollLine,
    decide,
    digest,
    omitted,
    require_contestable,
    require_day_come,
    require_open,
    require_replaceable,
    require_sealable,
    require_unsealed,
)
from membership.electoral_roll.schemas import ContestIn, Moment, RollCorrectionIn, RollIn


async def freeze(tx: Tx, wanted: RollIn) -> UUID:
    """Freeze the roll of a day, of every structure whoever asks; return its id. One of that day may be replaced.

    Raises RollDayToCome, RollExists, RollNotFound, RollReplaced, RollSealed, RollOfAnotherDay, ContestOpen,
    RuleMissing.
    """
    require_day_come(wanted.as_of, tx.today)
    await repository.hold_day(tx, wanted.as_of)
    if wanted.replaces is not None:
        await _replace(tx, wanted.replaces, wanted.as_of)
    elif await repository.counting_for(tx, wanted.as_of) is not None:
        raise RollExists("Une liste de ce jour est déjà figée : nommez-la (replaces) pour la remplacer.")
    everybody = Grant(tx.actor, Scope.ALL)
    live = await queries.live_roll(tx, everybody, Moment(as_of=wanted.as_of, known_at=None))
    roll = Roll(
        id=new_id(),
        title=wanted.title,
        as_of=live.as_of,
        frozen_at=tx.now,
        frozen_by=tx.actor.subject,
        contest_until=tx.today + timedelta(days=live.rule.contest_days),
        sha256=digest(live.as_of, live.lines),
        rule=live.rule,
        replaces=wanted.replaces,
    )
    await repository.add(tx, roll, live.lines)
    if wanted.replaces is not None:
        await _carry_over(tx, wanted.replaces, roll.id, {line.member_id for line in live.lines})
    return roll.id


async def contest(tx: Tx, grant: Grant, roll_id: UUID, member_id: UUID, said: ContestIn) -> None:
    """Record what a structure contests of its line.

    Raises RollNotFound, NotOnRoll, RollReplaced, RollSealed, ContestTooLate, ContestOpen.
    """
    roll = await repository.hold(tx, roll_id)
    line = await _line(tx, grant, roll, member_id)
    require_contestable(roll, await repository.contests_of(tx, roll_id), line.member_id, tx.today)
    made = Contest(id=new_id(), member_id=line.member_id, reason=said.reason, made_at=tx.now, made_by=tx.actor.subject)
    await repository.add_contest(tx, roll_id, made)
    await _next_version(tx, roll)


async def reject(tx: Tx, grant: Grant, roll_id: UUID, if_match: str | None, contest_id: UUID, answer: str) -> None:
    """Answer a contest that is not founded: the line stays as it is.

    Raises RollNotFound, RollReplaced, RollSealed, ContestNotFound, ContestAnswered, PreconditionMissing,
    PreconditionFailed.
    """
    roll = await _loaded(tx, grant, roll_id, if_match)
    require_unsealed(roll)
    made = require_open(await repository.contests_of(tx, roll_id), contest_id)
    await _answer(tx, made, ContestStatus.REJECTED, answer)
    await _next_version(tx, roll)


async def correct(tx: Tx, grant: Grant, roll_id: UUID, if_match: str | None, wanted: RollCorrectionIn) -> None:
    """Decide how many votes a structure has, with or without a contest; what was frozen stays beside it.

    Raises RollNotFound, NotOnRoll, RollReplaced, RollSealed, CollegeUnknown, CorrectionTooLarge, CorrectionEmpty,
    ContestNotFound, ContestAnswered, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    roll = await _loaded(tx, grant, roll_id, if_match)
    line = await _line(tx, grant, roll, wanted.member_id)
    kind, college, reason = decide(roll, line, wanted.votes, wanted.college, wanted.reason)
    if wanted.contest_id is not None:
        made = require_open(await repository.contests_of(tx, roll_id), wanted.contest_id, line.member_id)
        await _answer(tx, made, ContestStatus.UPHELD, reason)
    correction = Correction(
        member_id=line.member_id,
        kind=kind,
        college=college,
        votes=wanted.votes,
        reason=reason,
        decided_on=tx.today,
        decided_at=tx.now,
        decided_by=tx.actor.subject,
        contest_id=wanted.contest_id,
    )
    await repository.add_correction(tx, roll_id, correction)
    await _next_version(tx, roll)


async def seal(tx: Tx, roll_id: UUID, *, waived: bool) -> None:
    """Let a roll change no more: an assembly opens on it. One already sealed may serve another of the same day.

    Raises RollNotFound, ContestOpen, ContestWindowOpen.
    """
    roll = await repository.hold(tx, roll_id)
    require_sealable(roll, await repository.contests_of(tx, roll_id), tx.today, waived=waived)
    await _next_version(tx, replace(roll, sealed_at=roll.sealed_at or tx.now))


async def _replace(tx: Tx, roll_id: UUID, as_of: date) -> None:
    roll = await repository.hold(tx, roll_id)
    require_replaceable(roll, await repository.contests_of(tx, roll_id), as_of)
    await _next_version(tx, replace(roll, replaced_at=tx.now))


async def _carry_over(tx: Tx, before: UUID, after: UUID, known: Collection[UUID]) -> None:
    """Take over the decisions on a roll that is replaced, the structures it had omitted included."""
    decided = await repository.corrections_of(tx, before)
    everybody = Grant(tx.actor, Scope.ALL)
    forgotten = {one.member_id for one in decided} - set(known)
    await repository.add_lines(tx, after, await repository.frozen_lines(tx, everybody, before, forgotten))
    for one in decided:
        await repository.add_correction(tx, after, one)


async def _line(tx: Tx, grant: Grant, roll: Roll, member_id: UUID) -> RollLine:
    """Return a structure's line on a roll; of one that the roll omitted, from the register of that day.

    Raises NotOnRoll, RuleMissing.
    """
    try:
        return await queries.frozen_line(tx, grant, roll.id, member_id)
    except NotOnRoll:
        live = await queries.live_roll(tx, grant, Moment(as_of=roll.as_of, known_at=None), [member_id])
        if not live.lines:
            raise
    line = omitted(live.lines[0])
    await repository.add_lines(tx, roll.id, [line])
    return line


async def _loaded(tx: Tx, grant: Grant, roll_id: UUID, if_match: str | None) -> Roll:
    roll = await repository.hold(tx, roll_id)
    await check_version(if_match, roll.version, partial(queries.find_roll, tx, grant, roll_id))
    return roll


async def _next_version(tx: Tx, roll: Roll) -> None:
    await repository.save(tx, replace(roll, version=roll.version + 1))


async def _answer(tx: Tx, made: Contest, status: ContestStatus, answer: str) -> None:
    answered = replace(made, status=status, answer=answer, answered_at=tx.now, answered_by=tx.actor.subject)
    await repository.answer_contest(tx, answered)
