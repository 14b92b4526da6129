"""What a line of a statement is of what we pay on: a batch of transfers, one that came back, what the bank charges."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from common.money import format_euros
from common.wording import write_day
from dues.bank.domain.echo import Echo, EchoKind, Sign, amount_sign, naming, weigh_echo
from dues.bank.domain.matching import MatchingRule, Reason
from dues.bank.domain.references import batches_in, transfers_in
from dues.bank.domain.refusals import LineAmountDiffers, LineOfTransfers, NotACharge, NotPaidOut
from dues.bank.domain.statement import BankLine, LineState, require_unsaid
from dues.transfers.domain import BankedBatch, BankedTransfer, BatchStatus

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTransfers:
    """What is known around some lines of what we pay on: batches, and the transfers that they name.

    ``told`` is what all lines of a batch take together, those matched included.
    """

    batches: Sequence[BankedBatch] = ()
    told: Mapping[str, Decimal] = field(default_factory=dict)
    lines: Sequence[BankedTransfer] = ()


def transfers_back_in(line: BankLine) -> frozenset[str]:
    """Return the transfers that a line names, if it may bring any back."""
    if line.amount <= 0 or not line.comes_back:
        return frozenset()
    return transfers_in(line.end_to_end) | transfers_in(line.text)


def may_pay(line: BankLine) -> bool:
    """Tell whether a line may pay a batch without naming any: money that leaves, of which nothing else is said."""
    return line.amount < 0 and not (line.comes_back or line.charged_as or line.batches)


def transfer_echoes(line: BankLine, known: KnownTransfers, rule: MatchingRule) -> Iterable[Echo]:
    """Score what a line may be of our transfers."""
    yield from _batches(line, known, rule)
    yield from _back(line, known, rule)


def signs_of_charge(line: BankLine) -> tuple[Reason, ...]:
    """Return why a line is a charge of the bank, where the bank's own code says so; it is never guessed."""
    if line.charged_as is None:
        return ()
    return (Reason("bank_code", f"Le code d'opération de la banque, {line.bank_code}, dit : {line.charged_as}."),)


def require_paid_out(state: LineState, line: BankLine) -> None:
    """Let through money that left, of which nothing was said yet. Raises BankLineSettled, NotPaidOut."""
    require_unsaid(state)
    if line.amount >= 0:
        raise NotPaidOut("Cette ligne ne fait pas sortir d'argent : elle ne paie aucun lot.")


def require_chargeable(state: LineState, line: BankLine) -> None:
    """Let through what the bank may have taken for itself. Raises BankLineSettled, NotACharge."""
    require_unsaid(state)
    if line.amount >= 0:
        raise NotACharge("Cette ligne ne fait pas sortir d'argent : la banque n'y prend rien.")
    if line.comes_back:
        raise NotACharge("Cette ligne reprend une somme : dites laquelle, ce qui est pris de plus est alors des frais.")
    if line.batches:
        raise NotACharge(f"Cette ligne nomme {', '.join(sorted(line.batches))} : c'est un virement, pas des frais.")


def require_batch_told(batch: BankedBatch, told: Decimal) -> None:
    """Let through lines that together take what a batch pays. Raises LineAmountDiffers.

    What was rejected before it left is not taken; after that, it is taken and brought back by another line.
    """
    if not _fits(batch, told):
        raise LineAmountDiffers(
            f"Les lignes de {batch.reference} font {format_euros(told)} ; le lot est de {format_euros(batch.total)}"
            " : attendez les autres lignes, ou constatez dans les reversements ce que la banque en a fait.",
            extra={"told": str(told), "total": str(batch.total)},
        )


def require_no_transfer(transfers: Collection[BankedTransfer]) -> None:
    """Let through a line that brings none of our transfers back: it pays no dues. Raises LineOfTransfers."""
    for one in transfers:
        raise LineOfTransfers(
            f"Cette ligne rend le virement {one.reference} : constatez-le revenu, elle ne règle aucun appel.",
            extra={"transfer_id": str(one.id)},
        )


def _fits(batch: BankedBatch, told: Decimal) -> bool:
    return told in (batch.total, batch.total - batch.rejected)


def _batches(line: BankLine, known: KnownTransfers, rule: MatchingRule) -> Iterable[Echo]:
    for batch in known.batches:
        named = _naming(line, batch, rule)
        told = known.told.get(batch.reference, _NOTHING)
        if named:
            yield _named(line, batch, told, rule, named)
        elif may_pay(line) and not told and -line.amount == batch.total and batch.status is not BatchStatus.CANCELLED:
            yield from _alike(line, batch, rule)


def _naming(line: BankLine, batch: BankedBatch, rule: MatchingRule) -> list[Sign]:
    if batch.reference not in line.batches:
        return []
    where = (
        (rule.batch, "batch", "La référence de lot est celle de", batches_in(line.batch)),
        (rule.end_to_end, "end_to_end", "L'identifiant de bout en bout est de", batches_in(line.end_to_end)),
        (rule.text, "number", "Le libellé nomme", batches_in(line.text)),
    )
    return naming(where, batch.reference, batch.reference)


def _named(line: BankLine, batch: BankedBatch, told: Decimal, rule: MatchingRule, named: Sequence[Sign]) -> Echo:
    """Weigh a batch that a line names: whole, or with the other lines of it."""
    fits = _fits(batch, told)
    made = "Le montant est" if told == -line.amount else f"Avec les autres lignes du lot, {format_euros(told)} est"
    differs = f"Ses lignes font {format_euros(told)}, le lot est de {format_euros(batch.total)}."
    others = [amount_sign(rule, f"{made} ce qu'il paie.", differs, fits=fits)]
    if batch.status is BatchStatus.CANCELLED:
        others.append((0, Reason("cancelled", "Ce lot est annulé : voyez avec la banque pourquoi elle l'a payé.")))
    stands = batch.status is not BatchStatus.CANCELLED
    return weigh_echo(EchoKind.BATCH, batch.id, batch.reference, batch.total, rule, named, others, fits=fits and stands)


def _alike(line: BankLine, batch: BankedBatch, rule: MatchingRule) -> Iterable[Echo]:
    """Propose a batch that a line does not name and whose amount it is, on a day near its own: never for sure."""
    if abs(line.booked_on - batch.day) > timedelta(days=rule.near):
        return
    when = "exécuté" if batch.status is BatchStatus.EXECUTED else "à payer"
    others = [
        (rule.amount, Reason("amount", "Le montant est ce que le lot paie.")),
        (rule.day, Reason("day", f"Il est {when} le {write_day(batch.day)}.")),
    ]
    yield weigh_echo(EchoKind.BATCH, batch.id, batch.reference, batch.total, rule, [], others, fits=True)


def _back(line: BankLine, known: KnownTransfers, rule: MatchingRule) -> Iterable[Echo]:
    where = (
        (rule.end_to_end, "end_to_end", "L'identifiant de bout en bout est celui de", transfers_in(line.end_to_end)),
        (rule.text, "number", "Le libellé nomme", transfers_in(line.text)),
    )
    for one in known.lines if transfers_back_in(line) else ():
        named = naming(where, one.reference, f"{one.reference}, pour {one.payee}")
        if not named:
            continue
        beyond = one.amount - line.amount
        fits = beyond in (_NOTHING, line.charges)
        said = "Le montant est celui du virement" + (f", moins {format_euros(beyond)} de frais." if beyond else ".")
        amount = amount_sign(rule, said, f"Le virement était de {format_euros(one.amount)}.", fits=fits)
        yield weigh_echo(EchoKind.TRANSFER, one.id, one.reference, one.amount, rule, named, [amount], fits=fits)
