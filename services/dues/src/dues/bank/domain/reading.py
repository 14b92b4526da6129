"""Reads camt.053 (ISO 20022, versions 02 to 13) into statements. Nothing is guessed: what does not tie is refused."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from stdnum import iban as iban_number

from common.characters import one_line
from common.money import CENT, CURRENCY, format_euros
from dues.bank.domain.node import Node
from dues.bank.domain.refusals import (
    AmountNotInCents,
    EntryDoesNotAddUp,
    EntryTwice,
    NotAStatement,
    StatementCurrency,
    StatementDoesNotAddUp,
    StatementEmpty,
    StatementIbanInvalid,
    StatementIncomplete,
    StatementOfAnotherAccount,
    StatementTooLarge,
    StatementVersionUnknown,
)
from dues.bank.domain.statement import BankLine, Statement, total_of

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_LINES = 50_000
VERSIONS = range(2, 14)

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3})\.001\.(\d{2})")
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,10})?")
_LONGEST_TEXT = 2_000
_LONGEST_WORD = 200
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_BOOKED = "BOOK"
_BATCHES = ("NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId")
_NOTHING = {"NOTPROVIDED", "NOTAPPLICABLE", "NONREF"}


def read_statements(namespace: str, root: Node, account: str) -> tuple[Statement, ...]:
    """Return the statements of a document, all of an account. Raises a StatementUnreadable."""
    _require_camt053(namespace, root)
    found = root.every("BkToCstmrStmt/Stmt")
    if not found:
        raise StatementEmpty("Le fichier ne contient aucun relevé.")
    statements = tuple(_statement(node, account) for node in found)
    _require_each_once(statements)
    return statements


def _require_camt053(namespace: str, root: Node) -> None:
    known = _NAMESPACE.fullmatch(namespace)
    if root.name != "Document" or known is None or known[1] != "camt.053":
        raise NotAStatement(
            f"Le fichier n'est pas un relevé camt.053 (« {root.name} », {namespace or 'sans espace de noms'})."
        )
    if int(known[2]) not in VERSIONS:
        raise StatementVersionUnknown(
            f"La version {known[2]} de camt.053 n'est pas lue ici : demandez à la banque camt.053.001.08."
        )


def _statement(node: Node, account: str) -> Statement:
    _require_account(node, account)
    opening, opened_on = _balance(node, _OPENING, "d'ouverture")
    closing, closed_on = _balance(node, _CLOSING, "de clôture")
    booked = [entry for entry in node.each("Ntry") if entry.said("Sts/Cd", "Sts") == _BOOKED]
    lines = _keyed([line for entry in booked for line in _lines(entry)])
    if len(lines) > MAX_LINES:
        raise StatementTooLarge(f"Le relevé compte {len(lines)} lignes : {MAX_LINES} au plus.")
    if opening + total_of(lines) != closing:
        raise StatementDoesNotAddUp(
            f"Le solde d'ouverture et les lignes font {format_euros(opening + total_of(lines))}, le solde de clôture "
            f"est de {format_euros(closing)} : le relevé est incomplet ou altéré.",
            extra={"expected": str(opening + total_of(lines)), "closing": str(closing)},
        )
    return Statement(
        account=account,
        reference=_short(_needed(node, "Id", "son identifiant")) or "",
        opened_on=_day(node.said("FrToDt/FrDtTm", "FrToDt/FrDt")) or opened_on,
        closed_on=_day(node.said("FrToDt/ToDtTm", "FrToDt/ToDt")) or closed_on,
        opening=opening,
        closing=closing,
        lines=tuple(lines),
        not_booked=len(list(node.each("Ntry"))) - len(booked),
    )


def _require_account(node: Node, account: str) -> None:
    found = iban_number.compact(_needed(node, "Acct/Id/IBAN", "l'IBAN du compte"))
    if not iban_number.is_valid(found):
        raise StatementIbanInvalid(f"L'IBAN du relevé, {found}, ne passe pas son contrôle.")
    if found != account:
        raise StatementOfAnotherAccount(f"Le relevé est du compte {found}, pas de celui des cotisations.")
    currency = node.said("Acct/Ccy")
    if currency not in (None, CURRENCY):
        raise StatementCurrency(f"Le compte du relevé est tenu en {currency}, pas en euros.")


def _balance(node: Node, kinds: Sequence[str], which: str) -> tuple[Decimal, date]:
    """Return a balance of the first kind that is given, with its day."""
    given = {balance.said("Tp/CdOrPrtry/Cd"): balance for balance in reversed(node.every("Bal"))}
    balance = next((given[kind] for kind in kinds if kind in given), None)
    day = _day(balance.said("Dt/Dt", "Dt/DtTm")) if balance else None
    if balance is None or day is None:
        raise StatementIncomplete(f"Le relevé ne donne pas son solde {which}, ou pas son jour.")
    return _amount(balance.find("Amt")) * _sign(balance), day


def _lines(entry: Node) -> Iterator[BankLine]:
    """Yield the lines of one entry: its payments, where the bank details them, otherwise itself."""
    total = _amount(entry.find("Amt")) * _sign(entry)
    details = entry.every("NtryDtls/TxDtls") or [entry]
    if len(details) == 1:
        yield _line(entry, details[0], total, 1)
        return
    amounts = [_amount(_detailed(detail)) * _sign(detail, entry) for detail in details]
    if sum(amounts) != total:
        raise EntryDoesNotAddUp(
            f"Les {len(details)} paiements d'une remise font {format_euros(sum(amounts, Decimal(0)))}, la ligne est de "
            f"{format_euros(total)}.",
            extra={"expected": str(sum(amounts)), "booked": str(total)},
        )
    for index, (detail, amount) in enumerate(zip(details, amounts, strict=True), start=1):
        yield _line(entry, detail, amount, index)


def _detailed(detail: Node) -> Node | None:
    """Return the amount of one payment of a batch: where version 02 says it, or the others."""
    return detail.find("Amt") or detail.find("AmtDtls/TxAmt/Amt") or detail.find("AmtDtls/InstdAmt/Amt")


def _line(entry: Node, detail: Node, amount: Decimal, index: int) -> BankLine:
    booked_on = _day(entry.said("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))
    if booked_on is None:
        raise StatementIncomplete("Une ligne du relevé n'a pas de jour.")
    reference = _short(entry.said("AcctSvcrRef") or detail.said("Refs/AcctSvcrRef"))
    code = detail.said("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")
    party, party_iban = _counterparty(detail, received=(amount > 0) != (code is not None))
    return BankLine(
        key=f"{reference}|{index}|{booked_on}|{amount}" if reference else "",
        booked_on=booked_on,
        value_on=_day(entry.said("ValDt/Dt", "ValDt/DtTm")),
        amount=amount,
        reversal=entry.said("RvslInd") in ("true", "1"),
        reference=reference,
        end_to_end=_given(detail.said("Refs/EndToEndId")),
        structured=_given(detail.said("RmtInf/Strd/CdtrRefInf/Ref")),
        text=_text(entry, detail),
        party=party,
        party_iban=party_iban,
        return_code=_short(code),
        bank_code=_bank_code(detail) or _bank_code(entry),
        batch=_given(detail.said("Refs/PmtInfId") or entry.said(*_BATCHES) or detail.said("Refs/MsgId")),
        charges=_charges(detail) or _charges(entry),
    )


def _charges(node: Node) -> Decimal | None:
    """Return what the bank says it took, of an entry or of one of its payments; None where it says nothing in cents."""
    said = node.every("Chrgs/TtlChrgsAndTaxAmt") or node.every("Chrgs/Rcrd/Amt") or node.every("Chrgs/Amt")
    read = [Decimal(one.text) for one in said if one.attributes.get("Ccy") == CURRENCY and _AMOUNT.fullmatch(one.text)]
    total = sum(read, Decimal(0))
    return total.quantize(CENT) if total and total == total.quantize(CENT) and len(read) == len(said) else None


def _keyed(lines: Sequence[BankLine]) -> list[BankLine]:
    """Give a key to the lines to which the bank gave no reference: all that they say, and which of those that say so.

    Two that say the same are two: the balances are there to prove it.
    """
    alike: Counter[str] = Counter()
    keyed = []
    for line in lines:
        if not line.key:
            said = [
                line.booked_on,
                line.amount,
                line.end_to_end,
                line.structured,
                line.text,
                line.party_iban,
                line.party,
            ]
            key = sha256("|".join(str(part or "") for part in said).encode()).hexdigest()
            alike[key] += 1
            keyed.append(replace(line, key=f"{key}|{alike[key]}"))
        else:
            keyed.append(line)
    return keyed


def _require_each_once(statements: Sequence[Statement]) -> None:
    seen: set[str] = set()
    for line in (line for statement in statements for line in statement.lines):
        if line.key in seen:
            raise EntryTwice(
                f"Le fichier donne deux fois la ligne {line.reference or 'sans référence'} du "
                f"{line.booked_on:%d/%m/%Y}, {format_euros(line.amount)}.",
                extra={"reference": line.reference},
            )
        seen.add(line.key)


def _counterparty(detail: Node, *, received: bool) -> tuple[str | None, str | None]:
    """Return who is at the other end: who paid, of money received, or of what is sent back after it was."""
    role = "Dbtr" if received else "Cdtr"
    name = detail.said(f"RltdPties/{role}/Pty/Nm", f"RltdPties/{role}/Nm")
    account = detail.said(f"RltdPties/{role}Acct/Id/IBAN")
    return _short(name), _short(iban_number.compact(account)) if account else None


def _bank_code(node: Node) -> str | None:
    path = "BkTxCd/Domn"
    parts = [node.said(f"{path}/Cd"), node.said(f"{path}/Fmly/Cd"), node.said(f"{path}/Fmly/SubFmlyCd")]
    return _short("/".join(part for part in parts if part) or node.said("BkTxCd/Prtry/Cd"))


def _text(entry: Node, detail: Node) -> str:
    parts = [node.text for node in detail.every("RmtInf/Ustrd")]
    parts += [node.text for node in detail.every("RmtInf/Strd/AddtlRmtInf")]
    parts += [node.text for node in detail.every("RmtInf/Strd/RfrdDocInf/Nb")]
    further = detail.said("AddtlTxInf") or entry.said("AddtlNtryInf")
    return one_line(" ".join(part for part in [*parts, further or ""] if part))[:_LONGEST_TEXT]


def _amount(node: Node | None) -> Decimal:
    if node is None or not _AMOUNT.fullmatch(node.text):
        raise AmountNotInCents("Un montant du relevé manque, ou ne se lit pas.")
    currency = node.attributes.get("Ccy")
    if currency != CURRENCY:
        raise StatementCurrency(f"Un montant du relevé est en {currency or 'monnaie inconnue'}, pas en euros.")
    amount = Decimal(node.text)
    if amount != amount.quantize(CENT):
        raise AmountNotInCents(f"Un montant du relevé a des fractions de centime : {node.text}.")
    return amount.quantize(CENT)


def _sign(node: Node, entry: Node | None = None) -> int:
    side = node.said("CdtDbtInd") or (entry.said("CdtDbtInd") if entry else None)
    if side not in ("CRDT", "DBIT"):
        raise StatementIncomplete("Une ligne ou un solde ne dit pas s'il est au crédit ou au débit.")
    return 1 if side == "CRDT" else -1


def _needed(node: Node, path: str, what: str) -> str:
    found = node.said(path)
    if found is None:
        raise StatementIncomplete(f"Le relevé ne donne pas {what}.")
    return found


def _day(said: str | None) -> date | None:
    """Read a day, or the day of an instant as the bank writes it."""
    if said is None:
        return None
    try:
        return date.fromisoformat(said[:10])
    except ValueError as fault:
        raise StatementIncomplete(f"Un jour du relevé ne se lit pas : {said[:30]}.") from fault


def _given(said: str | None) -> str | None:
    short = _short(said)
    return None if short is None or short.upper() in _NOTHING else short


def _short(said: str | None) -> str | None:
    return one_line(said).strip()[:_LONGEST_WORD] or None if said else None
