"""What a line may repeat of what is known already, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from dues.bank.domain.matching import BEST, MatchingRule, Reason


class EchoKind(Labelled):
    """What a line is the echo of."""

    RUN = "run", "remise de prélèvements"
    COLLECTION = "collection", "prélèvement revenu"
    RECEIPT = "receipt", "règlement déjà saisi"
    BATCH = "batch", "lot de virements"
    TRANSFER = "transfer", "virement revenu"


@dataclass(frozen=True, slots=True)
class Echo:
    """What a line may be the echo of, how sure that is, and why."""

    kind: EchoKind
    id: UUID
    reference: str
    amount: Decimal
    score: int
    sure: bool
    reasons: tuple[Reason, ...]


def weigh_echo(
    kind: EchoKind,
    id_: UUID,
    reference: str,
    amount: Decimal,
    rule: MatchingRule,
    named: Sequence[tuple[int, Reason]],
    others: Sequence[tuple[int, Reason]],
    *,
    fits: bool,
) -> Echo:
    """Add up the signs: of those that name, the strongest alone counts."""
    points = max((worth for worth, _ in named), default=0) + sum(worth for worth, _ in others)
    score = min(points, BEST)
    reasons = tuple(reason for _, reason in (*named, *others))
    return Echo(kind, id_, reference, amount, score, fits and score >= rule.threshold, reasons)
