"""What a line may repeat of what is known already, and how sure that is."""

from collections.abc import Collection, Iterable, Sequence
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


Sign = tuple[int, Reason]
"""What speaks for an echo, and how much."""


def naming(where: Iterable[tuple[int, str, str, Collection[str]]], reference: str, said: str) -> list[Sign]:
    """Return the signs that name something: each worth, code, words, and the references that were found there."""
    return [(worth, Reason(code, f"{words} {said}.")) for worth, code, words, found in where if reference in found]


def amount_sign(rule: MatchingRule, said: str, differs: str, *, fits: bool) -> Sign:
    """Return what the amount says: something where it fits, and else nothing but why."""
    return (rule.amount, Reason("amount", said)) if fits else (0, Reason("other_amount", differs))


def weigh_echo(
    kind: EchoKind,
    id_: UUID,
    reference: str,
    amount: Decimal,
    rule: MatchingRule,
    named: Sequence[Sign],
    others: Sequence[Sign],
    *,
    fits: bool,
) -> Echo:
    """Add up the signs: of those that name, the strongest alone counts."""
    points = max((worth for worth, _ in named), default=0) + sum(worth for worth, _ in others)
    score = min(points, BEST)
    reasons = tuple(reason for _, reason in (*named, *others))
    return Echo(kind, id_, reference, amount, score, fits and score >= rule.threshold, reasons)
