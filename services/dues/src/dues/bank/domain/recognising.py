"""What a line of a statement is the echo of: a run, a collection or a cheque that came back, a receipt typed before."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from common.money import format_euros
from dues.bank.domain.depositing import Deposit, bounced_echoes
from dues.bank.domain.echo import Echo, EchoKind, TypedReceipt, amount_sign, naming, weigh_echo
from dues.bank.domain.matching import Matching, MatchingRule, Reason
from dues.bank.domain.names import same_name, words_of
from dues.bank.domain.paying import KnownTransfers, transfer_echoes
from dues.bank.domain.references import collections_in, numbers_in
from dues.bank.domain.refusals import LineAmountDiffers, LineOfCollections, ReceiptNotTransfer, ReturnAmountDiffers
from dues.bank.domain.statement import BankLine
from dues.collections.domain import JOURNAL as RUNS
from dues.collections.domain import BankedLine, BankedRun
from dues.receipts.domain import Receipt, ReceiptEnded, ReceiptMethod

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known around some lines. ``told`` is what all lines of a run make together, those matched included.

    ``receipts`` are the transfers that no line is known to be, ``cheques`` those that were deposited on a line.
    """

    runs: Sequence[BankedRun] = ()
    told: dict[str, Decimal] = field(default_factory=dict)
    lines: Sequence[BankedLine] = ()
    receipts: Sequence[TypedReceipt] = ()
    cheques: Sequence[TypedReceipt] = ()
    transfers: KnownTransfers = field(default_factory=KnownTransfers)


def runs_in(line: BankLine) -> frozenset[str]:
    """Return the runs that a line names, if it may credit any: money that came, and that no payer sent by itself."""
    if line.amount <= 0 or line.comes_back or line.is_transfer:
        return frozenset()
    return frozenset().union(*(numbers_in(text, RUNS) for text in (line.batch, line.end_to_end, line.text)))


def returns_in(line: BankLine) -> frozenset[str]:
    """Return the collections that a line names, if it may take any back."""
    if line.amount >= 0 or not line.comes_back:
        return frozenset()
    return collections_in(line.end_to_end) | collections_in(line.text)


def references_of(line: BankLine) -> frozenset[str]:
    """Return what a person may have typed as the bank's reference of money that came."""
    return frozenset(one for one in (line.reference, line.end_to_end, line.structured, line.batch) if one)


def echoes(line: BankLine, known: Known, rule: MatchingRule) -> tuple[Echo, ...]:
    """Score what a line may be the echo of, best first."""
    collected = [*_runs(line, known, rule), *_returns(line, known, rule)]
    receipts = [*_receipts(line, known, rule), *bounced_echoes(line, known.cheques, rule)]
    found = [*collected, *receipts, *transfer_echoes(line, known.transfers, rule)]
    return tuple(sorted(found, key=lambda echo: (-echo.score, echo.reference)))


def charge_of(line: BankLine, amount: Decimal) -> Decimal:
    """Return what the bank took besides the sum that a line takes, or brings, back. Raises ReturnAmountDiffers."""
    beyond = amount.copy_sign(line.amount) - line.amount
    if beyond not in (_NOTHING, line.charges):
        charged = f", dont {format_euros(line.charges)} de frais" if line.charges else ""
        raise ReturnAmountDiffers(
            f"La ligne est de {format_euros(abs(line.amount))}{charged} ; la somme était de {format_euros(amount)}.",
            extra={"amount": str(amount)},
        )
    return beyond


def require_run_told(run: BankedRun, told: Decimal) -> None:
    """Let through lines that together credit what a run collected. Raises LineAmountDiffers.

    What came back before it was settled may be credited too: another line takes it back.
    """
    if told not in (run.credited, run.credited + run.rejected):
        raise LineAmountDiffers(
            f"Les lignes de {run.reference} font {format_euros(told)} ; la remise prélève {format_euros(run.credited)}"
            " : constatez d'abord ce qui en est revenu, ou attendez les autres lignes.",
            extra={"told": str(told), "credited": str(run.credited)},
        )


def require_receipt_told(line: BankLine, receipt: Receipt) -> None:
    """Let through a line that is a transfer typed before it.

    Raises ReceiptEnded, ReceiptNotTransfer, LineAmountDiffers.
    """
    if receipt.returned_on or receipt.cancelled_on:
        raise ReceiptEnded(f"{receipt.number} est {receipt.status.label}.")
    if receipt.method is not ReceiptMethod.TRANSFER:
        raise ReceiptNotTransfer(f"{receipt.number} n'est pas un virement : ce n'est pas cette ligne.")
    if line.amount != receipt.amount:
        raise LineAmountDiffers(
            f"La ligne est de {format_euros(line.amount)}, {receipt.number} de {format_euros(receipt.amount)}.",
            extra={"amount": str(receipt.amount)},
        )


def require_no_run(runs: Collection[BankedRun]) -> None:
    """Let through a line that credits no run: its receipts are made when it is settled. Raises LineOfCollections."""
    for run in runs:
        raise LineOfCollections(
            f"Cette ligne crédite la remise {run.reference} : rapprochez-la de la remise, pas d'un appel.",
            extra={"run_id": str(run.id)},
        )


def unless_echo(matching: Matching, found: Sequence[Echo], deposited: Sequence[Deposit] = ()) -> Matching:
    """Return a matching of which no call is sure where the line is the echo of something, or names what it brings.

    So is it where the bank says that it is a deposit; of any that it may be, a person is told before it is matched.
    """
    echo = any(one.sure or one.kind in (EchoKind.RUN, EchoKind.TRANSFER) for one in found)
    said = tuple(
        f"C'est peut-être la remise de {one.reference} : réglée sur un appel, la somme serait reçue deux fois."
        for one in deposited
    )
    sure = () if echo or any(one.said for one in deposited) else matching.sure
    return replace(matching, sure=sure, notes=(*said, *matching.notes))


def _runs(line: BankLine, known: Known, rule: MatchingRule) -> Iterable[Echo]:
    where = (
        (rule.batch, "batch", "La référence de lot est celle de", numbers_in(line.batch, RUNS)),
        (rule.end_to_end, "end_to_end", "L'identifiant de bout en bout est de", numbers_in(line.end_to_end, RUNS)),
        (rule.text, "number", "Le libellé nomme", numbers_in(line.text, RUNS)),
    )
    for run in known.runs if runs_in(line) else ():
        named = naming(where, run.reference, run.reference)
        if not named:
            continue
        told = known.told.get(run.reference, line.amount)
        adds_up = told in (run.credited, run.credited + run.rejected)
        made = (
            "Le montant est"
            if told == line.amount
            else f"Avec les autres lignes de la remise, {format_euros(told)} est"
        )
        differs = f"Ses lignes font {format_euros(told)}, elle prélève {format_euros(run.credited)}."
        amount = amount_sign(rule, f"{made} ce qu'elle prélève.", differs, fits=adds_up)
        yield weigh_echo(EchoKind.RUN, run.id, run.reference, run.credited, rule, named, [amount], fits=adds_up)


def _returns(line: BankLine, known: Known, rule: MatchingRule) -> Iterable[Echo]:
    where = (
        (rule.end_to_end, "end_to_end", "L'identifiant de bout en bout est celui de", collections_in(line.end_to_end)),
        (rule.text, "number", "Le libellé nomme", collections_in(line.text)),
    )
    for one in known.lines if returns_in(line) else ():
        named = naming(where, one.end_to_end, f"{one.end_to_end}, de {one.member_name}")
        if not named:
            continue
        beyond = -line.amount - one.amount
        fits = beyond in (_NOTHING, line.charges)
        said = "Le montant est celui du prélèvement" + (f", et {format_euros(beyond)} de frais." if beyond else ".")
        amount = amount_sign(rule, said, f"Le prélèvement était de {format_euros(one.amount)}.", fits=fits)
        yield weigh_echo(EchoKind.COLLECTION, one.id, one.end_to_end, one.amount, rule, named, [amount], fits=fits)


def _receipts(line: BankLine, known: Known, rule: MatchingRule) -> Iterable[Echo]:
    payer = words_of(line.party or "")
    for one in known.receipts:
        if one.amount != line.amount:
            continue
        same_reference = one.bank_reference in references_of(line)
        same_day = one.received_on in (line.booked_on, line.value_on)
        if not same_reference and not same_day:
            continue
        named = [(rule.end_to_end, Reason("reference", f"{one.number} porte la référence bancaire de la ligne."))]
        others = [(rule.amount, Reason("amount", "Le montant est le même."))]
        if same_day:
            others.append((rule.day, Reason("day", "Il est du même jour.")))
        if one.member_name and same_name(payer, words_of(one.member_name)):
            others.append((rule.name, Reason("name", f"Le nom du payeur est celui de {one.member_name}.")))
        signs = named if same_reference else []
        yield weigh_echo(EchoKind.RECEIPT, one.id, one.number, one.amount, rule, signs, others, fits=True)
