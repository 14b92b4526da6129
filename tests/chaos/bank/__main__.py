"""One process of the proof: ``python -m chaos.bank accounts|books api|relay|consume|all|migrate``.

``CHAOS_MUTANT`` breaks the mechanism in it, to see the checker turn red. SIGUSR1 blocks its event loop.
"""

import os
import signal
import sys
import time
from importlib import import_module

from chaos import mutants

_BLOCKED_SECONDS = float(os.environ.get("CHAOS_BLOCKED_SECONDS", "0"))


def run() -> None:
    """Be the process that the command line and the environment ask for. A mutant comes before what it breaks."""
    name = sys.argv.pop(1)
    mutant = os.environ.get("CHAOS_MUTANT")
    if mutant:
        mutants.apply(mutant)
    signal.signal(signal.SIGUSR1, lambda *_: time.sleep(_BLOCKED_SECONDS))
    traits = import_module("chaos.bank.settings").Traits.from_environment()
    service = import_module(f"chaos.bank.{name}").service(traits)
    import_module("common.process").main(service)


if __name__ == "__main__":
    run()
