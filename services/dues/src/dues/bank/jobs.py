"""Clock door of the bank: the lines that are sure of what they are are matched, hundreds a step."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from dues.bank import use_cases
from dues.bank.use_cases import MATCH

_SLICE = 100
"""Lines a step: for that long the numbers of new receipts are held."""


async def match_all(tx: Tx, run: JobRun) -> bool:
    """Match the next lines that wait, by id."""
    entity = run.arguments["entity"]
    return run.advance(await use_cases.match_slice(tx, entity, run.done, after=run.after, limit=_SLICE), _SLICE)


JOBS = (JobKind(MATCH, match_all),)
