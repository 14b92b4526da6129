"""What a line may repeat of what is known already, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from dues.bank.domain.matching import BEST, MatchingRule, Reason
from dues.receipts.domain import ReceiptMethod


class EchoKind(Labelled):
    """What a line is the echo of."""

    RUN = "run", "remise de prélèvements"
    COLLECTION = "collection", "prélèvement revenu"
    RECEIPT = "receipt", "règlement déjà saisi"
    BATCH = "batch", "lot de virements"
    TRANSFER = "transfer", "virement revenu"
    CHEQUE = "cheque", "chèque revenu impayé"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedReceipt:
    """A receipt that was entered by hand, as it is compared with a line."""

    id: UUID
    number: str
    method: ReceiptMethod
    amount: Decimal
    received_on: date
    deposited_on: date | None
    bank_reference: str | None
    member_name: str | None


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
