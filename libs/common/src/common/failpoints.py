"""Named points where a process may be made to die or freeze, so that a test can prove that nothing is lost there.

Armed by ``COORACE_FAILPOINT`` alone, which production refuses: ``relay.acknowledged`` kills there,
``relay.acknowledged:SIGSTOP:3`` freezes at the third passage. Unarmed, a point is one comparison.
"""

import os
import signal
from dataclasses import dataclass

_POINTS = {
    "transaction.written": "effects and facts are written, nothing is committed",
    "transaction.committed": "the commit is done, nobody has been woken",
    "relay.claimed": "rows are claimed, nothing is sent",
    "relay.partition-acknowledged": "the broker has acknowledged the rows of one partition",
    "relay.acknowledged": "the broker has acknowledged everything, the ledger does not know",
    "mail.accepted": "the mail server has accepted a mail, the outbox does not know",
}


@dataclass(slots=True)
class Failpoint:
    """One point, the signal the process sends itself there, and at which passage."""

    name: str
    sent: signal.Signals = signal.SIGKILL
    passage: int = 1

    @classmethod
    def parse(cls, text: str) -> "Failpoint":
        """Read ``point``, ``point:signal`` or ``point:signal:passage``. Raises ValueError."""
        name, _, rest = text.partition(":")
        sign, _, passage = rest.partition(":")
        if name not in _POINTS:
            raise ValueError(f"no failpoint is called {name!r}; there are {', '.join(_POINTS)}")
        try:
            return cls(name, signal.Signals[sign or "SIGKILL"], int(passage or 1))
        except KeyError:
            raise ValueError(f"no signal is called {sign!r}") from None

    def pass_by(self) -> None:
        """Count a passage, and strike when it is the one."""
        self.passage -= 1
        if self.passage == 0:
            os.kill(os.getpid(), self.sent)


_armed: Failpoint | None = None


def arm(failpoint: Failpoint | None) -> None:
    """Arm this process, once, at its start; None leaves every point inert.

    >>> arm(Failpoint("relay.claimed", passage=2))
    >>> reached("relay.claimed")  # the first passage: nothing yet
    >>> arm(None)
    """
    global _armed  # noqa: PLW0603  # a process has one, as it has one environment
    _armed = failpoint


def reached(name: str) -> None:
    """Note that the process stands at a point.

    >>> reached("relay.claimed")  # nothing is armed: nothing happens
    """
    if _armed is not None and _armed.name == name:
        _armed.pass_by()
