"""Reads of the board: its composition on a day, and every mandate that was held."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.shipped import shipped_rules
from common.transaction import Read
from common.wording import write_day
from membership.board import repository
from membership.board.domain import (
    BoardMandate,
    BoardRule,
    HolderOutside,
    Place,
    SeatScope,
    require_one_seat,
    trace_of,
)
from membership.board.repository import MANDATE
from membership.board.schemas import BoardMandateListParams, BoardMandateOut, BoardOut, BoardSeatOut
from membership.board.tables import BoardMandateRow
from membership.contacts.domain import Trace
from membership.contacts.queries import people_of
from membership.governance.queries import colleges_of, roll_rules
from membership.members.domain import Member, NotAMember, NotInRegisterThen, belongs, on_day
from membership.members.queries import entries_of, structures_of
from membership.rights import RIGHTS, Act
from membership.territory.queries import load_territory

_ORDER = Order(columns={"since": MANDATE.c.since, "code": MANDATE.c.code}, default="-since", unique=MANDATE.c.id)


@cache
def board_rules() -> tuple[BoardRule, ...]:
    """Return the dated rules of the board shipped with the service."""
    return shipped_rules("membership.board", "seats.toml", BoardRule)


def seats_of(scope: SeatScope, code: str, day: date) -> int:
    """Return how many seats a region or a college has on a day. Raises RuleMissing."""
    return rule_on(board_rules(), day).seats_of(scope, code)


def scope_names(day: date) -> dict[SeatScope, dict[str, str]]:
    """Return the names of the regions and of the colleges that seats can be of, by code. Raises RuleMissing."""
    return {
        SeatScope.REGION: {one.code: one.name for one in load_territory().delegations},
        SeatScope.COLLEGE: colleges_of(rule_on(roll_rules(), day)),
    }


async def require_seatable(source: Read, scope: SeatScope, code: str, member_id: UUID, name: str, day: date) -> None:
    """Let a structure stand for seats while it will hold no other on that day. Raises HoldsAnotherSeat."""
    held = await repository.unended_of(source, [member_id])
    require_one_seat(name, Place(scope, code, 0), held, day)


async def require_holder(source: Read, member: Member, scope: SeatScope, code: str, day: date) -> None:
    """Let a seat be held by a structure that was a member on a day, of its region or college.

    Raises NotAMember, HolderOutside, RuleMissing.
    """
    try:
        then = on_day(member, (await entries_of(source, [member.id]))[member.id], day)
    except NotInRegisterThen:
        raise NotAMember(f"{member.name} n'était pas au registre le {write_day(day)}.") from None
    if not belongs(then):
        raise NotAMember(f"{member.name} n'était pas adhérente le {write_day(day)} : elle était {then.status.label}.")
    college = rule_on(roll_rules(), day).college_of(then)
    own = then.delegation if scope is SeatScope.REGION else college and college.code
    if own != code:
        place = f"relevait de « {own} »" if own else f"n'avait pas de {scope.label}"
        raise HolderOutside(f"{member.name} {place} le {write_day(day)} : ce siège est de « {code} ».")


async def mandates_naming(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Return what the mandates of the board say of some people, whoever asks."""
    return [trace_of(one, source.today) for one in await repository.naming(source, contact_ids)]


async def composition(source: Read, as_of: date | None) -> BoardOut:
    """Return every seat of the board and who held it on a day. Raises RuleMissing."""
    day = as_of or source.today
    rule = rule_on(board_rules(), day)
    held = await repository.all_held_on(source, day)
    shown = {mandate.place: out for mandate, out in zip(held, await _shown(source, held), strict=True)}
    names = scope_names(day)
    known = [
        Place(scope, code, number)
        for scope, codes in names.items()
        for code in codes
        for number in range(1, rule.seats_of(scope, code) + 1)
    ]
    others = sorted(shown.keys() - set(known), key=lambda place: (place.scope, place.code, place.number))
    seats = [
        BoardSeatOut(
            scope=place.scope,
            code=place.code,
            name=names[place.scope].get(place.code, place.code),
            number=place.number,
            mandate=shown.get(place),
        )
        for place in (*known, *others)
    ]
    return BoardOut(
        as_of=day, seats=seats, total=len(seats), in_office=len(held), status=rule.status, source=rule.source
    )


async def in_office(source: Read, day: date) -> list[BoardMandateOut]:
    """Return the mandates held on a day, with who holds them. Raises RuleMissing."""
    return await _shown(source, await repository.all_held_on(source, day))


async def seats_on(source: Read, days: Collection[date]) -> dict[date, dict[UUID, UUID]]:
    """Return of each day the mandates held on it, with the structure that holds each."""
    if not days:
        return {}
    held = await repository.all_held_on(source, min(days), max(days))
    return {day: {one.id: one.elected.member_id for one in held if one.is_held_on(day)} for day in set(days)}


async def list_mandates(source: Read, params: BoardMandateListParams) -> Page[BoardMandateOut]:
    """Return one page of mandates, the latest first unless sorted otherwise."""
    query = repository.held_on(params.as_of or source.today) if params.held else select(BoardMandateRow)
    if params.code:
        query = query.where(col(BoardMandateRow.code).in_(params.code))
    if params.taken_over is not None:
        query = query.where(col(BoardMandateRow.assembly_id).is_(None) == params.taken_over)
    if params.member:
        query = query.where(col(BoardMandateRow.member_id) == params.member)
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    items = await _shown(source, [repository.to_domain(row) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def find_mandate(source: Read, mandate_id: UUID) -> BoardMandateOut:
    """Return one mandate. Raises MandateNotFound."""
    [shown] = await _shown(source, [await repository.get(source, mandate_id)])
    return shown


async def conferred(source: Read, assembly_id: UUID) -> list[BoardMandateOut]:
    """Return the mandates that an assembly gave."""
    return await _shown(source, await repository.of_assembly(source, assembly_id))


async def _shown(source: Read, mandates: Sequence[BoardMandate]) -> list[BoardMandateOut]:
    structures = await structures_of(source, [one.elected.member_id for one in mandates])
    people = await people_of(source, [one.elected.contact_id for one in mandates])
    names = scope_names(source.today)
    runs = grant_for(RIGHTS, Act.RUN_BOARD, source.actor) is not None
    shown = []
    for one in mandates:
        structure, person = structures[one.elected.member_id], people.get(one.elected.contact_id)
        held = one.is_held_on(source.today)
        left = held and not belongs(structure)
        shown.append(
            BoardMandateOut(
                id=one.id,
                scope=one.place.scope,
                scope_label=one.place.scope.label,
                code=one.place.code,
                name=names[one.place.scope].get(one.place.code, one.place.code),
                number=one.place.number,
                member_id=structure.id,
                member_name=structure.name,
                contact_id=one.elected.contact_id,
                person=person.name if person else None,
                since=one.since,
                until=one.until,
                ended_on=one.ended_on,
                end=one.end,
                end_label=one.end.label if one.end else None,
                reason=one.reason,
                assembly_id=one.assembly_id,
                taken_over=one.assembly_id is None,
                source=one.source,
                problem=_LEFT.format(structure.name) if left else None,
                version=one.version,
                allowed_actions=_actions(one, held=held) if runs else [],
            )
        )
    return shown


def _actions(mandate: BoardMandate, *, held: bool) -> list[str]:
    withdrawable = mandate.assembly_id is None and mandate.ended_on is None
    return [*(["end"] if held else []), *(["withdraw"] if withdrawable else [])]


_LEFT = "{} n'est plus adhérente : mettez fin au mandat, puis faites élire qui lui succède."
