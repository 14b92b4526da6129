"""The wall clock of chosen processes, moved while they run: a time server that corrects, a virtual machine resumed.

By libfaketime, preloaded: a process sees its own clock through `time`, `gettimeofday` and `clock_gettime`, and so do
the processes it starts. Monotonic clocks and timers go on undisturbed, as on a machine whose clock is set.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from devstack.errors import StackError
from devstack.processes import run

LEAP_TO_SUMMER_TIME = datetime(2026, 3, 29, 0, 59, 55, tzinfo=UTC)
"""Five seconds before 2 o'clock in Paris becomes 3 o'clock."""

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # where libfaketime itself puts its segments


class Clock:
    """A clock, true until it is moved. Processes started with ``environment`` go by it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "offset"
        self.move(0)

    @property
    def environment(self) -> dict[str, str]:
        """What to add to the environment of a process."""
        return {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "0",  # whole seconds; no cache at all would open the file at every look
            "DONT_FAKE_MONOTONIC": "1",
            # libfaketime reckons a wait until a monotonic instant on the wall clock, finds it past, and a JVM spins.
            # So: waits on a condition end after this many milliseconds at most. Their callers look again, and wait on.
            "FAKETIME_WAIT_MS": "50",
        }

    def move(self, seconds: float) -> None:
        """Set the clock ``seconds`` ahead of the true time, behind it when negative; 0 makes it true again.

        A process looks each second where its clock stands: a move is seen by all within that time.
        """
        moved = self._file.with_suffix(".moved")
        # A fixed width: a thread that reads while another does never sees half a number.
        moved.write_text(f"{seconds:+018.6f}\n")
        moved.chmod(0o644)
        moved.replace(self._file)

    def move_to(self, instant: datetime) -> None:
        """Set the clock to ``instant``, from which it goes on."""
        self.move((instant - datetime.now(UTC)).total_seconds())


@contextmanager
def movable_clock() -> Iterator[Clock]:
    """Make a clock for processes that end within the block.

    Raises StackError on a machine where libfaketime does not load: its wheel is for Linux on x86-64 with glibc.
    """
    with TemporaryDirectory(prefix="coorace-clock-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        clock = Clock(folder)
        _require_effect(clock)
        try:
            yield clock
        finally:
            _sweep_shared_memory()


def _require_effect(clock: Clock) -> None:
    """Refuse a library that the system's loader leaves aside without a word."""
    clock.move(86_400)
    seen = int(run(("date", "+%s"), environment=clock.environment))
    if not math.isclose(seen, datetime.now(UTC).timestamp() + 86_400, abs_tol=60):
        raise StackError("libfaketime ne se charge pas sur cette machine : l'horloge d'un processus ne peut y bouger.")
    clock.move(0)


def _library() -> Path:
    """Return libfaketime's shared library, found without importing its Python face."""
    spec = find_spec("libfaketime")
    if spec is None or spec.origin is None:
        raise StackError("libfaketime n'est pas installé : make installe ce que nomme requirements.lock.")
    return Path(spec.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"


def _sweep_shared_memory() -> None:
    """Remove what libfaketime keeps of killed processes: a later one of the same pid would stumble on it."""
    for left in _SHARED_MEMORY.glob("*faketime_s[eh]m_*"):
        if not psutil.pid_exists(int(left.name.rpartition("_")[2])):
            with suppress(FileNotFoundError, PermissionError):  # another user's stay theirs
                left.unlink()
