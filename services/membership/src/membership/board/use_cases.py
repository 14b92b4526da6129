"""What happens to a seat of the board: an assembly gives it, a mandate ends before its term."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.transaction import Tx
from membership.board import queries, repository
from membership.board.domain import BoardMandate, Elected, SeatScope, ending, require_endable, succeed, term_of
from membership.board.schemas import MandateEndIn


async def confer(
    tx: Tx, scope: SeatScope, code: str, seats: int, elected: Sequence[Elected], since: date, assembly_id: UUID
) -> None:
    """Give seats to those an assembly elected to so many; whoever held them before gives them up.

    Raises TooManyElected, RuleMissing.
    """
    held = await repository.hold_unended(tx, scope, code)
    all_seats = queries.seats_of(scope, since) or seats
    successions = succeed(scope, code, all_seats, held, elected, since)
    until = term_of(since, rule_on(queries.board_rules(), since))
    for before in (one.predecessor for one in successions if one.predecessor):
        ended_on, end = ending(before, since)
        await repository.save(tx, replace(before, ended_on=ended_on, end=end, version=before.version + 1))
    await repository.add(
        tx, [BoardMandate(new_id(), one.place, one.elected, since, until, assembly_id) for one in successions]
    )


async def end(tx: Tx, mandate_id: UUID, if_match: str | None, ended: MandateEndIn) -> None:
    """End a mandate before its term: the seat is vacant until an assembly fills it.

    Raises MandateNotFound, MandateEnded, MandateDaysInconsistent, PreconditionMissing, PreconditionFailed.
    """
    mandate = await repository.hold(tx, mandate_id)
    await check_version(if_match, mandate.version, partial(queries.find_mandate, tx, mandate_id))
    day = ended.ended_on or tx.today
    require_endable(mandate, day, tx.today)
    over = replace(mandate, ended_on=day, end=ended.end, reason=ended.reason, version=mandate.version + 1)
    await repository.save(tx, over)
