"""The facts of a declaration as the other services receive them; what was said in words stays here."""

from common.contracts.membership import ActivityCorrected, ActivityDeclared, DeclarationState, FigureName, FigureState
from membership.declarations.domain import Declaration, changes


def told(declaration: Declaration, questionnaire: str) -> ActivityDeclared | ActivityCorrected:
    """Return what the other services must hear of the last revision of a declaration."""
    *before, last = declaration.revisions
    state = DeclarationState(
        id=declaration.id,
        member_id=declaration.member_id,
        year=declaration.year,
        revision=last.number,
        form_version=questionnaire,
        recorded_on=last.recorded_on,
        late=declaration.late,
        total_operating_income=last.base_of_dues,
        figures=tuple(
            FigureState(code=place.code, activity=place.activity, value=value) for place, value in last.answers.items()
        ),
    )
    if not before:
        return ActivityDeclared(state=state)
    differing = changes(before[-1].answers, last.answers)
    return ActivityCorrected(
        state=state,
        previous_revision=before[-1].number,
        changed=tuple(FigureName(code=change.place.code, activity=change.place.activity) for change in differing),
    )
