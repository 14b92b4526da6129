"""Reads of runs: what each collects, where it stands, and what it would collect."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from common.blockers import tried
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.sourced import Datum
from common.transaction import Read
from dues.collections import repository
from dues.collections.domain import (
    CollectionAct,
    CollectionLineState,
    CollectionNotFiled,
    CollectionState,
    LeftOut,
    Proposed,
    Run,
    require_banking_day,
    require_cancellable,
    require_file_in_time,
    require_in_time,
    require_settleable,
    require_state,
)
from dues.collections.queries.claims import collection_rules, due_claims, propose_on, setting_for
from dues.collections.schemas import (
    AfterReturnOut,
    CollectedCallOut,
    CollectionDetail,
    CollectionFilters,
    CollectionIn,
    CollectionListParams,
    CollectionOut,
    CollectionPreviewOut,
    CollectionRulesOut,
    CollectionStepOut,
    LeftOutOut,
    ProposedLineOut,
    RuleOut,
    StateSumOut,
)
from dues.collections.tables import LineRow, RunRow
from dues.legal_entities.domain import LegalEntity
from dues.mandates.domain import Scheme
from dues.rights import RIGHTS, Act

_RUN: Any = RunRow.__table__  # type: ignore[attr-defined]
_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _RUN.c[name] for name in ("collection_on", "reference")}, default="-collection_on", unique=_RUN.c.id
)
Sums = Mapping[CollectionLineState, tuple[int, Decimal]]


def shown_rules(read: Read) -> CollectionRulesOut:
    """Return the rules of a collection of today as the API shows them. Raises RuleMissing."""
    rules = rule_on(collection_rules(), read.today)
    after = rules.after_return
    return CollectionRulesOut(
        since=rules.since,
        notice_days=_rule(rules.notice_days),
        submission_days=_rule(rules.submission_days),
        first_sequence=_rule(rules.first_sequence),
        most_presentations=_rule(rules.most_presentations),
        after_return_status=after.status,
        after_return_source=after.source,
        after_return_note=after.note,
        after_return=[
            AfterReturnOut(
                action=action, action_label=action.label, suspends=one.suspends, other_mandate=one.other_mandate
            )
            for action, one in after.value.items()
        ],
    )


async def preview(read: Read, seller: LegalEntity, asked: CollectionIn) -> CollectionPreviewOut:
    """Return what a run would collect. Raises NotBankingDay, CreditorWithoutIcs, RuleMissing."""
    day = asked.collection_on
    require_banking_day(day)
    setting = setting_for(seller, asked.scheme, day)
    proposal = await propose_on(read, setting, day, await due_claims(read, day))
    return CollectionPreviewOut(
        collection_on=day,
        scheme=asked.scheme,
        last_notice_on=setting.rules.last_notice_on(day),
        last_file_on=setting.rules.last_file_on(day),
        count=len(proposal.lines),
        total=proposal.total,
        lines=[_proposed(line) for line in proposal.lines],
        left_out=[_left_out(one) for one in proposal.left_out],
    )


async def list_runs(read: Read, params: CollectionListParams) -> Page[CollectionOut]:
    """Return one page of runs."""
    query = select(RunRow).where(*_conditions(params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    sums = await _sums(read, [row.id for row in rows])
    items = [CollectionOut(**_fields(read, row, sums.get(row.id, {}))) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def find_run(read: Read, run_id: UUID) -> CollectionDetail:
    """Return one run, with all that was done with it. Raises CollectionNotFound."""
    row = await repository.get(read, run_id)
    sums = await _sums(read, [run_id])
    return CollectionDetail(
        **_fields(read, row, sums.get(run_id, {})),
        left_out=[LeftOutOut.model_validate(one) for one in row.left_out],
        steps=[
            CollectionStepOut(
                act=CollectionAct(step.act),
                act_label=CollectionAct(step.act).label,
                reason=step.reason,
                recorded_at=step.recorded_at,
                recorded_by=step.recorded_by,
            )
            for step in await repository.steps_of(read, run_id)
        ],
    )


async def filed(read: Read, run_id: UUID) -> RunRow:
    """Return a run whose file is made. Raises CollectionNotFound, CollectionNotFiled."""
    row = await repository.get(read, run_id)
    _require_filed(row)
    return row


async def _sums(read: Read, run_ids: Collection[UUID]) -> dict[UUID, dict[CollectionLineState, tuple[int, Decimal]]]:
    query = select(_LINE.c.run_id, _LINE.c.state, func.count(), func.sum(_LINE.c.amount))
    query = query.where(_LINE.c.run_id.in_(run_ids)).group_by(_LINE.c.run_id, _LINE.c.state)
    found: dict[UUID, dict[CollectionLineState, tuple[int, Decimal]]] = {}
    for run_id, state, count, total in await read.session.execute(query):
        found.setdefault(run_id, {})[CollectionLineState(state)] = (count, total)
    return found


def _conditions(filters: CollectionFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.state:
        conditions.append(_RUN.c.state.in_([state.value for state in filters.state]))
    if filters.scheme:
        conditions.append(_RUN.c.scheme.in_([scheme.value for scheme in filters.scheme]))
    if filters.collection_from:
        conditions.append(_RUN.c.collection_on >= filters.collection_from)
    if filters.collection_to:
        conditions.append(_RUN.c.collection_on <= filters.collection_to)
    return conditions


def _acts(read: Read, row: RunRow) -> Mapping[str, Callable[[], object]]:
    """Return the rule of each act that whoever asks may do to a run, if its state lets them."""
    if grant_for(RIGHTS, Act.RUN_COLLECTIONS, read.actor) is None:
        return {}
    run = repository.to_domain(row)
    return {
        "announce": partial(_require_announceable, read, run),
        "file": partial(_require_fileable, read, run, row),
        "settle": partial(require_settleable, run, read.today, read.today),
        "cancel": partial(require_cancellable, run),
        "download_file": partial(_require_filed, row),
    }


def _require_announceable(read: Read, run: Run) -> None:
    require_state(run, CollectionState.PREPARED)
    require_in_time(run.last_notice_on, read.today)


def _require_fileable(read: Read, run: Run, row: RunRow) -> None:
    require_state(run, CollectionState.ANNOUNCED)
    require_file_in_time(row.last_file_on, read.today)


def _require_filed(row: RunRow) -> None:
    if row.file_sha256 is None:
        raise CollectionNotFiled(f"Le fichier de la remise {row.reference} n'est pas encore produit.")


def _fields(read: Read, row: RunRow, sums: Sums) -> dict[str, Any]:
    state, scheme = CollectionState(row.state), Scheme(row.scheme)
    actions, blockers = tried(_acts(read, row))
    kept = [one for state_, one in sums.items() if state_ is not CollectionLineState.WITHDRAWN]
    return {
        "id": row.id,
        "reference": row.reference,
        "collection_on": row.collection_on,
        "scheme": scheme,
        "scheme_label": scheme.label,
        "state": state,
        "state_label": state.label,
        "last_notice_on": row.last_notice_on,
        "last_file_on": row.last_file_on,
        "count": sum(count for count, _ in kept),
        "total": sum((total for _, total in kept), Decimal("0.00")),
        "by_state": [
            StateSumOut(state=one, state_label=one.label, count=sums[one][0], total=sums[one][1])
            for one in CollectionLineState
            if one in sums
        ],
        "left_out_count": len(row.left_out),
        "filed_on": row.filed_on,
        "settled_on": row.settled_on,
        "job_id": row.job_id,
        "version": row.version,
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _proposed(line: Proposed) -> ProposedLineOut:
    claim = line.claim
    return ProposedLineOut(
        member_id=claim.member_id,
        name=claim.member_name,
        delegation=claim.delegation,
        calls=[CollectedCallOut.model_validate(call) for call in claim.calls],
        amount=claim.amount,
        rum=line.mandate.rum,
        sequence=line.sequence,
        sequence_label=line.sequence.label,
    )


def _left_out(one: LeftOut) -> LeftOutOut:
    claim = one.claim
    return LeftOutOut(
        member_id=claim.member_id,
        name=claim.member_name,
        delegation=claim.delegation,
        calls=[call.number for call in claim.calls],
        amount=claim.amount,
        code=one.blocker.code,
        message=one.blocker.message,
    )


def _rule(datum: Datum[Any]) -> RuleOut:
    return RuleOut(value=str(datum.value), status=datum.status, source=datum.source, note=datum.note)
