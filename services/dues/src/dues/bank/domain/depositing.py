"""What a line of a statement is of cheques and cash: their deposit at the bank, or one of them that bounced."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from common.characters import normalise
from common.money import format_euros
from common.wording import write_day
from common.workdays import TARGET
from dues.bank.domain.echo import Echo, EchoKind, TypedReceipt, weigh_echo
from dues.bank.domain.matching import BEST, MatchingRule, Reason
from dues.bank.domain.references import collections_in
from dues.bank.domain.refusals import LineAmountDiffers, NotReturned, ReceiptNotDepositable
from dues.bank.domain.statement import BankLine, LineState, require_unsaid
from dues.receipts.domain import (
    TAKEN_TO_THE_BANK,
    Receipt,
    ReceiptEnded,
    ReceiptMethod,
    ReceiptNotFound,
    ReceiptNotReturnable,
)

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """The receipts that a line may be the deposit of, how sure that is, and why.

    ``said`` tells that the bank calls the line a deposit. Without ``deposited_on`` they are still in the till: it is
    for a person to say that they are deposited.
    """

    receipts: tuple[TypedReceipt, ...]
    deposited_on: date | None
    said: bool
    score: int
    sure: bool
    reasons: tuple[Reason, ...]

    @property
    def reference(self) -> str:
        """The numbers of its receipts."""
        return ", ".join(one.number for one in self.receipts)


@dataclass(frozen=True, slots=True)
class _Group:
    """Receipts that make the amount of a line, and what that amount then is."""

    receipts: tuple[TypedReceipt, ...]
    deposited_on: date | None
    made: str


def may_bounce(line: BankLine) -> bool:
    """Tell whether a line may take a cheque back: money that leaves, of which nothing else is said."""
    named = collections_in(line.end_to_end) | collections_in(line.text)
    return line.amount < 0 and not (line.charged_as or line.batches or named)


def deposited_since(line: BankLine, rule: MatchingRule) -> date:
    """Return the first day of which a deposit may be this line."""
    return TARGET.before(line.booked_on, rule.deposited)


def deposits(line: BankLine, receipts: Sequence[TypedReceipt], rule: MatchingRule) -> tuple[Deposit, ...]:
    """Score what a line may be the deposit of, best first: three ways alone, and no other sum is looked for.

    All that was deposited on one day, one receipt of it, or all cheques that wait and were received before. Of several
    that make the same sum none is sure, nor is one that is still to be deposited.
    """
    if not _may_be_deposit(line):
        return ()
    groups: dict[frozenset[UUID], _Group] = {}
    for group in (*_by_day(line, receipts, rule), *_in_till(line, receipts)):
        if sum((one.amount for one in group.receipts), _NOTHING) == line.amount:
            groups.setdefault(frozenset(one.id for one in group.receipts), group)
    found = [_weigh(line, group, rule, alone=len(groups) == 1) for group in groups.values()]
    return tuple(sorted(found, key=lambda one: (-one.score, one.reference)))


def bounced_echoes(line: BankLine, cheques: Sequence[TypedReceipt], rule: MatchingRule) -> Iterable[Echo]:
    """Propose the only cheque, deposited on a line of late, whose amount a line takes: never for sure."""
    if not may_bounce(line):
        return
    last = timedelta(days=rule.bounced)
    alike = [
        (one, one.deposited_on)
        for one in cheques
        if one.deposited_on
        and one.deposited_on <= line.booked_on <= one.deposited_on + last
        and -line.amount - one.amount in (_NOTHING, line.charges)
    ]
    if len(alike) != 1:
        return
    [(one, on)] = alike
    beyond = -line.amount - one.amount
    besides = f", et {format_euros(beyond)} de frais" if beyond else ""
    made = f"Le montant est celui du seul chèque déposé depuis le {write_day(line.booked_on - last)}{besides}."
    signs = [
        (rule.amount, Reason("amount", made)),
        (0, Reason("day", f"{one.number} a été déposé le {write_day(on)}.")),
    ]
    if line.comes_back:
        signs.append((rule.said, Reason("returned", "La banque dit que la somme revient.")))
    yield weigh_echo(EchoKind.CHEQUE, one.id, one.number, one.amount, rule, [], signs, fits=False)


def require_deposit_told(line: BankLine, entity: str, receipts: Sequence[Receipt]) -> None:
    """Let through cheques and cash that stand and together make a line.

    Raises ReceiptNotFound, ReceiptEnded, ReceiptNotDepositable, LineAmountDiffers.
    """
    for one in receipts:
        if one.entity != entity:
            raise ReceiptNotFound("Ce règlement n'existe pas.")
        if one.returned_on or one.cancelled_on:
            raise ReceiptEnded(f"{one.number} est {one.status.label}.")
        if one.method not in TAKEN_TO_THE_BANK:
            raise ReceiptNotDepositable(
                f"{one.number} est un règlement par {one.method.label} : seuls un chèque ou des espèces se déposent."
            )
    total = sum((one.amount for one in receipts), _NOTHING)
    if total != line.amount:
        raise LineAmountDiffers(
            f"La ligne est de {format_euros(line.amount)}, ces règlements font {format_euros(total)}.",
            extra={"amount": str(line.amount), "total": str(total)},
        )


def require_bounced(state: LineState, line: BankLine) -> None:
    """Let through money that left, whether or not the bank says why. Raises BankLineSettled, NotReturned."""
    require_unsaid(state)
    if line.amount >= 0:
        raise NotReturned("Cette ligne ne fait pas sortir d'argent : aucun chèque n'y revient.")


def require_cheque(receipt: Receipt) -> None:
    """Let through a cheque: a debit comes back as a collection does. Raises ReceiptNotReturnable."""
    if receipt.method is not ReceiptMethod.CHEQUE:
        raise ReceiptNotReturnable(f"{receipt.number} est un règlement par {receipt.method.label}, pas un chèque.")


def _may_be_deposit(line: BankLine) -> bool:
    """Tell whether a line may be a deposit: money that came, undoes nothing, and that nobody transferred."""
    return line.amount > 0 and not (line.comes_back or line.is_transfer)


def _by_day(line: BankLine, receipts: Sequence[TypedReceipt], rule: MatchingRule) -> Iterable[_Group]:
    since = deposited_since(line, rule)
    days: dict[date, list[TypedReceipt]] = {}
    for one in receipts:
        if one.deposited_on and since <= one.deposited_on <= line.booked_on:
            days.setdefault(one.deposited_on, []).append(one)
    for day, found in days.items():
        if len(found) > 1:
            yield _Group(tuple(found), day, f"Le montant est celui des {len(found)} règlements déposés ce jour-là.")
        for one in found:
            yield _Group((one,), day, f"Le montant est celui de {one.number}.")


def _in_till(line: BankLine, receipts: Sequence[TypedReceipt]) -> Iterable[_Group]:
    cheques = tuple(
        one
        for one in receipts
        if one.deposited_on is None and one.method == ReceiptMethod.CHEQUE and one.received_on < line.booked_on
    )
    yield _Group(cheques, None, f"Le montant est celui de tous les chèques à déposer, reçus avant ({len(cheques)}).")


def _weigh(line: BankLine, group: _Group, rule: MatchingRule, *, alone: bool) -> Deposit:
    said = tuple(_said(line, rule))
    signs = [*((rule.said, reason) for reason in said), (rule.amount, Reason("amount", group.made))]
    if group.deposited_on:
        days = f"Dépôt du {write_day(group.deposited_on)}, inscrit le {write_day(line.booked_on)}."
        signs.append((rule.day, Reason("day", days)))
    else:
        signs.append((0, Reason("to_deposit", "Le dépôt n'est pas encore dit : il le sera du jour de la ligne.")))
    if not alone:
        signs.append((0, Reason("others", "D'autres règlements font la même somme : dites lesquels.")))
    score = min(sum(worth for worth, _ in signs), BEST)
    return Deposit(
        receipts=group.receipts,
        deposited_on=group.deposited_on,
        said=bool(said),
        score=score,
        sure=alone and group.deposited_on is not None and score >= rule.threshold,
        reasons=tuple(reason for _, reason in signs),
    )


def _said(line: BankLine, rule: MatchingRule) -> Iterable[Reason]:
    """Return why the bank calls a line a deposit, once: its code, or else its words."""
    text = normalise(line.text)
    if line.bank_code and line.bank_code.startswith(tuple(rule.codes)):
        yield Reason("bank_code", f"Le code d'opération de la banque, {line.bank_code}, dit une remise.")
    elif any(words in text for words in rule.words):
        yield Reason("words", f"Le libellé dit une remise : {line.text}.")
