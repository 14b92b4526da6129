"""Loads and saves the evaluations and what was answered; the only writer of their tables."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from common.identifiers import new_id
from common.secret_addresses import digest
from common.transaction import Read, Tx
from training.enrolments.queries.held import held_seats
from training.evaluations.domain import (
    AskingRule,
    Closed,
    Evaluation,
    EvaluationKind,
    EvaluationLinkNotFound,
    EvaluationStatus,
    Said,
    blocks,
    cold_until,
)
from training.evaluations.tables import (
    CommentRow,
    EvaluationLinkRow,
    EvaluationRow,
    PositioningRow,
    RoundRow,
    TallyRow,
)

EVALUATION: Any = EvaluationRow.__table__  # type: ignore[attr-defined]
ROUND: Any = RoundRow.__table__  # type: ignore[attr-defined]
TALLY: Any = TallyRow.__table__  # type: ignore[attr-defined]
_LINK: Any = EvaluationLinkRow.__table__  # type: ignore[attr-defined]
_OPEN = EVALUATION.c.status == EvaluationStatus.OPEN.value


def to_domain(row: EvaluationRow) -> Evaluation:
    """Read a row as the rules know an evaluation."""
    return Evaluation(**{**row.model_dump(), "kind": EvaluationKind(row.kind), "status": EvaluationStatus(row.status)})


async def unpositioned(read: Read, limit: int) -> Sequence[Any]:
    """Return the next seats of sessions to come whose person was not asked where they stand."""
    seat = held_seats().subquery()
    asked = exists().where(
        EVALUATION.c.enrolment_id == seat.c.enrolment_id,
        EVALUATION.c.trainee_id == seat.c.trainee_id,
        EVALUATION.c.kind == EvaluationKind.POSITIONING.value,
    )
    query = select(seat).where(seat.c.first_day > read.today, ~asked).order_by(seat.c.enrolment_id).limit(limit)
    return (await read.session.execute(query)).all()


async def unasked(read: Read, kind: EvaluationKind, rule: AskingRule, limit: int) -> list[UUID]:
    """Return the next sessions with people whose hot, or cold, evaluation is due and was not sent."""
    seat = held_seats().subquery()
    last = read.today if kind is EvaluationKind.HOT else cold_until(rule, read.today)
    query = select(seat.c.session_id).distinct()
    query = query.where(
        seat.c.ends_at <= read.now,
        seat.c.last_day.between(last - timedelta(rule.late_days), last),
        ~exists().where(ROUND.c.session_id == seat.c.session_id, ROUND.c.kind == kind.value),
    )
    return list((await read.session.execute(query.order_by(seat.c.session_id).limit(limit))).scalars())


async def seats_of(read: Read, session_id: UUID) -> Sequence[Any]:
    """Return the seats that people have in a session."""
    seat = held_seats().subquery()
    query = select(seat).where(seat.c.session_id == session_id).order_by(seat.c.enrolment_id)
    return (await read.session.execute(query)).all()


async def open_round(tx: Tx, values: dict[str, Any]) -> UUID | None:
    """Insert the round of a session; return its id, or None where there is one already."""
    statement = insert(RoundRow).values(id=new_id(), closed_on=None, answers=0, block_id=None, **values)
    statement = statement.on_conflict_do_nothing(index_elements=["session_id", "kind"])
    opened: UUID | None = (await tx.session.execute(statement.returning(ROUND.c.id))).scalar_one_or_none()
    return opened


async def add(tx: Tx, evaluations: Sequence[Evaluation]) -> set[UUID]:
    """Insert evaluations; return the ids of those that were not there yet."""
    statement = insert(EvaluationRow).on_conflict_do_nothing(index_elements=["enrolment_id", "trainee_id", "kind"])
    rows = [_values(one) for one in evaluations]
    return set((await tx.session.execute(statement.values(rows).returning(EVALUATION.c.id))).scalars())


async def save(tx: Tx, evaluation: Evaluation) -> None:
    """Write an evaluation that is held."""
    statement = update(EvaluationRow).where(EVALUATION.c.id == evaluation.id)
    await tx.session.execute(statement.values(**_values(evaluation)))


async def add_link(tx: Tx, evaluation_id: UUID, secret: str) -> None:
    """Keep the digest of a link's key."""
    await tx.session.execute(insert(EvaluationLinkRow).values(key_digest=digest(secret), evaluation_id=evaluation_id))


async def by_key(read: Read, key: str) -> Evaluation:
    """Load the evaluation that a key opens. Raises EvaluationLinkNotFound."""
    query = select(EvaluationRow).join(_LINK, _LINK.c.evaluation_id == EVALUATION.c.id)
    row = (await read.session.execute(query.where(_LINK.c.key_digest == digest(key)))).scalar_one_or_none()
    if row is None:
        raise EvaluationLinkNotFound("Ce lien n'ouvre rien, ou plus rien.")
    return to_domain(row)


async def hold(tx: Tx, known: Evaluation) -> Evaluation:
    """Have an evaluation to oneself until the end of the transaction, its round first: so does what closes them."""
    if known.round_id is not None:
        await _hold_rounds(tx, select(ROUND).where(ROUND.c.id == known.round_id))
    query = select(EvaluationRow).where(EVALUATION.c.id == known.id).with_for_update()
    return to_domain((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def count(tx: Tx, round_id: UUID, said: Said) -> None:
    """Add what somebody answered to what their session answered. The round is held."""
    if said.marks:
        rows = [
            {"round_id": round_id, "question": code, "mark": mark, "count": 1}
            for code, mark in sorted(said.marks.items())
        ]
        statement = insert(TallyRow).values(rows)
        added = {"count": TALLY.c.count + 1}
        await tx.session.execute(
            statement.on_conflict_do_update(index_elements=["round_id", "question", "mark"], set_=added)
        )
    for code, text in said.texts.items():
        # An id that is drawn at random: ours grow with time, and would tell who wrote next.
        await tx.session.execute(insert(CommentRow).values(id=uuid4(), round_id=round_id, question=code, text=text))
    await tx.session.execute(update(RoundRow).where(ROUND.c.id == round_id).values(answers=ROUND.c.answers + 1))


async def keep_positioning(tx: Tx, evaluation_id: UUID, said: Said) -> None:
    """Keep what somebody answered with their name."""
    values = {"evaluation_id": evaluation_id, "marks": dict(said.marks), "texts": dict(said.texts)}
    await tx.session.execute(insert(PositioningRow).values(**values))


async def positioning_of(read: Read, evaluation_id: UUID) -> Said | None:
    """Return what somebody answered with their name, if they did."""
    row = await read.session.get(PositioningRow, evaluation_id)
    return Said(row.marks, row.texts) if row else None


async def to_chase(tx: Tx, limit: int) -> list[Evaluation]:
    """Hold the next evaluations to recall today."""
    query = select(EvaluationRow).where(_OPEN, EVALUATION.c.next_on <= tx.today, EVALUATION.c.closes_on >= tx.today)
    query = query.order_by(EVALUATION.c.next_on, EVALUATION.c.id).limit(limit)
    rows = await tx.session.execute(query.with_for_update().execution_options(populate_existing=True))
    return [to_domain(row) for row in rows.scalars()]


async def retire(tx: Tx, limit: int) -> int:
    """Ask no more of the next people who have not their seat any more; return how many."""
    seat = held_seats().subquery()
    still = exists().where(
        seat.c.enrolment_id == EVALUATION.c.enrolment_id, seat.c.trainee_id == EVALUATION.c.trainee_id
    )
    query = select(EVALUATION.c.id, EVALUATION.c.round_id).where(_OPEN, ~still).order_by(EVALUATION.c.id).limit(limit)
    found = (await tx.session.execute(query)).all()
    await _hold_rounds(tx, select(ROUND).where(ROUND.c.id.in_({row.round_id for row in found if row.round_id})))
    closed = _closed().where(EVALUATION.c.id.in_([row.id for row in found])).returning(EVALUATION.c.round_id)
    gone: dict[UUID, int] = defaultdict(int)
    for round_id in (await tx.session.execute(closed)).scalars():
        if round_id is not None:
            gone[round_id] += 1
    for round_id, people in gone.items():
        statement = update(RoundRow).where(ROUND.c.id == round_id)
        await tx.session.execute(statement.values(asked=ROUND.c.asked - people))
    return len(found)


async def close_positioning(tx: Tx) -> None:
    """Ask no more where somebody stands, once their session has begun."""
    due = (EVALUATION.c.kind == EvaluationKind.POSITIONING.value, EVALUATION.c.closes_on < tx.today)
    await tx.session.execute(_closed().where(*due))


async def close_rounds(tx: Tx, minimum: int, limit: int) -> int:
    """Close the next rounds that nobody can answer any more, and say what is shown from now on; return how many."""
    waited = exists().where(EVALUATION.c.round_id == ROUND.c.id, _OPEN)
    over = select(ROUND).where(ROUND.c.closed_on.is_(None), or_(ROUND.c.closes_on < tx.today, ~waited))
    found = await _hold_rounds(tx, over.limit(limit))
    ids = [row.id for row in found]
    await tx.session.execute(_closed().where(EVALUATION.c.round_id.in_(ids)))
    await tx.session.execute(update(RoundRow).where(ROUND.c.id.in_(ids)).values(closed_on=tx.today))
    for group in sorted({(row.programme_code, row.year, row.kind, row.questionnaire) for row in found}):
        await _show(tx, group, minimum)
    return len(found)


async def _show(tx: Tx, group: tuple[str, int, str, date], minimum: int) -> None:
    columns = (ROUND.c.programme_code, ROUND.c.year, ROUND.c.kind, ROUND.c.questionnaire)
    same = [column == value for column, value in zip(columns, group, strict=True)]
    waiting = select(ROUND).where(*same, ROUND.c.closed_on.is_not(None), ROUND.c.block_id.is_(None))
    held = sorted(await _hold_rounds(tx, waiting), key=lambda row: (row.closed_on, row.id))
    for block in blocks([Closed(row.id, row.answers) for row in held], minimum):
        await tx.session.execute(update(RoundRow).where(ROUND.c.id.in_(block)).values(block_id=new_id()))


async def _hold_rounds(tx: Tx, query: Select[Any]) -> Sequence[Any]:
    found: Sequence[Any] = (await tx.session.execute(query.order_by(ROUND.c.id).with_for_update())).all()
    return found


def _closed() -> Any:
    values = {"status": EvaluationStatus.CLOSED.value, "next_on": None, "version": EVALUATION.c.version + 1}
    return update(EvaluationRow).where(_OPEN).values(**values)


def _values(evaluation: Evaluation) -> dict[str, Any]:
    return {**asdict(evaluation), "kind": evaluation.kind.value, "status": evaluation.status.value}
