"""A process that stops running without dying: a paused virtual machine, a long collection, a host that swaps."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from devstack.processes import Running


@contextmanager
def frozen(running: Running) -> Iterator[None]:
    """Freeze a process and all it started for as long as the block lasts.

    Its connections stay open, its locks and leases held, its clock goes on: when it wakes it knows nothing of it.
    """
    parent = psutil.Process(running.pid)
    parent.send_signal(signal.SIGSTOP)  # first, so that it starts no other child
    family = [parent, *parent.children(recursive=True)]
    try:
        for process in family[1:]:
            _send(process, signal.SIGSTOP)
        yield
    finally:
        for process in reversed(family):
            _send(process, signal.SIGCONT)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):  # ended by itself, or killed while frozen
        process.send_signal(number)
