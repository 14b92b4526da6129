"""Loads papers, adds them, writes where each stands; the only writer of their tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select, update
from sqlmodel import col

from common.transaction import Read, Tx
from training.papers.domain import (
    Paper,
    PaperKind,
    PaperStatus,
    SentHow,
    SignedCopy,
    SignedCopyMissing,
    Subject,
    Term,
    Terms,
)
from training.papers.tables import PaperRow, PaperStateRow, SignedCopyRow

_PAPER_WHOLE: Any = PaperRow
_STATE_WHOLE: Any = PaperStateRow
_FROZEN = ("id", "number", "session_id", "sha256", "replaces", "issued_at", "issued_by")
_STATE = ("sent_at", "voided_at", "void_reason", "replaced_by", "version")


def with_state() -> Select[Any]:
    """Select papers, each with where it stands."""
    query: Select[Any] = select(_PAPER_WHOLE, _STATE_WHOLE)
    return query.join(PaperStateRow, col(PaperStateRow.paper_id) == col(PaperRow.id))


def to_domain(row: PaperRow, state: PaperStateRow) -> Paper:
    """Read a paper as the rules know it."""
    return Paper(
        **{name: getattr(row, name) for name in _FROZEN},
        **{name: getattr(state, name) for name in _STATE},
        subject=Subject(PaperKind(row.kind), row.about, row.member_id),
        terms=read_terms(row.terms),
        status=PaperStatus(state.status),
        sent_how=SentHow(state.sent_how) if state.sent_how else None,
    )


def read_terms(kept: Mapping[str, Sequence[str]]) -> Terms:
    """Read what a paper says, in the order in which it is printed."""
    said = {Term(name): tuple(lines) for name, lines in kept.items()}
    return {term: said[term] for term in Term if term in said}


async def hold(tx: Tx, paper_id: UUID) -> Paper:
    """Load a paper that was reached, and hold it until the end of the transaction."""
    query = with_state().where(col(PaperRow.id) == paper_id).with_for_update(of=PaperStateRow)
    return to_domain(*(await tx.session.execute(query.execution_options(populate_existing=True))).one())


async def live(read: Read, session_id: UUID) -> list[Paper]:
    """Return the papers of a session that are worth something, by number."""
    return await _found(read, _live(session_id))


async def hold_live(tx: Tx, session_id: UUID) -> list[Paper]:
    """Return the same, held until the end of the transaction: none is signed meanwhile."""
    return await _found(tx, _live(session_id).with_for_update(of=PaperStateRow))


async def add(tx: Tx, papers: Collection[Paper]) -> None:
    """Keep what papers say for ever."""
    rows = [
        {
            **{name: getattr(paper, name) for name in _FROZEN},
            "kind": paper.subject.kind.value,
            "about": paper.subject.about,
            "member_id": paper.subject.member_id,
            "terms": {term.value: list(lines) for term, lines in paper.terms.items()},
        }
        for paper in papers
    ]
    if rows:
        await tx.session.execute(insert(PaperRow), rows)


async def open_states(tx: Tx, papers: Collection[Paper]) -> None:
    """Have papers that were added be worth something, once those that they replace are not any more."""
    rows = [
        {
            **_state(tx, paper),
            "paper_id": paper.id,
            "kind": paper.subject.kind.value,
            "about": paper.subject.about,
            "mail_id": None,
        }
        for paper in papers
    ]
    if rows:
        await tx.session.execute(insert(PaperStateRow), rows)


async def save(tx: Tx, paper: Paper, mail_id: UUID | None = None) -> None:
    """Write where a paper stands, and by which mail it went if it did just now."""
    values = {**_state(tx, paper), **({"mail_id": mail_id} if mail_id else {})}
    await tx.session.execute(update(PaperStateRow).where(col(PaperStateRow.paper_id) == paper.id).values(**values))


async def add_copy(tx: Tx, copy: SignedCopy) -> None:
    """Keep the signed copy of a paper that is held."""
    await tx.session.execute(insert(SignedCopyRow).values(**asdict(copy)))


async def find_copy(read: Read, paper_id: UUID) -> SignedCopy | None:
    """Return the signed copy of a paper."""
    query = select(SignedCopyRow).where(col(SignedCopyRow.paper_id) == paper_id)
    row = (await read.session.execute(query)).scalar_one_or_none()
    names = SignedCopy.__dataclass_fields__
    return None if row is None else SignedCopy(**{name: getattr(row, name) for name in names})


async def get_copy(read: Read, paper_id: UUID) -> SignedCopy:
    """Return the signed copy of a paper. Raises SignedCopyMissing."""
    found = await find_copy(read, paper_id)
    if found is None:
        raise SignedCopyMissing("Personne n'a envoyé d'exemplaire signé de ce papier.")
    return found


def _live(session_id: UUID) -> Select[Any]:
    query = with_state().where(col(PaperRow.session_id) == session_id)
    return query.where(col(PaperStateRow.status) != PaperStatus.VOIDED.value).order_by(col(PaperRow.number))


async def _found(read: Read, query: Select[Any]) -> list[Paper]:
    rows = await read.session.execute(query.execution_options(populate_existing=True))
    return [to_domain(*row) for row in rows]


def _state(tx: Tx, paper: Paper) -> dict[str, Any]:
    return {
        **{name: getattr(paper, name) for name in _STATE},
        "status": paper.status.value,
        "sent_how": paper.sent_how.value if paper.sent_how else None,
        "changed_at": tx.now,
        "changed_by": tx.actor.subject,
    }
