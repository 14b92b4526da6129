"""Why a cheque or a debit comes back, and what is then to be done: dated data, each with its source and its status."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.errors import Invalid
from common.labels import Labelled
from common.sourced import Datum
from dues.receipts.domain.receipt import ReceiptMethod


class ReturnReasonUnknown(Invalid):
    """No such reason is held for this way of paying."""

    code = "return_reason_unknown"


class ReturnAction(Labelled):
    """What a return calls for. The calls are owed again in every case."""

    PRESENT_AGAIN = "present_again", "convenir d'un jour, puis présenter de nouveau"
    ASK_ACCOUNT = "ask_account", "demander les bonnes coordonnées bancaires"
    ASK_MANDATE = "ask_mandate", "ne plus prélever ; faire signer un mandat, ou convenir d'un autre mode"
    CALL_MEMBER = "call_member", "ne plus prélever ; appeler la structure"
    ASK_BANK = "ask_bank", "interroger la banque"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReason:
    """One reason code of the banks: what it means, for which ways of paying, and what to do."""

    code: str
    methods: Datum[tuple[ReceiptMethod, ...]]
    label: Datum[str]
    action: Datum[ReturnAction]


def reason_of(reasons: Sequence[ReturnReason], code: str, method: ReceiptMethod) -> ReturnReason:
    """Return the reason that a code names for a way of paying. Raises ReturnReasonUnknown."""
    for reason in reasons:
        if reason.code == code and method in reason.methods.value:
            return reason
    known = ", ".join(reason.code for reason in reasons if method in reason.methods.value)
    raise ReturnReasonUnknown(f"« {code} » n'est pas un motif de rejet connu pour un {method.label} : {known}.")
