"""What collections write: the notice to each member, the file for the bank (pain.008.001.08), an export."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from lxml import etree
from sepaxml import SepaDD

from common.documents import print_pdf
from common.legal_entities import Address
from common.money import CURRENCY, format_euros
from common.wording import write_day
from dues.collections.domain import ClaimedCall, Run, SequenceType
from dues.collections.schemas import CollectionLineOut
from dues.grids.domain import delegation_name
from dues.legal_entities.documents import sepa_address, sepa_file, sepa_text
from dues.legal_entities.domain import LegalEntity
from dues.mandates.domain import Original, Presentable, Scheme, masked

_TEMPLATE: Final = Path(__file__).parent / "templates" / "notice.typ"
_FORMAT: Final = "pain.008.001.08"
_NS: Final = f"urn:iso:std:iso:20022:tech:xsd:{_FORMAT}"
_CENTS = 100

EXPORT_HEADER = (
    "remise", "prelevement", "jour", "adherent", "delegation", "appels", "montant", "rum", "sequence", "titulaire",
    "iban", "etat", "avise_le", "retire_parce_que", "reglement", "revenu_le", "motif_du_retour", "suite",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a member is told of one collection."""

    end_to_end: str
    member_name: str
    calls: tuple[ClaimedCall, ...]
    amount: Decimal
    rum: str
    iban: str
    sequence: SequenceType


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """One collection as the bank is asked for it. Without an address: it is asked for outside the EEA only."""

    end_to_end: str
    sequence: SequenceType
    amount: Decimal
    mandate: Presentable
    address: Address | None
    calls: tuple[ClaimedCall, ...]


async def print_notice(notice: Notice, run: Run, creditor: LegalEntity, on: date) -> bytes:
    """Return the PDF by which a member is told beforehand, the same bytes each time it is asked for on a day."""
    data = {
        "reference": notice.end_to_end,
        "on": write_day(on),
        "creditor": {
            "name": creditor.name,
            "address": list(creditor.address.lines),
            "ics": creditor.ics,
            "email": creditor.email,
        },
        "member": notice.member_name,
        "amount": format_euros(notice.amount),
        "day": write_day(run.collection_on),
        "rum": notice.rum,
        "account": masked(notice.iban),
        "once": notice.sequence is SequenceType.OOFF,
        "calls": [{"number": call.number, "amount": format_euros(call.amount)} for call in notice.calls],
    }
    return await print_pdf(_TEMPLATE, data, on=on)


def write_file(run: Run, scheme: Scheme, creditor: LegalEntity, debits: Iterable[Debit], created_at: datetime) -> bytes:
    """Return the file of a run for the bank, valid against its schema; identifiers are ours, and stable.

    The library writes what all files have in common. It knows no amendment of a mandate, and draws its identifiers and
    its instant itself: these are set here.
    """
    known = {debit.end_to_end: debit for debit in debits}
    written = SepaDD(_creditor(creditor, scheme), schema=_FORMAT, clean=False)
    for debit in known.values():
        written.add_payment(_payment(debit, run.collection_on))
    root = etree.fromstring(written.export(validate=False))
    _one(root, "GrpHdr/MsgId").text = run.reference
    _one(root, "GrpHdr/CreDtTm").text = created_at.isoformat(timespec="seconds")
    for batch in root.iter(f"{{{_NS}}}PmtInf"):
        _one(batch, "PmtInfId").text = f"{run.reference}-{_one(batch, 'PmtTpInf/SeqTp').text}"
    for debited in root.iter(f"{{{_NS}}}DrctDbtTxInf"):
        original = known[str(_one(debited, "PmtId/EndToEndId").text)].mandate.original
        if original:
            _amend(_one(debited, "DrctDbtTx/MndtRltdInf"), original, creditor)
    return sepa_file(root, _FORMAT)


def export_line(line: CollectionLineOut) -> Sequence[object]:
    """Write a collection as one line, as much of its account as whoever asks sees."""
    return (
        line.run_reference,
        line.end_to_end,
        line.collection_on,
        line.member_name,
        delegation_name(line.delegation),
        " ; ".join(call.number for call in line.calls),
        line.amount,
        line.rum,
        line.sequence,
        line.debtor_name,
        line.iban,
        line.state_label,
        line.notified_on,
        line.withdrawn.message if line.withdrawn else None,
        line.receipt_number,
        line.returned_on,
        line.return_reason,
        line.return_action_label,
    )


def _creditor(creditor: LegalEntity, scheme: Scheme) -> dict[str, Any]:
    return {
        "name": sepa_text(creditor.name, 70),
        "IBAN": creditor.iban,
        **({"BIC": creditor.bic} if creditor.bic else {}),
        "batch": True,
        "creditor_id": creditor.ics,
        "currency": CURRENCY,
        "instrument": scheme.value.upper(),
        "address": sepa_address(creditor.address),
    }


def _payment(debit: Debit, on: date) -> dict[str, Any]:
    mandate = debit.mandate
    return {
        "name": sepa_text(mandate.account.holder, 70),
        "IBAN": mandate.account.iban,
        **({"BIC": mandate.account.bic} if mandate.account.bic else {}),
        "amount": int(debit.amount * _CENTS),
        "type": debit.sequence.value,
        "collection_date": on,
        "mandate_id": mandate.rum,
        "mandate_date": mandate.signed_on,
        "description": sepa_text(f"Cotisation {' '.join(call.number for call in debit.calls)}", 140),
        "endtoend_id": debit.end_to_end,
        "address": sepa_address(debit.address) if debit.address else {},
    }


def _amend(mandate: Any, original: Original, creditor: LegalEntity) -> None:
    """Tell the banks what they knew of a mandate until then."""
    etree.SubElement(mandate, f"{{{_NS}}}AmdmntInd").text = "true"
    details = _path(mandate, "AmdmntInfDtls")
    if original.creditor_name or original.creditor_ics:
        scheme = _path(details, "OrgnlCdtrSchmeId")
        if original.creditor_name:
            _path(scheme, "Nm").text = sepa_text(original.creditor_name, 70)
        other = _path(scheme, "Id/PrvtId/Othr")
        _path(other, "Id").text = original.creditor_ics or creditor.ics
        _path(other, "SchmeNm/Prtry").text = "SEPA"
    if original.iban:
        _path(details, "OrgnlDbtrAcct/Id/IBAN").text = original.iban


def _path(parent: Any, path: str) -> Any:
    for name in path.split("/"):
        parent = etree.SubElement(parent, f"{{{_NS}}}{name}")
    return parent


def _one(parent: Any, path: str) -> Any:
    found = parent.find(".//" + "/".join(f"{{{_NS}}}{name}" for name in path.split("/")))
    if found is None:
        raise ValueError(f"the library wrote no {path}")
    return found
