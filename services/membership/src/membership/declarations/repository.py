"""Loads and saves campaigns, declarations and exemptions; the only writer of their tables."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Uuid, and_, any_, delete, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import col

from common.identifiers import new_id
from common.pagination import Order, PageParams, paginate
from common.transaction import Read, Tx
from membership.declarations.domain import (
    Answers,
    Campaign,
    CampaignExists,
    CampaignNotFound,
    Comments,
    Declaration,
    Draft,
    Exemption,
    Explained,
    Extension,
    Place,
    Revision,
    activities_answered,
    require_exempt,
    require_not_exempt,
)
from membership.declarations.tables import CampaignRow, DeclarationRow, ExemptionRow, FiguresRow, RevisionRow
from membership.members.domain import ActivityKind

_YEAR: Any = CampaignRow.__table__.c.year  # type: ignore[attr-defined]
_LATEST_FIRST = Order(columns={"year": _YEAR}, default="-year", unique=_YEAR)
_EXTENSIONS = TypeAdapter(list[Extension])
_EXPLAINED = TypeAdapter(list[Explained])
_Figures = list[list[str | None]]


async def campaign_of(source: Read, year: int) -> Campaign:
    """Load the campaign of a year of accounts. Raises CampaignNotFound."""
    return _found(await source.session.get(CampaignRow, year, populate_existing=True), year)


async def hold_campaign(tx: Tx, year: int, *, shared: bool = False) -> Campaign:
    """Load the campaign of a year, and hold it until the end of the transaction. Raises CampaignNotFound.

    ``shared``: others may hold it so at the same time, and nobody changes it meanwhile.
    """
    lock = {"read": shared}
    return _found(await tx.session.get(CampaignRow, year, with_for_update=lock, populate_existing=True), year)


async def campaigns(source: Read) -> list[Campaign]:
    """Return every campaign, latest year first."""
    query = select(CampaignRow).order_by(col(CampaignRow.year).desc())
    return [_campaign(row) for row in (await source.session.execute(query)).scalars()]


async def page_of_campaigns(source: Read, params: PageParams) -> tuple[list[Campaign], str | None, int | None]:
    """Return one page of the campaigns, latest year first, with the next cursor and the total when asked for."""
    rows, cursor, total = await paginate(source, select(CampaignRow), _LATEST_FIRST, params)
    return [_campaign(row) for row in rows], cursor, total


async def add_campaign(tx: Tx, campaign: Campaign) -> None:
    """Insert a campaign. Raises CampaignExists."""
    values = {**_campaign_values(campaign), "opened_by": tx.actor.subject, "closed_by": None}
    statement = insert(CampaignRow).values(**values).on_conflict_do_nothing().returning(col(CampaignRow.year))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise CampaignExists(f"La campagne des comptes de {campaign.year} existe déjà.")


async def save_campaign(tx: Tx, campaign: Campaign) -> None:
    """Write a campaign that was loaded for update."""
    values = _campaign_values(campaign)
    if campaign.closed_on is not None:
        values["closed_by"] = tx.actor.subject
    await tx.session.execute(update(CampaignRow).where(col(CampaignRow.year) == campaign.year).values(**values))


async def judge_lateness(tx: Tx, campaign: Campaign) -> None:
    """Write which declarations of a year came late by its campaign's last day: ``is_late``, of all of them at once."""
    late = col(DeclarationRow.declared_on) > campaign.closes_on
    judged = (col(DeclarationRow.year) == campaign.year, col(DeclarationRow.late) != late)
    await tx.session.execute(update(DeclarationRow).where(*judged).values(late=late))


async def declaration_of(source: Read, year: int, member_id: UUID) -> Declaration | None:
    """Load the declaration of a structure for a year; None where nothing was ever filled in."""
    query = select(DeclarationRow).where(col(DeclarationRow.year) == year, col(DeclarationRow.member_id) == member_id)
    row = (await source.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    return None if row is None else _declaration(row, await _revisions(source, row.id))


async def last_revisions(source: Read, year: int, member_ids: Sequence[UUID]) -> dict[UUID, Revision]:
    """Return the revision that counts of each of these structures that declared a year."""
    last = and_(
        col(RevisionRow.declaration_id) == col(DeclarationRow.id),
        col(RevisionRow.number) == col(DeclarationRow.revisions),
    )
    query = select(col(DeclarationRow.member_id), RevisionRow).join(RevisionRow, last)
    about = col(DeclarationRow.member_id) == any_(literal(member_ids, ARRAY(Uuid)))
    rows = await source.session.execute(query.where(col(DeclarationRow.year) == year, about))
    return {member_id: _revision(row) for member_id, row in rows}


async def hold_declaration(tx: Tx, year: int, member_id: UUID) -> Declaration:
    """Load the declaration of a structure for a year and hold it; begun here and now where there was none."""
    begun = {"id": new_id(), "member_id": member_id, "year": year, "revisions": 0, "late": False, "version": 0}
    await tx.session.execute(insert(DeclarationRow).values(**begun).on_conflict_do_nothing())
    query = select(DeclarationRow).where(col(DeclarationRow.year) == year, col(DeclarationRow.member_id) == member_id)
    held = query.with_for_update().execution_options(populate_existing=True)
    row = (await tx.session.execute(held)).scalar_one()
    return _declaration(row, await _revisions(tx, row.id))


async def save_declaration(tx: Tx, declaration: Declaration) -> None:
    """Write a held declaration; a revision that it gained is added apart."""
    statement = update(DeclarationRow).where(col(DeclarationRow.id) == declaration.id)
    values = {
        "draft": _draft_values(declaration.draft) if declaration.draft else None,
        "revisions": len(declaration.revisions),
        "declared_on": declaration.revisions[0].recorded_on if declaration.revisions else None,
        "late": declaration.late,
        "version": declaration.version,
    }
    await tx.session.execute(statement.values(**values))


async def add_last_revision(tx: Tx, declaration: Declaration) -> None:
    """Insert the revision that a held declaration has just gained; one that is already there is never written over."""
    if declaration.last is not None:
        await tx.session.execute(insert(RevisionRow).values(**_revision_values(declaration.id, declaration.last)))


async def save_figures(tx: Tx, declaration: Declaration, questions: Sequence[str]) -> None:
    """Write the last revision's figures, in the order of its campaign's questions, in the place of those before it."""
    answers = declaration.last.answers if declaration.last else {}
    rows = [
        {
            "declaration_id": declaration.id,
            "activity": activity.value,
            "year": declaration.year,
            "member_id": declaration.member_id,
            "amounts": [answers.get(Place(code, activity)) for code in questions],
        }
        for activity in activities_answered(answers)
    ]
    await tx.session.execute(delete(FiguresRow).where(col(FiguresRow.declaration_id) == declaration.id))
    if rows:
        await tx.session.execute(insert(FiguresRow), rows)


async def exemptions_of(source: Read, year: int, member_id: UUID) -> list[Exemption]:
    """Return every exemption of a structure for a year, in the order in which they were granted."""
    query = select(ExemptionRow).where(col(ExemptionRow.year) == year, col(ExemptionRow.member_id) == member_id)
    rows = await source.session.execute(query.order_by(col(ExemptionRow.granted_at), col(ExemptionRow.id)))
    return [
        Exemption(
            id=row.id,
            reason=row.reason,
            granted_at=row.granted_at,
            granted_by=row.granted_by,
            withdrawn_at=row.withdrawn_at,
            withdrawn_by=row.withdrawn_by,
            withdrawal_reason=row.withdrawal_reason,
        )
        for row in rows.scalars()
    ]


async def add_exemption(tx: Tx, year: int, member_id: UUID, reason: str) -> None:
    """Excuse a structure from a year. Raises AlreadyExempt."""
    values = {
        "id": new_id(),
        "year": year,
        "member_id": member_id,
        "reason": reason,
        "granted_at": tx.now,
        "granted_by": tx.actor.subject,
    }
    statement = insert(ExemptionRow).values(**values).on_conflict_do_nothing().returning(col(ExemptionRow.id))
    require_not_exempt(year, exempt=(await tx.session.execute(statement)).one_or_none() is None)


async def withdraw_exemption(tx: Tx, year: int, member_id: UUID, reason: str) -> None:
    """Take back the exemption of a structure for a year. Raises NotExempt."""
    statement = (
        update(ExemptionRow)
        .where(
            col(ExemptionRow.year) == year,
            col(ExemptionRow.member_id) == member_id,
            col(ExemptionRow.withdrawn_at).is_(None),
        )
        .values(withdrawn_at=tx.now, withdrawn_by=tx.actor.subject, withdrawal_reason=reason)
        .returning(col(ExemptionRow.id))
    )
    require_exempt(year, exempt=(await tx.session.execute(statement)).one_or_none() is not None)


async def _revisions(source: Read, declaration_id: UUID) -> tuple[Revision, ...]:
    query = select(RevisionRow).where(col(RevisionRow.declaration_id) == declaration_id)
    rows = (await source.session.execute(query.order_by(col(RevisionRow.number)))).scalars()
    return tuple(map(_revision, rows))


def _found(row: CampaignRow | None, year: int) -> Campaign:
    if row is None:
        raise CampaignNotFound(f"Aucune campagne n'est ouverte pour les comptes de {year}.")
    return _campaign(row)


def _campaign(row: CampaignRow) -> Campaign:
    return Campaign(
        year=row.year,
        questionnaire=row.questionnaire,
        questions=tuple(row.questions),
        opened_on=row.opened_on,
        closes_on=row.closes_on,
        extensions=tuple(_EXTENSIONS.validate_python(row.extensions)),
        closed_on=row.closed_on,
        version=row.version,
    )


def _campaign_values(campaign: Campaign) -> dict[str, Any]:
    return {
        "year": campaign.year,
        "questionnaire": campaign.questionnaire,
        "questions": list(campaign.questions),
        "opened_on": campaign.opened_on,
        "closes_on": campaign.closes_on,
        "extensions": _EXTENSIONS.dump_python(list(campaign.extensions), mode="json"),
        "closed_on": campaign.closed_on,
        "version": campaign.version,
    }


def _declaration(row: DeclarationRow, revisions: tuple[Revision, ...]) -> Declaration:
    return Declaration(
        id=row.id,
        member_id=row.member_id,
        year=row.year,
        draft=None if row.draft is None else _draft(row.draft),
        revisions=revisions,
        late=row.late,
        version=row.version,
    )


def _revision(row: RevisionRow) -> Revision:
    return Revision(
        number=row.number,
        answers=_answers(row.figures),
        explained=tuple(_EXPLAINED.validate_python(row.explained)),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        recorded_on=row.recorded_on,
        reason=row.reason,
    )


def _draft(kept: dict[str, Any]) -> Draft:
    return Draft(
        answers=_answers(kept["answers"]),
        comments=_comments(kept["comments"]),
        saved_at=datetime.fromisoformat(kept["saved_at"]),
        saved_by=kept["saved_by"],
        carried=frozenset(_place(code, activity) for code, activity in kept.get("carried", ())),
    )


def _draft_values(draft: Draft) -> dict[str, Any]:
    return {
        "answers": _figures(draft.answers),
        "comments": [[place.code, place.activity, comment] for place, comment in draft.comments.items()],
        "saved_at": draft.saved_at.isoformat(),
        "saved_by": draft.saved_by,
        "carried": [[place.code, place.activity] for place in draft.answers if place in draft.carried],
    }


def _revision_values(declaration_id: UUID, revision: Revision) -> dict[str, Any]:
    return {
        "declaration_id": declaration_id,
        "number": revision.number,
        "figures": _figures(revision.answers),
        "explained": _EXPLAINED.dump_python(list(revision.explained), mode="json"),
        "total_operating_income": revision.base_of_dues,
        "recorded_on": revision.recorded_on,
        "recorded_at": revision.recorded_at,
        "recorded_by": revision.recorded_by,
        "reason": revision.reason,
    }


def _figures(answers: Answers) -> _Figures:
    return [[place.code, place.activity, f"{value:f}"] for place, value in answers.items()]


def _answers(figures: _Figures) -> Answers:
    return {_place(code, activity): Decimal(str(value)) for code, activity, value in figures}


def _comments(kept: Sequence[Sequence[str | None]]) -> Comments:
    return {_place(code, activity): str(comment) for code, activity, comment in kept}


def _place(code: str | None, activity: str | None) -> Place:
    return Place(str(code), ActivityKind(activity) if activity else None)
