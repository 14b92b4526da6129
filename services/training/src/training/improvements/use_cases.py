"""What the quality manager does: record a watch item, follow a risk, plan an action and see it through.

What an action comes from is held before the action is: a risk is not closed, nor a watch item set aside, meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import partial

from common.etags import check_version
from common.identifiers import new_id
from common.numbering import Series, take_numbers
from common.transaction import Tx
from training.improvements import repository
from training.improvements.domain import actions, risks, watch
from training.improvements.domain.actions import Action, ActionStatus, ActionStep, Cause, CauseKind, Plan
from training.improvements.domain.refusals import (
    ActionNotFound,
    CauseSettled,
    CauseUnknown,
    RiskNotFound,
    WatchItemNotFound,
)
from training.improvements.domain.risks import Risk, RiskStatus, RiskStep
from training.improvements.domain.watch import WatchItem
from training.improvements.queries.actions import find_action
from training.improvements.queries.risks import find_risk
from training.improvements.queries.watch import find_watch_item
from training.improvements.schemas import ActionIn, RescheduleIn, RiskIn, RiskReviewIn, WatchItemIn
from training.improvements.tables import ActionRow, RiskRow
from training.referential.domain import require_indicators
from training.referential.queries import version_on

_ENTITY = "formation"
_JOURNALS = {False: "ACT", True: "ASR"}
"""A series apart for what comes of reports: a hole in the other would tell that there is one."""


async def record_watch_item(tx: Tx, given: WatchItemIn) -> str:
    """Record what a source said; return its reference."""
    [reference] = await take_numbers(tx, Series(_ENTITY, "VEI", tx.today.year), 1)
    await repository.add_watch_item(tx, WatchItem(id=new_id(), reference=reference, **given.model_dump()))
    return reference


async def set_aside(tx: Tx, reference: str, if_match: str | None, reason: str) -> None:
    """Decide that nothing is to be done of a watch item. Raises WatchItemNotFound, WatchItemExploited."""
    row = await repository.get_watch_item(tx, reference, for_update=True)
    await check_version(if_match, row.version, partial(find_watch_item, tx, reference))
    await repository.save_watch_item(tx, row, watch.set_aside(repository.watch_item_of(row), reason, tx.today))


async def open_risk(tx: Tx, given: RiskIn) -> str:
    """Begin to follow a risk; return its reference. Raises ReviewInPast."""
    risks.require_later(given.next_review_on, tx.today)
    [reference] = await take_numbers(tx, Series(_ENTITY, "RIS", tx.today.year), 1)
    risk = Risk(id=new_id(), reference=reference, reviewed_on=tx.today, **given.model_dump())
    await repository.add_risk(tx, risk)
    return reference


async def review_risk(tx: Tx, reference: str, if_match: str | None, given: RiskReviewIn) -> None:
    """Look at a risk again. Raises RiskNotFound, RiskClosed, ReviewInPast."""
    row, risk = await _held_risk(tx, reference, if_match)
    seen = risks.review(risk, given.likelihood, given.severity, given.next_review_on, tx.today)
    await repository.save_risk(tx, row, seen, RiskStep.REVIEWED, given.note)


async def close_risk(tx: Tx, reference: str, if_match: str | None, reason: str) -> None:
    """Follow a risk no more. Raises RiskNotFound, RiskClosed."""
    row, risk = await _held_risk(tx, reference, if_match)
    await repository.save_risk(tx, row, risks.close(risk), RiskStep.CLOSED, reason)


async def plan_action(tx: Tx, given: ActionIn) -> str:
    """Plan an action about risks, watch items, audit findings or actions without effect; return its reference.

    Raises CauseUnknown, CauseSettled, CauseApart, IndicatorUnknown, DueInPast, RuleMissing.
    """
    causes = sorted({Cause(kind=one.kind, reference=one.reference) for one in given.causes}, key=astuple)
    restricted = actions.kept_apart([await _taken_up(tx, cause) for cause in causes])
    indicators = tuple(sorted(set(given.indicators)))
    plan = Plan(title=given.title, indicators=indicators, owner=given.owner, due_on=given.due_on)
    return await _planned(tx, plan, causes, restricted=restricted)


async def plan_for_complaint(tx: Tx, plan: Plan, cause: Cause) -> str:
    """Plan an action about a complaint that the caller holds; return its reference.

    Raises IndicatorUnknown, DueInPast, RuleMissing.
    """
    return await _planned(tx, plan, [cause], restricted=actions.is_restricted(cause))


async def link_complaint(tx: Tx, reference: str, cause: Cause) -> None:
    """Have an action answer a complaint that the caller holds, too. Raises ActionNotFound, CauseApart."""
    row, action = await _found_action(tx, reference)
    note = f"{cause.kind.label} {cause.reference}"
    await repository.save_action(tx, row, actions.link(action, cause), ActionStep.LINK, note)


async def start_action(tx: Tx, reference: str, if_match: str | None, note: str | None) -> None:
    """Begin an action. Raises ActionNotFound, ActionNotPlanned."""
    await _move(tx, reference, if_match, actions.start, ActionStep.START, note)


async def finish_action(tx: Tx, reference: str, if_match: str | None, note: str | None) -> None:
    """Say that an action is done. Raises ActionNotFound, ActionNotInProgress."""
    await _move(tx, reference, if_match, actions.finish, ActionStep.FINISH, note)


async def verify_action(tx: Tx, reference: str, if_match: str | None, note: str, *, effective: bool) -> None:
    """Say whether an action had its effect, and how that is known. Raises ActionNotFound, ActionNotDone."""
    step = ActionStep.FIND_EFFECTIVE if effective else ActionStep.FIND_INEFFECTIVE
    await _move(tx, reference, if_match, partial(actions.verify, effective=effective), step, note)


async def abandon_action(tx: Tx, reference: str, if_match: str | None, reason: str) -> None:
    """Give an action up, and say why. Raises ActionNotFound, ActionEnded."""
    await _move(tx, reference, if_match, actions.abandon, ActionStep.ABANDON, reason)


async def reschedule_action(tx: Tx, reference: str, if_match: str | None, given: RescheduleIn) -> None:
    """Have an action done on another day, and say why. Raises ActionNotFound, ActionEnded, DueInPast."""
    put_off = partial(actions.reschedule, due_on=given.due_on, today=tx.today)
    await _move(tx, reference, if_match, put_off, ActionStep.RESCHEDULE, given.reason)


async def _planned(tx: Tx, plan: Plan, causes: Sequence[Cause], *, restricted: bool) -> str:
    actions.require_due(plan.due_on, tx.today)
    require_indicators(version_on(tx.today), plan.indicators)
    [reference] = await take_numbers(tx, Series(_ENTITY, _JOURNALS[restricted], tx.today.year), 1)
    action = Action(
        id=new_id(),
        reference=reference,
        plan=plan,
        causes=tuple(causes),
        restricted=restricted,
        planned_on=tx.today,
    )
    await repository.add_action(tx, action)
    return reference


async def _taken_up(tx: Tx, cause: Cause) -> bool:
    """Let an action come of a cause; tell whether it is to be kept apart. Raises CauseUnknown, CauseSettled."""
    try:
        if cause.kind is CauseKind.WATCH:
            row = await repository.get_watch_item(tx, cause.reference, for_update=True)
            await repository.save_watch_item(tx, row, watch.act_on(repository.watch_item_of(row), tx.today))
        elif cause.kind is CauseKind.RISK:
            risk = repository.risk_of(await repository.get_risk(tx, cause.reference, for_update=True))
            _require_followed(risk)
        elif cause.kind is CauseKind.ACTION:
            _, before = await _found_action(tx, cause.reference)
            _require_ineffective(before)
            return before.restricted
    except (WatchItemNotFound, RiskNotFound, ActionNotFound) as missing:
        raise CauseUnknown(f"« {cause.reference} » n'est pas au registre : {cause.kind.label}.") from missing
    if cause.kind in (CauseKind.COMPLAINT, CauseKind.REPORT):
        raise CauseUnknown("Une action née d'une réclamation se prévoit depuis la réclamation.")
    return False


def _require_followed(risk: Risk) -> None:
    if risk.status is not RiskStatus.OPEN:
        raise CauseSettled(f"Le risque {risk.reference} est clos.")


def _require_ineffective(before: Action) -> None:
    if before.status is not ActionStatus.INEFFECTIVE:
        raise CauseSettled(f"L'action {before.reference} est {before.status.label} : rien n'est à reprendre.")


async def _held_risk(tx: Tx, reference: str, if_match: str | None) -> tuple[RiskRow, Risk]:
    row = await repository.get_risk(tx, reference, for_update=True)
    await check_version(if_match, row.version, partial(find_risk, tx, reference))
    return row, repository.risk_of(row)


async def _found_action(tx: Tx, reference: str) -> tuple[ActionRow, Action]:
    row = await repository.get_action(tx, reference, for_update=True)
    return row, repository.action_of(row, (await repository.causes_of(tx, [row.id]))[row.id])


async def _move(
    tx: Tx,
    reference: str,
    if_match: str | None,
    move: Callable[[Action], Action],
    step: ActionStep,
    note: str | None,
) -> None:
    row, action = await _found_action(tx, reference)
    await check_version(if_match, row.version, partial(find_action, tx, reference))
    await repository.save_action(tx, row, move(action), step, note)
