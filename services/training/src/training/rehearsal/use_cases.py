"""Rehearse an audit: examine a session, keep what is found, explain it."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.jobs import ReceiptLine
from common.transaction import Tx
from training.attendance.use_cases.ledger import hold_ledger
from training.rehearsal import domain, repository
from training.rehearsal.domain import Finding, FindingState
from training.rehearsal.queries import case_of, find_finding, thresholds
from training.rehearsal.schemas import RehearsalOut
from training.sessions.queries.outline import begun_between
from training.sessions.queries.sessions import session_of


async def rehearse(tx: Tx, session_id: UUID) -> RehearsalOut:
    """Examine a session; what was found before is found once. Raises SessionNotFound, TrainerNotFound, RuleMissing."""
    session = await session_of(tx, session_id)
    await hold_ledger(tx, session_id)
    case = await case_of(tx, session)
    found = {(one.code, one.key): one for one in domain.rehearse(case)}
    before = {(one.found.code, one.found.key): one for one in await repository.of_session(tx, session_id)}
    states: Counter[FindingState] = Counter()
    for key, finding in before.items():
        settled = domain.settle(finding, is_found=key in found, now=tx.now)
        if settled != finding:
            await repository.save(tx, settled)
        states[settled.state] += 1
    new = [one for key, one in found.items() if key not in before]
    for one in new:
        await repository.add(tx, Finding(id=new_id(), session_id=session_id, found=one, found_at=tx.now))
    return RehearsalOut(
        session_id=session_id,
        new=len(new),
        open=states[FindingState.OPEN] + len(new),
        explained=states[FindingState.EXPLAINED],
        corrected=states[FindingState.CORRECTED],
        rule_status=case.rule.status,
        rule_source=case.rule.source,
    )


async def rehearse_slice(tx: Tx, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Examine the next sessions that began in the last months, in the order of their ids.

    Raises SessionNotFound, TrainerNotFound, RuleMissing.
    """
    first = tx.today - timedelta(days=thresholds(tx).examined_days)
    sessions = await begun_between(tx, first, tx.today, after, limit)
    lines = []
    for row, session_id in enumerate(sessions):
        shown = await rehearse(tx, session_id)
        outcome = "found" if shown.new else "same"
        lines.append(ReceiptLine(row=row, outcome=outcome, subject_id=session_id))
    return lines


async def explain(tx: Tx, finding_id: UUID, if_match: str | None, text: str) -> None:
    """Say why it is so. Raises FindingNotFound, PreconditionMissing, PreconditionFailed, FindingSettled."""
    finding = await repository.hold(tx, finding_id)
    await check_version(if_match, finding.version, partial(find_finding, tx, finding_id))
    await repository.save(tx, domain.explain(finding, text, tx.now, tx.actor.subject))
