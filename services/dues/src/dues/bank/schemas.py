"""API shapes of the bank."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Money, Schema, Text
from dues.bank.domain import EchoKind, LineState, OtherMoney, RowOutcome
from dues.receipts.domain import ReceiptMethod


class BankStatementOut(Schema):
    """Un relevé de compte."""

    id: UUID
    account: str = Field(description="L'IBAN du compte")
    reference: str = Field(description="L'identifiant que la banque lui donne")
    opened_on: date
    closed_on: date
    opening: Money
    closing: Money
    lines: int = Field(description="Les lignes qu'il a apportées ; celles déjà connues n'y comptent pas")
    unmatched: int
    matched: int
    set_aside: int
    outgoing: int
    charged: int
    received: Money = Field(description="Ce que ses lignes ont fait entrer")
    paid_out: Money = Field(description="Ce que ses lignes ont fait sortir, négatif")
    gap: str | None = Field(
        description="Ce qui manque entre le relevé précédent et celui-ci, s'il manque quelque chose"
    )


class BankFileOut(Schema):
    """Un fichier de relevés, tel que reçu."""

    id: UUID
    filename: str
    size: int
    sha256: str
    received_at: datetime
    received_by: str
    added: int = Field(description="Lignes ajoutées")
    known: int = Field(description="Lignes déjà connues, dont rien n'a été ajouté")
    not_booked: int = Field(description="Lignes annoncées par la banque et pas comptabilisées : elles viendront")


class FileLineOut(Schema):
    """Une ligne du fichier, dans son ordre, et ce qu'elle est devenue."""

    row: int
    outcome: RowOutcome
    outcome_label: str
    line_id: UUID
    statement_id: UUID
    booked_on: date
    amount: Money
    party: str | None
    text: str


class FileLineParams(PageParams):
    """Page and filter of the lines of a file."""

    outcome: RowOutcome | None = Field(None, description="L'issue")


class MatchReasonOut(Schema):
    """Un indice, et ce qu'il dit."""

    code: str = Field(examples=["number"])
    message: str


class CandidateOut(Schema):
    """Un appel que la ligne règle peut-être."""

    invoice_id: UUID
    number: str = Field(examples=["COT-2026-00042"])
    member_id: UUID
    member_name: str
    owed: Money
    due_on: date
    score: int = Field(ge=0, le=100, description="De 0 à 100")
    reasons: list[MatchReasonOut]


class EchoOut(Schema):
    """Ce dont la ligne est l'écho : la reconnaître ne reçoit rien deux fois."""

    kind: EchoKind
    kind_label: str
    id: UUID = Field(description="La remise, le prélèvement, le règlement, le lot de virements ou le virement")
    reference: str = Field(examples=["PRV-2026-00007"])
    amount: Money
    score: int = Field(ge=0, le=100, description="De 0 à 100")
    sure: bool
    reasons: list[MatchReasonOut]


class DepositedReceiptOut(Schema):
    """Un chèque ou des espèces de la remise."""

    id: UUID
    number: str = Field(examples=["REC-2026-00042"])
    method: ReceiptMethod
    method_label: str
    amount: Money
    received_on: date
    member_name: str | None


class DepositOut(Schema):
    """Les chèques, ou les espèces, dont la ligne est peut-être la remise."""

    receipts: list[DepositedReceiptOut]
    deposited_on: date | None = Field(description="Le jour de leur dépôt ; sans lui, les reconnaître les dépose")
    score: int = Field(ge=0, le=100, description="De 0 à 100")
    sure: bool
    reasons: list[MatchReasonOut]


class BankLineOut(Schema):
    """Une ligne de relevé ; ce qui sort du compte est négatif."""

    id: UUID
    statement_id: UUID
    booked_on: date
    value_on: date | None
    amount: Money
    reversal: bool = Field(description="La banque annule une opération")
    reference: str | None = Field(description="La référence de la banque")
    end_to_end: str | None = Field(description="L'identifiant de bout en bout, donné par le donneur d'ordre")
    structured: str | None = Field(description="La référence structurée")
    text: str = Field(description="Le libellé")
    party: str | None = Field(description="Qui est à l'autre bout")
    party_iban: str | None
    return_code: str | None = Field(description="Le motif du rejet ou du retour", examples=["AM04"])
    bank_code: str | None = Field(description="Le code d'opération", examples=["PMNT/RCDT/ESCT"])
    batch: str | None = Field(
        description="La référence du lot, donnée par qui l'a remis", examples=["PRV-2026-00007-RCUR"]
    )
    charges: Money | None = Field(description="Ce que la banque dit avoir pris")
    state: LineState
    state_label: str
    run_id: UUID | None = Field(description="La remise de prélèvements qu'elle crédite")
    collection_id: UUID | None = Field(description="Le prélèvement qu'elle reprend")
    transfer_batch_id: UUID | None = Field(description="Le lot de virements qu'elle paie")
    transfer_id: UUID | None = Field(description="Le virement qu'elle rend")
    other_money: OtherMoney | None
    other_money_label: str | None
    note: str | None = Field(description="Ce qui en est dit ; de frais de banque, leur libellé")
    deposits: list[DepositOut] = Field(
        description="D'une ligne à rapprocher, la remise qu'elle est peut-être, le meilleur d'abord : à voir avant les"
        " appels, que ces règlements paient déjà"
    )
    candidates: list[CandidateOut] = Field(description="D'une ligne à rapprocher : le meilleur d'abord")
    sure: list[UUID] = Field(description="Les appels qu'elle règle à coup sûr ; vide : à une personne de voir")
    notes: list[str] = Field(description="Ce qu'il faut savoir d'autre")
    echoes: list[EchoOut] = Field(
        description="D'une ligne dont rien n'est dit, ce qu'elle répète peut-être : le meilleur d'abord"
    )
    charge_reasons: list[MatchReasonOut] = Field(
        description="Pourquoi ce sont des frais de banque, si elle-même le dit ; à une personne de le confirmer"
    )
    receipt_ids: list[UUID] = Field(description="Les règlements qu'elle a apportés, ou repris, ou déposés")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]
    version: int


class LineActOut(Schema):
    """Ce que quelqu'un en a dit."""

    act: str
    other_money: OtherMoney | None
    note: str | None
    done_at: datetime
    done_by: str


class BankLineDetail(BankLineOut):
    """Une ligne de relevé, avec ce qui en a été dit."""

    acts: list[LineActOut]


class LineFilters(Schema):
    """Which lines: the same filters on list, count and export."""

    state: list[LineState] = Field(default_factory=list, max_length=5, description="États")
    statement_id: list[UUID] = Field(default_factory=list, max_length=200, description="Relevés")
    booked_from: date | None = Field(None, description="À partir de ce jour")
    booked_to: date | None = Field(None, description="Jusqu'à ce jour compris")
    amount: Money | None = Field(None, description="Montant exact")
    received: bool | None = Field(None, description="Entrée d'argent, ou sortie")
    returned: bool | None = Field(None, description="Rejet, retour ou annulation")
    other_money: list[OtherMoney] = Field(
        default_factory=list, max_length=10, description="Ce qu'est l'argent qui n'est pas un règlement"
    )
    transfers: bool | None = Field(
        None, description="Nos virements : rapprochés ou revenus, et ce qui sort du montant d'un lot qui attend"
    )
    deposit: bool | None = Field(
        None, description="Remises de chèques ou d'espèces : rapprochées, et ce qui entre du montant de l'une d'elles"
    )
    charge: bool | None = Field(None, description="Frais de banque : ceux que l'on a dits, ceux que la banque dit")
    q: Annotated[
        str | None,
        Field(min_length=2, max_length=100, description="Dans le libellé, le nom, l'IBAN ou les références"),
    ] = None
    sure: bool | None = Field(None, description="Parmi celles à rapprocher : celles dont on est sûr, ou les autres")


class LineListParams(PageParams, LineFilters):
    """Filters, order and page of the list of lines."""


class LineExportParams(LineFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class StatementListParams(PageParams):
    """Filters and page of the statements."""

    closed_from: date | None = Field(None, description="À partir de ce jour")
    closed_to: date | None = Field(None, description="Jusqu'à ce jour compris")


class SetAsideIn(Schema):
    """Ce que la somme est, si ce n'est pas une cotisation."""

    kind: OtherMoney
    note: Text | None = None


class ChargeIn(Schema):
    """Ce pour quoi la banque s'est servie."""

    label: Text = Field(examples=["Frais de tenue de compte, mars"])


class MatchIn(Schema):
    """Les appels que la ligne règle, dans l'ordre où son montant s'y met."""

    invoices: list[UUID] = Field(min_length=1, max_length=100)
    keep_rest: bool = Field(False, description="Ce qu'ils laissent est une avance de l'adhérente du premier appel")


class DepositLineIn(Schema):
    """Les règlements dont la ligne est la remise."""

    receipt_ids: list[UUID] = Field(min_length=1, max_length=200, description="Chèques ou espèces, ensemble la ligne")


class ReturnedIn(Schema):
    """Le règlement que la ligne reprend."""

    receipt_id: UUID
    code: Annotated[str | None, Field(pattern="^[A-Z0-9]{4}$")] = Field(
        None, description="Le motif, si la banque ne le donne pas", examples=["AM04"]
    )


class RecogniseIn(Schema):
    """Ce dont la ligne est l'écho."""

    kind: EchoKind
    id: UUID = Field(
        description="La remise qu'elle crédite, le prélèvement qu'elle reprend, le règlement déjà saisi, le lot de"
        " virements qu'elle paie, le virement qu'elle rend, le chèque qu'elle reprend"
    )
    code: Annotated[str | None, Field(pattern="^[A-Z0-9]{4}$")] = Field(
        None, description="D'un retour, le motif, si la banque ne le donne pas", examples=["AM04"]
    )


class MatchAllIn(Schema):
    """Tout ce qui est sûr."""

    all: Literal[True]


class MatchAllOut(Schema):
    """Le travail demandé ; son reçu dit ce que devient chaque ligne."""

    job_id: UUID
