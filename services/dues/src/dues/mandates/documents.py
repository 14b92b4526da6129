"""What mandates write: the paper to sign, in the words of the scheme's rulebooks, and the lines of an export."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from common.documents import print_pdf
from common.wording import grouped
from dues.grids.domain import delegation_name
from dues.mandates.domain import Mandate, MandateKind, Scheme
from dues.mandates.schemas import MandateOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "mandate.typ"

EXPORT_HEADER = (
    "reference", "adherent", "delegation", "etat", "type", "reglement", "titulaire", "iban", "bic", "creancier", "ics",
    "prepare_le", "signe_le", "document_recu", "dernier_prelevement", "s_eteint_le", "fin_le", "fin_par",
)  # fmt: skip


def export_line(mandate: MandateOut) -> Sequence[object]:
    """Write a mandate as one line, as much of its account as whoever asks sees."""
    return (
        mandate.rum,
        mandate.name,
        delegation_name(mandate.delegation),
        mandate.state_label,
        mandate.kind_label,
        mandate.scheme_label,
        mandate.debtor_name,
        mandate.iban,
        mandate.bic,
        mandate.creditor_name,
        mandate.creditor_ics,
        mandate.prepared_on,
        mandate.signed_on,
        "oui" if mandate.signed_document else "non",
        mandate.last_presented_on,
        mandate.lapses_on,
        mandate.ended_on,
        mandate.ended_by_label,
    )


async def print_form(mandate: Mandate) -> bytes:
    """Return the PDF to sign, the same bytes each time it is asked for."""
    account, creditor = mandate.account, mandate.creditor
    data = {
        "rum": mandate.rum,
        "b2b": mandate.scheme is Scheme.B2B,
        "recurrent": mandate.kind is MandateKind.RECURRENT,
        "debtor": {
            "name": account.holder,
            "address": list(mandate.debtor_address),
            "iban": grouped(account.iban, 4),
            "bic": account.bic or "",
        },
        "creditor": {"name": creditor.name, "ics": creditor.ics, "address": list(creditor.address)},
    }
    return await print_pdf(_TEMPLATE, data, on=mandate.prepared_on)
