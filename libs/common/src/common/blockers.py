"""Why an act is not possible now, as every resource of every API says it."""

from collections.abc import Callable, Iterable, Mapping

from common.errors import Blocker, Refusal, obstacle
from common.types import Schema


class BlockerOut(Schema):
    """Pourquoi une action n'est pas possible maintenant."""

    code: str
    message: str


def blockers_out(blockers: Iterable[Blocker | Refusal]) -> list[BlockerOut]:
    """Write what keeps an act from being possible as a resource shows it.

    >>> blockers_out([Blocker("unpaid", "Il reste à payer.")])
    [BlockerOut(code='unpaid', message='Il reste à payer.')]
    """
    return [BlockerOut(code=one.code, message=one.message) for one in blockers]


def blockers_extra(blockers: Iterable[Blocker]) -> list[dict[str, str]]:
    """Write it as the problem that refuses the act carries it.

    >>> blockers_extra([Blocker("unpaid", "Il reste à payer.")])
    [{'code': 'unpaid', 'message': 'Il reste à payer.'}]
    """
    return [one.model_dump() for one in blockers_out(blockers)]


def possible(acts: Mapping[str, Refusal | None]) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    """Tell which acts are possible, and of each other one what refuses it.

    >>> possible({"read": None, "close": Refusal("Rien à clore.", code="empty")})
    (['read'], {'close': [BlockerOut(code='empty', message='Rien à clore.')]})
    """
    refused = {act: refusal for act, refusal in acts.items() if refusal is not None}
    blockers = {act: blockers_out([refusal]) for act, refusal in refused.items()}
    return [act for act in acts if act not in refused], blockers


def tried(attempts: Mapping[str, Callable[[], object]]) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    """Tell which acts are possible now, by the rule of each, and of each other one what refuses it.

    >>> def close():
    ...     raise Refusal("Rien à clore.", code="empty")
    >>> tried({"read": lambda: None, "close": close})
    (['read'], {'close': [BlockerOut(code='empty', message='Rien à clore.')]})
    """
    return possible({act: obstacle(attempt) for act, attempt in attempts.items()})
