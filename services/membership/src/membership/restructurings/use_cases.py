"""Carrying a restructuring out, and undoing it. Asked for with ``dry_run``, it shows what it would carry."""

from uuid import UUID

from common.dated import rule_on
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.applications.use_cases import receive_candidates
from membership.members import use_cases as members
from membership.members.domain import (
    Departure,
    DepartureCause,
    Member,
    SirenTaken,
    Subject,
    Topic,
    on_day,
    require_member,
    siren_of,
)
from membership.members.queries import bearer_of, entries_of, find
from membership.members.use_cases import Why, candidate
from membership.restructurings import domain, queries, repository
from membership.restructurings.domain import (
    NothingChanges,
    Restructuring,
    RestructuringKind,
    entered_by,
    require_distinct,
    require_nothing_later,
    require_shown,
    taking_over,
    without,
)
from membership.restructurings.schemas import AbsorptionIn, RestructuringIn, SiretChangeIn, SplitIn


async def carry_out(tx: Tx, grant: Grant, asked: RestructuringIn) -> UUID:
    """Carry an act out from its day on; return its id.

    Raises MemberNotFound, StructureChanged, AbsorbedByItself, AlreadyEnteredLater, NothingChanges, NotAMember,
    ActivityNotHeld, LastActivity, StatusContradicted, NotInRegisterThen, SirenTaken, RuleMissing.
    """
    match asked:
        case SiretChangeIn():
            act = await _change_siret(tx, grant, asked)
        case AbsorptionIn():
            act = await _absorb(tx, grant, asked)
        case SplitIn():
            act = await _split(tx, grant, asked)
    repository.add(tx, act)
    return act.id


async def undo(tx: Tx, grant: Grant, restructuring_id: UUID, reason: str) -> None:
    """Undo an act as a whole; a structure that came out of a split stays a candidate.

    Raises RestructuringNotFound, MemberNotFound, UndoneAlready, TooLateToUndo, BuiltUpon, StatusContradicted,
    LastActivity, SirenTaken.
    """
    row = await repository.hold(tx, restructuring_id)
    act = repository.to_domain(row)
    held = await _hold(tx, grant, *act.involved)
    known = await queries.known_of(tx, act)
    obstacle = await queries.undo_obstacle(tx, act, known, held)
    if obstacle is not None:
        raise obstacle
    for member_id in act.changed:
        await members.withdraw(tx, held[member_id], entered_by(act, known, member_id), reason)
    repository.save_undone(tx, row, reason)


async def _change_siret(tx: Tx, grant: Grant, asked: SiretChangeIn) -> Restructuring:
    member = (await _hold(tx, grant, asked.member_id))[asked.member_id]
    require_shown(member, asked.version)
    act = _act(tx, asked, None)
    siren = siren_of(asked.siret)
    bearer = await bearer_of(tx, siren)  # also for a day to come, when it would be too late to say so
    if bearer is not None and bearer.id != member.id:
        raise SirenTaken(f"{bearer.name} ({bearer.reference}) porte déjà le SIREN {siren}.")
    known = (await entries_of(tx, [member.id]))[member.id]
    require_nothing_later(member, known, Subject(Topic.IDENTIFIERS), act.effective_on)
    moved = {"street": asked.street, "postcode": asked.postcode, "city": asked.city} if asked.postcode else {}
    fields = {"siren": siren, "siret": asked.siret, **moved}
    changed = await members.change_member(tx, member, fields, act.effective_on, Why(asked.reason, act.origin))
    if changed == member:
        raise NothingChanges("Cette opération ne changerait rien : le registre le dit déjà.")
    return act


async def _absorb(tx: Tx, grant: Grant, asked: AbsorptionIn) -> Restructuring:
    require_distinct(asked.member_id, asked.into_id)
    held = await _hold(tx, grant, asked.member_id, asked.into_id)
    absorbed, absorbing = held[asked.member_id], held[asked.into_id]
    require_shown(absorbed, asked.version)
    require_shown(absorbing, asked.into_version)
    require_member(absorbing)
    act = _act(tx, asked, absorbing.id)
    why = Why(asked.reason, act.origin)
    gone = on_day(absorbed, (await entries_of(tx, [absorbed.id]))[absorbed.id], act.effective_on)
    await members.apply(tx, absorbing, lambda then: taking_over(then, gone), act.effective_on, why)
    await members.depart(tx, absorbed, Departure(act.effective_on, DepartureCause.ABSORBED, absorbing.id), why)
    return act


async def _split(tx: Tx, grant: Grant, asked: SplitIn) -> Restructuring:
    member = await find(tx, grant, asked.member_id)
    known = (await entries_of(tx, [member.id]))[member.id]
    then = on_day(member, known, asked.effective_on or tx.today)
    fields = asked.model_dump(include={"name", "siret", "siren", "department", "street", "postcode", "city"})
    kinds = tuple(dict.fromkeys(asked.activities))
    born = candidate(**fields, activities=kinds, conventions=then.conventions, category=member.category)
    act = _act(tx, asked, born.id)
    # Before the structure is held: a series of references is always taken first, as an import does.
    await receive_candidates(tx, [born], act.origin)
    held = (await _hold(tx, grant, asked.member_id))[asked.member_id]
    require_shown(held, asked.version)
    await members.apply(tx, held, lambda then: without(then, kinds), act.effective_on, Why(asked.reason, act.origin))
    return act


async def _hold(tx: Tx, grant: Grant, *member_ids: UUID) -> dict[UUID, Member]:
    """Hold structures within reach, in the one order. Raises MemberNotFound."""
    return {member_id: await members.hold_within(tx, grant, member_id) for member_id in sorted(member_ids)}


def _act(tx: Tx, asked: RestructuringIn, other_id: UUID | None) -> Restructuring:
    effective_on = asked.effective_on or tx.today
    return Restructuring(
        id=new_id(),
        kind=RestructuringKind(asked.kind),
        member_id=asked.member_id,
        other_id=other_id,
        effective_on=effective_on,
        reason=asked.reason,
        done_at=tx.now,
        undoable_until=domain.undoable_until(tx.today, effective_on, rule_on(queries.undo_rules(), tx.today)),
    )
