"""API shapes of banks of questions."""

from datetime import date
from typing import Any, Self

from pydantic import Field

from common.pagination import MOST_SHOWN
from common.types import Schema
from membership.banks.domain import Bank, Score, Scores


class BankOut(Schema):
    """Une version d'une banque de questions."""

    code: str = Field(examples=["cap-2026"])
    family: str = Field(description="Les versions d'une même famille se comparent", examples=["cap"])
    version: str
    name: str
    since: date
    until: date | None = Field(description="Dernier jour où une évaluation peut commencer avec elle")
    open: bool = Field(description="Une évaluation peut commencer avec elle aujourd'hui")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str
    out_of: int = Field(description="Points du total")
    questions: int = Field(description="Combien de questions")


class BanksOut(Schema):
    """Les banques de questions."""

    items: list[BankOut] = Field(max_length=MOST_SHOWN)


class StepOut(Schema):
    """Une réponse possible, et les mots qui la fixent."""

    level: int
    label: str
    anchor: str


class LevelOut(Schema):
    """Un niveau de maturité, atteint à partir de tant de points."""

    code: str
    label: str
    points: int
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")


class ProposedActionOut(Schema):
    """L'action proposée à qui a répondu moins que `below`, et son délai en mois."""

    below: int
    text: str
    months: int


class BankQuestionOut(Schema):
    """Une question. Le même code dans deux versions demande la même chose."""

    code: str
    text: str
    help: str
    evidence: str = Field(description="La preuve attendue")
    weight: int
    may_be_inapplicable: bool = Field(description="« Sans objet » est une réponse possible")
    actions: list[ProposedActionOut]


class PartOut(Schema):
    """Un sous-thème."""

    code: str
    name: str
    questions: list[BankQuestionOut]


class BankThemeOut(Schema):
    """Un thème."""

    code: str
    name: str
    parts: list[PartOut]


class BankDetail(BankOut):
    """Une banque, avec son échelle, ses niveaux et ses questions."""

    scale: list[StepOut]
    levels: list[LevelOut]
    themes: list[BankThemeOut]


class ScoreOut(Schema):
    """Ce à quoi des réponses reviennent."""

    code: str
    name: str
    points: int | None = Field(description="Moyenne pondérée ; absente si rien de ce qui s'applique n'a de réponse")
    level: LevelOut | None
    questions: int
    answered: int
    applicable: int = Field(description="Sans les questions sans objet")

    @classmethod
    def of(cls, code: str, name: str, score: Score) -> "ScoreOut":
        """Write what some questions come to."""
        return cls(**_told(code, name, score))


class ThemeScoreOut(ScoreOut):
    """Un thème et ses sous-thèmes."""

    parts: list[ScoreOut]


class ScoresOut(Schema):
    """La maturité : en tout, par thème, par sous-thème."""

    out_of: int = Field(description="Points du total, et de chaque thème")
    whole: ScoreOut
    themes: list[ThemeScoreOut]

    @classmethod
    def of(cls, bank: Bank, scores: Scores) -> Self:
        """Write what a whole bank comes to."""
        return cls(
            out_of=bank.out_of,
            whole=ScoreOut.of(bank.code, bank.name, scores.whole),
            themes=[
                ThemeScoreOut(
                    **_told(theme.code, theme.name, scores.themes[theme.code]),
                    parts=[
                        ScoreOut.of(part.code, part.name, scores.parts[f"{theme.code}/{part.code}"])
                        for part in theme.parts
                    ],
                )
                for theme in bank.themes
            ],
        )


def _told(code: str, name: str, score: Score) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "points": score.points,
        "level": LevelOut.model_validate(score.level) if score.level else None,
        "questions": score.questions,
        "answered": score.answered,
        "applicable": score.applicable,
    }
