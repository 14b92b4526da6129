"""How late the event loop is: a beat that should come on time, and by how much it did not."""

import asyncio
import time
from collections import deque

from common import telemetry

_BEAT_SECONDS = 0.25
_REMEMBERED_BEATS = 60
"""A probe that comes every ten seconds still sees a lag that is over."""


class LoopLag:
    """The lateness of one event loop. A loop that never runs again is seen from outside: no probe gets an answer.

    >>> LoopLag().seconds()
    0.0
    """

    def __init__(self) -> None:
        self._due: float | None = None
        self._late: deque[float] = deque(maxlen=_REMEMBERED_BEATS)

    def seconds(self) -> float:
        """Return the worst lateness of the last 15 s or so, the present one included; 0 before the first beat."""
        overdue = 0.0 if self._due is None else time.monotonic() - self._due
        return max(0.0, overdue, *self._late)

    async def run(self) -> None:
        """Beat until cancelled."""
        telemetry.LOOP_LAG_SECONDS.set_function(self.seconds)
        while True:
            self._due = time.monotonic() + _BEAT_SECONDS
            await asyncio.sleep(_BEAT_SECONDS)
            self._late.append(time.monotonic() - self._due)
