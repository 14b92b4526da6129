"""What paying on writes: the file for the bank (pain.001), the monthly statement as PDF, the lines of exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from lxml import etree
from sepaxml import SepaTransfer

from common.documents import print_pdf
from common.legal_entities import Address
from common.money import CURRENCY, format_euros
from common.wording import write_day
from dues.grids.domain import delegation_name
from dues.legal_entities.documents import sepa_address, sepa_file, sepa_text
from dues.legal_entities.domain import LegalEntity
from dues.mandates.domain import Account
from dues.transfers.domain import MovementKind
from dues.transfers.schemas import BatchOut, PayeeOut, StatementLineOut, TransferOut, TransferStatementOut

SCHEMA: Final = "pain.001.001.09"
"""The ISO 2019 version, that of the EPC rulebooks of 2025: the one whose addresses are in fields."""
_NAMESPACE: Final = f"{{urn:iso:std:iso:20022:tech:xsd:{SCHEMA}}}"
_TEMPLATE: Final = Path(__file__).parent / "templates" / "statement.typ"

_MADE: Final = {
    MovementKind.TRANSFER: "Virement sur votre compte",
    MovementKind.REJECTED: "Virement rendu par la banque",
}

PAYEE_HEADER = (
    "beneficiaire", "delegation", "titulaire", "iban", "bic", "confirme_le", "confirme_par", "en_attente",
)  # fmt: skip
STATEMENT_HEADER = (
    "beneficiaire", "delegation", "mois", "ouverture", "parts_encaissees", "parts_reprises", "reversements",
    "reversements_rejetes", "cloture", "mouvements", "definitif",
)  # fmt: skip
LINE_HEADER = ("jour", "mouvement", "montant", "piece", "appel", "annee", "adherent")
BATCH_HEADER = (
    "lot", "etat", "jusqu_au", "a_payer_le", "virements", "total", "prepare_le", "prepare_par", "approuve_le",
    "approuve_par", "execute_le", "reference_banque", "raison_annulation",
)  # fmt: skip
TRANSFER_HEADER = (
    "virement", "lot", "objet", "beneficiaire", "delegation", "etat", "jusqu_au", "montant", "titulaire", "iban",
    "execute_le", "reference_banque", "rejete_le", "motif",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payment:
    """One transfer as the file for the bank says it."""

    reference: str
    account: Account
    address: Address
    amount: Decimal
    text: str


def payment_file(
    reference: str, made_at: datetime, pay_on: date, payer: LegalEntity, payments: Sequence[Payment]
) -> bytes:
    """Return the file that asks a bank for transfers, valid against its schema: the same inputs give the same bytes."""
    payer_bank = {"BIC": payer.bic} if payer.bic else {}
    written = SepaTransfer(
        {
            "name": sepa_text(payer.name, 70),
            "IBAN": payer.iban,
            **payer_bank,
            "batch": True,
            "currency": CURRENCY,
            "address": sepa_address(payer.address),
        },
        schema=SCHEMA,
        clean=False,
    )
    for one in payments:
        written.add_payment(_payment(one, pay_on))
    return _made_same(written.export(validate=False), reference, made_at)


async def print_statement(
    statement: TransferStatementOut, lines: Sequence[StatementLineOut], payer: LegalEntity, printed_on: date
) -> bytes:
    """Return a month's statement as PDF: of a month that is over, dated its last day, the same bytes for ever."""
    day = statement.last_day if statement.final else printed_on
    return await print_pdf(_TEMPLATE, _statement(statement, lines, payer, day), on=day)


def payee_line(payee: PayeeOut) -> Sequence[object]:
    """Write a payee as one line, as much of its account as whoever asks sees."""
    kept = payee.confirmed
    return (
        payee.code,
        delegation_name(payee.delegation),
        kept.holder if kept else None,
        kept.iban if kept else None,
        kept.bic if kept else None,
        kept.settled_at.isoformat() if kept and kept.settled_at else None,
        kept.settled_by if kept else None,
        "oui" if payee.waiting else "non",
    )


def statement_line(one: TransferStatementOut) -> Sequence[object]:
    """Write a statement as one line."""
    return (
        one.code, delegation_name(one.delegation), one.month, one.opening, one.received, one.taken_back,
        one.transferred, one.rejected, one.closing, one.movements, "oui" if one.final else "non",
    )  # fmt: skip


def movement_line(one: StatementLineOut) -> Sequence[object]:
    """Write a movement of a statement as one line."""
    return one.day, one.kind_label, one.amount, one.piece, one.invoice_number, one.year, one.member_name


def batch_line(one: BatchOut) -> Sequence[object]:
    """Write a batch as one line."""
    return (
        one.reference, one.status_label, one.up_to, one.pay_on, one.count, one.total, one.prepared_at.isoformat(),
        one.prepared_by, one.approved_at.isoformat() if one.approved_at else None, one.approved_by, one.executed_on,
        one.bank_reference, one.cancel_reason,
    )  # fmt: skip


def transfer_line(one: TransferOut) -> Sequence[object]:
    """Write a transfer as one line, as much of its account as whoever asks sees."""
    return (
        one.reference, one.batch_reference, one.purpose_label, one.payee, delegation_name(one.delegation),
        one.status_label, one.up_to, one.amount, one.holder, one.iban, one.executed_on,
        one.bank_reference, one.rejected_on, one.reject_reason,
    )  # fmt: skip


def _payment(one: Payment, pay_on: date) -> dict[str, Any]:
    bank = {"BIC": one.account.bic} if one.account.bic else {}
    return {
        "name": sepa_text(one.account.holder, 70),
        "IBAN": one.account.iban,
        **bank,
        "amount": int(one.amount * 100),
        "execution_date": pay_on,
        "description": sepa_text(one.text, 140),
        "endtoend_id": one.reference,
        "address": sepa_address(one.address),
    }


def _made_same(content: bytes, reference: str, made_at: datetime) -> bytes:
    """Replace what the library draws at random or from its own clock; name no bank where none is known."""
    root = etree.fromstring(content)
    for path, text in (
        ("GrpHdr/MsgId", reference),
        ("GrpHdr/CreDtTm", f"{made_at:%Y-%m-%dT%H:%M:%SZ}"),
        ("PmtInf/PmtInfId", reference),
    ):
        for node in root.iterfind("/".join(f"{_NAMESPACE}{name}" for name in ("CstmrCdtTrfInitn", *path.split("/")))):
            node.text = text
    for bank in root.iter(f"{_NAMESPACE}FinInstnId"):
        if len(bank) == 0:
            other = etree.SubElement(bank, f"{_NAMESPACE}Othr")
            etree.SubElement(other, f"{_NAMESPACE}Id").text = "NOTPROVIDED"
    return sepa_file(root, SCHEMA)


def _statement(
    statement: TransferStatementOut, lines: Sequence[StatementLineOut], payer: LegalEntity, day: date
) -> dict[str, Any]:
    sums = (
        ("Solde à l'ouverture", statement.opening),
        ("Parts encaissées", statement.received),
        ("Parts reprises", statement.taken_back),
        ("Reversements", statement.transferred),
        ("Reversements rejetés par la banque", statement.rejected),
    )
    return {
        "payer": {"name": payer.name, "legal_form": payer.legal_form, "siren": payer.siren, "email": payer.email,
                  "address": list(payer.address.lines)},
        "delegation": delegation_name(statement.delegation) or statement.code,
        "month": statement.month,
        "first": write_day(statement.first_day),
        "last": write_day(statement.last_day),
        "final": statement.final,
        "stopped": write_day(day),
        "sums": [{"label": label, "amount": format_euros(amount)} for label, amount in sums],
        "closing": format_euros(statement.closing),
        "lines": [_printed(one) for one in lines],
    }  # fmt: skip


def _printed(one: StatementLineOut) -> dict[str, str]:
    what = _MADE.get(one.kind) or f"{one.member_name}, appel {one.invoice_number}"
    return {
        "day": f"{one.day:%d/%m/%Y}",
        "what": what,
        "kind": one.kind_label,
        "piece": one.piece,
        "amount": format_euros(one.amount),
    }
