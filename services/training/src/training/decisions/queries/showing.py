"""How what is known and decided of a session is written as the API shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from common.rights import Grant
from common.transaction import Read
from training.decisions import domain, repository
from training.decisions.domain import Decided, Decision, Figures, Filling
from training.decisions.queries.figures import Examined, forecast_rule, refusal_rule
from training.decisions.schemas import (
    AssumedRule,
    DecisionFigures,
    DecisionOut,
    DueLine,
    FillingPoint,
    SeatMoved,
    SessionDecided,
    SisterOut,
    SuggestionOut,
)
from training.decisions.tables import DecisionRow
from training.enrolments.domain import Reseated
from training.enrolments.queries.requests import buyer_name
from training.sessions.domain import first_day
from training.sessions.queries.sessions import find_session

_SHOWN_SISTERS = 5
_DAYS_OF_CURVE = range(84, -1, -7)
"""Twelve weeks, week by week: as far back as a chart of a decision is read."""
_HUNDREDTH = Decimal("0.01")


def line_of(found: Examined, today: date) -> DueLine:
    """Write a session to decide as one line."""
    return DueLine.model_validate(line_fields(found, today))


def line_fields(found: Examined, today: date) -> dict[str, Any]:
    """Return the fields of ``DueLine``."""
    session, expected, suggested = found.session, found.forecast, found.suggestion
    return {
        **_figures(found.figures),
        "session_id": session.id,
        "reference": session.reference,
        "programme_code": session.pinned.code,
        "title": session.pinned.title,
        "delegation": session.terms.delegation,
        "first_day": first_day(session.slots),
        "decide_on": found.decide_on,
        "overdue": found.decide_on < today,
        "forecast_text": expected.explanation,
        "forecast_basis": expected.basis,
        "forecast_sessions": expected.sessions,
        "sisters": [_sister(found, one) for one in found.sisters[:_SHOWN_SISTERS]],
        "suggestion": SuggestionOut(
            act=suggested.act,
            label=suggested.act.label,
            reasons=list(suggested.reasons),
            into=suggested.into.session_id if suggested.into else None,
        ),
    }


def curve_of(past: Sequence[Filling]) -> list[FillingPoint]:
    """Return how comparable sessions filled, week by week."""
    points = [domain.point(past, days) for days in _DAYS_OF_CURVE] if past else []
    return [
        FillingPoint(days=one.days, share=_written(one.share), low=_written(one.low), high=_written(one.high))
        for one in points
    ]


def rules_of(day: date) -> list[AssumedRule]:
    """Return the rules that a decision of a day follows, with where each comes from. Raises RuleMissing."""
    needed, refused = forecast_rule(day), refusal_rule(day)
    return [
        AssumedRule(
            text=f"Une prévision s'appuie sur {needed.sessions_min} sessions tenues au moins.",
            status=needed.status,
            source=needed.source,
        ),
        AssumedRule(
            text=f"Un report se refuse sans frais pendant {refused.working_days} jours ouvrés.",
            status=refused.status,
            source=refused.source,
        ),
    ]


def decision_out(decision: Decision, row: DecisionRow) -> DecisionOut:
    """Write a decision."""
    same = {name: getattr(decision, name) for name in ("id", "session_id", "act", "reason", "postponed_to")}
    return DecisionOut(
        **same,
        act_label=decision.act.label,
        reason_code=decision.reason_code,
        into=list(decision.into),
        figures=DecisionFigures.model_validate(_figures(decision.figures)),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )


def moved_out(one: Reseated, decline_by: Mapping[UUID, date]) -> SeatMoved:
    """Write what becomes of a seat. ``decline_by``: by the session where seats go."""
    return SeatMoved(
        enrolment_id=one.seat.id,
        request_reference=one.request.reference,
        buyer_name=buyer_name(one.request),
        trainee_id=one.seat.trainee_id,
        unit_price=one.request.unit_price,
        outcome=one.outcome,
        outcome_label=one.outcome.label,
        session_id=one.to.session_id if one.to else None,
        new_enrolment_id=one.to.id if one.to else None,
        new_request_reference=one.to_request.reference if one.to_request else None,
        rank=one.rank,
        decline_by=decline_by[one.to.session_id] if one.to else None,
    )


async def find_decided(read: Read, grant: Grant, decided: Decided) -> SessionDecided:
    """Return a session after a decision, and what became of each seat.

    Raises SessionNotFound, TrainerNotFound, RoomNotFound, RuleMissing.
    """
    session = await find_session(read, grant, decided.decision.session_id)
    row = await repository.decided(read, decided.decision.id)
    moved = [moved_out(one, decided.decline_by) for one in decided.seats]
    return SessionDecided(**dict(session), decision=decision_out(decided.decision, row), seats=moved)


def _written(share: Fraction) -> Decimal:
    return (Decimal(share.numerator) / share.denominator).quantize(_HUNDREDTH)


def _figures(figures: Figures) -> dict[str, Any]:
    return {**asdict(figures), "margin": figures.margin, "expected_margin": figures.expected_margin}


def _sister(found: Examined, one: domain.Sister) -> SisterOut:
    near = domain.nearness(found.place, one.at)
    return SisterOut(
        session_id=one.session_id,
        reference=one.reference,
        first_day=one.first_day,
        seats_left=one.free,
        nearness=near,
        nearness_label=near.label,
    )
