"""What happens to a seat of the board: an assembly gives it, a mandate ends before its term; or it was held before.

And to the functions of its bureau: given to who holds a seat, ended.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.board import domain, queries, repository
from membership.board.domain import (
    BoardMandate,
    BureauTerm,
    Elected,
    MandateEnd,
    Place,
    SeatScope,
    ending,
    require_endable,
    require_function,
    require_in_office,
    require_no_other,
    require_one_seat,
    succeed,
    term_of,
    vacant,
    withdrawn,
)
from membership.board.schemas import BoardMandateIn, BureauTermEndIn, BureauTermIn, MandateEndIn
from membership.contacts.use_cases import hold_one_of
from membership.members.queries import names_of
from membership.members.use_cases import hold_within


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


async def enter(tx: Tx, grant: Grant, entered: BoardMandateIn) -> UUID:
    """Enter a mandate that somebody elected before the register was kept here still holds; return its id.

    Raises MemberNotFound, MandateDaysInconsistent, NotAMember, HolderOutside, ContactNotFound, ContactOfAnother,
    SeatUnknown, SeatHeld, HoldsAnotherSeat, RuleMissing.
    """
    scope, code, since, until = entered.scope, entered.code, entered.since, entered.until
    member = await hold_within(tx, grant, entered.member_id)
    require_in_office(since, until, tx.today)
    seats = queries.seats_of(scope, code, since) if code in queries.scope_names(since)[scope] else 0
    known = await repository.hold_seats(tx, scope, code)
    place = vacant(scope, code, seats, entered.number, known, since, until)
    await queries.require_holder(tx, member, scope, code, since)
    await hold_one_of(tx, entered.contact_id, member.id)
    its_own = await repository.all_of(tx, member.id)
    elected = Elected(member.id, entered.contact_id)
    if scope is SeatScope.EMPLOYEES:
        its_own = [one for one in known if one.elected == elected]
    require_no_other(member.name, its_own, since, until)
    before = {one.id: one for one in (*known, *its_own) if one.place == place or one in its_own}
    for one in before.values():
        if one.ended_on is None:  # at its term, which had come by then
            await repository.save(tx, replace(one, ended_on=one.until, end=MandateEnd.TERM, version=one.version + 1))
    mandate = BoardMandate(new_id(), place, elected, since, until, assembly_id=None, source=entered.source)
    await repository.add(tx, [mandate])
    return mandate.id


async def withdraw(tx: Tx, mandate_id: UUID, if_match: str | None, reason: str) -> None:
    """Take back a mandate that was entered by mistake: the seat was never held by it.

    Raises MandateNotFound, MandateElected, MandateEnded, PreconditionMissing, PreconditionFailed.
    """
    mandate = await repository.hold(tx, mandate_id)
    await check_version(if_match, mandate.version, partial(queries.find_mandate, tx, mandate_id))
    await repository.save(tx, withdrawn(mandate, reason))


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


async def name(tx: Tx, named: BureauTermIn) -> UUID:
    """Give a function of the bureau to who holds a seat; whoever alone had it before gives it up. Return its id.

    Raises MandateNotFound, BureauFunctionUnknown, BureauOutsideBoard, BureauFunctionHeld, BureauDaysInconsistent,
    RuleMissing.
    """
    since = named.since or tx.today
    function = require_function(rule_on(queries.bureau_rules(), since).functions, named.function)
    known = await repository.hold_bureau(tx, function.code)
    mandate = await repository.hold(tx, named.mandate_id)
    term = BureauTerm(new_id(), function.code, mandate, since, named.source)
    before = domain.name(function, term, known, tx.today)
    if before is not None:
        await repository.save_term(tx, before)
    await repository.add_term(tx, term)
    return term.id


async def end_term(tx: Tx, term_id: UUID, if_match: str | None, ended: BureauTermEndIn) -> None:
    """End a function of the bureau before the seat.

    Raises BureauTermNotFound, BureauTermEnded, BureauDaysInconsistent, RuleMissing, PreconditionMissing,
    PreconditionFailed.
    """
    known = await repository.term(tx, term_id)
    await repository.hold_bureau(tx, known.function)
    term = await repository.term(tx, term_id)
    await check_version(if_match, term.version, partial(queries.find_term, tx, term_id))
    await repository.save_term(tx, domain.end(term, ended.ended_on or tx.today, tx.today))
