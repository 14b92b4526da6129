"""Reads of the board: its composition on a day, and every mandate that was held."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.blockers import tried
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.shipped_data import shipped, shipped_rules
from common.transaction import Read
from common.wording import write_day
from membership.board import repository
from membership.board.domain import (
    BoardMandate,
    BoardRule,
    BureauFunction,
    BureauRule,
    BureauTerm,
    HolderOutside,
    Place,
    SeatScope,
    end,
    require_endable,
    require_one_seat,
    require_withdrawable,
    told_of,
    trace_of,
)
from membership.board.repository import MANDATE
from membership.board.schemas import (
    BoardMandateListParams,
    BoardMandateOut,
    BoardOut,
    BoardSeatOut,
    BureauFunctionOut,
    BureauListParams,
    BureauTermOut,
)
from membership.board.tables import BoardMandateRow, BureauTermRow
from membership.contacts.domain import Trace
from membership.contacts.queries import people_then
from membership.electoral_roll.queries import colleges_of, roll_rules
from membership.members.domain import Member, NotAMember, NotInRegisterThen, belongs, on_day
from membership.members.queries import entries_of, register_on, structures_of
from membership.rights import RIGHTS, Act
from membership.territory.queries import load_territory

_ORDER = Order(columns={"since": MANDATE.c.since, "code": MANDATE.c.code}, default="-since", unique=MANDATE.c.id)
_TERM: Any = BureauTermRow.__table__  # type: ignore[attr-defined]
_TERMS_ORDER = Order(columns={"since": _TERM.c.since}, default="-since", unique=_TERM.c.id)


@cache
def board_rules() -> tuple[BoardRule, ...]:
    """Return the dated rules of the board shipped with the service."""
    return shipped_rules("membership.board", "seats.toml", BoardRule)


def seats_of(scope: SeatScope, code: str, day: date) -> int:
    """Return how many seats a region or a college has on a day. Raises RuleMissing."""
    return rule_on(board_rules(), day).seats_of(scope, code)


def scope_names(day: date) -> dict[SeatScope, dict[str, str]]:
    """Return the names of the regions, the colleges and the employees that seats can be of. Raises RuleMissing."""
    return {
        SeatScope.REGION: {one.code: one.name for one in load_territory().delegations},
        SeatScope.COLLEGE: colleges_of(rule_on(roll_rules(), day)),
        SeatScope.EMPLOYEES: {SeatScope.EMPLOYEES.value: SeatScope.EMPLOYEES.label},
    }


@cache
def bureau_rules() -> tuple[BureauRule, ...]:
    """Return the dated functions of the bureau shipped with the service."""
    listed = shipped("membership.board", "bureau.toml")["rules"]
    return tuple(
        BureauRule(**{**rule, "functions": tuple(BureauFunction(**one) for one in rule["functions"])})
        for rule in listed
    )


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
    if scope is SeatScope.EMPLOYEES:
        return  # who is eligible is not known (data/seats.toml): somebody of a member
    college = rule_on(roll_rules(), day).college_of(then)
    own = then.delegation if scope is SeatScope.REGION else college and college.code
    if own != code:
        place = f"relevait de « {own} »" if own else f"n'avait pas de {scope.label}"
        raise HolderOutside(f"{member.name} {place} le {write_day(day)} : ce siège est de « {code} ».")


async def mandates_naming(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Return what the mandates of the board say of some people, whoever asks."""
    named = await repository.naming(source, contact_ids)
    terms = await repository.terms_of(source, [one.id for one in named])
    held = {one.id: told_of([term for term in terms if term.mandate.id == one.id]) for one in named}
    return [trace_of(one, held[one.id], source.today) for one in named]


async def composition(source: Read, as_of: date | None) -> BoardOut:
    """Return every seat of the board and who held it on a day. Raises RuleMissing."""
    day = as_of or source.today
    rule = rule_on(board_rules(), day)
    held = await repository.all_held_on(source, day)
    shown = {mandate.place: out for mandate, out in zip(held, await _shown(source, held, day), strict=True)}
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
    bureau = rule_on(bureau_rules(), day)
    return BoardOut(
        as_of=day,
        seats=seats,
        total=len(seats),
        in_office=len(held),
        status=rule.status,
        source=rule.source,
        bureau=await _bureau(source, bureau, day),
        bureau_status=bureau.status,
        bureau_source=bureau.source,
    )


async def list_terms(source: Read, params: BureauListParams) -> Page[BureauTermOut]:
    """Return one page of the functions of the bureau, held and over, the latest first. Raises RuleMissing."""
    query = repository.TERMS
    if params.function:
        query = query.where(col(BureauTermRow.function).in_(params.function))
    rows, cursor, total = await paginate(source, query, _TERMS_ORDER, params)
    terms = [repository.to_term(*row) for row in rows]
    return Page(items=await _terms_shown(source, terms, source.today), next_cursor=cursor, total=total)


async def find_term(source: Read, term_id: UUID) -> BureauTermOut:
    """Return one function of the bureau. Raises BureauTermNotFound, RuleMissing."""
    [shown] = await _terms_shown(source, [await repository.term(source, term_id)], source.today)
    return shown


async def _bureau(source: Read, rule: BureauRule, day: date) -> list[BureauFunctionOut]:
    """Return every function of the bureau and who held it on a day."""
    terms = await repository.terms_on(source, day)
    shown = await _terms_shown(source, terms, day)
    labels = {one.code: one.label for one in rule.functions}
    codes = [*labels, *sorted({one.function for one in terms} - labels.keys())]
    return [
        BureauFunctionOut(
            function=code,
            label=labels.get(code, code),
            holders=[one for one in shown if one.function == code],
        )
        for code in codes
    ]


async def _terms_shown(source: Read, terms: Sequence[BureauTerm], day: date) -> list[BureauTermOut]:
    mandates = {one.mandate.id: one.mandate for one in terms}
    seats = dict(zip(mandates, await _shown(source, list(mandates.values()), day), strict=True))
    labels = {one.code: one.label for rule in bureau_rules() for one in rule.functions}
    runs = grant_for(RIGHTS, Act.RUN_BOARD, source.actor) is not None
    shown = []
    for one in terms:
        acts = {"end": partial(end, one, source.today, source.today)} if runs else {}
        actions, blockers = tried(acts)
        shown.append(
            BureauTermOut(
                id=one.id,
                function=one.function,
                function_label=labels.get(one.function, one.function),
                mandate_id=one.mandate.id,
                member_id=seats[one.mandate.id].member_id,
                member_name=seats[one.mandate.id].member_name,
                contact_id=one.mandate.elected.contact_id,
                person=seats[one.mandate.id].person,
                since=one.since,
                until=one.over_on,
                ended_on=one.ended_on,
                source=one.source,
                version=one.version,
                allowed_actions=actions,
                blockers=blockers,
            )
        )
    return shown


async def in_office(source: Read, day: date) -> list[BoardMandateOut]:
    """Return the mandates held on a day, with who holds them. Raises RuleMissing."""
    return await _shown(source, await repository.all_held_on(source, day), day)


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
    if params.member_id:
        query = query.where(col(BoardMandateRow.member_id) == params.member_id)
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


async def _shown(source: Read, mandates: Sequence[BoardMandate], day: date | None = None) -> list[BoardMandateOut]:
    """Write mandates, with the names of a day that is over, or else those of today."""
    structures = await structures_of(source, [one.elected.member_id for one in mandates])
    people = await people_then(source, [one.elected.contact_id for one in mandates], day or source.today)
    called = await _names_then(source, structures, day or source.today)
    names = scope_names(source.today)
    runs = grant_for(RIGHTS, Act.RUN_BOARD, source.actor) is not None
    shown = []
    for one in mandates:
        structure, person = structures[one.elected.member_id], people.get(one.elected.contact_id)
        held = one.is_held_on(source.today)
        left = held and not belongs(structure)
        actions, blockers = tried(_acts(one, source.today) if runs else {})
        shown.append(
            BoardMandateOut(
                id=one.id,
                scope=one.place.scope,
                scope_label=one.place.scope.label,
                code=one.place.code,
                name=names[one.place.scope].get(one.place.code, one.place.code),
                number=one.place.number,
                member_id=structure.id,
                member_name=called[structure.id],
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
                allowed_actions=actions,
                blockers=blockers,
            )
        )
    return shown


async def _names_then(source: Read, structures: Mapping[UUID, Member], day: date) -> dict[UUID, str]:
    """Return what structures were called on a day, of those that were in the register then."""
    now = {one.id: one.name for one in structures.values()}
    if day >= source.today:
        return now
    register = register_on(day, list(structures))
    then = {row.id: row.name for row in await source.session.execute(select(register.c.id, register.c.name))}
    return {**now, **then}


def _acts(mandate: BoardMandate, today: date) -> dict[str, Callable[[], object]]:
    return {"end": partial(require_endable, mandate, today, today), "withdraw": partial(require_withdrawable, mandate)}


_LEFT = "{} n'est plus adhérente : mettez fin au mandat, puis faites élire qui lui succède."
