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
from membership.board.domain import (
    BoardMandate,
    Elected,
    Place,
    SeatScope,
    ending,
    require_endable,
    require_one_seat,
    succeed,
    term_of,
)
from membership.board.schemas import MandateEndIn
from membership.members.queries import names_of


async def confer(
    tx: Tx, scope: SeatScope, code: str, elected: Sequence[Elected], since: date, assembly_id: UUID
) -> None:
    """Give seats to those an assembly elected; whoever held them before gives them up.

    Raises TooManyElected, SeatFilledLater, HoldsAnotherSeat, RuleMissing.
    """
    rule = rule_on(queries.board_rules(), since)
    held = await repository.hold_unended(tx, scope, code)
    successions = succeed(scope, code, rule.seats_of(scope, code), held, elected, since)
    over = [one.predecessor for one in successions if one.predecessor]
    elsewhere = await repository.unended_of(tx, [one.elected.member_id for one in successions])
    names = await names_of(tx, [one.elected.member_id for one in elsewhere])
    for mandate in elsewhere:
        require_one_seat(names[mandate.elected.member_id], Place(scope, code, 0), [mandate], since)
    over += [one for one in elsewhere if one.place not in {mandate.place for mandate in over}]
    for before in over:
        ended_on, end = ending(before, since)
        await repository.save(tx, replace(before, ended_on=ended_on, end=end, version=before.version + 1))
    until = term_of(since, rule)
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
