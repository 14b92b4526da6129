"""One line of an export of billings."""

from collections.abc import Sequence

from training.billings.schemas import BillingLine

EXPORT_HEADER = (
    "demande", "formation", "acheteur", "places", "total", "vendu_aujourd_hui", "facture", "a_facturer",
    "avoir_propose", "a_revoir",
)  # fmt: skip


def billing_line(line: BillingLine) -> Sequence[object]:
    """Write a billing as one line."""
    return (
        line.reference,
        line.title,
        line.buyer_name,
        line.seats,
        line.total,
        line.sold,
        line.invoiced,
        line.to_invoice,
        line.to_credit,
        "oui" if line.to_revise else "non",
    )
