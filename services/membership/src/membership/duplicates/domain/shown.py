"""What somebody was shown of a merge, held in a fingerprint: one digest for each part of its plan."""

import json
from collections.abc import Mapping
from hashlib import sha256

from common.errors import Conflict

_PARTS = {
    "stays": "l'enregistrement qui reste",
    "goes": "l'enregistrement qui s'efface",
    "fields": "les champs",
    "people": "les personnes",
    "seats": "les sièges",
    "declarations": "les déclarations",
    "carried": "ce qui passe",
    "left": "ce qui reste à l'enregistrement réuni",
    "to_follow": "ce qui est à suivre",
}


class MergePlanChanged(Conflict):
    """The merge would not do any more what its author was shown; ``changed`` names the parts that differ."""

    code = "merge_plan_changed"


def fingerprint(plan: Mapping[str, object]) -> str:
    """Return the fingerprint of a plan, written as plain values: the same as long as it says the same."""
    return ".".join(sha256(json.dumps(plan[part]).encode()).hexdigest()[:10] for part in _PARTS)


def require_same_plan(shown: str, now: str) -> None:
    """Let a merge through that still does what was shown. Raises MergePlanChanged."""
    if shown == now:
        return
    before, after = shown.split("."), now.split(".")
    pairs = zip(_PARTS.values(), before, after, strict=True) if len(before) == len(after) else ()
    changed = [label for label, one, other in pairs if one != other] or list(_PARTS.values())
    raise MergePlanChanged(
        f"La réunion ne ferait plus ce que le plan a montré ({', '.join(changed)}) : regardez-le de nouveau.",
        extra={"changed": changed},
    )
