"""Clock door of the evaluations: each day, ask who is to be asked, recall, close what is over."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from training.evaluations import use_cases
from training.evaluations.domain import EvaluationKind

_SLICE = 50
_SESSIONS = 5


async def run_day(tx: Tx, run: JobRun) -> bool:
    """Do the next slice of each; there is no more when every one found less than it could. Whom is not written."""
    people = {
        "retired": await use_cases.retire(tx, _SLICE),
        "positioning": await use_cases.ask_positioning(tx, _SLICE),
        "chased": await use_cases.chase(tx, _SLICE),
    }
    sessions = {
        "hot": await use_cases.ask_sessions(tx, EvaluationKind.HOT, _SESSIONS),
        "cold": await use_cases.ask_sessions(tx, EvaluationKind.COLD, _SESSIONS),
        "closed": await use_cases.close(tx, _SLICE),
    }
    run.counts.update({**people, **sessions})
    return (
        max(people.values()) < _SLICE
        and max(sessions["hot"], sessions["cold"]) < _SESSIONS
        and sessions["closed"] < _SLICE
    )


JOBS = (JobKind("evaluations.run-day", run_day, daily=True),)
