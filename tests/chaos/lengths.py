"""How long a fault lasts: briefly in the short set, as long as in life in the full one (``FULL=1``)."""

import os

FULL = os.environ.get("FULL") == "1"


def lasting(short: float, full: float) -> float:
    """Return the seconds that a fault lasts in this set."""
    return full if FULL else short
