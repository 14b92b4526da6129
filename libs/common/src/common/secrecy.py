"""Statistical secrecy: which parts of a published whole must stay hidden, so that nobody finds them. Pure."""

from collections.abc import Collection, Mapping
from typing import TypeVar

K = TypeVar("K")


def hidden_parts(counts: Mapping[K, int], minimum: int, *, told: Collection[K] = ()) -> set[K]:
    """Return the parts to hide of a whole that is shown, ``counts`` being how many respondents each part has.

    A part on fewer than ``minimum`` is hidden, and one that ``told`` names for another reason. What is hidden is the
    whole less what is shown: hidden alone, a part would be found by subtraction, and so would several that are together
    fewer than ``minimum``. The smallest of the others then hide with them. A part without respondents names nobody.

    >>> hidden_parts({"north": 3, "south": 40, "west": 7}, 5) == {"north", "west"}
    True
    >>> hidden_parts({"north": 3, "south": 4, "west": 7}, 5) == {"north", "south"}
    True
    >>> hidden_parts({"north": 0, "south": 40}, 5)
    set()
    """
    hidden = {part for part, count in counts.items() if 0 < count < minimum or part in told}
    others = sorted((part for part, count in counts.items() if count and part not in hidden), key=counts.__getitem__)
    for part in others if hidden else ():
        if len(hidden) > 1 and sum(counts[one] for one in hidden) >= minimum:
            break
        hidden.add(part)
    return hidden
