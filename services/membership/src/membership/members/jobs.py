"""Clock door of the register: what was announced takes effect on its day, what was entered undrawn is drawn."""

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.members import use_cases

_SLICE = 100


async def take_effect(tx: Tx, run: JobRun) -> bool:
    """Let announced changes take effect in the next slice of structures whose day has come."""
    return run.advance(await use_cases.take_effect(tx, run.done, after=run.after, limit=_SLICE), _SLICE)


async def draw_again(tx: Tx, run: JobRun) -> bool:
    """Draw the days of the next slice of structures of which something was entered without it."""
    return run.advance(await use_cases.draw_again(tx, run.done, after=run.after, limit=_SLICE), _SLICE)


JOBS = (
    JobKind("members.take_effect", take_effect, daily=True),
    JobKind("members.draw_again", draw_again, daily=True),
)
