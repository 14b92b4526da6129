"""The rules of banks of questions, and what answers come to."""

from membership.banks.domain.bank import Bank, BankNotFound, Level, Part, ProposedAction, Question, Step, Theme
from membership.banks.domain.scores import NOTHING, Choice, Score, Scores, in_points, level_of, mean, score

__all__ = [
    "NOTHING",
    "Bank",
    "BankNotFound",
    "Choice",
    "Level",
    "Part",
    "ProposedAction",
    "Question",
    "Score",
    "Scores",
    "Step",
    "Theme",
    "in_points",
    "level_of",
    "mean",
    "score",
]
