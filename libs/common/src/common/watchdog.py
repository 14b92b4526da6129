"""Ends a process that is alive but makes no progress, so that its supervisor starts it afresh.

aiokafka consumers have been seen to stay connected and never rejoin their group (aio-libs/aiokafka#847, #1037). The
watch runs in a thread of its own: it also sees an event loop that is blocked.
"""

import os
import threading
import time

import structlog

EXIT_CODE = 70
"""EX_SOFTWARE: tells the watchdog's end apart from a crash."""

log = structlog.get_logger(__name__)


class Watchdog:
    """Counts the seconds since the last beat; past the limit, the process ends at once.

    >>> watchdog = Watchdog(limit_seconds=120)
    >>> watchdog.beat()
    >>> watchdog.expired()
    False
    """

    def __init__(self, limit_seconds: float) -> None:
        self._limit = limit_seconds
        self._last = time.monotonic()

    def beat(self) -> None:
        """Note that work was done, or that there was none to do."""
        self._last = time.monotonic()

    def expired(self) -> bool:
        """Tell whether the last beat is too long ago."""
        return time.monotonic() - self._last > self._limit

    def start(self) -> None:
        """Watch from a daemon thread until the process ends."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _watch(self) -> None:
        while not self.expired():
            time.sleep(min(1.0, self._limit / 4))
        log.critical("watchdog_ends_process", seconds_without_progress=self._limit)
        os._exit(EXIT_CODE)
