"""API shapes of receipts."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.sourced import DatumStatus
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from dues.invoices.domain import InvoiceStatus
from dues.receipts.domain import (
    ActKind,
    Entered,
    ReceiptMethod,
    ReceiptStatus,
    ReturnAction,
    Wanted,
    by_call,
    require_by_hand,
)

Paid = Annotated[Money, Field(gt=Decimal(0), le=Decimal("1e9"))]


class AllocationIn(Schema):
    """Ce qui va sur un appel."""

    invoice_id: UUID
    amount: Paid


Allocations = Annotated[list[AllocationIn], Field(max_length=200)]
_ALLOCATIONS = Field(
    None,
    description="Une affectation par appel, y compris d'une autre structure dont elle paie l'appel ; absentes, celles"
    " que `GET /receipts/proposal` propose ; une liste vide : aucune",
)
_KEEP_REST = Field(False, description="Vrai : ce qu'aucun appel ne prend est une avance de l'adhérent")


class SpentIn(Schema):
    """Sur quels appels, et ce que devient le reste."""

    allocations: Allocations | None = _ALLOCATIONS
    keep_rest: bool = _KEEP_REST

    def wanted(self) -> Wanted:
        """Return it as the rules read it. Raises CallNamedTwice."""
        return Wanted(amounts_of(self.allocations), self.keep_rest)


class ReceiptIn(SpentIn):
    """Un règlement reçu. Il ne change plus ensuite : une erreur s'annule et se saisit de nouveau."""

    method: ReceiptMethod
    amount: Paid
    received_on: Day = Field(description="Le jour où l'argent est venu ; pour un chèque, celui où il est arrivé")
    member_id: UUID | None = Field(None, description="Absent : on ne sait pas encore de qui il vient")
    payer_reference: Text | None = Field(None, description="La référence donnée par qui paie", examples=["VIR 4471"])
    bank_reference: Text | None = Field(None, description="Celle de la ligne de banque ; une ligne se saisit une fois")
    cheque_number: Text | None = Field(None, description="Demandé pour un chèque", examples=["0001234"])
    cheque_bank: Text | None = Field(None, description="Demandé pour un chèque")
    deposited_on: Day | None = Field(None, description="Jour de remise en banque d'un chèque ou d'espèces")
    note: Text | None = Field(None, description="Pour les finances")

    def entered(self) -> Entered:
        """Return it as the rules read it. Raises ReceiptMethodReserved."""
        require_by_hand(self.method)
        return Entered(
            method=self.method,
            amount=self.amount,
            received_on=self.received_on,
            member_id=self.member_id,
            payer_reference=self.payer_reference,
            bank_reference=self.bank_reference,
            cheque_number=self.cheque_number,
            cheque_bank=self.cheque_bank,
            deposited_on=self.deposited_on,
            note=self.note,
        )


class AttributeIn(SpentIn):
    """De qui vient cet argent."""

    member_id: UUID


class AllocateIn(Schema):
    """Sur quels appels mettre ce qui reste."""

    allocations: Annotated[Allocations, Field(min_length=1)] | None = _ALLOCATIONS


class TakeBackIn(Schema):
    """Ce qui est repris d'un appel, et pourquoi."""

    invoice_id: UUID
    amount: Paid | None = Field(None, description="Absent : tout ce que ce règlement y a mis")
    reason: Text


class DepositIn(Schema):
    """Le jour de la remise en banque."""

    deposited_on: Day


class RefundIn(Schema):
    """Ce qui est rendu à l'adhérent, quand, et sous quelle référence."""

    amount: Paid
    refunded_on: Day
    reference: Text = Field(description="Du virement ou du chèque de remboursement", examples=["VIR 2026-118"])


class ReturnIn(Schema):
    """Un chèque ou un prélèvement revient impayé."""

    reason: str = Field(min_length=1, max_length=10, description="Code de `GET /receipts/return-reasons`")
    returned_on: Day


class CancelIn(Schema):
    """Pourquoi il n'aurait pas dû être saisi."""

    reason: Text


class ReturnReasonOut(Schema):
    """Un motif de retour, et ce qu'il demande de faire."""

    code: str = Field(examples=["AM04"])
    label: str
    label_status: DatumStatus
    methods: list[ReceiptMethod]
    methods_status: DatumStatus
    action: ReturnAction
    action_label: str
    action_status: DatumStatus
    source: str
    notes: list[str] = Field(description="Pourquoi ce qui est à confirmer l'est")


class ReturnReasonsOut(Schema):
    """Les motifs de retour connus."""

    items: list[ReturnReasonOut] = Field(max_length=MOST_SHOWN)


class ProposalParams(Schema):
    """An amount, and whose it is."""

    member_id: UUID = Field(description="La structure")
    amount: Paid = Field(description="Le montant que l'on propose d'affecter")


class ProposedOut(Schema):
    """Un appel que le règlement paierait."""

    invoice_id: UUID
    number: str
    due_on: date
    owed: Money
    amount: Money


class ProposalOut(Schema):
    """Ce que paierait un montant : l'appel dont il est exactement le reste dû, sinon les plus anciens échus d'abord."""

    member_id: UUID
    amount: Money
    allocations: list[ProposedOut]
    owed: Money = Field(description="Tout ce que l'adhérent doit encore")
    rest: Money = Field(description="Ce qu'aucun appel ne prendrait : une avance, si on le dit")


class ReceiptOut(Schema):
    """Un règlement reçu, et ce qu'il devient."""

    id: UUID
    number: str = Field(examples=["REC-2026-00042"])
    method: ReceiptMethod
    method_label: str
    status: ReceiptStatus
    status_label: str
    member_id: UUID | None
    member_name: str | None = Field(description="Du jour où l'on a dit de qui il vient")
    delegation: str | None
    amount: Money
    allocated: Money = Field(description="Ce qui en est sur des appels")
    refunded: Money
    rest: Money = Field(description="Ce qui en reste : l'avance de l'adhérent, ou ce qui est à attribuer")
    to_recover: Money = Field(description="Remboursé d'un règlement ensuite revenu impayé : à réclamer")
    received_on: date
    deposited_on: date | None
    payer_reference: str | None
    bank_reference: str | None
    cheque_number: str | None
    cheque_bank: str | None
    returned_on: date | None
    return_reason: str | None
    return_action: ReturnAction | None
    return_action_label: str | None = Field(description="Ce que le motif de retour demande de faire")
    cancelled_on: date | None
    note: str | None = Field(description="Pour les finances ; null pour les autres")
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class MovementOut(Schema):
    """Une somme mise sur un appel, ou reprise."""

    id: UUID
    invoice_id: UUID
    invoice_number: str
    amount: Money = Field(description="Négatif : repris")
    day: date = Field(description="Le jour de l'argent")
    reason: str | None = Field(description="Pourquoi c'est repris")
    recorded_on: date = Field(description="Le jour de l'acte")
    recorded_by: str


class ActOut(Schema):
    """Ce qui a été fait d'autre du règlement."""

    kind: ActKind
    kind_label: str
    day: date
    amount: Money | None
    member_id: UUID | None
    reference: str | None
    reason: str | None
    recorded_at: AwareDatetime
    recorded_by: str


class ReceiptDetail(ReceiptOut):
    """Un règlement, avec tout ce qu'il en a été fait, dans l'ordre."""

    movements: list[MovementOut]
    acts: list[ActOut]


class PaymentOut(Schema):
    """Une somme mise sur l'appel, ou reprise."""

    receipt_id: UUID
    receipt_number: str
    method: ReceiptMethod
    method_label: str
    amount: Money = Field(description="Négatif : repris")
    day: date
    reason: str | None = Field(description="Pourquoi c'est repris")


class PaymentsOut(Schema):
    """Les règlements d'un appel, dans l'ordre ; leur somme est ce qui en est réglé."""

    invoice_id: UUID
    number: str
    status: InvoiceStatus
    status_label: str
    total: Money
    paid: Money
    credited: Money
    owed: Money
    payments: list[PaymentOut]


class ReceiptFilters(Schema):
    """Which receipts: the same filters on list, count and export."""

    member_id: list[UUID] = Field(default_factory=list, max_length=200, description="Structures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    method: list[ReceiptMethod] = Field(default_factory=list, max_length=10, description="Moyens de paiement")
    status: list[ReceiptStatus] = Field(default_factory=list, max_length=10, description="États")
    received_from: Day | None = Field(None, description="À partir de ce jour")
    received_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    has_rest: bool | None = Field(None, description="Il en reste : une avance, ou de l'argent à attribuer")
    attributed: bool | None = Field(None, description="Faux : on ne sait pas de qui il vient")
    deposited: bool | None = Field(None, description="Faux : chèque ou espèces qui restent à déposer en banque")
    q: Annotated[
        str | None,
        Field(min_length=2, max_length=100, description="Dans le numéro, le nom, une référence ou le numéro du chèque"),
    ] = None


class ReceiptListParams(PageParams, ReceiptFilters):
    """Filters, order and page of the list of receipts."""


class ReceiptExportParams(ReceiptFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


def amounts_of(allocations: list[AllocationIn] | None) -> dict[UUID, Decimal] | None:
    """Return allocations asked for, by call. Raises CallNamedTwice."""
    return None if allocations is None else by_call([(one.invoice_id, one.amount) for one in allocations])
